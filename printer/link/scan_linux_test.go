package link_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/link"
)

func TestScan(t *testing.T) {
	f := link.NewFakeUSB(t, false)
	link.PlugIn(t, f.Dir, "1-2", "0416", "5011", "", "01", "lp1")
	link.PlugIn(t, f.Dir, "1-3", "0416", "5011", "", "01", "lp2")
	link.PlugIn(t, f.Dir, "1-5", "1fc9", "2016", "X", "02", "")
	port := func(name, kind string) {
		class := filepath.Join(f.Dir, "sys/class/tty", name)
		if err := os.MkdirAll(class, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(class, "type"), []byte(kind+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(f.Dir, "dev", name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	port("ttyS7", "0") // a name without a port
	var lines []string
	for _, x := range f.Scan(t.Context()) {
		lines = append(lines, strings.TrimSpace(x.Device+" "+string(x.Cause)))
		if x.Opens != (x.Cause == "" && x.Err == nil) {
			t.Errorf("%+v: what does not open comes with its cause, and only that", x)
		}
		if x.What.ZH == "" || x.What.EN == "" {
			t.Errorf("%+v: nameless", x)
		}
		if _, err := link.Parse(x.Device); err != nil {
			t.Errorf("the device it shows does not parse: %v", err)
		}
	}
	want := []string{"usb://04b8:0202/J9", "usb://0416:5011?port=1-2", "usb://0416:5011?port=1-3", "usb://1fc9:2016/X no_driver"}
	// Sorted by port: 1-1.4, 1-2, 1-3, 1-5.
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if f.Opens != 3 {
		t.Errorf("%d opens", f.Opens)
	}
	c, err := f.Open("usb://04b8:0202")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if x := f.Scan(t.Context())[0]; x.Opens || x.Cause != link.Busy {
		t.Errorf("a printer in use: %+v", x)
	}
}

// What the scan offers the service may open: a name of the list is allowed in the unit, by itself or by its driver's major.
func TestUnitAllowsWhatScanOffers(t *testing.T) {
	unit, err := os.ReadFile("../../packaging/linux/receiptd.service")
	if err != nil {
		t.Fatal(err)
	}
	majors := map[string]string{"ttyUSB": "188", "ttyACM": "166", "rfcomm": "216"} // devices.txt of the kernel
	for _, pattern := range link.SerialNames {
		class := strings.TrimSuffix(pattern, "*")
		if major, ok := majors[class]; ok {
			class = major
		}
		if !strings.Contains(string(unit), "\nDeviceAllow=char-"+class+" rw\n") {
			t.Errorf("the scan offers %s, the unit forbids it: no DeviceAllow=char-%s", pattern, class)
		}
	}
	if !strings.Contains(string(unit), "\nDeviceAllow=char-180 rw\n") {
		t.Error("the unit forbids USB printers")
	}
}
