package queue_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// Documents and captured slips that show a person's order number are found by it and hold nothing of what they printed afterwards; a number
// that may be another's by chance only names them.
func TestErasedDocuments(t *testing.T) {
	s := newShop(t)
	s.run(&paper{})
	const person = "MS-SU-NUSHI"
	document := func(id, text string) {
		s.accept(fmt.Sprintf(`{"schema":"receiptd.job/1","job_id":%q,"kind":"document","payload":{"title":"delivery","blocks":[{"type":"text","text":%q}]}}`, id, text))
		s.settled(id)
	}
	document("d1", "for "+person+"\nNo.A77-260811\nthanks")
	document("d2", "for "+person+"\nNo.A77-2608110\nanother's")
	document("d3", "table #A77, "+person)
	r := job.Parser{}.Captured(job.Job{ID: "c1"}, job.Capture{Name: "till", Stream: []byte("stream of " + person)}, []job.Block{{Type: job.BlockText, Text: "单号 A77-260811 " + person}}, nil)
	if r.Job == nil {
		t.Fatal(r.Errors)
	}
	s.arrive(queue.Arrival{Parsed: r, Source: queue.SourceHTTP})
	s.settled("c1")
	sale := job.Parser{}.Captured(job.Job{ID: "c2"}, job.Capture{Name: "till", Stream: []byte("stream of " + person)}, []job.Block{{Type: job.BlockText, Text: "A77-260811, " + person}},
		func([]string) *job.Lifted {
			return &job.Lifted{Kind: job.KindTransaction, Voucher: "000123", Amount: new(int64)}
		})
	s.arrive(queue.Arrival{Parsed: sale, Source: queue.SourceCapture})
	s.settled("c2")
	paid := job.Parser{}.Captured(job.Job{ID: "c3"}, job.Capture{Name: "till", Stream: []byte("stream of " + person)}, []job.Block{{Type: job.BlockText, Text: "order A77-260811, " + person}},
		func([]string) *job.Lifted { // its rule knows which order's it is
			return &job.Lifted{Kind: job.KindTransaction, Voucher: "000124", Amount: new(int64), Order: "A77-260811"}
		})
	s.arrive(queue.Arrival{Parsed: paid, Source: queue.SourceCapture})
	s.settled("c3")

	if list, err := s.q.Retention.Showing(t.Context(), "A77"); err != nil || !slices.Equal(list, []string{"d3"}) {
		t.Error(list, err)
	}
	if ids, err := s.q.Retention.Erase(t.Context(), "A77", "99"); !errors.Is(err, queue.ErrNotFound) {
		t.Error("a short number that no order has:", ids, err)
	}
	if ids, err := s.q.Retention.Erase(t.Context(), "A77-260811", "99"); err != nil || !slices.Equal(ids, []string{"c3", "d1", "c1", "c2"}) { // each once
		t.Error(ids, err)
	}
	for _, id := range []string{"d2", "d3"} {
		if story, err := s.q.Jobs.Show(t.Context(), id); err != nil || !bytes.Contains(story.Job, []byte(person)) {
			t.Errorf("%s is another's, and is gone: %v", id, err)
		}
		if ids, err := s.q.Retention.EraseJob(t.Context(), id, "99"); err != nil || !slices.Equal(ids, []string{id}) {
			t.Error(ids, err)
		}
	}
	if _, err := s.q.Retention.EraseJob(t.Context(), "d9", "99"); !errors.Is(err, queue.ErrNotFound) {
		t.Error("no such job:", err)
	}
	for _, id := range []string{"d1", "d2", "d3", "c1", "c2", "c3"} {
		story, err := s.q.Jobs.Show(t.Context(), id)
		if err != nil || !bytes.Contains(story.Job, []byte("ERASED ON REQUEST")) || bytes.Contains(story.Job, []byte("stream")) {
			t.Errorf("%s: %v %s", id, err, story.Job)
		}
		if j, err := job.FromJSON(story.Job); err != nil || j.Document == nil || len(j.Document.Blocks) != 1 || (j.Document.Capture != nil) != (id[0] == 'c') {
			t.Errorf("%s cannot be printed again: %v", id, err)
		}
	}
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(s.path), "*"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && bytes.Contains(data, []byte(person)) {
			t.Errorf("%s still holds it", filepath.Base(file))
		}
	}
}
