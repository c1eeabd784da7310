package usbip

import (
	"io"
	"slices"
	"sync"
)

// The bits of the port's status (USB printer class 1.1, 4.2.2).
const (
	NoError    = 0x08
	Selected   = 0x10
	PaperEmpty = 0x20
)

// A Printer is a USB printer's plug: to the host a device of class 7/1/2, to what is behind it a stream of bytes, which is not read
// while that has no room: then the host gets NAK. It may be plugged in again, also into another host, and remembers nothing of it.
// All methods may be called from any goroutine.
type Printer struct {
	Serial string
	OneWay bool        // class 7/1/1: there is no way back
	Status func() byte // of the port; nil: all is well

	mu      sync.Mutex // guards what follows
	changed sync.Cond
	out, in []*URB
	taken   int // bytes of out[0]
	back    []byte
	nak     bool
	fail    int32 // status with which the next transfers end
	fails   int
	closed  bool
}

// NewPrinter is a printer with this serial number.
func NewPrinter(serial string) *Printer {
	p := &Printer{Serial: serial}
	p.changed.L = &p.mu
	return p
}

// Descriptor has the numbers of an Epson TM printer.
func (p *Printer) Descriptor(kind byte) []byte {
	if kind == 1 {
		return []byte{18, 1, 0, 2, 0, 0, 0, 64, 0xb8, 0x04, 0x15, 0x0e, 0, 1, 1, 2, 3, 1}
	}
	d := []byte{9, 2, 0, 0, 1, 1, 0, 0xc0, 1, 9, 4, 0, 0, 2, 7, 1, 2, 0, 7, 5, 0x01, 2, 0, 2, 0, 7, 5, 0x82, 2, 0, 2, 0}
	if p.OneWay {
		d = d[:25]
		d[13], d[16] = 1, 1
	}
	d[2] = byte(len(d))
	return d
}

// Strings are those of a label.
func (p *Printer) Strings() [3]string { return [3]string{"EPSON", "TM-T88V", p.Serial} }

// Control answers the requests of the printer class: the device's id, the port's status, a reset.
func (p *Printer) Control(s Setup) ([]byte, bool) {
	switch {
	case s.Type == 0xa1 && s.Request == 0:
		id := "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;DES:EPSON TM-T88V;SN:" + p.Serial + ";"
		return append([]byte{byte((len(id) + 2) >> 8), byte(len(id) + 2)}, id...), true
	case s.Type == 0xa1 && s.Request == 1:
		if p.Status != nil {
			return []byte{p.Status()}, true
		}
		return []byte{NoError | Selected}, true
	case s.Request == 2:
		return nil, true
	}
	return nil, false
}

// Submit is that of Device.
func (p *Printer) Submit(u *URB) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u.In {
		p.in = append(p.in, u)
		p.answer()
		return
	}
	if p.fails > 0 {
		p.fails--
		u.Done(p.fail, nil, 0)
		return
	}
	p.out = append(p.out, u)
	p.changed.Broadcast()
}

// Cancel is that of Device.
func (p *Printer) Cancel(u *URB) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.out) > 0 && p.out[0] == u {
		p.taken = 0
	}
	other := func(x *URB) bool { return x == u }
	p.out, p.in = slices.DeleteFunc(p.out, other), slices.DeleteFunc(p.in, other)
}

// answer sends back what can be sent. The caller holds p.mu.
func (p *Printer) answer() {
	for len(p.in) > 0 && len(p.back) > 0 {
		u := p.in[0]
		n := min(len(p.back), u.Room)
		p.in = p.in[1:]
		u.Done(0, slices.Clone(p.back[:n]), 0)
		p.back = p.back[n:]
	}
}

// Read gives what the host sends.
func (p *Printer) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.out) == 0 || p.nak {
		if p.closed {
			return 0, io.EOF
		}
		p.changed.Wait()
	}
	u := p.out[0]
	n := copy(b, u.Data[p.taken:])
	p.taken += n
	if p.taken == len(u.Data) {
		p.out, p.taken = p.out[1:], 0
		u.Done(0, nil, len(u.Data))
	}
	return n, nil
}

// Write sends to the host. What nobody asks for is kept, as a printer does.
func (p *Printer) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.OneWay {
		p.back = append(p.back, b...)
		p.answer()
	}
	return len(b), nil
}

// Close ends the stream of the printer behind the plug.
func (p *Printer) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed, p.nak = true, false
	p.changed.Broadcast()
	return nil
}

// NAK makes it take nothing more, with no word of why, until it is told otherwise.
func (p *Printer) NAK(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nak = on
	p.changed.Broadcast()
}

// Fail ends the next n transfers to it with a status.
func (p *Printer) Fail(status int32, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail, p.fails = status, n
}
