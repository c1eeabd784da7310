package line

import (
	"errors"
	"fmt"
	"os"

	"github.com/receiptd/receiptd/internal/filelock"
)

// lock keeps every other receiptd off what f is, by whatever name. Error: ErrTaken.
func lock(f *os.File, path string) error {
	err := filelock.Take(f)
	if errors.Is(err, filelock.ErrHeld) {
		return fmt.Errorf("%w: %s", ErrTaken, path)
	} else if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	return nil
}
