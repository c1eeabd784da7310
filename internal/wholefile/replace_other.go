//go:build !windows

package wholefile

import "os"

// replace renames a file over another; who reads the old one goes on with it.
func replace(root *os.Root, from, to string) error { return root.Rename(from, to) }
