package queue_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/queue/record"
)

// TestRoom holds the room that a whole chip sale takes in the journal with its file, both copies printed: 1,230 bytes, where it was 1,600.
func TestRoom(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	s.run(p)
	list := make([]queue.Arrival, 128)
	var took [3]float64
	for i := range took {
		for k := range list {
			n := i*len(list) + k
			list[k] = queue.Arrival{File: fmt.Sprintf("sale-%08d.json", n), Parsed: refSlip(n), Source: queue.SourceSpool}
		}
		_, errs := s.q.Requests.AcceptAll(t.Context(), list)
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		for k := range list {
			s.settled(list[k].Parsed.Job.ID)
		}
		took[i] = roomOf(t, s.path)
	}
	if a := (took[2] - took[0]) / float64(2*len(list)); a > 1300 {
		t.Errorf("a slip takes %.0f bytes", a)
	}
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// What a slip's rows leave out is there when they are read: the file's job, the words of its copies and events, its hash.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	r := refSlip(7)
	s.arrive(queue.Arrival{File: "a.json", Parsed: r, Source: queue.SourceSpool})
	s.run(&paper{})
	s.settled(r.Job.ID)
	if a, err := s.q.Files.Answer(t.Context(), "a.json"); err != nil || a.Answer.JobID != r.Job.ID {
		t.Errorf("the file's answer is of %q, %v", a.Answer.JobID, err)
	}
	st, err := s.q.Jobs.Show(t.Context(), r.Job.ID)
	if err != nil {
		t.Fatal(err)
	}
	starts := 0
	for _, l := range st.Lines {
		if l.Event.Detail == "print 1 original" {
			starts++
		}
	}
	if starts != 2 {
		t.Errorf("%d starts in the story", starts)
	}
	db := s.raw()
	defer db.Close()
	var hash, words, room string
	err = db.QueryRow("SELECT "+record.HashColumn+", (SELECT group_concat(base || mark || proof, '') FROM copies), (SELECT sum(length(detail) + (chain >> 31) + (about >> 31)) || '' FROM events WHERE type IN ('accepted', 'copy')) FROM jobs").
		Scan(&hash, &words, &room)
	if err != nil || hash != r.Job.Hash || len(hash) != 2*sha256.Size || words != "" || room != "5" {
		t.Errorf("%v: hash %s, words %q, room %s", err, hash, words, room)
	}
	s.arrive(queue.Arrival{File: "b.json", Parsed: r, Source: queue.SourceSpool})
	if a, err := s.q.Files.Answer(t.Context(), "b.json"); err != nil || a.Answer.Outcome != queue.Duplicate || a.Answer.JobID != r.Job.ID {
		t.Errorf("once more: %+v, %v", a, err)
	}
}
