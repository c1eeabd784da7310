package link_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/link"
)

func TestParse(t *testing.T) {
	for _, row := range []struct{ device, canonical string }{
		{"tcp://192.168.1.87:9100", "tcp://192.168.1.87:9100"},
		{"tcp://kitchen", "tcp://kitchen:9100"},
		{"tcp://[fe80::1]:9100", "tcp://[fe80::1]:9100"},
		{"tcp://[::1]", "tcp://[::1]:9100"},
		{"serial:///dev/ttyUSB0", "serial:///dev/ttyUSB0?baud=9600&flow=dtr"},
		{"serial:///dev/ttyS1?flow=xonxoff&baud=115200&parity=even&bits=7&stop=2&reserve=16",
			"serial:///dev/ttyS1?baud=115200&flow=xonxoff&parity=even&bits=7&stop=2&reserve=16"},
		{"serial://COM3?baud=19200", "serial://COM3?baud=19200&flow=dtr"},
		{"serial:///com12", "serial://COM12?baud=9600&flow=dtr"},
		{"usb:///dev/usb/lp0", "usb:///dev/usb/lp0"},
		{"usb://04B8:0202", "usb://04b8:0202"},
		{"usb://04b8:0202/J9%2FK", "usb://04b8:0202/J9%2FK"},
		{"usb://0416:5011?port=1-1.4", "usb://0416:5011?port=1-1.4"},
		{"usbprint://04b8:0202/J9", "usbprint://04b8:0202/J9"},
		{`usbprint://\\?\usb#vid_04b8`, `usbprint://\\?\usb#vid_04b8`},
		{"windows://POS-80", "windows://POS-80"},
		{`windows://\\till2\Front desk?`, `windows://\\till2\Front desk?`},
		{"windows://100%25 right", "windows://100%25 right"},
	} {
		d, err := link.Parse(row.device)
		if err != nil || d.String() != row.canonical {
			t.Errorf("Parse(%q) = %q, %v; want %q", row.device, d, err, row.canonical)
			continue
		}
		again, err := link.Parse(d.String())
		if err != nil || again != d {
			t.Errorf("Parse(%q) again = %+v, %v; want %+v", d, again, err, d)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, row := range []struct{ device, says, form string }{
		{"", "://", "tcp://"},
		{"/dev/ttyUSB0", "://", "serial:///dev/"},
		{"ftp://x", `"ftp"`, "tcp://"},
		{"tcp://", "host", "tcp://192"},
		{"tcp://:9100", "host", "tcp://192"},
		{"tcp://printer:0", "1-65535", "tcp://192"},
		{"tcp://printer:70000", "1-65535", "tcp://192"},
		{"tcp://fe80::1:9100", "brackets", "tcp://192"},
		{"tcp://printer:9100?flow=dtr", `"flow"`, "tcp://192"},
		{"serial://dev/ttyUSB0", "three slashes", "serial:///dev/"},
		{"serial:///", "path", "serial:///dev/"},
		{"serial:///dev/ttyS0?baud=9601", "baud=9601", "serial:///dev/"},
		{"serial:///dev/ttyS0?baud=fast", "2400", "serial:///dev/"},
		{"serial:///dev/ttyS0?flow=rtscts", "dtr rts xonxoff none", "serial:///dev/"},
		{"serial:///dev/ttyS0?parity=mark", "none even odd", "serial:///dev/"},
		{"serial:///dev/ttyS0?bits=5", "7-8", "serial:///dev/"},
		{"serial:///dev/ttyS0?speed=9600", `"speed"`, "serial:///dev/"},
		{"serial:///dev/ttyS0?baud=%zz", "?", "serial:///dev/"},
		{"usb://", "VID:PID", "usb:///dev/usb/lp0"},
		{"usb:///", "path", "usb:///dev/usb/lp0"},
		{"usb://04b8", "VID:PID", "usb://04b8:0202"},
		{"usb://04b8:02020", "VID:PID", "usb://04b8:0202"},
		{"usb://04b8:0202?node=1", `"node"`, "usb://04b8:0202"},
		{"windows://", "name", "windows://POS-80"},
	} {
		d, err := link.Parse(row.device)
		var de *link.DeviceError
		if !errors.As(err, &de) || d != (link.Device{}) {
			t.Errorf("Parse(%q) = %+v, %v; want a DeviceError and no device", row.device, d, err)
			continue
		}
		zh, en := de.Text()
		_, fix := de.Fix()
		if !strings.Contains(en, row.says) || !strings.Contains(fix, row.form) || zh == "" || zh == en {
			t.Errorf("Parse(%q): %q, fix %q; want it to say %q and show %q", row.device, en, fix, row.says, row.form)
		}
	}
}

// FuzzParse: what parses comes back the same from its canonical form.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"tcp://a:1", "serial:///dev/ttyS0?baud=9600&flow=dtr", "usb://04b8:0202/x?port=1-1", "windows://a%b", `usbprint://\\?\x`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := link.Parse(s)
		if err != nil {
			return
		}
		again, err := link.Parse(d.String())
		if err != nil || again != d {
			t.Fatalf("Parse(%q) = %+v, printed %q, parsed %+v, %v", s, d, d, again, err)
		}
	})
}
