package daemon_test

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/printer/virtual"
)

// captureSection is an address that a program can print to, for the printer "front".
func captureSection(name, addr, more string) string {
	return fmt.Sprintf("[[capture]]\nname=%q\nlisten=\"tcp://%s\"\nprinter=\"front\"\n%s", name, addr, more)
}

// BenchmarkCaptureToWire measures the last byte of a slip that a program prints up to the first byte of it at an open TCP printer, against
// the floor: one fsync of a small append and one byte sent there and back, measured between the slips. With rules each is a sale, too.
func BenchmarkCaptureToWire(b *testing.B) {
	for name, rules := range map[string]string{"document": "", "rules": "rules=\"unionpay\"\n"} {
		b.Run(name, func(b *testing.B) {
			addr := fleettest.FreeAddr(b)
			s := newBenchShop(b, true, "idle_close=\"0s\"\n"+captureSection("till", addr, rules))
			c, err := net.Dial("tcp", addr)
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			var took, floor, over []time.Duration
			for i := range max(b.N, 100) + 5 {
				text := fmt.Sprintf("\x1b@SALES SLIP\nTERMINAL NO:00012345\nTXN: SALE\nBATCH NO:000122\nVOUCHER NO:%06d\nAMOUNT:12.50\n%s\n\x1dVB\x00", i+1, strings.Repeat("line of a slip\n", 20))
				time.Sleep(20 * time.Millisecond)
				if _, err := c.Write([]byte(text)); err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				first := (<-s.first).Sub(start)
				if err := s.printer.Await(b.Context(), func(st virtual.State) bool { return st.Counters.Pieces > int64(i) }); err != nil {
					b.Fatal(err)
				}
				if i >= 5 {
					f := fsyncOnce(b, s.dir) + sendOnce(b)
					took, floor, over = append(took, first), append(floor, f), append(over, first-f)
				}
			}
			b.ReportMetric(float64(median(took).Microseconds()), "us/slip")
			b.ReportMetric(float64(median(floor).Microseconds()), "us/floor")
			b.ReportMetric(float64(median(over).Microseconds()), "us/over-floor")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkCaptures measures how many slips a second are taken: 8 programs print 50 each, and close.
func BenchmarkCaptures(b *testing.B) {
	const programs, each = 8, 50
	addr := fleettest.FreeAddr(b)
	newBenchShop(b, false, captureSection("till", addr, "rules=\"unionpay\"\n"))
	var all time.Duration
	for n := range b.N {
		start := time.Now()
		var wg sync.WaitGroup
		for p := range programs {
			wg.Go(func() {
				c, err := net.Dial("tcp", addr)
				if err != nil {
					b.Error(err)
					return
				}
				defer c.Close()
				for i := range each {
					fmt.Fprintf(c, "\x1b@Slip %d %d %d\nCoffee    4.00\nThank you\n\x1dVB\x00", n, p, i)
				}
				_ = c.(*net.TCPConn).CloseWrite()
				if _, err := io.ReadAll(c); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		all += time.Since(start)
	}
	b.ReportMetric(float64(b.N*programs*each)/all.Seconds(), "slips/s")
}

// BenchmarkIdleCaptures measures what 16 ports cost on which nothing comes, each with a program connected to it.
func BenchmarkIdleCaptures(b *testing.B) {
	var list []string
	var sections strings.Builder
	for i := range 16 {
		list = append(list, fleettest.FreeAddr(b))
		sections.WriteString(captureSection(fmt.Sprintf("till%d", i), list[i], "rules=\"unionpay\"\n"))
	}
	used := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	start := func(more string) uint64 {
		before := used()
		newBenchShop(b, false, more)
		if more != "" {
			for _, addr := range list {
				c, err := net.Dial("tcp", addr)
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { c.Close() })
			}
			time.Sleep(300 * time.Millisecond) // they are taken
		}
		return used() - before
	}
	start("") // what the first of all costs
	without := start("")
	with := start(sections.String())
	b.ReportMetric(float64(int64(with)-int64(without))/1024, "KB/16-ports")
	b.ReportMetric(0, "ns/op")
}
