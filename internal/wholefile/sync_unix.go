//go:build unix

package wholefile

import (
	"errors"
	"os"
)

// syncFolder waits until the names in a folder are on disk.
func syncFolder(root *os.Root) error {
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
