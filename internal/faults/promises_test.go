//go:build linux

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

// sample is a job of the examples with its own id and voucher or order number.
func sample(t *testing.T, name, id, number string, n int) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "jobs", name))
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte(id), fmt.Appendf(nil, "job-%d", n))
	return bytes.ReplaceAll(data, []byte(number), fmt.Appendf(nil, "%06d", firstNumber+n))
}

// firstNumber makes numbers that look like nothing else on a slip.
const firstNumber = 770000

func (h *house) sale(n int) []byte {
	return sample(h.t, "01-sale-chip.json", "c1-000122-105233-a", "105233", n)
}

func (h *house) order(n int) []byte {
	return sample(h.t, "11-order-meituan.json", "mt-5415221202244734", "5415221202244734", n)
}

// drop drops a job as the contract asks.
func (h *house) drop(n int, data []byte) {
	h.t.Helper()
	name := fmt.Sprintf("%d.json", n)
	tmp := h.path("spool", "incoming", "."+name+".tmp")
	if err := os.WriteFile(tmp, data, 0o660); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Rename(tmp, h.path("spool", "incoming", name)); err != nil {
		h.t.Fatal(err)
	}
	h.dropped = append(h.dropped, name)
}

// answer reads results/name; ok is false while there is none.
func (h *house) answer(name string) (a queue.Answer, ok bool) {
	data, err := os.ReadFile(h.path("spool", "results", name))
	if err != nil {
		return a, false
	}
	if err := json.Unmarshal(data, &a); err != nil {
		h.t.Fatalf("results/%s is no answer: %v\n%s", name, err, data)
	}
	return a, true
}

// settled reports whether everything dropped has an answer and nothing is on its way.
func (h *house) settled() bool {
	for _, name := range h.dropped {
		a, ok := h.answer(name)
		if !ok {
			return false
		}
		for _, c := range a.Copies {
			if c.State == queue.Queued || c.State == queue.Sending || c.State == queue.Held {
				return false
			}
		}
	}
	return true
}

// labels are what tells the copies of a slip apart.
var labels = map[string]string{"merchant": "MERCHANT COPY", "cardholder": "CARDHOLDER COPY", "kitchen": "厨房联", "customer": "顾客联"}

// check holds the promises against paper, drop folder and journal. The daemon must have ended.
func (h *house) check(where string) {
	h.t.Helper()
	if strings.Contains(h.log.String(), "the journal lost something") {
		h.t.Errorf("%s: a crash passed for a loss", where)
	}
	for _, dir := range []string{"incoming", ".taken"} {
		left, err := filepath.Glob(h.path("spool", dir, "[!.]*"))
		if err != nil || len(left) > 0 {
			h.t.Errorf("%s: %s is not empty: %v %v", where, dir, left, err)
		}
	}
	q, err := queue.Open(context.Background(), h.path("data", "journal.db"), queue.Options{Ballast: -1})
	if err != nil {
		h.t.Fatalf("%s: %v", where, err)
	}
	defer q.Close()
	if err := q.Journal.Verify(context.Background()); err != nil {
		h.t.Errorf("%s: the journal: %v", where, err)
	}
	for _, name := range h.dropped {
		var n int
		fmt.Sscanf(name, "%d.json", &n)
		a, err := q.Jobs.Answer(context.Background(), fmt.Sprintf("job-%d", n))
		if err != nil || a.Outcome != queue.Accepted {
			h.t.Errorf("%s: P1: %s is not in the journal: %+v %v", where, name, a, err)
			continue
		}
		if shown, _ := h.answer(name); len(shown.Copies) != len(a.Copies) {
			h.t.Errorf("%s: results/%s shows %d copies, the journal has %d", where, name, len(shown.Copies), len(a.Copies))
		}
		for _, c := range a.Copies {
			h.checkCopy(where, n, c)
		}
	}
}

// checkCopy holds one copy against the paper.
func (h *house) checkCopy(where string, n int, c queue.CopyStatus) {
	h.t.Helper()
	found := 0
	for _, p := range h.printer.Pieces() {
		text := p.Text()
		if !strings.Contains(text, fmt.Sprint(firstNumber+n)) || !strings.Contains(text, labels[string(c.Copy)]) {
			continue
		}
		if reprintOf(text) == c.PrintNo-1 {
			found++
		}
	}
	switch {
	case found > 1:
		h.t.Errorf("%s: P2: job %d %s print %d lies on the counter %d times\n%s", where, n, c.Copy, c.PrintNo, found, h.paper())
	case c.State == queue.Printed && found != 1:
		h.t.Errorf("%s: P3: job %d %s print %d is printed and not on the counter\n%s", where, n, c.Copy, c.PrintNo, h.paper())
	case c.State == queue.Queued || c.State == queue.Sending:
		h.t.Errorf("%s: job %d %s is still %s", where, n, c.Copy, c.State)
	case c.State != queue.Printed && c.State != queue.Uncertain && c.State != queue.Cancelled:
		h.t.Errorf("%s: P4: job %d %s is %s", where, n, c.Copy, c.State)
	}
}

// reprintOf is the number of the reprint that a slip says it is, 0 for an unmarked one.
func reprintOf(text string) (no int) {
	for _, sign := range []string{"REPRINT ", "补打 第"} {
		if _, after, ok := strings.Cut(text, sign); ok {
			if n, _ := fmt.Sscanf(after, "%d", &no); n == 1 {
				return no
			}
		}
	}
	return no
}
