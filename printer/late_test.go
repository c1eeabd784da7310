package printer_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/virtual"
)

// slowBack is a link on which all that comes back comes later by so much.
type slowBack struct {
	pipe
	late  time.Duration
	got   chan []byte
	begin sync.Once

	mu   sync.Mutex
	by   time.Time
	rest []byte
}

func (c *slowBack) Read(b []byte) (int, error) {
	c.begin.Do(func() {
		c.got = make(chan []byte, 1000)
		go func() {
			defer close(c.got)
			for buf := make([]byte, 64); ; {
				n, err := c.pipe.Read(buf)
				if err != nil {
					return
				}
				got, due := append([]byte(nil), buf[:n]...), time.Now().Add(c.late)
				time.AfterFunc(time.Until(due), func() {
					defer func() { _ = recover() }() // the link has ended meanwhile
					c.got <- got
				})
			}
		}()
	})
	if len(c.rest) == 0 {
		c.mu.Lock()
		by := c.by
		c.mu.Unlock()
		late := time.NewTimer(time.Until(by))
		defer late.Stop()
		select {
		case got, ok := <-c.got:
			if !ok {
				return 0, link.ErrLost
			}
			c.rest = got
		case <-late.C:
			return 0, os.ErrDeadlineExceeded
		}
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *slowBack) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by = t
	return nil
}

// TestLateAnswers: every answer comes late, by as much as a bad radio network or a busy bridge needs. A late answer is an answer: each slip
// ends, with the claim that the printer's answers are worth, and blocks none after it.
func TestLateAnswers(t *testing.T) {
	for _, c := range []struct {
		model, proof string
		want         printer.State
	}{
		{"clone-no-gsh", "B", printer.Processed}, {"epson-tm-t88", "A", printer.Printed}, {"epson-tm-t88", "", printer.Printed}, {"gprinter-80", "B", printer.Processed},
		{"clone-status-only", "C", printer.Sent},
	} {
		for _, late := range []time.Duration{300 * time.Millisecond, 700 * time.Millisecond, 900 * time.Millisecond, time.Second, 1500 * time.Millisecond, 2500 * time.Millisecond} {
			bubble(t, fmt.Sprint(c.model, " ", c.proof, ", ", late), func(t *testing.T) {
				b := newBench(t, options{profile: "generic-80", model: virtual.Options{Model: c.model, Speed: virtual.Real}, config: func(cfg *printer.Config) {
					cfg.Proof = c.proof
					through(cfg, func(conn link.Conn) link.Conn { return &slowBack{pipe: conn.(pipe), late: late} })
				}})
				defer b.stop()
				for i, tag := range []string{"one", "two", "three"} {
					o := b.endsIn(3*time.Minute, func() printer.Outcome {
						for {
							o := b.print(tag, 20)
							if o.State != printer.NotSent || t.Failed() {
								return o
							}
							time.Sleep(time.Second)
						}
					})
					if o.State != c.want && (i > 0 || o.State != printer.Uncertain) {
						t.Errorf("%s: %+v", tag, o)
					}
					time.Sleep(10 * time.Second)
				}
				if text := strings.Join(b.pieces(), "\n"); !whole(text, "one", 20) || !whole(text, "three", 20) {
					t.Errorf("paper %q", text)
				}
			})
		}
	}
}
