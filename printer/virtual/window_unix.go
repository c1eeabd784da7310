//go:build unix

package virtual

import (
	"net"
	"syscall"
)

// limitWindow makes accepted connections advertise a small receive window. It must be set before they are accepted.
func limitWindow(ln net.Listener, bytes int) {
	t, ok := ln.(*net.TCPListener)
	if !ok {
		return
	}
	if raw, err := t.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, bytes)
		})
	}
}
