package link

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// The ioctls of the kernel's drivers/usb/class/usblp.c.
const (
	lpGetStatus   = 0x060b                               // fills an int with the status byte
	lpGetDeviceID = 2<<30 | idMax<<16 | uint('P')<<8 | 1 // _IOC(_IOC_READ, 'P', 1, idMax)
	lpGetVidPid   = 2<<30 | 8<<16 | uint('P')<<8 | 6     // answered by the driver: nothing goes to the printer
	idMax         = 1024
)

// usblpPiece is how much is handed over at once. The driver takes 8192 bytes and says so before the printer has seen
// one; less keeps small what is unknown after an unplug.
const usblpPiece = 4096

// usblpConn is a node of the usblp driver. The driver holds one piece; it is through when POLLOUT comes back. Close
// kills a piece that is under way, so whoever wants it printed calls Drain first. The driver reports the failure of a
// piece, if at all, at the next call, and not how much of it was printed: such an error is ErrLost.
type usblpConn struct {
	engine
	fd *fdRaw
}

func newUsblp(fd *fdRaw, name string, backChannel bool) *usblpConn {
	c := &usblpConn{fd: fd}
	c.name, c.raw = name, usblpRaw{fd}
	c.caps = Caps{BackChannel: backChannel}
	return c
}

// usblpRaw adds to a descriptor what the engine asks of a device.
type usblpRaw struct{ *fdRaw }

// Queued cannot be asked for; Drain waits for POLLOUT.
func (usblpRaw) Queued() (int, error) { return 0, nil }

// Discard leaves it to close, which kills what is under way.
func (usblpRaw) Discard() error { return nil }

func (c *usblpConn) Write(p []byte) (int, error) { return c.writePieces(p, usblpPiece, usbStuck) }

// Drain waits until the printer took the last piece.
func (c *usblpConn) Drain(deadline time.Time) error {
	end, err := c.begin(writing, time.Time{})
	if err != nil {
		return c.explain("drain", "", err)
	}
	defer end()
	return c.explain("drain", usbStuck, c.free(func() time.Time { return deadline }))
}

// PortStatus is that of the interface PortStatus.
func (c *usblpConn) PortStatus() (byte, error) {
	end, err := c.begin(asking, time.Time{})
	if err != nil {
		return 0, c.explain("ask status of", "", err)
	}
	defer end()
	n, err := c.fd.sys.getInt(c.fd.fd, lpGetStatus)
	if err != nil {
		return 0, c.explain("ask status of", "", err)
	}
	return byte(n), nil
}

// DeviceID is that of Named.
func (c *usblpConn) DeviceID() (string, error) {
	end, err := c.begin(asking, time.Time{})
	if err != nil {
		return "", c.explain("ask id of", "", err)
	}
	defer end()
	buf := make([]byte, idMax)
	if _, err := c.fd.sys.getBytes(c.fd.fd, lpGetDeviceID, buf); err != nil {
		return "", c.explain("ask id of", "", err)
	}
	// Two bytes of length, big-endian and counting themselves, then the text.
	n := int(buf[0])<<8 | int(buf[1])
	if n < 2 || n > len(buf) {
		return "", fmt.Errorf("ask id of %s: length %d is wrong", c.name, n)
	}
	return string(buf[2:n]), nil
}

var (
	_ PortStatus = (*usblpConn)(nil)
	_ Named      = (*usblpConn)(nil)
)

// openUSB opens a node, or looks one up by vendor and product.
func openUSB(d Device) (Conn, error) { return realUSB.open(d) }

// open opens d once. A printer plugged in again may be found under another node.
func (u usbTree) open(d Device) (Conn, error) {
	node := usbNode{path: d.Path, twoWay: u.twoWay(d.Path)}
	if d.Path == "" {
		var err error
		if node, err = u.find(d); err != nil {
			return nil, err
		}
	}
	fd, err := openFd(u.calls, node.path)
	if err != nil {
		at := d
		at.Path = node.path // so that the fix names the node
		return nil, openError(at, err)
	}
	if _, err := u.calls.getBytes(fd.fd, lpGetVidPid, make([]byte, 8)); errors.Is(err, unix.ENOTTY) {
		_ = fd.Close()
		return nil, &OpenError{Device: d, Cause: NotPrinter, Err: err}
	}
	return newUsblp(fd, node.path, node.twoWay), nil
}
