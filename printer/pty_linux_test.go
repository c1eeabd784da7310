package printer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/virtual"
)

// newPTY runs a virtual printer on a pseudo terminal and a Printer before it, in real time. query is that of the
// device URL.
func newPTY(t testing.TB, o virtual.Options, query string, edit func(*printer.Config)) (*virtual.Printer, *printer.Printer) {
	t.Helper()
	v := virtual.New(o)
	path := filepath.Join(t.TempDir(), "tty")
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- v.ServePTY(ctx, path) }()
	awaitPTY(t, path)
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return v, newOn(t, "serial://"+path+query, edit)
}

// awaitPTY waits until a virtual printer's pseudo terminal is there.
func awaitPTY(t testing.TB, path string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := os.Lstat(path); err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatal("no pty")
		}
	}
}

// A watcher notes when a virtual printer answered a slip's first fence, and when the first byte after it arrived.
type watcher struct {
	proofs []sample // of each slip's first fence
	gaps   []time.Duration
}

// A sample is what a virtual printer had counted at a time.
type sample struct {
	at          time.Time
	bytes, dots int64
}

// watch runs until ctx ends or the printer has answered so many slips; wait for it with the function it returns.
func watch(ctx context.Context, v *virtual.Printer, slips int) (*watcher, func()) {
	w := &watcher{}
	answered := v.State().Counters.Proofs
	var after int64 // bytes when the last first fence was answered; 0: none, or more have come since
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = v.Await(ctx, func(s virtual.State) bool {
			now, c := time.Now(), s.Counters
			if after > 0 && c.BytesReceived > after {
				w.gaps, after = append(w.gaps, now.Sub(w.proofs[len(w.proofs)-1].at)), 0
			}
			if c.Proofs > answered && (c.Proofs-answered)%2 == 1 && int(c.Proofs-answered)/2 == len(w.proofs) {
				w.proofs = append(w.proofs, sample{now, c.BytesReceived, c.Dots})
				after = c.BytesReceived
			}
			return len(w.proofs) == slips
		})
	})
	return w, wg.Wait
}

// report tells, from the first proof to the last: how much of the time the line was busy, for how long the mechanism had
// nothing to do per slip, and the median time from a proof to the next slip's first byte.
func (w *watcher) report(b *testing.B, baud int, m virtual.Model) {
	b.Helper()
	first, last := w.proofs[0], w.proofs[len(w.proofs)-1]
	took, n := last.at.Sub(first.at), len(w.proofs)-1
	line := time.Duration(last.bytes-first.bytes) * 10 * time.Second / time.Duration(baud)
	paper := time.Duration(float64(last.dots-first.dots) * 25.4 / float64(m.DPI) / float64(m.Speed) * float64(time.Second))
	paper += time.Duration(n*m.CutMillis) * time.Millisecond
	b.ReportMetric(100*line.Seconds()/took.Seconds(), "%busy")
	b.ReportMetric(float64((took-paper).Microseconds())/1000/float64(n), "ms-paper-still/slip")
	if len(w.gaps) > 0 {
		slices.Sort(w.gaps)
		b.ReportMetric(float64(w.gaps[len(w.gaps)/2].Microseconds())/1000, "ms-proof-to-byte")
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(n), "ms/slip")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSerial prints slips of 1.1 KB one after the other over a pseudo terminal, paced as the line and with the
// mechanics of a printer, proofs included. At 9600 the line is the slower of the two and should never rest; at 115200 it
// is the mechanism.
func BenchmarkSerial(b *testing.B) {
	for _, baud := range []int{9600, 115200} {
		b.Run(fmt.Sprint(baud), func(b *testing.B) {
			v, p := newPTY(b, virtual.Options{Speed: virtual.Real, Baud: baud}, fmt.Sprintf("?baud=%d&flow=none", baud),
				func(c *printer.Config) { c.IdleClose = 0 })
			a := printer.Attempt{Slip: testSlip("a row as wide as on most slips", 27), Begin: ids()}
			ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
			defer cancel()
			n := max(b.N, 4)
			w, wait := watch(ctx, v, n)
			for range n {
				if o := p.Print(b.Context(), a); o.State != printer.Printed {
					b.Fatalf("%+v", o)
				}
			}
			wait()
			w.report(b, baud, v.Model())
		})
	}
}

// BenchmarkFirstByte is the time from the call to the first byte of a slip at a printer that was idle for longer than its
// last word counts: one question and its answer, seven bytes on the line.
func BenchmarkFirstByte(b *testing.B) {
	v, p := newPTY(b, virtual.Options{Speed: virtual.Real, Baud: 9600, MMPerSecond: 2000}, "?baud=9600&flow=none",
		func(c *printer.Config) { c.IdleClose = 0 })
	a := printer.Attempt{Slip: testSlip("x", 1), Begin: ids()}
	var took []time.Duration
	for range max(b.N, 2) {
		if err := v.Await(b.Context(), func(s virtual.State) bool { return s.Idle }); err != nil {
			b.Fatal(err)
		}
		time.Sleep(1100 * time.Millisecond) // what is measured is what an idle printer costs
		before := v.State().Counters.BytesReceived
		done := make(chan printer.Outcome, 1)
		begin := time.Now()
		go func() { done <- p.Print(b.Context(), a) }()
		if err := v.Await(b.Context(), func(s virtual.State) bool { return s.Counters.BytesReceived > before+3 }); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
		if o := <-done; o.State != printer.Printed {
			b.Fatalf("%+v", o)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-to-first-byte")
	b.ReportMetric(0, "ns/op")
}

// TestBusyOnPTY: a printer on XON/XOFF runs out of paper once it has the whole slip and says busy for longer than a write
// may wait. It is asked all the same, held, and the slip comes out.
func TestBusyOnPTY(t *testing.T) {
	t.Parallel() // it mostly waits
	v, p := newPTY(t, virtual.Options{Model: "epson-tm-t88", Speed: virtual.Real, Baud: 115200}, "?baud=115200&flow=xonxoff", nil)
	v.AtDots(200, virtual.Change{Paper: "out"})
	var once sync.Once
	o := try(t, p, printer.Attempt{Slip: testSlip("a row as wide as on most slips", 22), Begin: ids(),
		Report: func(s printer.State, r printer.Reason) {
			if s == printer.Held && r == printer.PaperOut {
				once.Do(func() { time.AfterFunc(6*time.Second, func() { _ = v.Set(virtual.Change{Paper: "ok"}) }) })
			}
		},
	})
	want(t, o, printer.Printed, "")
}
