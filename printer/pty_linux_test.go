package printer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/virtual"
)

// BenchmarkSerial prints slips of 1.1 KB one after the other over a pseudo terminal, paced as the line and with the
// mechanics of a printer, and tells how much of the time the line was busy, proofs included. At 115200 the mechanism is
// the slower of the two.
func BenchmarkSerial(b *testing.B) {
	for _, baud := range []int{9600, 115200} {
		b.Run(fmt.Sprint(baud), func(b *testing.B) {
			v := virtual.New(virtual.Options{Speed: virtual.Real, Baud: baud})
			path := filepath.Join(b.TempDir(), "tty")
			ctx, cancel := context.WithCancel(context.Background())
			served := make(chan error, 1)
			go func() { served <- v.ServePTY(ctx, path) }()
			b.Cleanup(func() {
				cancel()
				if err := <-served; err != nil {
					b.Error(err)
				}
			})
			for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
				if _, err := os.Lstat(path); err == nil {
					break
				}
				if time.Now().After(deadline) {
					b.Fatal("no pty")
				}
			}
			p := newOn(b, fmt.Sprintf("serial://%s?baud=%d&flow=none", path, baud), func(c *printer.Config) { c.IdleClose = 0 })
			a := printer.Attempt{Slip: testSlip("a row as wide as on most slips", 27), Begin: ids()}
			if o := p.Print(b.Context(), a); o.State != printer.Printed {
				b.Fatalf("%+v", o)
			}
			bytes := 0
			begin := time.Now()
			for b.Loop() {
				o := p.Print(b.Context(), a)
				if o.State != printer.Printed {
					b.Fatalf("%+v", o)
				}
				bytes += o.Bytes
			}
			line := time.Duration(bytes) * 10 * time.Second / time.Duration(baud)
			b.ReportMetric(100*line.Seconds()/time.Since(begin).Seconds(), "%busy")
		})
	}
}
