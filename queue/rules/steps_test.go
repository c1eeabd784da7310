package rules_test

import (
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

var allStates = []vocabulary.State{vocabulary.StateQueued, vocabulary.StateSending, vocabulary.StatePrinted, vocabulary.StateProcessed, vocabulary.StateSent, vocabulary.StateHeld, vocabulary.StateUncertain, vocabulary.StateDefective, vocabulary.StateCancelled}

// TestSteps asks the table of steps for what must hold of every one of them, whatever is added.
func TestSteps(t *testing.T) {
	ends := []vocabulary.State{vocabulary.StatePrinted, vocabulary.StateProcessed, vocabulary.StateSent}
	back := []vocabulary.State{vocabulary.StateQueued, vocabulary.StateHeld, vocabulary.StateSending}
	causes, reached := map[rules.Cause]bool{}, map[vocabulary.State]bool{}
	for _, step := range rules.Steps() {
		why := step.Cause
		causes[why] = true
		taken := false
		for _, from := range allStates {
			for _, to := range allStates {
				for _, no := range []int{0, 1} {
					for _, had := range []vocabulary.Reason{"", "stale", "not_out", "in_pieces"} {
						c := record.CopyRow{State: from, PrintNo: no, Reason: had}
						if rules.Legal(&c, why, to) != nil {
							continue
						}
						taken = true
						reached[to] = true
						switch {
						case from == vocabulary.StateDefective:
							t.Errorf("%s: from %s to %s: what was reported is over", why, from, to)
						case slices.Contains(ends, to) && no == 0:
							t.Errorf("%s: from %s to %s without a print number", why, from, to)
						case slices.Contains(back, to) && no != 0 && !slices.Contains(back, from):
							t.Errorf("%s: from %s to %s: what has begun and ended is never sent again", why, from, to)
						case to == vocabulary.StateQueued && no != 0:
							t.Errorf("%s: from %s to %s with a print number", why, from, to)
						case slices.Contains(ends, from) && slices.Contains(ends, to) && from != to:
							t.Errorf("%s: from %s to %s: nobody's word is another proof", why, from, to)
						case from == vocabulary.StateCancelled && (to != vocabulary.StatePrinted || had != "not_out"):
							t.Errorf("%s: from %s to %s", why, from, to)
						}
					}
				}
			}
		}
		if !taken {
			t.Errorf("no step has the cause %q", why)
		}
	}
	for _, s := range allStates {
		if !reached[s] {
			t.Errorf("nothing becomes %s", s)
		}
	}
	for _, s := range rules.Steps() {
		if s.Why == "" || !slices.Contains([]string{"receiptd", "printer", "person", "software"}, s.By) {
			t.Errorf("%+v", s)
		}
	}
	if len(causes) < 20 {
		t.Errorf("only %d causes", len(causes))
	}
}

// TestIllegalStepIsRefused tries to print again what is printed: the journal keeps it as it is and says why.
func TestIllegalStepIsRefused(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	r := rules.New(rules.Options{Logger: log, Now: time.Now, Wake: func(string) {}})
	db, err := journal.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), journal.Options{Logger: log, Ballast: -1, AfterCrash: r.AfterCrash})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r.Use(db)
	p := job.Parse([]byte(`{"job_id":"d1","kind":"document","payload":{"receiptline":"hello"}}`))
	if a, err := rules.NewRequests(r).Accept(t.Context(), rules.Arrival{Parsed: p}); err != nil || len(a.Copies) != 1 {
		t.Fatalf("%+v, %v", a, err)
	}
	err = db.Do(t.Context(), func(tx *journal.Tx) error {
		proof, err := r.Begin(tx, "default", 1, job.Mark{Kind: job.MarkOriginal, PrintNo: 1}, db.MarksVersion())
		if err != nil {
			return err
		}
		return r.Record(tx, "default", rules.Ended{Copy: 1, Attempt: proof, Result: rules.Result{State: vocabulary.StatePrinted, At: time.Now()}})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := rules.Force(db, r, 1, vocabulary.StateQueued); err == nil || !strings.Contains(err.Error(), "no legal step") {
		t.Errorf("%v", err)
	}
	if c, err := record.CopyBySeq(db.Read(t.Context()), 1); err != nil || c.State != vocabulary.StatePrinted {
		t.Errorf("%+v, %v", c, err)
	}
	if err := db.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
