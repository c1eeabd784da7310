package journal

import "io/fs"

// chownLike does nothing: a file takes its rights from its folder.
func chownLike(string, fs.FileInfo) error { return nil }
