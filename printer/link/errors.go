package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

// A Cause is why a device did not open.
type Cause string

// The causes.
const (
	NotFound    Cause = "not_found"   // no such device, host or queue
	Permission  Cause = "permission"  // this user may not open it
	Busy        Cause = "busy"        // another program has it
	Refused     Cause = "refused"     // the host answered that nobody listens on that port
	TimedOut    Cause = "timeout"     // no answer in time
	Unreachable Cause = "unreachable" // no way to the host
	Unsupported Cause = "unsupported" // not on this operating system
	NoDriver    Cause = "no_driver"   // the printer is plugged in, the system's driver does not serve it
	Ambiguous   Cause = "ambiguous"   // several printers match
	NotSerial   Cause = "not_serial"  // the path is not a serial port, or does not take these settings
	NoModem     Cause = "no_modem"    // the port has no DSR or CTS line, so flow=dtr and flow=rts cannot work
	NotPrinter  Cause = "not_printer" // the node is no USB printer
	Cancelled   Cause = "cancelled"   // the caller's context ended
	OtherCause  Cause = "other"       // see Err
)

// An OpenError says which device did not open and why. Nothing was sent.
type OpenError struct {
	Device Device
	Cause  Cause
	Err    error  // what the system said; nil for Ambiguous
	Detail string // for people: the candidates of an ambiguous id, the group of a node
}

func (e *OpenError) Error() string {
	_, en := e.Text()
	if e.Err != nil {
		return fmt.Sprintf("open %s: %s: %v", e.Device, en, e.Err)
	}
	return fmt.Sprintf("open %s: %s", e.Device, en)
}

func (e *OpenError) Unwrap() error { return e.Err }

// openError wraps what the system said about d.
func openError(d Device, err error) *OpenError {
	var oe *OpenError
	if errors.As(err, &oe) {
		return oe
	}
	return &OpenError{Device: d, Cause: causeOf(err), Err: err}
}

func causeOf(err error) Cause {
	var dns *net.DNSError
	var ne net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.As(err, &dns) && !dns.IsTimeout:
		return NotFound
	case errors.Is(err, os.ErrNotExist):
		return NotFound
	case errors.Is(err, os.ErrPermission):
		return Permission
	case errors.Is(err, syscall.EBUSY):
		return Busy
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return Unreachable
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.Is(err, syscall.ETIMEDOUT), errors.As(err, &ne) && ne.Timeout():
		return TimedOut
	case errors.Is(err, errors.ErrUnsupported):
		return Unsupported
	}
	return systemCause(err)
}

// A DeviceError is a device URL that cannot be understood.
type DeviceError struct {
	Device string // as it was written
	Form   string // how it should look
	zh, en string
}

func wrong(device string, s Scheme, zh, en string) *DeviceError {
	form, ok := forms[s]
	if !ok {
		form = "tcp://... serial:///dev/... usb:///dev/usb/lp0 usb://VID:PID usbprint://VID:PID windows://QUEUE"
	}
	return &DeviceError{Device: device, Form: form, zh: zh, en: en}
}

var forms = map[Scheme]string{
	TCP:      "tcp://192.168.1.87:9100",
	Serial:   "serial:///dev/ttyUSB0?baud=9600&flow=dtr",
	USB:      "usb:///dev/usb/lp0 | usb://04b8:0202[/SERIAL][?port=1-1.4]",
	USBPrint: "usbprint://04b8:0202[/SERIAL]",
	Windows:  "windows://POS-80",
}

func (e *DeviceError) Error() string {
	return fmt.Sprintf("device %q: %s (like %s)", e.Device, e.en, e.Form)
}

// Text says what is wrong.
func (e *DeviceError) Text() (zh, en string) {
	return fmt.Sprintf("打印机地址 %q:%s", e.Device, e.zh), fmt.Sprintf("device %q: %s", e.Device, e.en)
}

// Fix shows the right form.
func (e *DeviceError) Fix() (zh, en string) {
	return "写成这样:" + e.Form, "write it like " + e.Form
}

// deadlineError is a deadline that passed, with what held us up. Its Timeout method makes it a net.Error as well.
type deadlineError struct {
	op, device, why string
}

func (e *deadlineError) Error() string {
	s := fmt.Sprintf("%s %s: %v", e.op, e.device, os.ErrDeadlineExceeded)
	if e.why != "" {
		s += ": " + e.why
	}
	return s
}

func (e *deadlineError) Unwrap() error   { return os.ErrDeadlineExceeded }
func (e *deadlineError) Timeout() bool   { return true }
func (e *deadlineError) Temporary() bool { return true }

func lost(op, device string, err error) error {
	if err == nil {
		return fmt.Errorf("%s %s: %w", op, device, ErrLost)
	}
	return fmt.Errorf("%s %s: %w: %w", op, device, ErrLost, err)
}

func closed(op, device string) error { return fmt.Errorf("%s %s: %w", op, device, os.ErrClosed) }

// past says whether a deadline has passed; zero never does.
func past(deadline time.Time) bool { return !deadline.IsZero() && !time.Now().Before(deadline) }
