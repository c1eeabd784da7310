package link

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// unacknowledged is how many written bytes the peer's TCP has not confirmed (SIOCOUTQ, tcp(7)).
func (c *tcpConn) unacknowledged() (int, error) {
	rc, err := c.c.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("ask for unsent bytes: %w", err)
	}
	var n int
	var ioctlErr error
	if err := rc.Control(func(fd uintptr) { n, ioctlErr = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }); err != nil {
		return 0, fmt.Errorf("ask for unsent bytes: %w", err)
	}
	if ioctlErr != nil {
		return 0, fmt.Errorf("ask for unsent bytes: %w", ioctlErr)
	}
	return n, nil
}
