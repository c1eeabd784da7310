//go:build unix

package journal

import (
	"errors"
	"os"
)

// syncFolder makes a rename in it durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
