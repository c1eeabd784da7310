package suites

import (
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/tools/lab/vm"
	"github.com/receiptd/receiptd/vocabulary"
)

// A cable joins a port of the guest with a printer. What is sent at another speed than the printer's arrives as noise.
type cable struct {
	port    *vm.Serial
	v       *virtual.Printer
	baud    int
	busy    int // the lines with which the printer says that it may be sent to; 0: by XON and XOFF, or not at all
	off     atomic.Bool
	stopped context.CancelFunc
}

func (c *cable) Close() error { return nil } // the port belongs to the guest

// Read is what the printer hears.
func (c *cable) Read(p []byte) (int, error) {
	for {
		c.show() // as of what the printer took last: an emulated port has no line that would hold bytes back
		n, err := c.port.Read(p[:min(len(p), 16)])
		if n > 0 && !c.off.Load() {
			c.noise(p[:n])
			return n, err
		}
		if err != nil {
			return 0, err
		}
	}
}

// Write is what the printer says.
func (c *cable) Write(p []byte) (int, error) {
	if c.off.Load() {
		return len(p), nil
	}
	said := append([]byte(nil), p...)
	c.noise(said)
	return c.port.Write(said)
}

func (c *cable) noise(p []byte) {
	if c.port.Baud() == c.baud {
		return
	}
	for i := range p {
		p[i] = p[i]>>1 | 0x80 // bits run into each other, and no command comes out of it
	}
}

// pull takes the cable off: no byte passes, and no line is on.
func (c *cable) pull(off bool) {
	c.off.Store(off)
	c.show()
}

// show sets the lines as the printer drives them now.
func (c *cable) show() {
	st := c.v.State()
	lines := 0
	if !c.off.Load() && st.Power == "on" {
		lines = vm.DSR | vm.CTS
		if c.busy != 0 && (st.Busy || !st.Online) {
			lines &^= c.busy
		}
	}
	c.port.Show(lines)
}

// join lays a cable between the guest's port n and a new printer with a small buffer, so that it is often busy.
func join(t *testing.T, v *vm.VM, n, baud, busy int, flow virtual.Flow) *cable {
	t.Helper()
	model, err := virtual.ModelByName("epson-tm-t88")
	if err != nil {
		t.Fatal(err)
	}
	model.Buffer, model.BusyAt, model.BusyUntil = 700, 128, 256
	c := &cable{port: v.Serial(n), baud: baud, busy: busy}
	c.v = virtual.New(virtual.Options{Custom: &model, Speed: virtual.Real, MMPerSecond: 60, Flow: flow})
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() { _ = c.v.Serve(ctx, struct{ io.ReadWriteCloser }{c}) })
	parts.Go(func() {
		for ctx.Err() == nil {
			now := c.v.State()
			c.show()
			_ = c.v.Await(ctx, func(st virtual.State) bool {
				return st.Busy != now.Busy || st.Online != now.Online || st.Power != now.Power
			})
		}
	})
	c.stopped = cancel
	t.Cleanup(cancel)
	return c
}

// serialLines is a printer on a 16550 with each flow control, and what goes wrong with cables and settings.
func serialLines(t *testing.T) {
	s := &till{v: boot(t, vm.Config{Serials: 3}), spool: "/var/till/spool"}
	s.sh(t, "mkdir -p /var/till/spool/incoming")
	n := 200000
	step := func(name string, line *cable, device string, do func(t *testing.T, n int)) {
		n++
		t.Run(name, func(t *testing.T) {
			defer s.tellLog(t)
			s.paper = []*virtual.Printer{line.v}
			s.configure(t, front+"device = \"serial://"+device+"\"\n")
			s.start(t)
			defer s.stop(t)
			do(t, n)
		})
	}
	fits := func(c *cable) func(t *testing.T, n int) {
		return func(t *testing.T, n int) {
			s.drop(t, n)
			s.drop(t, n+500)
			s.settled(t, n) // an answer that an emulated machine delays makes a question of a slip
			s.settled(t, n+500)
			if lost := c.v.State().Counters.BytesLost; lost != 0 {
				t.Errorf("%d bytes did not fit into the printer", lost)
			}
		}
	}
	dtr := join(t, s.v, 1, 19200, vm.DSR, virtual.None)
	step("dtr", dtr, "/dev/ttyS1?baud=19200&flow=dtr", fits(dtr))
	rts := join(t, s.v, 2, 38400, vm.CTS, virtual.None)
	step("rts", rts, "/dev/ttyS2?baud=38400&flow=rts", fits(rts))
	xon := join(t, s.v, 3, 9600, 0, virtual.XONXOFF)
	step("xonxoff", xon, "/dev/ttyS3?baud=9600&flow=xonxoff", fits(xon))

	// Through the daemon, which holds the port: doctor cannot open it.
	step("wrong baud", xon, "/dev/ttyS3?baud=115200&flow=xonxoff", func(t *testing.T, n int) {
		s.causeIs(t, "wrong_speed")
		out, _ := s.v.Sh(receiptd + "doctor --printer front --json")
		if !strings.Contains(out, "9600") {
			t.Errorf("doctor does not name the speed:\n%s", out)
		}
	})
	step("cable off", dtr, "/dev/ttyS1?baud=19200&flow=dtr", func(t *testing.T, n int) {
		await(t, "the printer to be ready", func() bool { return strings.Contains(s.status(t), `"ready"`) })
		dtr.pull(true)
		s.drop(t, n)
		s.causeIs(t, "dark")
		dtr.pull(false)
		s.copies(t, n, vocabulary.StatePrinted)
	})
	step("cable off in a slip", rts, "/dev/ttyS2?baud=38400&flow=rts", func(t *testing.T, n int) {
		before := rts.v.State().Counters.BytesParsed
		s.drop(t, n)
		await(t, "the slip to begin", func() bool { return rts.v.State().Counters.BytesParsed > before+500 })
		rts.pull(true)
		s.causeIs(t, "dark")
		rts.pull(false)
		s.settled(t, n)
		s.drop(t, n+500)
		s.settled(t, n+500)
	})
	xon.pull(true)
	step("all lines low", xon, "/dev/ttyS3?baud=9600&flow=none", func(t *testing.T, _ int) { s.causeIs(t, "dark") })
}

// causeIs waits until status names this cause.
func (s *till) causeIs(t *testing.T, cause string) {
	t.Helper()
	status := ""
	await(t, "the status to say "+cause, func() bool {
		status = s.status(t)
		return strings.Contains(status, `"cause": "`+cause+`"`) || strings.Contains(status, `"cause":"`+cause+`"`)
	})
	t.Log(status)
}
