// Package usbip is USB devices in software for Linux's vhci-hcd, so that the kernel's real class drivers serve them: the device's
// side of the USB/IP protocol (the kernel's Documentation/usb/usbip_protocol.rst).
package usbip

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"syscall"
)

// Setup is the request of a control transfer.
type Setup struct {
	Type, Request        byte
	Value, Index, Length uint16
}

// A Device answers transfers. Its methods are called from the goroutine of one Serve at a time.
type Device interface {
	// Descriptor is the device descriptor (kind 1) or the whole configuration (2).
	Descriptor(kind byte) []byte
	// Strings are manufacturer, product and serial number.
	Strings() [3]string
	// Control answers a class or vendor request; false stalls it.
	Control(Setup) ([]byte, bool)
	// Submit takes a bulk transfer, which URB.Done ends, now or later. Until then the device says NAK.
	Submit(*URB)
	// Cancel takes one back.
	Cancel(*URB)
}

// Stall is the status of a transfer that the device refuses.
const Stall = -int32(syscall.EPIPE)

// A URB is one bulk transfer.
type URB struct {
	In   bool
	Room int    // of an In transfer
	Data []byte // of an Out transfer

	seq uint32
	c   *conn
}

// Done ends it: in goes to the host, taken of its bytes were taken. A transfer that was cancelled meanwhile is left alone.
func (u *URB) Done(status int32, in []byte, taken int) {
	u.c.mu.Lock()
	_, open := u.c.open[u.seq]
	delete(u.c.open, u.seq)
	u.c.mu.Unlock()
	if open {
		u.c.submitted(u.seq, status, in, taken)
	}
}

// conn is one device in one port.
type conn struct {
	d      Device
	w      io.Writer
	writes sync.Mutex // held while w is written to

	mu   sync.Mutex
	open map[uint32]*URB // guarded by mu
}

var be = binary.BigEndian

// Commands and answers.
const (
	submit    = 1
	unlink    = 2
	submitted = 3
	unlinked  = 4
)

func (c *conn) send(b []byte) {
	c.writes.Lock()
	defer c.writes.Unlock()
	_, _ = c.w.Write(b) // the reader finds out that the host is gone
}

func (c *conn) submitted(seq uint32, status int32, in []byte, taken int) {
	b := make([]byte, 48, 48+len(in))
	be.PutUint32(b, submitted)
	be.PutUint32(b[4:], seq)
	be.PutUint32(b[20:], uint32(status))
	be.PutUint32(b[24:], uint32(max(taken, len(in))))
	c.send(append(b, in...))
}

// Serve is d plugged into the hub at the other end of rw, until the stream ends.
func Serve(rw io.ReadWriteCloser, d Device) error {
	c := &conn{d: d, w: rw, open: map[uint32]*URB{}}
	defer func() {
		_ = rw.Close()
		c.mu.Lock()
		left := c.open
		c.open = map[uint32]*URB{}
		c.mu.Unlock()
		for _, u := range left {
			d.Cancel(u)
		}
	}()
	var h [48]byte
	for {
		if _, err := io.ReadFull(rw, h[:]); err != nil {
			return err
		}
		var err error
		switch seq := be.Uint32(h[4:]); be.Uint32(h[:]) {
		case submit:
			err = c.take(rw, seq, h)
		case unlink:
			c.takeBack(seq, be.Uint32(h[20:]))
		default:
			err = fmt.Errorf("usbip: command %#x", be.Uint32(h[:]))
		}
		if err != nil {
			return err
		}
	}
}

// take begins a transfer.
func (c *conn) take(r io.Reader, seq uint32, h [48]byte) error {
	u := &URB{In: be.Uint32(h[12:]) == 1, seq: seq, c: c}
	n, endpoint := int(be.Uint32(h[24:])), be.Uint32(h[16:])
	if u.In {
		u.Room = n
	} else {
		u.Data = make([]byte, n)
		if _, err := io.ReadFull(r, u.Data); err != nil {
			return err
		}
	}
	if endpoint == 0 {
		le := binary.LittleEndian
		in, ok := c.control(Setup{h[40], h[41], le.Uint16(h[42:]), le.Uint16(h[44:]), le.Uint16(h[46:])})
		if !ok {
			c.submitted(seq, Stall, nil, 0)
			return nil
		}
		c.submitted(seq, 0, in[:min(len(in), n)], len(u.Data))
		return nil
	}
	c.mu.Lock()
	c.open[seq] = u
	c.mu.Unlock()
	c.d.Submit(u)
	return nil
}

// takeBack ends a transfer that the host does not want any more.
func (c *conn) takeBack(seq, which uint32) {
	c.mu.Lock()
	u := c.open[which]
	delete(c.open, which)
	c.mu.Unlock()
	b := make([]byte, 48)
	be.PutUint32(b, unlinked)
	be.PutUint32(b[4:], seq)
	if u != nil {
		c.d.Cancel(u)
		reset := -int32(syscall.ECONNRESET)
		be.PutUint32(b[20:], uint32(reset))
	}
	c.send(b)
}

// control answers what every device is asked.
func (c *conn) control(s Setup) ([]byte, bool) {
	if s.Type&0x60 != 0 {
		return c.d.Control(s)
	}
	switch s.Request {
	case 0: // GET_STATUS: self-powered
		return []byte{1, 0}, true
	case 1, 3, 9, 11: // CLEAR_FEATURE, SET_FEATURE, SET_CONFIGURATION, SET_INTERFACE
		return nil, true
	case 6: // GET_DESCRIPTOR
		switch kind := byte(s.Value >> 8); kind {
		case 1, 2:
			return c.d.Descriptor(kind), true
		case 3:
			return text(c.d.Strings(), byte(s.Value))
		case 6: // of the other speed
			return []byte{10, 6, 0, 2, 0, 0, 0, 64, 1, 0}, true
		}
	case 8: // GET_CONFIGURATION
		return []byte{1}, true
	case 10: // GET_INTERFACE
		return []byte{0}, true
	}
	return nil, false
}

// text is a string descriptor; number 0 lists the languages.
func text(all [3]string, n byte) ([]byte, bool) {
	if n == 0 {
		return []byte{4, 3, 9, 4}, true
	}
	if int(n) > len(all) {
		return nil, false
	}
	s := all[n-1]
	b := []byte{byte(2 + 2*len(s)), 3}
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b, true
}
