package link

import (
	"errors"

	"golang.org/x/sys/unix"
)

// systemCause sorts the errors that only this system knows.
func systemCause(err error) Cause {
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return Busy
	case errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ESHUTDOWN):
		return Unplugged
	case errors.Is(err, unix.ENOTTY), errors.Is(err, unix.EINVAL):
		return NotSerial
	}
	return OtherCause
}

// hostDown says whether a machine of the same network does not answer at all.
func hostDown(err error) bool { return errors.Is(err, unix.EHOSTDOWN) }
