package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/receiptd/receiptd/internal/hint"
)

// A Cause is why a device did not open.
type Cause string

// The causes.
const (
	NotFound    Cause = "not_found"   // no such device or queue
	NoName      Cause = "no_name"     // the host's name is not known
	NoNames     Cause = "no_names"    // the service that knows names does not answer
	NoZone      Cause = "no_zone"     // an address of IPv6 that counts in one network, without the name of that network
	Permission  Cause = "permission"  // this user may not open it
	Sandbox     Cause = "sandbox"     // what started this program keeps it from the device, whatever the user may do
	Firewall    Cause = "firewall"    // this machine does not let it out
	Busy        Cause = "busy"        // another program has it, or another part of this one
	Refused     Cause = "refused"     // the host answered that nobody listens on that port
	TimedOut    Cause = "timeout"     // no answer in time
	Unreachable Cause = "unreachable" // no way to the host
	Reset       Cause = "reset"       // the other end broke the connection off
	Unplugged   Cause = "unplugged"   // the device went while it was in use
	Broken      Cause = "broken"      // the device is there and fails
	NoRoom      Cause = "no_room"     // this machine has no room left for one more: files, memory, bandwidth
	Unsupported Cause = "unsupported" // not on this operating system
	NoDriver    Cause = "no_driver"   // the printer is plugged in, the system's driver does not serve it
	Ambiguous   Cause = "ambiguous"   // several printers match
	NotSerial   Cause = "not_serial"  // the path is not a serial port, or does not take these settings
	NoModem     Cause = "no_modem"    // the port has no DSR or CTS line, so flow=dtr and flow=rts cannot work
	NotPrinter  Cause = "not_printer" // the node is no USB printer
	Cancelled   Cause = "cancelled"   // the caller's context ended
	OtherCause  Cause = "other"       // see Err
)

// english are the causes for the log.
var english = map[Cause]string{NotFound: "no such device", NoName: "the host's name is not known", NoNames: "no name server answers",
	NoZone: "a link-local address needs a zone", Permission: "this user may not open it", Sandbox: "the service may not open it",
	Firewall: "this machine does not let it out", Busy: "something has it open", Refused: "nobody listens on that port", TimedOut: "no answer in time",
	Unreachable: "no way to the host", Reset: "the connection was broken off", Unplugged: "the device went away", Broken: "the device fails",
	NoRoom: "no room for one more", Unsupported: "not on this system", NoDriver: "no driver serves it", Ambiguous: "several printers match",
	NotSerial: "not a serial port, or not with these settings", NoModem: "the port has no DSR and CTS", NotPrinter: "not a USB printer", Cancelled: "cancelled"}

// An OpenError says which device did not open and why. Nothing was sent.
type OpenError struct {
	Device Device
	Cause  Cause
	Err    error  // what the system said; nil for Ambiguous
	Detail string // for people: the candidates of an ambiguous id, the group of a node
}

func (e *OpenError) Error() string {
	text := "open " + e.Device.String()
	if word := english[e.Cause]; word != "" {
		text += ": " + word
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *OpenError) Unwrap() error { return e.Err }

// openError wraps what the system said about d.
func openError(d Device, err error) *OpenError {
	var oe *OpenError
	if errors.As(err, &oe) {
		return oe
	}
	return &OpenError{Device: d, Cause: CauseOf(d, err), Err: err}
}

// CauseOf sorts what the system said about d, when it was opened or later.
func CauseOf(d Device, err error) Cause {
	var oe *OpenError
	if errors.As(err, &oe) {
		return oe.Cause
	}
	if errors.Is(err, context.Canceled) {
		return Cancelled
	}
	if d.Scheme == TCP {
		if c := networkCause(d, err); c != "" {
			return c
		}
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return NotFound
	case errors.Is(err, syscall.EPERM):
		return Sandbox
	case errors.Is(err, os.ErrPermission):
		return Permission
	case errors.Is(err, syscall.EBUSY):
		return Busy
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return TimedOut
	case errors.Is(err, syscall.EIO):
		return Broken
	case noRoom(err):
		return NoRoom
	case errors.Is(err, errors.ErrUnsupported):
		return Unsupported
	}
	c := systemCause(err)
	if c == NotSerial && d.Scheme != Serial { // EINVAL and ENOTTY say so of terminals only
		return OtherCause
	}
	return c
}

func noRoom(err error) bool {
	for _, e := range []error{syscall.ENOSPC, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// networkCause sorts what a network says; "" for what is not the network's.
func networkCause(d Device, err error) Cause {
	var dns *net.DNSError
	var ne net.Error
	switch {
	case zoneless(d.Address):
		return NoZone
	case errors.As(err, &dns) && dns.IsNotFound:
		return NoName
	case errors.As(err, &dns):
		return NoNames
	case errors.Is(err, os.ErrPermission):
		return Firewall
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.ECONNABORTED), errors.Is(err, syscall.EPIPE), errors.Is(err, ErrEnded):
		return Reset
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.ENETDOWN), hostDown(err):
		return Unreachable
	case errors.As(err, &ne) && ne.Timeout():
		return TimedOut
	}
	return ""
}

// zoneless says whether an address counts in one network only and does not say in which.
func zoneless(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.To4() == nil && ip.IsLinkLocalUnicast()
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
		form = hint.DeviceForms()
	}
	return &DeviceError{Device: device, Form: form, zh: zh, en: en}
}

var forms = map[Scheme]string{
	TCP:      "tcp://192.168.1.87:9100",
	Serial:   hint.SerialDevice() + "&flow=dtr",
	USB:      hint.USBForm(),
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
