package suites

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/tools/lab/usbip"
	"github.com/receiptd/receiptd/tools/lab/vm"
	"github.com/receiptd/receiptd/vocabulary"
)

// A usbPrinter is a printer with a USB plug.
type usbPrinter struct {
	*usbip.Printer
	v      *virtual.Printer
	unplug func()
}

func newUSBPrinter(t *testing.T, serial string, o virtual.Options) *usbPrinter {
	t.Helper()
	p := &usbPrinter{Printer: usbip.NewPrinter(serial), v: virtual.New(o)}
	p.Status = func() byte {
		if p.v.State().Paper == "out" {
			return usbip.Selected | usbip.PaperEmpty
		}
		return usbip.Selected | usbip.NoError
	}
	ctx, cancel := context.WithCancel(context.Background())
	var served sync.WaitGroup
	served.Go(func() { _ = p.v.Serve(ctx, p.Printer) })
	t.Cleanup(func() { cancel(); served.Wait() })
	return p
}

// plug waits until the kernel has given it a node.
func (p *usbPrinter) plug(t *testing.T, s *till, node string) {
	t.Helper()
	var err error
	if p.unplug, err = s.v.Plug(p.Printer); err != nil {
		t.Fatal(err)
	}
	await(t, node, func() bool { _, err := s.v.Sh("[ -c " + node + " ]"); return err == nil })
}

func (p *usbPrinter) pull(t *testing.T, s *till, node string) {
	t.Helper()
	p.unplug()
	await(t, node+" to go", func() bool { _, err := s.v.Sh("[ ! -e " + node + " ]"); return err == nil })
}

// real is a printer whose paper moves, at its own speed.
func real() virtual.Options {
	return virtual.Options{Model: "epson-tm-t88", Speed: virtual.Real}
}

const front = "[[printer]]\nname = \"front\"\nprofile = \"epson-tm-t88\"\n"

// usblp is what a shop does to a USB printer, on the kernel's own driver.
func usblp(t *testing.T) {
	s := &till{v: boot(t, vm.Config{Modules: []string{"usblp", "vhci-hcd"}}), spool: "/var/till/spool"}
	p := newUSBPrinter(t, "A1", real())
	s.paper = []*virtual.Printer{p.v}
	s.sh(t, "mkdir -p /var/till/spool/incoming")
	s.configure(t, front+"device = \"usb://04b8:0e15/A1\"\n")
	p.plug(t, s, "/dev/usb/lp0")
	s.start(t)
	n := 100000
	step := func(name string, do func(t *testing.T, n int)) {
		n++
		if !t.Run(name, func(t *testing.T) {
			defer s.tellLog(t)
			do(t, n)
		}) {
			t.FailNow() // the next would start from an unknown place
		}
	}
	step("print", func(t *testing.T, n int) {
		s.drop(t, n)
		s.copies(t, n, vocabulary.StatePrinted)
	})
	step("paper out", func(t *testing.T, n int) { usbPaperOut(t, s, p, n) })
	step("unplug in a slip", func(t *testing.T, n int) { usbUnplug(t, s, p, n) })
	step("another node", func(t *testing.T, n int) { usbOtherNode(t, s, p, n) })
	step("stall", func(t *testing.T, n int) {
		p.Fail(usbip.Stall, 1)
		s.drop(t, n)
		s.settled(t, n)
		s.drop(t, n+500)
		s.copies(t, n+500, vocabulary.StatePrinted)
	})
	step("NAK", func(t *testing.T, n int) { usbNAK(t, s, p, n) })
	step("stop while it takes nothing", func(t *testing.T, n int) { usbStop(t, s, p, n) })
	step("busy", func(t *testing.T, n int) { usbBusy(t, s, n) })
	step("one way", func(t *testing.T, n int) { usbOneWay(t, s, p, n) })
}

// settled waits until nothing moves by itself: a person answers what is uncertain, by looking at the paper.
func (s *till) settled(t *testing.T, n int) {
	t.Helper()
	a := s.copies(t, n, vocabulary.StatePrinted, vocabulary.StateUncertain, vocabulary.StateCancelled, vocabulary.StateProcessed, vocabulary.StateSent)
	for _, c := range a.Copies {
		if c.State != vocabulary.StateUncertain {
			continue
		}
		came := "no"
		for _, text := range s.slips(n, c) {
			if whole(text) && mark(text) == c.PrintNo-1 {
				came = "yes"
			}
		}
		out, err := s.v.Sh(fmt.Sprintf("%sjob resolve %s --copy %s --came-out %s", receiptd, a.JobID, c.Copy, came))
		t.Logf("%s of sale %d came out: %s %v %s", c.Copy, n, came, err, out)
	}
	s.copies(t, n, vocabulary.StatePrinted, vocabulary.StateCancelled, vocabulary.StateProcessed, vocabulary.StateSent)
	for _, c := range a.Copies {
		if len(s.slips(n, c)) == 0 {
			t.Errorf("sale %d: no %s copy lies there", n, c.Copy)
		}
	}
}

func usbPaperOut(t *testing.T, s *till, p *usbPrinter, n int) {
	left := 60 // mm: it ends in the middle of a slip
	if err := p.v.Set(virtual.Change{PaperLeftMM: &left}); err != nil {
		t.Fatal(err)
	}
	s.drop(t, n)
	await(t, "the status to say that paper is out", func() bool { return strings.Contains(s.status(t), "paper_out") })
	if err := p.v.Set(virtual.Change{Paper: "ok"}); err != nil {
		t.Fatal(err)
	}
	s.settled(t, n)
}

func usbUnplug(t *testing.T, s *till, p *usbPrinter, n int) {
	before := p.v.State().Counters.BytesParsed
	p.v.AfterParsed(1500, virtual.Change{Cover: "open"}) // it stands still in the slip
	s.drop(t, n)
	await(t, "the slip to begin", func() bool { return p.v.State().Counters.BytesParsed >= before+1500 })
	p.pull(t, s, "/dev/usb/lp0")
	await(t, "the status to name the cable", func() bool {
		status := s.status(t)
		return strings.Contains(status, `"unplugged"`) || strings.Contains(status, `"not_found"`)
	})
	if err := p.v.Set(virtual.Change{Cover: "closed"}); err != nil {
		t.Fatal(err)
	}
	p.plug(t, s, "/dev/usb/lp0")
	s.settled(t, n)
	s.drop(t, n+500)
	s.copies(t, n+500, vocabulary.StatePrinted)
}

func usbOtherNode(t *testing.T, s *till, p *usbPrinter, n int) {
	p.pull(t, s, "/dev/usb/lp0")
	other := newUSBPrinter(t, "B2", real())
	other.plug(t, s, "/dev/usb/lp0")
	p.plug(t, s, "/dev/usb/lp1")
	s.drop(t, n)
	s.copies(t, n, vocabulary.StatePrinted)
	if got := other.v.State().Counters.BytesReceived; got != 0 {
		t.Errorf("the other printer got %d bytes", got)
	}
	other.pull(t, s, "/dev/usb/lp0")
	p.pull(t, s, "/dev/usb/lp1")
	p.plug(t, s, "/dev/usb/lp0")
}

func usbNAK(t *testing.T, s *till, p *usbPrinter, n int) {
	p.NAK(true)
	s.drop(t, n)
	status := ""
	within(t, 3*time.Minute, "the status to say that the printer takes nothing", func() bool {
		status = s.status(t)
		return strings.Contains(status, `"down"`) || strings.Contains(status, `"held"`)
	})
	t.Log(status)
	p.NAK(false)
	s.settled(t, n)
	s.drop(t, n+500)
	s.copies(t, n+500, vocabulary.StatePrinted)
}

func usbStop(t *testing.T, s *till, p *usbPrinter, n int) {
	p.NAK(true)
	s.drop(t, n)
	await(t, "the slip to be accepted", func() bool { _, ok := s.answer(t, n); return ok })
	began := time.Now()
	s.stop(t)
	if took := time.Since(began); took > 20*time.Second*time.Duration(vm.Patience()) {
		t.Errorf("the stop took %v", took)
	}
	p.NAK(false)
	s.start(t)
	s.settled(t, n)
}

func usbBusy(t *testing.T, s *till, n int) {
	s.stop(t)
	s.sh(t, "exec 3<>/dev/usb/lp0; sleep 1000 >/dev/null 2>&1 & echo $! >/tmp/holder")
	s.start(t)
	s.drop(t, n)
	await(t, "the status to say who has it", func() bool { return strings.Contains(s.status(t), `"busy"`) })
	pid := s.sh(t, "cat /tmp/holder")
	if status := s.status(t); !strings.Contains(status, "sleep (process "+pid+")") && !strings.Contains(status, pid) {
		t.Errorf("it does not name the holder %s: %s", pid, status)
	}
	s.sh(t, "kill $(cat /tmp/holder)")
	s.copies(t, n, vocabulary.StatePrinted)
}

func usbOneWay(t *testing.T, s *till, p *usbPrinter, n int) {
	s.stop(t)
	p.pull(t, s, "/dev/usb/lp0")
	one := newUSBPrinter(t, "C3", real())
	one.OneWay = true
	s.paper = append(s.paper, one.v)
	one.plug(t, s, "/dev/usb/lp0")
	s.configure(t, front+"device = \"usb:///dev/usb/lp0\"\n")
	s.start(t)
	s.drop(t, n)
	a := s.copies(t, n, vocabulary.StateSent)
	for _, c := range a.Copies {
		await(t, "its paper", func() bool { return len(s.slips(n, c)) == 1 })
	}
	s.stop(t)
}
