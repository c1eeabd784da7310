package capture

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// TestLineEndless: what has no end on a line is refused, and its rest is never a whole slip: not while it goes on, nor when it comes late.
// The next slip is one.
func TestLineEndless(t *testing.T) {
	x := newClocked(t)
	x.c.o.Line = true
	c := x.conn()
	says := func(what string) {
		t.Helper()
		for b := []byte(what); len(b) > 0; { // in pieces, as it is read
			n := min(2048, len(b))
			if err := c.came(t.Context(), b[:n]); err != nil {
				t.Fatal(err)
			}
			b = b[n:]
		}
	}
	silent := func() {
		t.Helper()
		c.last = time.Now().Add(-x.c.o.Idle)
		if err := c.rest(t.Context()); err != nil || c.skips {
			t.Fatal(err, c.skips)
		}
	}
	slips := func(whole, half int) {
		t.Helper()
		list, _, err := x.q.Jobs.List(t.Context(), queue.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range list {
			if j.Copies[0].Reason == vocabulary.ReasonHalf {
				half--
			} else {
				whole--
			}
		}
		if whole != 0 || half != 0 {
			t.Errorf("%d whole and %d half slips are missing", whole, half)
		}
	}
	rest := strings.Repeat("and so on\n", 100) + "\x1dV\x42\x00"
	says("\x1b@" + strings.Repeat("and so on\n", 40000))
	says(rest)
	slips(0, 0)
	silent()
	says(tea)
	slips(1, 0)
	says("\x1b@" + strings.Repeat("and so on\n", 40000))
	silent()
	says(rest)
	slips(1, 1)
	says(strings.Replace(tea, "Tea", "Milk", 1))
	slips(2, 1)
}

// TestLineStops: what is left when a line is over is half.
func TestLineStops(t *testing.T) {
	x := newClocked(t)
	x.c.o.Line = true
	c := x.conn()
	if err := c.came(t.Context(), []byte(tea+"\x1b@Mil")); err != nil {
		t.Fatal(err)
	}
	c.endLine(t.Context(), errBroken)
	list, _, err := x.q.Jobs.List(t.Context(), queue.Filter{})
	if err != nil || len(list) != 2 {
		t.Fatal(len(list), err)
	}
	half := 0
	for _, j := range list {
		if j.Copies[0].Reason == vocabulary.ReasonHalf {
			half++
		}
	}
	if half != 1 {
		t.Errorf("%d are half", half)
	}
}

// TestLineRefused: a slip on a line that cannot be taken is told of once, and takes nothing that follows with it, however steadily that comes.
func TestLineRefused(t *testing.T) {
	for _, end := range []string{EndCut, EndIdle} {
		t.Run(end, func(t *testing.T) {
			x := newClocked(t)
			x.c.o.Line, x.c.o.End = true, end
			var told bytes.Buffer
			x.c.log = slog.New(slog.NewTextHandler(&told, nil))
			c := x.conn()
			comes := func(slips ...string) {
				t.Helper()
				if end == EndCut {
					slips = []string{strings.Join(slips, "")}
				}
				for _, s := range slips {
					if err := c.came(t.Context(), []byte(s)); err != nil {
						t.Fatal(err)
					}
					if end == EndIdle {
						c.last = time.Now().Add(-x.c.o.Idle)
						if err := c.rest(t.Context()); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			refused := "\x1b@" + noSale + strings.Repeat("\x1bE\x01a\n\x1bE\x00b\n", 500) + strings.Repeat("and so on\n", 1000) + "\x1dV\x42\x00"
			comes(refused, tea)
			comes(strings.Replace(tea, "Tea", "Milk", 1))
			list, _, err := x.q.Jobs.List(t.Context(), queue.Filter{})
			if err != nil || len(list) != 2 {
				t.Errorf("%d slips, want two: %v", len(list), err)
			}
			for _, j := range list {
				if j.Copies[0].Reason == vocabulary.ReasonHalf {
					t.Errorf("%s is half", j.JobID)
				}
			}
			if n := strings.Count(told.String(), "a slip was not taken"); n != 1 {
				t.Errorf("told %d times: %s", n, &told)
			}
			x.openings(0)
		})
	}
}
