package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
)

// problemAt wants the first problem of a configuration at a key, in both languages; "" wants none.
func problemAt(t *testing.T, name, text, key string) {
	t.Helper()
	_, err := config.Parse("", []byte(text), nil)
	var wrong *config.Error
	switch {
	case key == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case key == "":
	case !errors.As(err, &wrong) || wrong.Problems[0].Key != key || wrong.Problems[0].Zh == "" || wrong.Problems[0].En == "":
		t.Errorf("%s: %v, want %s", name, err, key)
	}
}

// Nothing of receiptd's own may lie where the drop folder takes or clears away what it finds: it would take the journal for jobs.
func TestNothingOfOursIsDropped(t *testing.T) {
	dir := t.TempDir()
	spool := filepath.Join(dir, "spool")
	text := func(data, more string) string {
		return fmt.Sprintf("[spool]\ndir = '%s'\n[data]\ndir = '%s'\n%s", spool, data, more)
	}
	printer := "[[printer]]\nname = 'front'\ndevice = 'tcp://192.168.1.100:9100'\n"
	for _, name := range []string{"incoming", "incoming/deep/er", "results", "rejected", ".taken", "x/../incoming"} {
		at := filepath.Join(spool, name)
		problemAt(t, name, text(at, ""), "data.dir")
		problemAt(t, name, text(dir+"/data", "[templates]\ndir = '"+at+"'\n"), "templates.dir")
		problemAt(t, name, text(dir+"/data", "[log]\nfile = '"+at+"/receiptd.log'\n"), "log.file")
		problemAt(t, name, text(dir+"/data", "[http]\nkey_file = '"+at+"/key.pem'\ncert_file = '"+dir+"/cert.pem'\n"), "http.key_file")
		problemAt(t, name, text(dir+"/data", printer+"font = '"+at+"/font.ttf'\n"), "printer[0].font")
	}
	for _, data := range []string{spool, filepath.Join(spool, "data"), filepath.Join(spool, "incoming-data"), dir, filepath.Join(dir, "data")} {
		problemAt(t, data, text(data, printer), "")
	}
}

// Nor may the pipe or pseudo-terminal of a capture, also where its link, left by the last start, leads out of there.
func TestNoPipeIsDropped(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("it has none")
	}
	dir := t.TempDir()
	spool := filepath.Join(dir, "spool")
	err := os.MkdirAll(filepath.Join(spool, "incoming"), 0o700)
	if err := errors.Join(err, os.Symlink("/dev/null", filepath.Join(spool, "incoming", "tty"))); err != nil {
		t.Fatal(err)
	}
	for listen, key := range map[string]string{
		"fifo://" + spool + "/incoming":      "capture[0].listen",
		"fifo://" + spool + "/incoming/till": "capture[0].listen",
		"pty://" + spool + "/results/till":   "capture[0].listen",
		"pty://" + spool + "/incoming/tty":   "capture[0].listen",
		"fifo://" + spool + "/till":          "",
		"pty://" + dir + "/tty":              "",
		"serial:///dev/ttyS1":                "",
	} {
		problemAt(t, listen, fmt.Sprintf("[spool]\ndir = '%s'\n[data]\ndir = '%s/data'\n[[printer]]\nname = 'front'\ndevice = 'tcp://192.168.1.100:9100'\n"+
			"[[capture]]\nname = 'till'\nprinter = 'front'\nlisten = '%s'\n", spool, dir, listen), key)
	}
}

// What receiptd prints must not come in again at one of its own doors.
func TestPrinterIsNotReceiptd(t *testing.T) {
	for _, x := range []struct{ device, capture, http, key string }{
		{"127.0.0.1:9100", "127.0.0.1:9100", "", "printer[0].device"},
		{"127.0.0.1", "127.0.0.1:9100", "", "printer[0].device"},
		{"localhost:9101", "127.0.0.1:9101", "", "printer[0].device"},
		{"localhost:9101", "[::1]:9101", "", "printer[0].device"},
		{"[::1]:9101", "[::1]:9101", "", "printer[0].device"},
		{"127.0.0.2:9100", "0.0.0.0:9100", "", "printer[0].device"},
		{"0.0.0.0:9100", "127.0.0.1:9100", "", "printer[0].device"},
		{"192.168.1.10:9100", "192.168.1.10:9100", "", "printer[0].device"},
		{"127.0.0.1:9180", "127.0.0.1:9100", "", "printer[0].device"},
		{"127.0.0.1:9443", "127.0.0.1:9100", "lan = true", "printer[0].device"},
		{"192.168.1.11:9100", "127.0.0.1:9180", "", "capture[0].listen"},
		{"192.168.1.11:9100", "127.0.0.1:9443", "lan = true", "capture[0].listen"},
		{"192.168.1.11:9100", "192.168.1.10:9100", "", ""},
		{"127.0.0.1:9101", "127.0.0.1:9100", "", ""},
		{"127.0.0.2:9100", "127.0.0.1:9100", "", ""},
		{"printer.local:9100", "127.0.0.1:9100", "", ""},
		{"192.168.1.11:9100", "127.0.0.1:9443", "", ""},
	} {
		text := fmt.Sprintf("[http]\n%s\n[[printer]]\nname = 'front'\ndevice = 'tcp://%s'\n[[capture]]\nname = 'till'\nlisten = 'tcp://%s'\nprinter = 'front'\n", x.http, x.device, x.capture)
		if !strings.HasPrefix(x.capture, "127.") && !strings.HasPrefix(x.capture, "[::1]") {
			text += "allow = ['192.168.1.20']\n"
		}
		problemAt(t, fmt.Sprint(x), text, x.key)
	}
}
