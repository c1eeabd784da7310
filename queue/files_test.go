package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// drop takes a file as the drop folder does.
func (s *shop) drop(name, text string) queue.Answer {
	s.t.Helper()
	seq, err := s.q.Files.NextSeq(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return s.arrive(queue.Arrival{File: name, FileSeq: seq, Parsed: job.Parse([]byte(text)), Source: queue.SourceSpool})
}

func (s *shop) fileAnswer(name string) queue.FileAnswer {
	s.t.Helper()
	fa, err := s.q.Files.Answer(s.t.Context(), name)
	if err != nil {
		s.t.Fatal(name, err)
	}
	return fa
}

// TestFileAnsweredOnce shows that a claimed file met again after a crash gets the answer it had, whatever changed.
func TestFileAnsweredOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(slip{id: "a"}.String())
	s.run(&paper{})
	s.settled("a")
	arrival := queue.Arrival{File: "r.json", FileSeq: 7, Parsed: parse(t, last("r", "")), Source: queue.SourceSpool}
	first := s.arrive(arrival)
	s.settled("r")
	arrival.Age = time.Hour
	again := s.arrive(arrival)
	if first.Outcome != queue.Accepted || again.Outcome != queue.Accepted || len(again.Copies) != 2 {
		t.Errorf("first %+v\nagain %+v", first, again)
	}
	bad := queue.Arrival{File: "x.json", FileSeq: 8, Parsed: job.Parse([]byte(`{"job_id":"x","kind":"nonsense"}`)), Source: queue.SourceSpool}
	a, b := s.arrive(bad), s.arrive(bad)
	if a.Outcome != queue.Rejected || len(a.Errors) == 0 || a.JobID != "x" || len(b.Errors) != len(a.Errors) {
		t.Errorf("%+v\n%+v", a, b)
	}
}

// TestFileNames shows what results/NAME must say when names and jobs do not go one to one.
func TestFileNames(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.drop("x.json", slip{id: "a"}.String())
	s.drop("y.json", slip{id: "a"}.String())
	s.drop("z.json", slip{id: "fresh"}.String()) // the same slip
	s.drop("x.json", slip{id: "b", voucher: "000002"}.String())
	sub := s.q.Events.Subscribe(-1)
	s.run(&paper{})
	s.settled("a")
	s.settled("b")
	if fa := s.fileAnswer("x.json"); fa.Answer.JobID != "b" || fa.Answer.Outcome != queue.Accepted {
		t.Errorf("x.json shows the newest arrival: %+v", fa)
	}
	for _, name := range []string{"y.json", "z.json"} {
		fa := s.fileAnswer(name)
		if fa.Answer.Outcome != queue.Duplicate || len(fa.Answer.Copies) != 2 || fa.Answer.Copies[0].State != queue.Printed {
			t.Errorf("%s shows the first answer's copies: %+v", name, fa.Answer)
		}
	}
	told := map[string]int{}
	for range 24 { // 2 jobs x 2 copies x (sending, printed), for a in three files
		e, err := sub.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == queue.EventCopy {
			told[e.File]++
		}
		if told["x.json"]+told["y.json"]+told["z.json"] == 16 {
			break
		}
	}
	if told["y.json"] != 4 || told["z.json"] != 4 || told["x.json"] != 8 {
		t.Errorf("events for files: %v", told)
	}
}

// TestUnwritten shows which results are written again at start.
func TestUnwritten(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	unwritten := func() string {
		t.Helper()
		list, err := s.q.Files.Unwritten(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(list)
		return strings.Join(list, " ")
	}
	s.drop("x.json", slip{id: "a"}.String())
	s.drop("bad.json", `{"job_id":`)
	if got := unwritten(); got != "bad.json x.json" {
		t.Error(got)
	}
	s.q.Files.MarkWritten("x.json", s.fileAnswer("x.json").Revision)
	s.q.Files.MarkWritten("bad.json", s.fileAnswer("bad.json").Revision)
	s.reopen()
	if got := unwritten(); got != "" {
		t.Errorf("%s, although all was written", got)
	}
	stop := s.run(&paper{})
	s.settled("a")
	stop()
	s.reopen()
	if got := unwritten(); got != "x.json" {
		t.Errorf("%q, although x.json changed", got)
	}
	s.wait(8 * 24 * time.Hour)
	if got := unwritten(); got != "" {
		t.Errorf("%s is too old", got)
	}
}

func TestFileSeqNeverTwice(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	seen := map[int64]bool{}
	for range 3 {
		for range 1500 {
			n, err := s.q.Files.NextSeq(t.Context())
			if err != nil || seen[n] || n <= 0 {
				t.Fatal(n, err)
			}
			seen[n] = true
		}
		s.reopen()
	}
}

// TestFileSeqNotOnDisk shows that numbers whose block did not get to the disk are not handed out: the next process would give them
// to other files.
func TestFileSeqNotOnDisk(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	last, failed := int64(0), 0
	for range 1500 {
		queue.FailCommit(s.q)
		n, err := s.q.Files.NextSeq(t.Context())
		if err != nil {
			failed++
			if n, err = s.q.Files.NextSeq(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		last = n
	}
	if failed != 1 {
		t.Errorf("%d commits failed", failed)
	}
	s.reopen()
	if n, err := s.q.Files.NextSeq(t.Context()); err != nil || n <= last {
		t.Errorf("number %d after %d (%v)", n, last, err)
	}
}

// TestFeed reads the whole feed from the journal and goes on with what is live.
func TestFeed(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for i := range 300 {
		s.accept(order(fmt.Sprint("o", i), fmt.Sprint(i), "new"))
	}
	s.reopen() // nothing is in memory
	sub := s.q.Events.Subscribe(0)
	for i := range 300 {
		e, err := sub.Next(t.Context())
		if err != nil || e.Type != queue.EventAccepted || e.JobID != fmt.Sprint("o", i) {
			t.Fatal(i, e, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if e, err := sub.Next(ctx); err == nil {
		t.Fatal(e)
	}
	s.accept(order("live", "live", "new"))
	if e, err := sub.Next(t.Context()); err != nil || e.JobID != "live" {
		t.Fatal(e, err)
	}
}

func TestSecondDaemon(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if _, err := queue.Open(t.Context(), s.path, s.o); !errors.Is(err, queue.ErrLocked) {
		t.Errorf("%v, want ErrLocked", err)
	}
}

func TestNewerJournal(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if err := queue.Exec(s.q, "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	s.q.Close()
	if _, err := queue.Open(t.Context(), s.path, s.o); !errors.Is(err, queue.ErrNewer) {
		t.Errorf("%v, want ErrNewer", err)
	}
	if err := os.Remove(s.path); err != nil {
		t.Fatal(err)
	}
	s.open()
}

// TestCorrupt shows that a damaged journal is kept aside, and that the new one knows that it knows too little.
func TestCorrupt(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func([]byte) []byte{
		"header":    func(b []byte) []byte { copy(b, "not a database at all"); return b },
		"pages":     func(b []byte) []byte { copy(b[8192:], make([]byte, len(b)-8192)); return b },
		"truncated": func(b []byte) []byte { return b[:len(b)/2+100] },
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.accept(slip{id: "a"}.String())
			s.q.Close()
			b, err := os.ReadFile(s.path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(s.path, harm(b), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := queue.Open(t.Context(), s.path, s.o); !errors.Is(err, queue.ErrCorrupt) {
				t.Fatalf("%v, want ErrCorrupt", err)
			}
			s.o.ReplaceCorrupt = true
			s.wait(24 * time.Hour)
			s.open()
			if kept, _ := filepath.Glob(s.path + ".corrupt-*"); len(kept) == 0 {
				t.Error("the damaged journal is gone")
			}
			p := &paper{}
			s.run(p)
			s.accept(slip{id: "a"}.String())
			s.settled("a")
			if !p.marks[0].Possible {
				t.Errorf("an old job is not marked as a possible duplicate: %+v", p.marks[0])
			}
			at := s.now().Add(time.Hour).Format(time.RFC3339)
			s.accept(slip{id: "b", voucher: "000002", at: at}.String())
			s.settled("b")
			if p.marks[2].Possible {
				t.Errorf("a new job is: %+v", p.marks[2])
			}
		})
	}
}

// TestDiskFull shows that nothing new is taken while the disk is full, that what was taken is there, and that it goes
// on by itself.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(o *queue.Options) { o.Ballast = 1 << 20 })
	s.accept(slip{id: "a"}.String())
	ballast := filepath.Join(filepath.Dir(s.path), "ballast")
	if info, err := os.Stat(ballast); err != nil || info.Size() != 1<<20 {
		t.Fatal(info, err)
	}
	queue.LimitPages(s.q, 0)
	var err error
	n := 0
	for ; n < 2000 && err == nil; n++ {
		_, err = s.q.Requests.Accept(t.Context(), queue.Arrival{Parsed: parse(t, order(fmt.Sprint("o", n), fmt.Sprint(n), "new"))})
	}
	if !errors.Is(err, queue.ErrFull) {
		t.Fatalf("%v, want ErrFull", err)
	}
	if !s.q.Journal.DiskFull() {
		t.Error("DiskFull is not told")
	}
	if _, err := os.Stat(ballast); err == nil {
		t.Error("the ballast is still there")
	}
	if a := s.answer("a"); a.Outcome != queue.Accepted {
		t.Errorf("%+v", a)
	}
	queue.LimitPages(s.q, -1)
	until(t, "it takes jobs again", func() bool {
		_, err := s.q.Requests.Accept(t.Context(), queue.Arrival{Parsed: parse(t, order("after", "after", "new"))})
		return err == nil
	})
	if s.q.Journal.DiskFull() {
		t.Error("still full")
	}
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
