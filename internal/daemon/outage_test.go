package daemon_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

// order gives the vouchers from..to in the order in which a printer's paper shows them, one for each time.
func (s *testShop) order(name string, from, to int) (out []int) {
	for _, p := range s.printers[name].Pieces() {
		for n := from; n <= to; n++ {
			if containsVoucher(p.Text(), n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// stale waits until slip n was proven so long ago that its printer is asked how it is before the next one.
func (s *testShop) stale(n int) {
	s.t.Helper()
	s.await("the last word of the printer to be old", func() bool { return time.Since(s.copyOf(n).At) > 1500*time.Millisecond })
}

// TestOutage: one printer is out for a while, in each way in which a printer can be out. The other one prints on; when it
// is well again its slips come out by themselves, in order, each once and unmarked.
func TestOutage(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, c := range []struct {
		name        string
		fault, mend virtual.Change
		reason      printer.Reason // "" where the slips only wait
	}{
		{"no paper", virtual.Change{Paper: "out"}, virtual.Change{Paper: "ok"}, printer.PaperOut},
		{"cover open", virtual.Change{Cover: "open"}, virtual.Change{Cover: "closed"}, printer.CoverOpen},
		{"cable out", virtual.Change{Link: "drop"}, virtual.Change{Link: "up"}, printer.LinkDown},
		{"half open", virtual.Change{Link: "half_open"}, virtual.Change{Link: "up"}, printer.Offline},
		{"mute", virtual.Change{Mute: &yes}, virtual.Change{Mute: &no}, printer.Offline},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // it mostly waits for a printer to be given up
			s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front", "kitchen")
			s.write("", "front", "kitchen")
			s.start()
			s.sale(770001, "front")
			s.printed(770001, "front")
			s.stale(770001)
			s.set("front", c.fault)
			for n := 770002; n <= 770005; n++ {
				s.sale(n, "front")
			}
			s.await("the first to be held", func() bool {
				got := s.copyOf(770002)
				return got.State == queue.Held && got.Reason == c.reason
			})
			for n := 770011; n <= 770014; n++ {
				s.sale(n, "kitchen")
				s.printed(n, "kitchen")
			}
			if got := s.order("front", 770002, 770005); len(got) > 0 {
				t.Errorf("out of the dead printer came %v", got)
			}
			s.set("front", c.mend)
			for n := 770002; n <= 770005; n++ {
				s.printed(n, "front")
				if got := s.copyOf(n); got.PrintNo != 1 || got.Mark != "original" {
					t.Errorf("slip %d is print %d, %s", n, got.PrintNo, got.Mark)
				}
			}
			for n := 770002; n <= 770005; n++ {
				s.lies("front", n)
			}
			if got := s.order("front", 770002, 770005); !slices.Equal(got, []int{770002, 770003, 770004, 770005}) {
				t.Errorf("they came out as %v", got)
			}
		})
	}
}

// TestFailover: a printer that cannot be reached for some seconds gives its slips to the one that is named, which says whose
// they are. A slip of which a byte has left stays: only a person knows what became of it.
func TestFailover(t *testing.T) {
	t.Parallel()
	t.Run("before the first byte", func(t *testing.T) {
		t.Parallel()
		s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front", "kitchen")
		s.write("failover=\"kitchen\"\n", "kitchen", "front")
		s.start()
		s.sale(770001, "front")
		s.printed(770001, "front")
		s.set("front", virtual.Change{Link: "drop"})
		s.sale(770002, "front") // it is held at first: a printer must be gone for a while
		s.printed(770002, "kitchen")
		if c := s.copyOf(770002); c.PrintNo != 1 {
			t.Errorf("it is print %d", c.PrintNo)
		}
		s.lies("kitchen", 770002)
		pieces := s.printers["kitchen"].Pieces()
		if text := pieces[len(pieces)-1].Text(); !strings.Contains(text, "FROM PRINTER: front") {
			t.Errorf("the slip does not say whose it is:\n%s", text)
		}
		s.set("front", virtual.Change{Link: "up"})
		s.sale(770003, "front")
		s.await("slips at home again", func() bool { return s.copyOf(770003).State == queue.Printed })
		if s.shows("front", 770002) {
			t.Error("the slip came out of both")
		}
	})
	t.Run("after the first byte", func(t *testing.T) {
		t.Parallel()
		s := newTestShop(t, virtual.Options{Speed: virtual.Real}, "front", "kitchen")
		s.write("failover=\"kitchen\"\n", "kitchen", "front")
		s.start()
		s.sale(770001, "front")
		s.printed(770001, "front")
		s.printers["front"].AtDots(300, virtual.Change{Link: "drop"})
		s.sale(770002, "front")
		s.await("the slip to be open", func() bool { return s.copyOf(770002).State == queue.Uncertain })
		s.sale(770003, "front") // this one may go
		s.printed(770003, "kitchen")
		if c := s.copyOf(770002); c.State != queue.Uncertain || s.shows("kitchen", 770002) {
			t.Errorf("the slip that had begun is %s and moved: %v", c.State, s.shows("kitchen", 770002))
		}
	})
}
