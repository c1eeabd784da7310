package wholefile

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// readTime is how long a new file waits for the readers of the old one.
const readTime = 250 * time.Millisecond

// replace renames a file over another. Windows refuses that while a program that does not share deletion (most do not) has the old one
// open; whoever polls for an answer has it open for milliseconds, so it is tried again for a moment.
func replace(root *os.Root, from, to string) error {
	return replaceWhen(func() error { return root.Rename(from, to) }, time.Sleep)
}

func replaceWhen(rename func() error, sleep func(time.Duration)) error {
	pause := time.Millisecond
	for waited := time.Duration(0); ; waited, pause = waited+pause, 2*pause {
		err := rename()
		if err == nil || waited > readTime || !errors.Is(err, windows.ERROR_ACCESS_DENIED) && !errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
			return err
		}
		sleep(pause)
	}
}
