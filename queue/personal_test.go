package queue_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// TestPurgedIsGone: what retention removed can be read in no file of the journal, while it is in use or afterwards.
func TestPurgedIsGone(t *testing.T) {
	t.Parallel()
	const address = "ZHONGSHAN ROAD 12"
	s := newShop(t)
	p := &paper{}
	s.run(p)
	for i := range 30 {
		id := fmt.Sprint("o", i)
		s.accept(strings.Replace(order(id, id, "new"), `"bags"`, `"customer":{"name":"苏女士","address":"`+address+`"},"bags"`, 1))
		s.settled(id)
	}
	kept := s.contents("kind = 'order'")
	s.wait(40 * 24 * time.Hour)
	for i := range 30 {
		id := fmt.Sprint("y", i)
		s.accept(slip{id: id, voucher: fmt.Sprintf("%06d", i+1), at: "2026-09-20T12:00:00+08:00"}.String())
		s.settled(id)
	}
	if n, err := s.q.Retention.Purge(t.Context()); n != 30 || err != nil {
		t.Fatal(n, err)
	}
	look := func(when string) {
		for _, side := range []string{"", "-wal"} {
			data, err := os.ReadFile(s.path + side)
			if n := bytes.Count(data, []byte(address)); n > 0 {
				t.Errorf("%s: journal.db%s still holds the address %d times (%v)", when, side, n, err)
			}
			for i, packed := range kept {
				if tail := packed[len(packed)-40:]; bytes.Contains(data, tail) {
					t.Errorf("%s: journal.db%s still holds the content of order %d", when, side, i)
				}
			}
		}
	}
	look("in use")
	if err := s.q.Close(); err != nil {
		t.Fatal(err)
	}
	look("closed")
	s.open()
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestDocumentsAlone: a shop that prints documents only has no terminal's time to go by; they are removed all the same.
func TestDocumentsAlone(t *testing.T) {
	t.Parallel()
	for _, created := range []string{"", `"created_at":"%s",`} {
		s := newShop(t)
		s.run(&paper{})
		doc := func(id string) {
			at := created
			if at != "" {
				at = fmt.Sprintf(at, s.now().Format(time.RFC3339))
			}
			s.accept(`{"job_id":"` + id + `",` + at + `"kind":"document","payload":{"blocks":[{"type":"text","text":"送 中山路12号"}]}}`)
			s.settled(id)
		}
		doc("old")
		s.wait(40 * 24 * time.Hour)
		doc("young")
		if n, err := s.q.Retention.Purge(t.Context()); n != 1 || err != nil {
			t.Errorf("%q: %d removed, %v", created, n, err)
		}
		if _, err := s.q.Jobs.Answer(t.Context(), "old"); !errors.Is(err, queue.ErrNotFound) {
			t.Errorf("%q: the old one is still there: %v", created, err)
		}
		s.answer("young")
	}
}

// contents gives the contents of the jobs that a condition selects, as the journal keeps them.
func (s *shop) contents(where string) (kept [][]byte) {
	s.t.Helper()
	db := s.raw()
	defer db.Close()
	rows, err := db.Query("SELECT json FROM jobs WHERE " + where)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			s.t.Fatal(err)
		}
		kept = append(kept, b)
	}
	if err := rows.Err(); err != nil || len(kept) == 0 {
		s.t.Fatal(err, "nothing is kept")
	}
	return kept
}
