package printer_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestWake: a wake gets a printer ready for a slip, so that the slip need ask nothing. It prints nothing, costs nothing where it is
// not needed, and keeps a link no longer than any other.
func TestWake(t *testing.T) {
	idle := func(c *printer.Config) { c.IdleClose = 2 * time.Second }
	shop := func(t *testing.T) *bench {
		b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, config: idle})
		want(t, b.print("first", 5), printer.Printed, "")
		return b
	}
	counted := func(b *bench) virtual.Counters {
		synctest.Wait()
		return b.v.State().Counters
	}
	bubble(t, "given back", func(t *testing.T) {
		b := shop(t)
		defer b.stop()
		time.Sleep(time.Minute)
		before := counted(b)
		b.p.Wake()
		woken := counted(b)
		if woken.Connections != before.Connections+1 || woken.RealTime == before.RealTime || woken.Pieces != before.Pieces || woken.Lines != before.Lines {
			t.Errorf("before %+v\nwoken %+v", before, woken)
		}
		asked := int64(-1)
		a := b.attempt(testSlip("second", 5))
		begin := a.Begin
		a.Begin = func(ctx context.Context) (printer.ID, error) {
			asked = b.v.State().Counters.BytesReceived - woken.BytesReceived
			return begin(ctx)
		}
		want(t, b.p.Print(t.Context(), a), printer.Printed, "")
		if after := counted(b); asked != 0 || after.Connections != woken.Connections {
			t.Errorf("the slip asked with %d bytes, on connection %d", asked, after.Connections)
		}
	})
	bubble(t, "for nothing", func(t *testing.T) {
		b := shop(t)
		defer b.stop()
		time.Sleep(time.Minute)
		b.p.Wake()
		time.Sleep(1900 * time.Millisecond)
		if s := b.p.Status(); s.State != printer.Ready {
			t.Errorf("soon after: %s", s.State)
		}
		time.Sleep(200 * time.Millisecond)
		if s := b.p.Status(); s.State != printer.Idle {
			t.Errorf("later than idle_close: %s", s.State)
		}
	})
	bubble(t, "fresh", func(t *testing.T) {
		b := shop(t)
		defer b.stop()
		before := counted(b)
		for range 10 {
			b.p.Wake()
		}
		if after := counted(b); after != before {
			t.Errorf("%+v\nthen %+v", before, after)
		}
	})
	bubble(t, "stale", func(t *testing.T) {
		b := shop(t)
		defer b.stop()
		time.Sleep(1500 * time.Millisecond)
		before := counted(b)
		b.p.Wake()
		woken := counted(b)
		if woken.Connections != before.Connections || woken.RealTime == before.RealTime || woken.Pieces != before.Pieces {
			t.Errorf("before %+v\nwoken %+v", before, woken)
		}
		time.Sleep(600 * time.Millisecond)
		if s := b.p.Status(); s.State != printer.Idle {
			t.Errorf("a wake keeps a link: %s", s.State)
		}
	})
	bubble(t, "on hold", func(t *testing.T) {
		b := shop(t)
		defer b.stop()
		time.Sleep(time.Second)
		b.set(virtual.Change{Paper: "out"})
		time.Sleep(10 * time.Second)
		before := counted(b)
		for range 10 {
			b.p.Wake()
		}
		if after := counted(b); after != before {
			t.Errorf("%+v\nthen %+v", before, after)
		}
	})
	bubble(t, "not there", func(t *testing.T) {
		b := shop(t)
		defer b.stop()
		b.set(virtual.Change{Link: "drop"})
		time.Sleep(time.Minute)
		for range 10 { // it is tried once
			b.p.Wake()
			synctest.Wait()
		}
		b.set(virtual.Change{Link: "up"})
		before := counted(b)
		b.p.Wake()
		if after := counted(b); after.Connections != before.Connections {
			t.Error("it is tried again at once")
		}
		want(t, b.print("second", 5), printer.Printed, "")
	})
}
