package queue_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

// A journal that starts elsewhere than where it was last open, and did not come by a move, marks what it took before, also what still
// waits; new slips print as usual. At home, and where nothing is known, nothing is marked.
func TestCopyMarks(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		was, now queue.Home
		copied   bool
	}{
		{"at home", queue.Home{Host: 1, File: 2}, queue.Home{Host: 1, File: 2}, false},
		{"another machine", queue.Home{Host: 1, File: 2}, queue.Home{Host: 9, File: 2}, true},
		{"a copy beside the original", queue.Home{Host: 1, File: 2}, queue.Home{Host: 1, File: 3}, true},
		{"the machine has no identity", queue.Home{File: 2}, queue.Home{File: 2}, false},
		{"the machine lost its identity", queue.Home{Host: 1, File: 2}, queue.Home{File: 2}, false},
		{"the file system keeps no numbers", queue.Home{Host: 1}, queue.Home{Host: 1}, false},
		{"a version that noted nothing", queue.Home{}, queue.Home{Host: 1, File: 2}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			home := row.was
			s := newShop(t, func(o *queue.Options) { o.Home = func(string) queue.Home { return home } })
			s.accept(slip{id: "old", voucher: "000001"}.String())
			home = row.now
			for range 2 { // the second start is at home
				s.reopen()
				s.wait(60e9)
			}
			if l, lost := s.q.Journal.Loss(); lost != row.copied || lost && l.Cause != queue.LossCopied {
				t.Errorf("told %+v, %v", l, lost)
			}
			if err := s.q.Journal.Verify(t.Context()); err != nil {
				t.Errorf("a copy is not damaged: %v", err)
			}
			s.accept(slip{id: "new", voucher: "000002", at: "2026-08-12T12:00:00+08:00"}.String())
			p := &paper{}
			stop := s.run(p)
			s.settled("old")
			s.settled("new")
			stop()
			if p.count() != 4 {
				t.Fatalf("%d pieces", p.count())
			}
			for i, m := range p.marks {
				if want := row.copied && i < 2; m.Possible != want {
					t.Errorf("%s: possible duplicate %v, want %v", p.pieces[i], m.Possible, want)
				}
			}
		})
	}
}

// A journal that left opens nowhere until somebody says so, and then marks; the one that arrived goes on as if nothing had been.
func TestMovedJournal(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(o *queue.Options) { o.Home = func(string) queue.Home { return queue.Home{Host: 1} } })
	s.accept(slip{id: "old", voucher: "000001"}.String())
	if err := queue.Leave(t.Context(), s.path, 77, s.now()); !errors.Is(err, queue.ErrLocked) {
		t.Errorf("while it is open: %v", err)
	}
	s.q.Close()
	file := filepath.Join(t.TempDir(), "copy")
	if err := queue.CopyForMove(t.Context(), s.path, file); !errors.Is(err, queue.ErrStays) {
		t.Errorf("before it left: %v", err)
	}
	if err := errors.Join(queue.Leave(t.Context(), s.path, 77, s.now()), queue.Leave(t.Context(), s.path, 77, s.now()), queue.CopyForMove(t.Context(), s.path, file)); err != nil {
		t.Fatal(err)
	}
	var moved *queue.MovedError
	for name, err := range map[string]error{
		"open":    openOnce(t, s),
		"other":   queue.Leave(t.Context(), s.path, 78, s.now()),
		"asked":   queue.MovedTo(t.Context(), s.path),
		"restore": restoreOnce(t, s, file),
	} {
		if !errors.As(err, &moved) || moved.Code != 77 {
			t.Errorf("%s: %v", name, err)
		}
	}
	there := filepath.Join(t.TempDir(), "journal.db")
	if ok, err := queue.Arrive(t.Context(), there, file, 77, s.now(), func() error { return nil }); !ok || err != nil {
		t.Fatal(ok, err)
	}
	o := s.o
	o.Home = func(string) queue.Home { return queue.Home{Host: 5} }
	q, err := queue.Open(t.Context(), there, o)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if l, lost := q.Journal.Loss(); lost {
		t.Errorf("the one that arrived: %+v", l)
	}
	if a, err := q.Jobs.Answer(t.Context(), "old"); err != nil || len(a.Copies) != 2 {
		t.Errorf("%+v, %v", a, err)
	}
	if err := queue.Stay(t.Context(), s.path); err != nil {
		t.Fatal(err)
	}
	s.open()
	if l, lost := s.q.Journal.Loss(); !lost || l.Cause != queue.LossCopied {
		t.Errorf("the one that stayed all the same: %+v", l)
	}
	s.q.Close()
	if err := queue.Stay(t.Context(), s.path); !errors.Is(err, queue.ErrStays) {
		t.Errorf("again: %v", err)
	}
}

func openOnce(t *testing.T, s *shop) error {
	q, err := queue.Open(t.Context(), s.path, s.o)
	if err == nil {
		q.Close()
	}
	return err
}

func restoreOnce(t *testing.T, s *shop, file string) error {
	_, err := queue.Restore(t.Context(), s.path, file, s.now())
	return err
}
