package suites

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/tools/lab/vm"
	"github.com/receiptd/receiptd/vocabulary"
)

//go:embed systemd.sh
var systemdParts []byte

// systemd installs the packages on a Debian with its own init: an earlier one, with slips that wait, then the one of this tree.
func systemd(t *testing.T) {
	s := &till{v: boot(t, vm.Config{Memory: 768, Modules: []string{"usblp", "vhci-hcd"}, Root: filepath.Join(vm.Dir(), "system.img"), Wait: 6 * time.Minute}), spool: "/var/spool/receiptd"}
	defer func() {
		if t.Failed() {
			out, _ := s.v.Sh("systemctl --no-pager --failed; journalctl --no-pager -n 80")
			t.Log(out)
		}
	}()
	p := newUSBPrinter(t, "S1", real())
	s.paper = []*virtual.Printer{p.v}
	for name, file := range map[string]string{"/root/old.deb": "old.deb", "/root/new.deb": "new.deb"} {
		data, err := os.ReadFile(filepath.Join(vm.Dir(), file))
		if err != nil {
			t.Fatal(err)
		}
		s.put(t, name, data)
	}
	s.put(t, "/root/systemd.sh", systemdParts)
	s.put(t, "/root/receiptd.toml", []byte(front+"device = \"usb://04b8:0e15/S1\"\n"))
	s.sh(t, "n=0; until [ \"$(systemctl is-active sysinit.target)\" = active ]; do n=$((n+1)); [ $n -lt 600 ] || exit 1; sleep 0.2; done; mkdir -p /root/slips")
	p.plug(t, s, "/dev/usb/lp0")
	part := func(name string) {
		t.Helper()
		if !t.Run(name, func(t *testing.T) { s.part(t, name) }) {
			t.FailNow()
		}
	}
	if err := p.v.Set(virtual.Change{Paper: "out"}); err != nil {
		t.Fatal(err)
	}
	s.lay(t, 400001, 400003)
	part("old")
	part("upgrade")
	if err := p.v.Set(virtual.Change{Paper: "ok"}); err != nil {
		t.Fatal(err)
	}
	t.Run("what waited is printed", func(t *testing.T) { s.printed(t, 400001, 400003) })
	s.lay(t, 400004, 400004)
	part("drop")
	t.Run("what was dropped is printed", func(t *testing.T) { s.printed(t, 400004, 400004) })
	for _, name := range strings.Fields(*parts) {
		part(name)
	}
	s.lay(t, 400005, 400005)
	part("drop")
	t.Run("it prints after all that", func(t *testing.T) { s.printed(t, 400005, 400005) })
	s.lay(t, 400006, 400007)
	part("hub")
	s.remote = true
	t.Run("what the centre sent is printed", func(t *testing.T) { s.printed(t, 400006, 400007) })
	s.remote = false
	part("nohub")
	if !t.Run("network", func(t *testing.T) { s.network(t) }) {
		t.FailNow()
	}
	part("folders")
	part("purge")
}

func (s *till) put(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := s.v.Put(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// part runs one part of systemd.sh and shows what it says as it goes.
func (s *till) part(t *testing.T, name string) {
	t.Helper()
	err := s.v.Run(os.Stdout, "PATIENCE="+strconv.Itoa(vm.Patience())+" bash /root/systemd.sh "+name)
	if err != nil {
		t.Fatal(err)
	}
}

// lay puts sales where the part drop takes them from.
func (s *till) lay(t *testing.T, from, to int) {
	t.Helper()
	s.sh(t, "rm -f /root/slips/*")
	for n := from; n <= to; n++ {
		s.put(t, fmt.Sprintf("/root/slips/%d.json", n), sale(t, n))
	}
}

// printed waits until the slips are proven, and looks at the paper.
func (s *till) printed(t *testing.T, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		s.copies(t, n, vocabulary.StatePrinted, vocabulary.StateCancelled, vocabulary.StateUncertain)
	}
}
