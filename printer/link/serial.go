package link

import (
	"errors"
	"fmt"
	"time"

	"go.bug.st/serial"
)

// A ttyRaw is a serial port as serialConn needs it.
type ttyRaw interface {
	raw
	// Lines reads the modem inputs. A port without them errs.
	Lines() (dsr, cts bool, err error)
	// Signals reads all of them.
	Signals() (Signals, error)
	// Idle says whether the transmitter is known to have sent its last bit; true when the port cannot tell.
	Idle() bool
}

// serialConn sends at the pace of the line, so that what is under way when the printer says busy still fits the
// reserve that it keeps. go.bug.st/serial has no flow control, and the kernel's cannot be bounded or polled.
type serialConn struct {
	engine
	tty      ttyRaw
	flow     Flow
	room     int           // most bytes under way
	perByte  time.Duration // on the wire, a little long: the sender never outruns a line whose clock is slow
	modelled bool          // reckon what an adapter's hidden FIFO may hold

	idleAt time.Time // when the line will have sent all, by its speed; guarded by busy[writing]
	stopAt time.Time // since when the printer says busy, zero when it does not; guarded likewise
	stood  []Stand
	sieve  sieve
}

// XON/XOFF characters (Epson: DC1 and DC3).
const (
	xon  = 0x11
	xoff = 0x13
)

func newSerialConn(d Device, tty ttyRaw) *serialConn {
	c := &serialConn{tty: tty, flow: d.Flow}
	c.name = d.Path
	c.raw = tty
	c.caps = Caps{BackChannel: true, BitsPerSec: d.Baud, BitsPerByte: d.bitsPerByte()}
	// 0.3 % slower than the line: the clocks of cheap adapters differ by about that.
	c.perByte = time.Duration(d.bitsPerByte()) * time.Second / time.Duration(d.Baud) * 1003 / 1000
	c.room, c.modelled = d.Reserve, true
	if d.Flow == FlowNone { // nothing can overrun; 0.1 s of queue keeps a later status request prompt
		c.room, c.modelled = max(256, int(100*time.Millisecond/c.perByte)), false
	}
	if d.Flow == FlowXonXoff {
		c.sieve.raw = tty
		c.raw = &c.sieve
	}
	return c
}

// mode is what go.bug.st/serial is asked for.
func (d Device) mode() *serial.Mode {
	m := &serial.Mode{BaudRate: d.Baud, DataBits: d.Bits, Parity: serial.NoParity, StopBits: serial.OneStopBit}
	switch d.Parity {
	case ParityEven:
		m.Parity = serial.EvenParity
	case ParityOdd:
		m.Parity = serial.OddParity
	}
	if d.Stop == 2 {
		m.StopBits = serial.TwoStopBits
	}
	return m
}

// portCause finds the cause in an error of go.bug.st/serial.
func portCause(err error) (Cause, bool) {
	var pe *serial.PortError
	if !errors.As(err, &pe) {
		return OtherCause, false
	}
	switch pe.Code() {
	case serial.PortBusy:
		return Busy, true
	case serial.PortNotFound:
		return NotFound, true
	case serial.PermissionDenied:
		return Permission, true
	case serial.InvalidSerialPort, serial.InvalidSpeed, serial.InvalidDataBits, serial.InvalidParity, serial.InvalidStopBits:
		return NotSerial, true
	}
	return OtherCause, false
}

// Signals is that of the interface Signalled.
func (c *serialConn) Signals() (Signals, error) {
	end, err := c.begin(asking, time.Time{})
	if err != nil {
		return Signals{}, c.explain("ask lines of", "", err)
	}
	defer end()
	s, err := c.tty.Signals()
	return s, c.explain("ask lines of", "", err)
}

// signals reads the modem inputs through the library.
func signals(port serial.Port) (Signals, error) {
	b, err := port.GetModemStatusBits()
	if err != nil {
		return Signals{}, fmt.Errorf("read modem lines: %w", err)
	}
	return Signals{DSR: b.DSR, CTS: b.CTS, DCD: b.DCD, RI: b.RI}, nil
}

// checkLines refuses a flow control that the port cannot do, before a slip waits for ever.
func (c *serialConn) checkLines(d Device) error {
	if c.flow != FlowDTR && c.flow != FlowRTS {
		return nil
	}
	if _, _, err := c.tty.Lines(); err != nil {
		return &OpenError{Device: d, Cause: NoModem, Err: err}
	}
	return nil
}

// mayGo asks the printer's busy line or its last XON/XOFF.
func (c *serialConn) mayGo() (ok bool, why string, err error) {
	switch c.flow {
	case FlowDTR:
		dsr, _, err := c.tty.Lines()
		return dsr, "the printer holds DSR off: busy, offline, or a cable without that wire", err
	case FlowRTS:
		_, cts, err := c.tty.Lines()
		return cts, "the printer holds CTS off: busy, offline, or a cable without that wire", err
	case FlowXonXoff:
		if err := c.sieve.pull(); err != nil && !errors.Is(err, errAgain) {
			return false, "", err
		}
		return !c.sieve.stopped(), "the printer sent XOFF and no XON since", nil
	}
	return true, "", nil
}

// underWay is how many bytes may still be between us and the printer's buffer.
func (c *serialConn) underWay() (int, error) {
	n, err := c.tty.Queued()
	if err != nil || !c.modelled {
		return n, err
	}
	now := time.Now()
	if c.idleAt.Before(now) {
		c.idleAt = now
	}
	if at := now.Add(time.Duration(n) * c.perByte); at.After(c.idleAt) {
		c.idleAt = at // the kernel knows of more than the clock says
	}
	return int((c.idleAt.Sub(now) + c.perByte - 1) / c.perByte), nil
}

func (c *serialConn) Write(p []byte) (int, error) { return c.write(p, true) }

// urgentMax bounds WriteUrgent: real-time requests have 3 to 10 bytes.
const urgentMax = 16

// WriteUrgent is that of Urgent.
func (c *serialConn) WriteUrgent(p []byte) (int, error) {
	if len(p) > urgentMax {
		return 0, fmt.Errorf("write %s: %d urgent bytes, the most is %d", c.name, len(p), urgentMax)
	}
	return c.write(p, false)
}

func (c *serialConn) write(p []byte, obey bool) (n int, err error) {
	end, err := c.begin(writing, c.until[writing].get())
	if err != nil {
		return 0, c.explain("write", "", err)
	}
	defer end()
	stopped := pollBusyMin
	for n < len(p) {
		if obey {
			ok, reason, err := c.mayGo()
			if err != nil {
				return n, c.explain("write", "", err)
			}
			c.note(!ok)
			if !ok {
				if err := c.waitBusy(stopped); err != nil {
					return n, c.explain("write", reason, err)
				}
				stopped = min(stopped*2, pollBusyMax)
				continue
			}
		}
		stopped = pollBusyMin
		took, err := c.step(p[n:])
		n += took
		if err != nil {
			return n, c.explain("write", "", err)
		}
	}
	return n, nil
}

// note keeps when the printer says busy.
func (c *serialConn) note(busy bool) {
	now := time.Now()
	switch {
	case busy && c.stopAt.IsZero():
		c.stopAt = now
	case !c.stopAt.IsZero() && now.Sub(c.stopAt) >= MinStand:
		if n := len(c.stood); n > 0 && c.stood[n-1].From.Equal(c.stopAt) {
			c.stood[n-1].To = now
			break
		}
		c.stood = append(c.stood, Stand{c.stopAt, now})
	}
	if !busy {
		c.stopAt = time.Time{}
	}
}

// Busy is that of Handshake.
func (c *serialConn) Busy() []Stand {
	c.busy[writing].Lock()
	defer c.busy[writing].Unlock()
	if !c.stopAt.IsZero() {
		c.note(true)
	}
	stood := c.stood
	c.stood = nil
	return stood
}

// Resume is that of Resumer. A busy wire is read afresh each time: only an XON can get lost.
func (c *serialConn) Resume() {
	if c.flow == FlowXonXoff {
		c.sieve.resume()
	}
}

// Between two looks at a line that says busy: short at first, then easy on a till that waits for paper all night.
const (
	pollBusyMin = 2 * time.Millisecond
	pollBusyMax = 20 * time.Millisecond
)

// waitBusy waits while the printer is busy; XON wakes it at once.
func (c *serialConn) waitBusy(pause time.Duration) error {
	want := ready(0)
	if c.flow == FlowXonXoff {
		want, pause = canRead, -1
	}
	got, err := c.wait(writing, want, pause)
	if err == nil && got&gone != 0 && got&canRead == 0 {
		return ErrLost
	}
	return err
}

// step sends what there is room for, or waits until half of the room is free: the line never runs dry meanwhile.
func (c *serialConn) step(p []byte) (int, error) {
	queued, err := c.underWay()
	if err != nil {
		return 0, err
	}
	free := c.room - queued
	if free < min(c.room/2, len(p)) {
		return 0, c.pause(time.Duration(c.room/2-free) * c.perByte)
	}
	n, err := c.push(p[:min(free, len(p))])
	if n > 0 && c.modelled {
		c.idleAt = c.idleAt.Add(time.Duration(n) * c.perByte)
	}
	if n > 0 || err != nil {
		return n, err
	}
	got, err := c.wait(writing, canWrite, -1)
	if err == nil && got&gone != 0 {
		err = ErrLost
	}
	return 0, err
}

// pause waits for the line, at least 0.2 ms: less is not worth a wake-up at any speed.
func (c *serialConn) pause(d time.Duration) error {
	got, err := c.wait(writing, 0, max(d, 200*time.Microsecond))
	if err == nil && got&gone != 0 {
		return ErrLost
	}
	return err
}

// Drain is that of the contract. It does not end for a busy printer: what is under way fits its reserve.
func (c *serialConn) Drain(deadline time.Time) error {
	end, err := c.begin(writing, time.Time{})
	if err != nil {
		return c.explain("drain", "", err)
	}
	defer end()
	for {
		queued, err := c.underWay()
		if err != nil {
			return c.explain("drain", "", err)
		}
		if queued == 0 && c.tty.Idle() {
			return nil
		}
		pause := max(time.Duration(queued)*c.perByte, time.Millisecond)
		got, err := c.waitBy(writing, 0, pause, func() time.Time { return deadline })
		if err == nil && got&gone != 0 {
			err = ErrLost
		}
		if err != nil {
			return c.explain("drain", "", err)
		}
	}
}

var (
	_ Urgent    = (*serialConn)(nil)
	_ Handshake = (*serialConn)(nil)
	_ Signalled = (*serialConn)(nil)
)
