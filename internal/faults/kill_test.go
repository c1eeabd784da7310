//go:build linux

package faults

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

var sweep = flag.Bool("sweep", false, "TestKilledAtEachCall and TestOrdersWithoutProof kill at each single call, not at every few")

// TestKilledAtEachCall kills the daemon when it is about to make its first, second, third ... call of a kind, each time with
// new jobs in the drop folder and on top of what the kill before left, until one run gets through. So a start after a crash
// is killed too.
func TestKilledAtEachCall(t *testing.T) {
	t.Parallel()
	rows := []struct {
		call string
		step int // in the short form: so many calls further each time
		min  int // kills that there must be
	}{
		{"fsync", 1, 3},     // the journal's commits
		{"renameat", 2, 3},  // claims and answers
		{"unlinkat", 1, 1},  // claimed files that are answered: two in a run, and calls are counted by thread
		{"write", 3, 3},     // answers; bytes to the printer
		{"openat", 4, 3},    // all files; one thread has made ten at least when a run gets through
		{"pwrite64", 23, 3}, // the journal's pages
	}
	for _, row := range rows {
		t.Run(row.call, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			step := row.step
			if *sweep {
				step = 1
			}
			kills, job := 0, 0
			for n := 1; ; n += step {
				job += 2
				h.drop(job-1, h.sale(job-1))
				h.drop(job, h.order(job))
				h.start("-e", "trace="+row.call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", row.call, n))
				h.await("the daemon to be killed, or to get through", func() bool { return h.ended() || h.settled() })
				if !h.ended() {
					break
				}
				kills++
			}
			h.stop()
			h.check(fmt.Sprintf("killed %d times at %s", kills, row.call))
			if kills < row.min {
				t.Errorf("killed only %d times", kills)
			}
			t.Logf("%d kills, %d jobs, %d pieces of paper", kills, job, len(h.printer.Pieces()))
		})
	}
}

// TestOrdersWithoutProof kills the daemon in the middle of orders at a printer that answers nothing: an order must not come out
// again by itself where nothing can tell whether it came out before.
func TestOrdersWithoutProof(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	config, err := os.ReadFile(h.path("receiptd.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.path("receiptd.toml"), bytes.Replace(config, []byte(`proof = "A"`), []byte(`proof = "D"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	step := 2 // in the short form: so many calls further each time
	if *sweep {
		step = 1
	}
	kills, asked := 0, 0
	for first := 1; first <= step && asked == 0; first++ { // the middle may be one call, between those of the first round
		for n := first; ; n += step {
			h.drop(n, h.order(n))
			h.start("-e", "trace=write", "-e", fmt.Sprintf("inject=write:signal=KILL:when=%d", n))
			h.await("the daemon to be killed, or to get through", func() bool { return h.ended() || h.settled() })
			if !h.ended() {
				break
			}
			kills++
		}
		h.stop()
		for _, name := range h.dropped {
			a, _ := h.answer(name)
			for _, c := range a.Copies {
				if c.State == queue.Uncertain {
					asked++
				}
			}
		}
	}
	if strings.Contains(h.paper(), "重打印") {
		t.Errorf("an order came out again by itself\n%s", h.paper())
	}
	if asked == 0 {
		t.Error("it was never killed in the middle of an order")
	}
	t.Logf("%d kills, %d orders in between", kills, asked)
}
