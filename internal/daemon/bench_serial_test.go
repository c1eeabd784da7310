//go:build linux

package daemon_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

// A lineSample is what a virtual printer had counted when it answered a slip's first fence.
type lineSample struct {
	at          time.Time
	bytes, dots int64
}

// newSerialShop is a shop whose printer hangs on a pseudo terminal, paced as a line of that speed, with real mechanics.
func newSerialShop(b *testing.B, baud int) *benchShop {
	b.Helper()
	s := &benchShop{b: b, dir: b.TempDir()}
	s.printer = virtual.New(virtual.Options{Speed: virtual.Real, Baud: baud})
	ctx, cancel := context.WithCancel(b.Context())
	tty := filepath.Join(s.dir, "tty")
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.printer.ServePTY(ctx, tty); err != nil {
			b.Error(err)
		}
	})
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, err := os.Lstat(tty); err == nil {
			break
		}
		if time.Now().After(deadline) {
			b.Fatal("no pty")
		}
	}
	s.run(ctx, &wg, fmt.Sprintf("profile=\"generic-80\"\ndevice=\"serial://%s?baud=%d&flow=none\"\n", tty, baud))
	b.Cleanup(func() { cancel(); wg.Wait() })
	return s
}

// BenchmarkSerialShop drops sample sales at once and prints them over a serial line: drop folder, journal with its fsync
// before each first byte, templates, proof and cut included. It is measured from the first proof until three slips wait.
// At 9600 the line should never rest; at 115200 the mechanism is the slower one, and the next slip should be there when
// the one before is proven.
func BenchmarkSerialShop(b *testing.B) {
	for _, baud := range []int{9600, 115200} {
		b.Run(fmt.Sprint(baud), func(b *testing.B) {
			s := newSerialShop(b, baud)
			n := max(b.N, 2) + 1
			for i := range n + 3 {
				s.prepare(i + 1)
			}
			for i := range n + 3 {
				dir := filepath.Join(s.dir, "spool", "incoming")
				if err := os.Rename(filepath.Join(dir, fmt.Sprintf(".%d.tmp", i+1)), filepath.Join(dir, fmt.Sprintf("%d.json", i+1))); err != nil {
					b.Fatal(err)
				}
			}
			proofs, gaps := s.watchLine(n)
			first, last := proofs[0], proofs[n-1]
			took := last.at.Sub(first.at)
			line := time.Duration(last.bytes-first.bytes) * 10 * time.Second / time.Duration(baud)
			m := s.printer.Model()
			paper := time.Duration(float64(last.dots-first.dots)*25.4/float64(m.DPI)/float64(m.Speed)*float64(time.Second)) +
				time.Duration((n-1)*m.CutMillis)*time.Millisecond
			b.ReportMetric(100*line.Seconds()/took.Seconds(), "%busy")
			b.ReportMetric(float64((took-paper).Milliseconds())/float64(n-1), "ms-paper-still/slip")
			b.ReportMetric(float64((took-line).Microseconds())/1000/float64(n-1), "ms-line-still/slip")
			b.ReportMetric(float64(median(gaps).Microseconds())/1000, "ms-proof-to-byte")
			b.ReportMetric(float64(slices.Max(gaps).Microseconds())/1000, "ms-proof-to-byte-max")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// watchLine notes the first fence of each of n slips, and how long after it, or after the cut and its fence where those
// were still on the line, the next slip's first byte arrived.
func (s *benchShop) watchLine(n int) (proofs []lineSample, gaps []time.Duration) {
	s.b.Helper()
	ctx, cancel := context.WithTimeout(s.b.Context(), time.Duration(n+5)*10*time.Second)
	defer cancel()
	var after int64
	err := s.printer.Await(ctx, func(st virtual.State) bool {
		now, c := time.Now(), st.Counters
		if after > 0 && c.BytesReceived > after {
			gaps, after = append(gaps, now.Sub(proofs[len(proofs)-1].at)), 0
		}
		if int(c.Proofs) > 2*len(proofs) {
			proofs = append(proofs, lineSample{now, c.BytesReceived, c.Dots})
			after = c.BytesReceived
		}
		return len(proofs) == n
	})
	if err != nil {
		s.b.Fatalf("%d of %d slips: %v", len(proofs), n, err)
	}
	return proofs, gaps
}
