package link_test

import (
	"os"
	"testing"

	"github.com/creack/pty"

	"github.com/receiptd/receiptd/printer/link"
)

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// addSystemLinks adds the links of this system.
func addSystemLinks(t *testing.T, open map[string]func() (link.Conn, error)) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close(); _ = slave.Close() })
	for _, flow := range []string{"none", "xonxoff"} {
		open["serial "+flow] = func() (link.Conn, error) {
			return link.Open(t.Context(), "serial://"+slave.Name()+"?flow="+flow, link.Options{})
		}
	}
	usb := link.NewFakeUSB(t, false)
	open["usb"] = func() (link.Conn, error) { return usb.Open("usb://04b8:0202") }
}
