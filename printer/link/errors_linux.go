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
	case errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV):
		return NotFound
	case errors.Is(err, unix.ENOTTY), errors.Is(err, unix.EINVAL):
		return NotSerial
	}
	return OtherCause
}
