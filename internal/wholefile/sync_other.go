//go:build !unix

package wholefile

import "os"

// syncFolder does nothing: the file system keeps names in its own log.
func syncFolder(*os.Root) error { return nil }
