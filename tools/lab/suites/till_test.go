package suites

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/tools/lab/vm"
	"github.com/receiptd/receiptd/vocabulary"
)

// A till is receiptd in a guest, and the paper of its printers, which lies outside of it.
type till struct {
	v     *vm.VM
	paper []*virtual.Printer
	spool string // the drop folder in the guest
	// mayTear: the power was cut, and an answer that was not yet on the disk may be empty for some moments
	mayTear bool
	remote  bool // sales come from a centre: no file in results/ tells of them, the journal is asked
}

// receiptd is its command in the guest.
const receiptd = "receiptd --config /etc/receiptd.toml "

// configure writes a configuration; printers is TOML.
func (s *till) configure(t *testing.T, printers string) {
	t.Helper()
	text := fmt.Sprintf("[spool]\ndir = \"%s\"\nrescan = \"500ms\"\n[data]\ndir = \"/var/till/data\"\n[http]\nlisten = \"127.0.0.1:9180\"\n[log]\nlevel = \"debug\"\n%s\n", s.spool, printers)
	if err := s.v.Put("/etc/receiptd.toml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// sh runs a script that must succeed.
func (s *till) sh(t *testing.T, script string) string {
	t.Helper()
	out, err := s.v.Sh(script)
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return out
}

// start starts the daemon and waits until it answers.
func (s *till) start(t *testing.T) {
	t.Helper()
	s.sh(t, receiptd+"run </dev/null >>/tmp/log 2>&1 & echo $! >/tmp/pid")
	await(t, "the daemon to answer", func() bool {
		resp, err := s.v.HTTP().Get("http://127.0.0.1:9180/healthz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == 200
	})
}

// stop ends the daemon in order and waits for it.
func (s *till) stop(t *testing.T) {
	t.Helper()
	s.sh(t, "kill -TERM $(cat /tmp/pid); n=0; while kill -0 $(cat /tmp/pid) 2>/dev/null; do n=$((n+1)); [ $n -lt 300 ] || exit 1; sleep 0.1; done")
}

// tellLog shows the end of the daemon's log when the test failed.
func (s *till) tellLog(t *testing.T) {
	if t.Failed() {
		out, _ := s.v.Sh("tail -n 60 /tmp/log; dmesg | tail -n 15; " + receiptd + "printer status")
		t.Logf("log:\n%s", out)
		for _, p := range s.paper {
			for _, piece := range p.Pieces() {
				t.Logf("piece %d cut=%v torn=%v interrupted=%v garbage=%v\n%s", piece.N, piece.Cut, piece.Torn, piece.Interrupted, piece.Garbage, piece.Text())
			}
			t.Logf("%+v", p.State())
		}
	}
}

// sale is the sample sale with its own id and voucher.
func sale(t *testing.T, n int) []byte {
	t.Helper()
	data, err := os.ReadFile("../../../examples/jobs/01-sale-chip.json")
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte("c1-000122-105233-a"), fmt.Appendf(nil, "sale-%06d", n))
	return bytes.ReplaceAll(data, []byte("105233"), fmt.Appendf(nil, "%06d", n))
}

// drop puts the sale n into the drop folder, as a program does: whole, and under its name at once.
func (s *till) drop(t *testing.T, n int) {
	t.Helper()
	name := fmt.Sprintf("%s/.%d.tmp", s.spool, n)
	if err := s.v.Put(name, sale(t, n), 0o660); err != nil {
		t.Fatal(err)
	}
	s.sh(t, fmt.Sprintf("mv %s %s/incoming/%d.json", name, s.spool, n))
}

// answer is what results/ says of the sale n; false while it says nothing.
func (s *till) answer(t *testing.T, n int) (a api.Answer, ok bool) {
	t.Helper()
	if s.remote {
		return s.story(t, n)
	}
	out, err := s.v.Sh(fmt.Sprintf("cat %s/results/%d.json", s.spool, n))
	if err != nil {
		return a, false
	}
	if err := json.Unmarshal([]byte(out), &a); err != nil {
		if s.mayTear { // until the daemon has written it anew from its journal
			t.Logf("results/%d.json after a power cut: %v: %q", n, err, out)
			return a, false
		}
		t.Fatalf("results/%d.json: %v\n%s", n, err, out)
	}
	return a, true
}

// story is what the journal says of the sale n; false while it says nothing.
func (s *till) story(t *testing.T, n int) (a api.Answer, ok bool) {
	t.Helper()
	out, err := s.v.Sh(fmt.Sprintf("receiptd --json job show sale-%06d", n))
	if err != nil {
		return a, false
	}
	var story struct{ Answer api.Answer }
	if err := json.Unmarshal([]byte(out), &story); err != nil {
		t.Fatalf("job show: %v\n%s", err, out)
	}
	return story.Answer, true
}

// copies waits until all copies of the sale n are in one of the states, and checks what is said of them on the paper.
func (s *till) copies(t *testing.T, n int, states ...vocabulary.State) api.Answer {
	t.Helper()
	var a api.Answer
	defer func() {
		if t.Failed() {
			t.Logf("answer: %+v", a)
		}
	}()
	await(t, fmt.Sprintf("sale %d to be %v", n, states), func() bool {
		now, ok := s.answer(t, n)
		if !ok {
			return false
		}
		a = now
		for _, c := range a.Copies {
			if !contains(states, c.State) {
				return false
			}
		}
		return len(a.Copies) > 0
	})
	s.honest(t, n, a)
	return a
}

func contains(states []vocabulary.State, s vocabulary.State) bool {
	for _, x := range states {
		if x == s {
			return true
		}
	}
	return false
}

// honest checks an answer on the paper: what is called printed lies there whole, and no two whole pieces pass for the same print.
func (s *till) honest(t *testing.T, n int, a api.Answer) {
	t.Helper()
	for _, c := range a.Copies {
		found := 0
		for _, text := range s.slips(n, c) {
			if whole(text) && mark(text) == c.PrintNo-1 {
				found++
			}
		}
		if c.State == vocabulary.StatePrinted && found == 0 {
			t.Errorf("sale %d: print %d of %s is called printed and does not lie there", n, c.PrintNo, c.Copy)
		}
		if found > 1 {
			t.Errorf("sale %d: print %d of %s lies there %d times", n, c.PrintNo, c.Copy, found)
		}
	}
}

// slips are the pieces of paper with a copy of the sale n; the last one may still hang in the printer.
func (s *till) slips(n int, c api.CopyStatus) []string {
	var out []string
	for _, p := range s.paper {
		for _, piece := range append(p.Pieces(), p.Hanging()) {
			text := piece.Text()
			if strings.Contains(text, fmt.Sprintf("%06d", n)) && strings.Contains(text, strings.ToUpper(string(c.Copy))+" COPY") {
				out = append(out, text)
			}
		}
	}
	return out
}

// whole says whether the end of a sale is on the paper: the cardholder's or the merchant's copy.
func whole(text string) bool {
	return strings.Contains(text, "I ACKNOWLEDGE") || strings.Contains(text, "会员卡号")
}

// mark is the number of the reprint that a slip says it is; 0: it passes for the first.
func mark(text string) int {
	_, after, ok := strings.Cut(text, "REPRINT ")
	if !ok {
		if strings.Contains(text, "DUPLICATED") {
			return -1
		}
		return 0
	}
	n := 0
	fmt.Sscanf(after, "%d", &n)
	return n
}

// status is what `receiptd printer status --json` says, as one text.
func (s *till) status(t *testing.T) string {
	t.Helper()
	out, _ := s.v.Sh(receiptd + "printer status --json") // its exit code tells of the printer
	return out
}
