// Package link opens byte links to printers: TCP 9100, serial lines, USB printer-class nodes, and on Windows the
// spooler and the usbprint device interface. It owns the descriptor, its deadlines and the line's flow control; it
// knows nothing of what the bytes mean.
//
// It keeps nothing on disk: after a crash the operating system has closed every link, and what had been written may
// or may not have reached the printer. Nothing is retried here.
//
// TCP, Linux serial and Linux USB links start no goroutine. Links that rest on blocking calls (serial on other
// systems, everything on Windows) start one reader and one writer each; Close waits for both.
package link

import (
	"context"
	"errors"
	"io"
	"time"
)

// A Conn is one open way to a printer. Read and Write may be called from two goroutines at once; neither is ever
// retried inside.
//
// Deadlines are absolute, as in package net; past them Read and Write return an error for which
// errors.Is(err, os.ErrDeadlineExceeded) holds, and the Conn stays usable. A link that is gone gives ErrLost, a Conn
// that was closed os.ErrClosed.
type Conn interface {
	// Read blocks until at least one byte came back, the read deadline passed, or the link is gone.
	io.Reader
	// Write hands bytes towards the printer. It returns how many the driver took: those may have reached the
	// printer even when err is not nil, and the rest has not left this process.
	io.Writer
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	// Drain waits until what was written has left the driver for the printer, or the deadline passes. It first waits
	// for a Write that is in progress on another goroutine. It may be called again.
	Drain(deadline time.Time) error
	// Close never hangs, ends blocked calls, and drops what Drain did not wait for.
	io.Closer
	// Caps says what this link can do.
	Caps() Caps
}

// Caps is what a link can do, known before the first byte.
type Caps struct {
	BackChannel bool // replies can come back
	Session     bool // closing it may make the printer drop what it has not printed yet
	BitsPerSec  int  // line speed in bits on the wire per second: 0 when the line is faster than any printer
	BitsPerByte int  // 10 for 8N1; 0 with BitsPerSec 0
}

// Urgent is offered by links with flow control of their own. A printer that says busy keeps a reserve in its receive
// buffer so that a real-time request of a few bytes still passes (Epson TM-T88III specification: 128 bytes).
type Urgent interface {
	// WriteUrgent is Write for at most 16 bytes, sent although the printer says busy. It waits for a Write that is
	// in progress on another goroutine.
	WriteUrgent(p []byte) (int, error)
}

// Handshake is offered by links on which the printer can say busy.
type Handshake interface {
	// Busy gives the times on end for which a Write waited for a printer that said busy, since Busy was last called, in
	// order and without those that are shorter than a quarter of a second. One that goes on is told again from its beginning. A printer
	// that is switched off says busy too where a wire tells (DSR, CTS). It waits for a Write that is in progress on another goroutine.
	Busy() []Stand
}

// A Stand is a time on end for which a line said busy.
type Stand struct{ From, To time.Time }

// MinStand is the shortest Stand that Handshake tells of.
const MinStand = 250 * time.Millisecond

// Resumer is offered by links on which the printer says busy by a character, which may get lost on the way.
type Resumer interface {
	// Resume forgets that the printer said busy, until it says so again. It does not block.
	Resume()
}

// Signals are the modem inputs of a serial port: what the other end of the cable drives.
type Signals struct{ DSR, CTS, DCD, RI bool }

// Dark says that none is on: nothing is switched on at the other end, or the cable has no such wire.
func (s Signals) Dark() bool { return s == Signals{} }

// Signalled is offered by serial links.
type Signalled interface {
	// Signals reads the modem inputs. It does not block and sends nothing. A port without such lines errs.
	Signals() (Signals, error)
}

// PortStatus is offered by USB printer-class links: the one status byte of the class, which answers even when the
// printer takes no data. Many receipt printers return a constant; some misbehave when asked while their buffer is full.
type PortStatus interface {
	// PortStatus asks once and does not block: bit 5 paper empty, bit 4 selected, bit 3 clear on error
	// (USB printer class 1.1, GET_PORT_STATUS). No printed byte is sent.
	PortStatus() (byte, error)
}

// Named is offered by links that know the printer's IEEE 1284 device id.
type Named interface {
	// DeviceID returns the id, such as "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20;CLS:PRINTER;". It does not block.
	DeviceID() (string, error)
}

var (
	// ErrLost says that the link is gone: unplugged, hung up, reset, or failed in a way that leaves open what
	// arrived. The Conn is of no further use; open a new one.
	ErrLost = errors.New("link lost")
	// ErrEnded says, beside ErrLost, that the other end ended the link in order (TCP: FIN): it was alive and had read all it got.
	ErrEnded = errors.New("ended by the other end")
	// ErrNoBackChannel is what Read returns on a link over which nothing can come back.
	ErrNoBackChannel = errors.New("link has no back channel")
)

// Options are for Open; the zero value is useful.
type Options struct {
	// DialTimeout bounds connecting to a network printer; 0 means 5 s.
	DialTimeout time.Duration
}

const defaultDialTimeout = 5 * time.Second

// Open parses device and opens it. It tries once, blocks at most for the dial time-out or until ctx ends, and sends
// no byte. Its error is a *DeviceError or an *OpenError.
func Open(ctx context.Context, device string, o Options) (Conn, error) {
	d, err := Parse(device)
	if err != nil {
		return nil, err
	}
	return d.Open(ctx, o)
}

// Open opens d. See the function Open.
func (d Device) Open(ctx context.Context, o Options) (Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, openError(d, err)
	}
	switch d.Scheme {
	case TCP:
		return openTCP(ctx, d, o)
	case Serial:
		return openSerial(d)
	case USB:
		return openUSB(d)
	case USBPrint:
		return openUSBPrint(d)
	case Windows:
		return openSpooler(d)
	}
	return nil, openError(d, errors.ErrUnsupported)
}
