package link

import (
	"errors"

	"golang.org/x/sys/windows"
)

// systemCause sorts the errors that only this system knows.
func systemCause(err error) Cause {
	var code windows.Errno
	if !errors.As(err, &code) {
		return OtherCause
	}
	switch code {
	case windows.WSAECONNREFUSED:
		return Refused
	case windows.WSAETIMEDOUT:
		return TimedOut
	case windows.WSAEHOSTUNREACH, windows.WSAENETUNREACH:
		return Unreachable
	case windows.ERROR_SHARING_VIOLATION, windows.ERROR_BUSY, windows.ERROR_DEVICE_IN_USE:
		return Busy
	case windows.ERROR_INVALID_PRINTER_NAME, windows.ERROR_DEV_NOT_EXIST, windows.ERROR_DEVICE_NOT_CONNECTED:
		return NotFound
	}
	return OtherCause
}

// nodeGroup has no meaning here.
func nodeGroup(string) (string, bool) { return "", false }
