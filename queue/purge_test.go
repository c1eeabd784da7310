package queue_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// purged runs retention and gives the number of jobs removed.
func (s *shop) purged() int {
	s.t.Helper()
	n, err := s.q.Retention.Purge(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.q.Journal.Verify(s.t.Context()); err != nil {
		s.t.Error(err)
	}
	return n
}

func (s *shop) gone(id string) bool {
	_, err := s.q.Jobs.Answer(s.t.Context(), id)
	return errors.Is(err, queue.ErrNotFound)
}

// TestPurgedNumbersAreNotReused removes the rows with the highest numbers: what comes next gets others, so that it is itself that
// is printed, in the same process and in the next one.
func TestPurgedNumbersAreNotReused(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		t.Run(fmt.Sprint("reopened ", again), func(t *testing.T) {
			s := newShop(t)
			p := &paper{}
			stop := s.run(p)
			for i := range 21 { // the terminals agree that it is September
				s.accept(slip{id: fmt.Sprint("x", i), voucher: fmt.Sprintf("%06d", i+1), at: "2026-09-20T12:00:00+08:00"}.String())
			}
			s.accept(order("o1", "77", "new"))
			s.settled("o1")
			stop()
			job, copied := queue.Given(s.q)
			s.wait(40 * 24 * time.Hour)
			if n := s.purged(); n != 1 || !s.gone("o1") {
				t.Fatalf("%d removed, o1 gone %v", n, s.gone("o1"))
			}
			if again {
				s.reopen()
			}
			if j, c := queue.Given(s.q); j != job || c != copied {
				t.Errorf("after retention the last numbers are %d and %d, not %d and %d", j, c, job, copied)
			}
			s.run(p)
			s.accept(order("o2", "88", "new"))
			s.settled("o2")
			if j, c := queue.Given(s.q); j != job+1 || c != copied+1 {
				t.Errorf("the next numbers are %d and %d, not %d and %d", j, c, job+1, copied+1)
			}
			if got := p.pieces[len(p.pieces)-1]; got != "o2 kitchen original 1" {
				t.Errorf("printed %q", got)
			}
		})
	}
}

// TestPurgeByAWrongClock lets our clock stand at 1970 while a day is taken down: when it is right again, nothing of that day is
// old.
func TestPurgeByAWrongClock(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	s.run(p)
	now := s.now()
	s.wait(time.Date(1970, 1, 1, 0, 10, 0, 0, time.UTC).Sub(now))
	s.accept(slip{id: "a"}.String())
	s.accept(order("o", "77", "new"))
	s.accept(`{"job_id":"d","kind":"document","payload":{"blocks":[{"type":"text","text":"x"}]}}`)
	s.settled("d")
	s.accept(settlement("s", "00012345", "000122", nightful, "settlement"))
	s.settled("s")
	s.drop("bad.json", `{`)
	s.wait(now.Sub(s.now()) + time.Hour)
	if n := s.purged(); n != 0 {
		t.Errorf("%d removed", n)
	}
	if gone := slices.DeleteFunc([]string{"a", "o", "d", "s"}, func(id string) bool { return !s.gone(id) }); len(gone) > 0 {
		t.Errorf("gone: %q", gone)
	}
	if fa, err := s.q.Files.Answer(t.Context(), "bad.json"); err != nil || fa.Answer.Outcome != queue.Rejected {
		t.Errorf("the answer to a bad file: %+v %v", fa.Answer, err)
	}
}

// TestNoticesGoAfterAWeek: what is over goes a week after it was told, whoever else listens: a receiver of rare events, who was never told
// anything, keeps nothing, and what somebody was not told in time stays for the day in which it can be.
func TestNoticesGoAfterAWeek(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ctx := t.Context()
	count := func() (n int) {
		db := s.raw()
		defer db.Close()
		if err := db.QueryRow("SELECT count(*) FROM notices").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := s.q.Notices.Begin(ctx, []string{"all", "rare"}); err != nil {
		t.Fatal(err)
	}
	one := []queue.Condition{{Event: vocabulary.NoticePrinter, Subject: "front"}}
	end := func(c queue.Condition) (api.Facts, bool) { return c.Facts, true }
	for _, now := range [][]queue.Condition{one, nil} {
		if _, err := s.q.Notices.Set(ctx, now, end); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 21 { // the terminals agree that it is September
		s.accept(slip{id: fmt.Sprint("x", i), voucher: fmt.Sprintf("%06d", i+1), at: "2026-09-20T12:00:00+08:00"}.String())
	}
	s.wait(6 * 24 * time.Hour)
	s.purged()
	if n := count(); n != 2 {
		t.Errorf("%d notices of 2 after six days", n)
	}
	s.wait(36 * time.Hour)
	s.purged()
	if n := count(); n != 2 {
		t.Errorf("%d notices of 2 that nobody took, within the day of giving up", n)
	}
	p, err := s.q.Notices.Pending(ctx, "all", vocabulary.Notices(), 50)
	if err == nil {
		err = s.q.Notices.Told(ctx, "all", p.Last, p.Total)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.wait(24 * time.Hour)
	s.purged()
	if n := count(); n != 0 {
		t.Errorf("%d notices stay for a receiver who does not want them", n)
	}
}
