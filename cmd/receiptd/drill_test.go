package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/logtest"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/vocabulary"
)

// TestDrill goes through all five situations on the virtual printer. Each ends in the journal's state that the drill asks for, and no piece
// of paper can pass for a slip of the shop's: each says DRILL in its head.
func TestDrill(t *testing.T) {
	if testing.Short() {
		t.Skip("it prints at a printer's pace")
	}
	t.Parallel() // most of it is waiting
	d, out := fastDrill(t)
	if err := d.run(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"000002 held", "000002 printed", "000003 printed · ", "000004 uncertain", "000004 printed · ", "000005 reversal pending", "000005 reversed", "batch 000001 is settled", "All five"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	pieces := d.printer.Pieces()
	if len(pieces) < 8 {
		t.Errorf("%d pieces", len(pieces))
	}
	for _, p := range pieces {
		if strings.TrimSpace(p.Text()) == "" {
			continue // fed blank when the roll was changed
		}
		lines := strings.SplitN(p.Text(), "\n", 8)
		if head := strings.Join(lines[:min(len(lines), 7)], "\n"); !strings.Contains(head, "DRILL") {
			t.Errorf("piece %d does not say in its head that it is a drill's:\n%s", p.N, p.Text())
		}
	}
}

// fastDrill is one whose printer prints faster than real ones, and what is said there.
func fastDrill(t *testing.T) (*drill, *logtest.Buffer) {
	t.Helper()
	out := new(logtest.Buffer)
	d, err := drillCommand{&app{stdout: out, stderr: out, lang: "en"}}.open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	model, err := virtual.ModelByName("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	model.CutMillis = 20
	d.auto, d.printer = true, virtual.New(virtual.Options{Custom: &model, Speed: virtual.Real, MMPerSecond: 1000})
	text, err := os.ReadFile(d.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.config, bytes.ReplaceAll(text, []byte("proof = 'auto'"), []byte("proof = 'A'")), 0o600); err != nil { // such a fast printer is not believed otherwise
		t.Fatal(err)
	}
	return d, out
}

// TestDrillOnARealPrinter: whoever switches a real printer off too late gets another slip, after time to get ready, and no roll is emptied;
// a reprint is no answer to a torn slip, and the drill says so.
func TestDrillOnARealPrinter(t *testing.T) {
	if testing.Short() {
		t.Skip("it prints at a printer's pace")
	}
	t.Parallel()
	d, out := fastDrill(t)
	d.real = "front"
	torn, doubt := tornSlip(), doubtfulSlip()
	report := torn.steps[1].hand
	torn.steps[1].hand = func(ctx context.Context, d *drill) error {
		if _, err := d.post(ctx, d.command("only-a-reprint", map[string]any{"command": "reprint_last", "terminal_no": drillTerminal})); err != nil {
			return err
		}
		if err := within(ctx, func() bool { return strings.Contains(out.String(), "That was a reprint") }, func() error {
			_, err := torn.steps[1].reached(ctx, d)
			return err
		}); err != nil {
			return err
		}
		return report(ctx, d)
	}
	cut := doubt.steps[0].reached
	doubt.steps[0].reached = func(ctx context.Context, d *drill) (string, error) {
		state, err := cut(ctx, d)
		if err == nil && strings.Contains(out.String(), "Too late") && d.noted != "cut" {
			d.noted = "cut"
			d.printer.AtDots(400, virtual.Change{Power: "off"})
		}
		return state, err
	}
	d.list = []situation{torn, doubt}
	if err := d.run(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"reported defective → 000001 printed", "Put a hand on the printer's power switch", "Too late", "000003 uncertain", "000003 printed · "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if n := strings.Count(out.String(), "Too late"); n != 1 {
		t.Errorf("too late %d times", n)
	}
}

// within does something again until a condition holds.
func within(ctx context.Context, ok func() bool, again func() error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if err := again(); err != nil {
			return err
		}
	}
	return nil
}

// TestDrillDoubtTwice: what is printed in the place of the doubtful slip may be doubtful too, and the next as well. The drill says so once
// for each print and answers, and ends when one is on paper.
func TestDrillDoubtTwice(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), new(logtest.Buffer)
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("t"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &drill{demo: &demo{a: &app{stdout: out, stderr: out, lang: "en"}}, auto: true, voucher: 4}
	doubt := doubtfulSlip()
	last := doubt.steps[len(doubt.steps)-1]
	for _, row := range []struct {
		no             int
		state          vocabulary.State
		said, answered string
	}{
		{1, vocabulary.StateUncertain, "", ""}, // the step asks about this one
		{2, vocabulary.StateSending, "", ""},
		{2, vocabulary.StateUncertain, "000004 (print 2): nobody knows", "/v1/copies/4-2/resolve"},
		{2, vocabulary.StateUncertain, "", "/v1/copies/4-2/resolve"}, // the answer has not arrived
		{3, vocabulary.StateUncertain, "000004 (print 3): nobody knows", "/v1/copies/4-3/resolve"},
		{4, vocabulary.StatePrinted, "", ""},
	} {
		answers := make(chan string, 1)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				answers <- r.URL.Path
			}
			newest := api.CopyStatus{CopyID: fmt.Sprintf("4-%d", row.no), PrintNo: row.no, State: row.state, Mark: job.MarkDuplicate}
			_ = json.NewEncoder(w).Encode(map[string]any{"summary": map[string]any{"copies": []api.CopyStatus{newest}}})
		}))
		var err error
		if d.client, err = client.New([]string{server.Listener.Addr().String()}, dir); err != nil {
			t.Fatal(err)
		}
		before := len(out.String())
		reached, err := last.reached(t.Context(), d)
		server.Close()
		close(answers)
		said, answered := out.String()[before:], <-answers
		if err != nil || (reached != "") != (row.state == vocabulary.StatePrinted) || answered != row.answered || !strings.Contains(said, row.said) || (said == "") != (row.said == "") {
			t.Errorf("print %d is %s: reached %q, answered %q, said %q, %v", row.no, row.state, reached, answered, said, err)
		}
	}
}
