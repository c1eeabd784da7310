package diagnosis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/link"
)

// Each cause has its own words, in both languages, with something to do.
func TestWords(t *testing.T) {
	said := map[string]Cause{}
	for _, c := range Causes() {
		for _, device := range []string{"tcp://10.0.0.9", "serial:///dev/ttyUSB0", "usb:///dev/usb/lp0", "windows://POS"} {
			d, err := link.Parse(device)
			if err != nil {
				t.Fatal(err)
			}
			got := Case{Device: d, Cause: c, Printer: "front", Detail: "9600"}.Diagnosis()
			if got.Cause != c || got.What.Zh == "" || got.What.En == "" || got.Fix.Zh == "" || got.Fix.En == "" {
				t.Errorf("%s at %s: %+v", c, device, got)
			}
			if other, ok := said[got.What.En]; ok && other != c {
				t.Errorf("%s and %s read alike: %s", c, other, got.What.En)
			}
			said[got.What.En] = c
			if text := got.Text(); strings.Contains(text.Zh+text.En, "。。") || strings.Contains(text.En, "..") {
				t.Errorf("%s: %+v", c, text)
			}
		}
	}
}

// What the system says of a device leads to its own cause; none reads like a pulled cable.
func TestOf(t *testing.T) {
	timeout := &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
	dial := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	for _, row := range []struct {
		device string
		err    error
		want   Cause
		fix    string
	}{
		{"serial:///dev/ttyUSB0", syscall.EACCES, Permission, "sudo "},
		{"usb:///dev/usb/lp0", fmt.Errorf("open: %w", syscall.EPERM), Sandbox, "DeviceAllow=/dev/usb/lp0 rw"},
		{"usb:///dev/usb/lp0", syscall.EBUSY, Busy, "fuser -v /dev/usb/lp0"},
		{"usb:///dev/usb/lp0", os.ErrNotExist, NotFound, "printer scan"},
		{"serial:///dev/ttyUSB0", syscall.ENOENT, NotFound, "adapter"},
		{"serial:///dev/ttyUSB0", syscall.EIO, Broken, ""},
		{"usb:///dev/usb/lp0", fmt.Errorf("read: %w: %w", link.ErrLost, syscall.EIO), Broken, ""},
		{"usb:///dev/usb/lp0", syscall.EMFILE, NoRoom, ""},
		{"usb:///dev/usb/lp0", syscall.ENOSPC, NoRoom, ""},
		{"usb:///dev/usb/lp0", errors.New("strange"), Other, "printer scan"},
		{"tcp://10.0.0.9", dial(syscall.ECONNREFUSED), Refused, "self-test slip"},
		{"tcp://10.0.0.9", dial(syscall.ECONNRESET), Reset, ""},
		{"tcp://10.0.0.9", dial(syscall.EHOSTUNREACH), Unreachable, "ping 10.0.0.9"},
		{"tcp://10.0.0.9", dial(syscall.ENETUNREACH), Unreachable, "ping 10.0.0.9"},
		{"tcp://10.0.0.9", dial(syscall.EPERM), Firewall, "nft"},
		{"tcp://10.0.0.9", dial(syscall.EACCES), Firewall, "nft"},
		{"tcp://10.0.0.9", dial(syscall.ETIMEDOUT), TimedOut, "ping 10.0.0.9"},
		{"tcp://10.0.0.9", timeout, TimedOut, "ping"},
		{"tcp://10.0.0.9", fmt.Errorf("dial: %w", context.DeadlineExceeded), TimedOut, "ping"},
		{"tcp://[fe80::1]", dial(syscall.EINVAL), NoZone, "%eth0"},
		{"tcp://pos.shop", &net.DNSError{Err: "no such host", Name: "pos.shop", IsNotFound: true}, NoName, "IP address"},
		{"tcp://printer.local", &net.DNSError{Err: "no such host", Name: "printer.local", IsNotFound: true}, LocalName, "IP address"},
		{"tcp://pos.shop", &net.DNSError{Err: "i/o timeout", Name: "pos.shop", IsTimeout: true}, NoNames, "IP address"},
		{"tcp://pos.shop", &net.DNSError{Err: "server misbehaving", Name: "pos.shop", IsTemporary: true}, NoNames, "IP address"},
		{"COM3", nil, Unsupported, "tcp://"},
	} {
		nobody := func(string) (Holder, bool) { return Holder{}, false }
		got := Of(row.device, row.err, Options{Printer: "front", Holder: nobody})
		if got.Cause != row.want || !strings.Contains(got.Fix.En, row.fix) {
			t.Errorf("%s: %v: %s, want %s with %q: %+v", row.device, row.err, got.Cause, row.want, row.fix, got)
		}
		if row.err != nil && got.Err == "" {
			t.Errorf("%s: %v: what the system said is lost", row.device, row.err)
		}
	}
}

// Who has a device is named; a receiptd is no stranger.
func TestOfNamesTheHolder(t *testing.T) {
	for _, row := range []struct {
		h    Holder
		want Cause
		what string
		not  string
	}{
		{Holder{PID: 700, Program: "minicom"}, Busy, "minicom (process 700)", "CUPS"},
		{Holder{PID: 701, Program: "usb"}, Busy, "CUPS", ""},
		{Holder{PID: 702, Program: "receiptd", Self: true}, Self, "running receiptd (process 702)", "another program"},
		{Holder{Program: "receiptd", Self: true, Printer: "front"}, Self, "for its printer front", "CUPS"},
	} {
		got := Of("usb:///dev/usb/lp0", syscall.EBUSY, Options{Holder: func(path string) (Holder, bool) { return row.h, path == "/dev/usb/lp0" }})
		if got.Cause != row.want || !strings.Contains(got.What.En, row.what) || row.not != "" && strings.Contains(got.What.En+got.Fix.En, row.not) || got.Holder == nil || *got.Holder != row.h {
			t.Errorf("%+v: %+v", row.h, got)
		}
	}
}

// fakeLine is a serial line with modem lines.
type fakeLine struct {
	link.Conn
	lines link.Signals
	said  string
}

func (f *fakeLine) Signals() (link.Signals, error) { return f.lines, nil }
func (f *fakeLine) Read(p []byte) (int, error) {
	if f.said == "" {
		return 0, fmt.Errorf("read: %w: %w", link.ErrLost, syscall.ECONNRESET)
	}
	n := copy(p, f.said)
	f.said = f.said[n:]
	return n, nil
}

// The log is told once of each trouble, and of its end.
func TestWatchTellsOnce(t *testing.T) {
	var log strings.Builder
	w := NewWatch("front", "serial:///dev/ttyUSB0?flow=none", slog.New(slog.NewTextHandler(&log, nil)))
	var fails error = syscall.EACCES
	line := &fakeLine{}
	open := w.Open(func(context.Context) (link.Conn, error) {
		if fails != nil {
			return nil, fails
		}
		return line, nil
	})
	try := func(err error) {
		t.Helper()
		fails = err
		if _, got := open(t.Context()); !errors.Is(got, err) {
			t.Errorf("%v, want %v", got, err)
		}
	}
	try(syscall.EACCES)
	try(syscall.EACCES)
	if w.Trouble().Cause != Permission {
		t.Errorf("%+v", w.Trouble())
	}
	try(syscall.EBUSY)
	try(nil)
	if w.Trouble().Cause != "" {
		t.Errorf("after it opened: %+v", w.Trouble())
	}
	w.Tell(Diagnosis{})
	w.Tell(Diagnosis{})
	if got := log.String(); strings.Count(got, "cause=permission") != 1 || strings.Count(got, "cause=busy") != 2 || strings.Count(got, "the printer is back") != 1 || strings.Count(got, "\n") != 3 {
		t.Errorf("log:\n%s", got)
	}
	// An end that was wished for is no trouble.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	fails = context.Canceled
	if _, err := open(ctx); err == nil || w.Trouble().Cause != "" {
		t.Errorf("%v, %+v", err, w.Trouble())
	}
}

// speedLine is a serial line behind which a printer listens at one speed.
type speedLine struct {
	link.Conn
	right bool
	asked []byte
}

func (*speedLine) SetWriteDeadline(time.Time) error { return nil }
func (*speedLine) SetReadDeadline(time.Time) error  { return nil }
func (*speedLine) Close() error                     { return nil }
func (f *speedLine) Write(p []byte) (int, error)    { f.asked = p; return len(p), nil }
func (f *speedLine) Read(p []byte) (int, error) {
	if !f.right || f.asked == nil {
		return 0, os.ErrDeadlineExceeded
	}
	f.asked = nil
	return copy(p, "\x12"), nil
}

// A printer that never answered at its speed, and does at another, is told as such by whoever holds the line; one that has answered
// is never asked at another speed: a slip of its may be under way.
func TestWatchFindsTheSpeed(t *testing.T) {
	var log strings.Builder
	w := NewWatch("front", "serial:///dev/ttyUSB0?baud=9600&flow=none", slog.New(slog.NewTextHandler(&log, nil)))
	var tried []string
	w.raw = func(_ context.Context, device string) (link.Conn, error) {
		tried = append(tried, device)
		return &speedLine{right: strings.Contains(device, "baud=19200")}, nil
	}
	again := func() {
		t.Helper()
		if _, err := w.Open(func(context.Context) (link.Conn, error) { return &fakeLine{lines: link.Signals{DSR: true}}, nil })(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	again()
	again() // the link was lost: that says nothing of its speed
	if len(tried) != 0 {
		t.Fatalf("tried %v before it was known to be silent", tried)
	}
	w.Tell(w.Silence())
	again()
	if d := w.Silence(); d.Cause != WrongSpeed || !strings.Contains(d.What.En, "9600") || !strings.Contains(d.Fix.En, "19200") {
		t.Errorf("%v: %+v", tried, d)
	}
	if !strings.Contains(log.String(), "cause=wrong_speed") {
		t.Errorf("log:\n%s", log.String())
	}
	n := len(tried)
	again()
	if len(tried) != n {
		t.Error("tried again at once")
	}
	w.Answered()
	w.tried = time.Time{}
	w.Tell(w.Silence())
	again()
	if d := w.Silence(); len(tried) != n || d.Cause != NoAnswer {
		t.Errorf("after it answered: %v, %+v", tried[n:], d)
	}
}

// A serial line on which nothing is on is told as such; surely only where it ought to be on.
func TestWatchDark(t *testing.T) {
	for _, row := range []struct {
		flow       string
		before     link.Signals
		now        link.Signals
		dark, sure bool
	}{
		{"dtr", link.Signals{}, link.Signals{}, true, true},
		{"rts", link.Signals{}, link.Signals{}, true, true},
		{"none", link.Signals{}, link.Signals{}, true, false},
		{"xonxoff", link.Signals{}, link.Signals{}, true, false},
		{"none", link.Signals{CTS: true}, link.Signals{}, true, true},
		{"dtr", link.Signals{}, link.Signals{DSR: true}, false, false},
		{"none", link.Signals{}, link.Signals{DCD: true}, false, false},
	} {
		w := NewWatch("front", "serial:///dev/ttyUSB0?flow="+row.flow, nil)
		line := &fakeLine{lines: row.before}
		if _, err := w.Open(func(context.Context) (link.Conn, error) { return line, nil })(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.Dark()
		line.lines = row.now
		if dark, sure := w.Dark(); dark != row.dark || sure != row.sure {
			t.Errorf("%+v: dark %v, sure %v", row, dark, sure)
		}
		if d := w.Silence(); row.dark != (d.Cause == Dark) {
			t.Errorf("%+v: silence is %s", row, d.Cause)
		}
	}
}

// A network service that is no printer is named by what it says, and a link that was lost by why.
func TestWatchListens(t *testing.T) {
	for said, want := range map[string]string{"HTTP/1.1 400 Bad Request\r\n": "HTTP", "SSH-2.0-OpenSSH\r\n": "SSH", "\x16\x12": "", "220 mail": "SMTP/FTP"} {
		w := NewWatch("front", "tcp://10.0.0.9", nil)
		conn, err := w.Open(func(context.Context) (link.Conn, error) { return &fakeLine{said: said}, nil })(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		heard, err := io.ReadAll(conn)
		if string(heard) != said || !errors.Is(err, link.ErrLost) {
			t.Errorf("%q passed as %q, %v", said, heard, err)
		}
		if got := w.Trouble(); got.Cause != Reset {
			t.Errorf("%q: lost as %+v", said, got)
		}
		if d := w.Silence(); (want != "") != (d.Cause == OtherService) || !strings.Contains(d.What.En, want) {
			t.Errorf("%q: %+v", said, d)
		}
	}
	w := NewWatch("front", "tcp://10.0.0.9:80", nil)
	if d := w.Silence(); d.Cause != NoAnswer || !strings.Contains(d.What.En, "port 80 is usually HTTP") {
		t.Errorf("%+v", d)
	}
}
