package link

import (
	"errors"
	"fmt"

	"go.bug.st/serial"
	"golang.org/x/sys/unix"
)

// ttyPort is one terminal with two descriptors: go.bug.st/serial's, for mode and modem lines, and our own, for bytes.
// The library's Write cannot time out or be ended, its descriptor is not handed out, and its Close may release the
// descriptor's number while a Read is about to use it.
type ttyPort struct {
	*fdRaw
	port serial.Port
}

func openSerial(d Device) (Conn, error) {
	fd, err := openFd(kernel{}, d.Path)
	if err != nil {
		return nil, openError(d, err)
	}
	if err := claim(fd.fd, d.Path); err != nil {
		_ = fd.Close()
		return nil, openError(d, err)
	}
	port, err := serial.Open(d.Path, d.mode())
	if err != nil {
		_ = fd.Close()
		err = fmt.Errorf("set up %s: %w", d.Path, err)
		if cause, ok := portCause(err); ok {
			return nil, &OpenError{Device: d, Cause: cause, Err: err}
		}
		return nil, openError(d, err)
	}
	keepDTR(fd.fd)
	c := newSerialConn(d, &ttyPort{fd, port})
	if err := c.checkLines(d); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// claim takes an advisory lock: TIOCEXCL, which the library sets, does not stop a second daemon that runs as root.
func claim(fd int, path string) error {
	err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = unix.EBUSY
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	return nil
}

// keepDTR leaves DTR on when the port is closed. Pin 6 of a printer may be set up as its reset input (TM-T88III, DIP
// switch 2-7), and a pulse between two slips would empty its buffer. Best effort: a port that cannot keeps working.
func keepDTR(fd int) {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS2)
	if err != nil {
		return
	}
	t.Cflag &^= unix.HUPCL
	_ = unix.IoctlSetTermios(fd, unix.TCSETS2, t)
}

func (t *ttyPort) Signals() (Signals, error) { return signals(t.port) }

func (t *ttyPort) Lines() (dsr, cts bool, err error) {
	s, err := t.Signals()
	return s.DSR, s.CTS, err
}

func (t *ttyPort) Queued() (int, error) {
	n, err := unix.IoctlGetInt(t.fd, unix.TIOCOUTQ)
	if err != nil {
		return 0, fmt.Errorf("ask for queued bytes: %w", err)
	}
	return n, nil
}

// lineIdle is TIOCSER_TEMT of linux/serial.h: the transmitter's shift register is empty.
const lineIdle = 1

func (t *ttyPort) Idle() bool {
	n, err := unix.IoctlGetInt(t.fd, unix.TIOCSERGETLSR)
	return err != nil || n&lineIdle != 0
}

// Discard leaves a port alone that has sent all: on a pseudo-terminal the flush would empty the peer's buffer.
func (t *ttyPort) Discard() error {
	if n, err := t.Queued(); err == nil && n == 0 {
		return nil
	}
	return unix.IoctlSetInt(t.fd, unix.TCFLSH, unix.TCOFLUSH)
}

// Close gives the lock up itself: a child process that is being started holds a copy of the port for a moment, and the lock with it.
func (t *ttyPort) Close() error {
	return errors.Join(unix.Flock(t.fd, unix.LOCK_UN), t.port.Close(), t.fdRaw.Close())
}
