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
	case windows.WSAENETDOWN, windows.WSAEADDRNOTAVAIL:
		return Unreachable
	case windows.WSAECONNRESET, windows.WSAECONNABORTED:
		return Reset
	case windows.WSAHOST_NOT_FOUND:
		return NoName
	case windows.ERROR_GEN_FAILURE, windows.ERROR_IO_DEVICE:
		return Broken
	case windows.ERROR_NO_SUCH_DEVICE, windows.ERROR_BAD_COMMAND:
		return Unplugged
	case windows.ERROR_SHARING_VIOLATION, windows.ERROR_BUSY, windows.ERROR_DEVICE_IN_USE:
		return Busy
	case windows.ERROR_INVALID_PRINTER_NAME, windows.ERROR_DEV_NOT_EXIST, windows.ERROR_DEVICE_NOT_CONNECTED:
		return NotFound
	}
	return OtherCause
}

func hostDown(err error) bool { return errors.Is(err, windows.WSAEHOSTDOWN) }
