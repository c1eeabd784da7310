package line

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"go.bug.st/serial"

	"github.com/receiptd/receiptd/printer/link"
)

// Port reads serial:///dev/ttyS1?baud=9600&parity=none&bits=8&stop=1. How a printer stops a program is nothing for it: receiptd reads
// faster than any line.
func Port(listen string) (link.Device, error) {
	d, err := link.Parse(listen)
	if err != nil {
		return d, err
	}
	if d.Scheme != link.Serial {
		return d, fmt.Errorf("%s is no serial port", listen)
	}
	return d, nil
}

// A port is a serial port with a program at its other end. Its DTR and RTS are on while it is open: a program that looks at them sees
// a printer that is ready.
type port struct {
	serial.Port
	until atomic.Pointer[time.Time] // of the read, with its monotonic clock: the other one may be set meanwhile; nil: none
}

// readFor bounds a read of the library: so long a read under way goes on behind a deadline that was moved.
const readFor = 100 * time.Millisecond

// openSerial opens it. No second program can.
func openSerial(d link.Device) (stream, error) {
	m := &serial.Mode{BaudRate: d.Baud, DataBits: d.Bits}
	switch d.Parity {
	case link.ParityEven:
		m.Parity = serial.EvenParity
	case link.ParityOdd:
		m.Parity = serial.OddParity
	}
	if d.Stop == 2 {
		m.StopBits = serial.TwoStopBits
	}
	p, err := serial.Open(d.Path, m)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.Path, err)
	}
	return &port{Port: p}, nil
}

func (p *port) SetReadDeadline(t time.Time) error {
	if t.IsZero() {
		p.until.Store(nil)
		return nil
	}
	p.until.Store(&t)
	return nil
}

// Read waits for what comes.
func (p *port) Read(b []byte) (int, error) {
	for {
		span := readFor
		if until := p.until.Load(); until != nil {
			span = min(span, time.Until(*until))
		}
		if span <= 0 {
			return 0, os.ErrDeadlineExceeded
		}
		if n, err := p.read(b, span); n > 0 || err != nil {
			return n, err
		}
	}
}

func (p *port) read(b []byte, span time.Duration) (int, error) {
	if err := p.SetReadTimeout(span); err != nil {
		return 0, err
	}
	return p.Port.Read(b)
}

// now waits a moment: a system that tells of no bytes before its time is over has some.
func (p *port) now(b []byte) (int, error) { return p.read(b, 10*time.Millisecond) }

func (p *port) moved() error { return nil }
