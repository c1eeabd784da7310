package link

import (
	"errors"
	"fmt"
	"time"

	"go.bug.st/serial"
)

// portTTY is a serial port through go.bug.st/serial alone, for systems where a port has one descriptor only.
type portTTY struct {
	*threaded
	dev *portDev
}

// portDev is a serial.Port as a blocking device.
type portDev struct{ serial.Port }

// Read returns what is there, one byte at most. A longer read ends with its first bytes only where the driver knows the form of
// COMMTIMEOUTS that the library asks for (MAXDWORD, MAXDWORD, a constant); wine's fills the whole buffer first. Replies have a few bytes.
func (p *portDev) Read(b []byte) (int, error) { return p.Port.Read(b[:min(1, len(b))]) }

// Abort drops what is queued, which ends a blocked Write.
func (p *portDev) Abort() error { return p.ResetOutputBuffer() }

// Flush has nothing to do: the driver sends by itself.
func (p *portDev) Flush() error { return nil }

const (
	// portReadTime bounds one Read of the library, and so how long Close waits for it.
	portReadTime = 100 * time.Millisecond
	// portPiece is what one Write of the library holds; it must fit the smallest usual reserve.
	portPiece = 64
)

// openPort opens d through the library.
func openPort(d Device) (Conn, error) {
	port, err := serial.Open(d.Path, d.mode())
	if err == nil {
		if err = port.SetReadTimeout(portReadTime); err != nil {
			_ = port.Close()
		}
	}
	if err != nil {
		err = fmt.Errorf("set up %s: %w", d.Path, err)
		if cause, ok := portCause(err); ok {
			return nil, &OpenError{Device: d, Cause: cause, Err: err}
		}
		return nil, openError(d, err)
	}
	dev := &portDev{port}
	c := newSerialConn(d, &portTTY{newThreaded(dev, portPiece, true), dev})
	// The library's Write returns when the driver has the bytes, which says nothing of the wire: go by the clock.
	c.modelled = true
	if err := c.checkLines(d); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (t *portTTY) Signals() (Signals, error) { return signals(t.dev) }

func (t *portTTY) Lines() (dsr, cts bool, err error) {
	s, err := t.Signals()
	return s.DSR, s.CTS, err
}

func (t *portTTY) Idle() bool { return true }
