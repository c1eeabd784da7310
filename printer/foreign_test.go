package printer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/virtual"
)

// leave is another program: it begins a picture, sends only part of it, and goes.
func (b *bench) leave(short int) {
	b.t.Helper()
	conn, err := b.open(b.lines)(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	picture := "\x1b@other\n\x1dv0\x00\x30\x00\x20\x00" + strings.Repeat("\x00", 0x30*0x20-short)
	if _, err := conn.Write([]byte(picture)); err != nil {
		b.t.Fatal(err)
	}
	conn.Close()
	time.Sleep(time.Second)
}

// TestForeignPicture: another program has left a picture unfinished, before receiptd's first link or between two of them. It swallows
// nothing of a slip, and the proofs are as good as ever.
func TestForeignPicture(t *testing.T) {
	for _, c := range []struct {
		model, proof string
		want         printer.State
	}{
		{"epson-tm-t88", "", printer.Printed}, {"epson-tm-t88", "A", printer.Printed}, {"clone-no-gsh", "B", printer.Processed}, {"gprinter-80", "", printer.Printed},
	} {
		for _, short := range []int{1, 20, 200, 1500} {
			bubble(t, fmt.Sprint(c.model, " ", c.proof, ", short of ", short), func(t *testing.T) {
				b := newBench(t, options{profile: "generic-80", model: virtual.Options{Model: c.model, Speed: virtual.Real},
					config: func(cfg *printer.Config) { cfg.Proof, cfg.IdleClose = c.proof, 2*time.Second },
					before: func(b *bench) { b.leave(short) }})
				defer b.stop()
				for _, tag := range []string{"one", "two"} {
					var o printer.Outcome
					for range 20 {
						if o = b.print(tag, 12); o.State != printer.NotSent {
							break
						}
						time.Sleep(time.Second)
					}
					want(t, o, c.want, "")
					time.Sleep(6 * time.Second) // the link is given back
					b.leave(short)
				}
				for _, tag := range []string{"one", "two"} {
					if text := strings.Join(b.pieces(), "\n"); !whole(text, tag, 12) {
						t.Errorf("%s is not whole: %q", tag, text)
					}
				}
			})
		}
	}
}

// TestOfflineAtFirstQuestion: the cover is opened just before the first question in order, which then is not answered: nothing is padded
// into a printer that reads nothing, and it can still be asked why.
func TestOfflineAtFirstQuestion(t *testing.T) {
	for n := range 4 {
		bubble(t, fmt.Sprint("after ", n, " answers"), func(t *testing.T) {
			b := newBench(t, options{profile: "generic-80", model: virtual.Options{Model: "generic-80", Speed: virtual.Real},
				before: func(b *bench) { b.v.AfterReplies(n, virtual.Change{Cover: "open"}) }})
			defer b.stop()
			time.Sleep(5 * time.Second)
			want(t, b.print("no", 5), printer.NotSent, printer.CoverOpen)
			b.set(virtual.Change{Cover: "closed"})
			time.Sleep(35 * time.Second)
			want(t, b.print("slip", 5), printer.Printed, "")
		})
	}
}
