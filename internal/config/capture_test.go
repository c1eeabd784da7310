package config_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
)

// TestCaptureLines: what a pipe, a terminal or a serial port cannot have is told with what to write.
func TestCaptureLines(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("pipes and terminals are for Linux")
	}
	for section, want := range map[string]string{
		`listen = "fifo:///run/receiptd/till"`:                     "",
		`listen = "pty:///run/receiptd/till"` + "\ngroup = \"lp\"": "",
		`listen = "serial:///dev/ttyS1?baud=9600"`:                 "",
		`listen = "fifo://till"`:                                   "the file's whole path",
		`listen = "fifo:///run/../etc/passwd"`:                     "the file's whole path",
		`listen = "pty://"`:                                        "the file's whole path",
		`listen = "fifo:///a"` + "\nend = \"close\"":               "nothing tells that the software closes",
		`listen = "fifo:///a"` + "\nallow = [\"192.168.1.2\"]":     "allow is for tcp://",
		`listen = "fifo:///a"` + "\ngroup = \"a b\"":               "no name of a group",
		`listen = "serial:///dev/ttyS1"` + "\ngroup = \"lp\"":      "group is for fifo://",
		`listen = "tcp://127.0.0.1:9100"` + "\ngroup = \"lp\"":     "group is for fifo://",
		`listen = "usb:///dev/usb/lp0"`:                            "or fifo://, pty://, serial://",
		`listen = "serial:///dev/ttyS1"` + "\n" + `[[capture]]` + "\nname = \"b\"\nprinter = \"front\"\nlisten = \"serial:///dev/ttyS1?baud=9600\"": "another section has this address",
	} {
		_, err := config.Parse("receiptd.toml", []byte("[[printer]]\nname = \"front\"\ndevice = \"tcp://127.0.0.1:9\"\n[[capture]]\nname = \"till\"\nprinter = \"front\"\n"+section+"\n"), nil)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", section, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", section, err, want)
		}
	}
}

// TestCaptureKind: what a slip is of which no rule says it. A payment slip cannot be one: its voucher must be found.
func TestCaptureKind(t *testing.T) {
	for kind, want := range map[string]string{"": "", "document": "", "order": "", "transaction": "rules = ", "settlement": "rules = ", "ordre": "use one of"} {
		_, err := config.Parse("receiptd.toml", []byte("[[printer]]\nname = \"front\"\ndevice = \"tcp://127.0.0.1:9\"\n[[capture]]\nname = \"till\"\nprinter = \"front\"\n"+
			"listen = \"tcp://127.0.0.1:9100\"\nkind = \""+kind+"\"\n"), nil)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", kind, err, want)
		}
	}
}
