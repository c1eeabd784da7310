package queue_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

var damages = flag.Int("damages", 40, "how many random damages TestNoLossIsSilent does to a journal")

// copyFolder copies all files of a folder, as they are on the disk at this moment.
func copyFolder(t testing.TB, from string) string {
	t.Helper()
	to := t.TempDir()
	list, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		data, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, e.Name()), data, 0o640)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// edit changes one file.
func edit(t testing.TB, path string, change func(data []byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, change(data), 0o640)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// aDay is a shop that printed some slips, of which only a part is checkpointed, and the folder as a killed process leaves it. older
// is the folder as it was in between, backup a backup from then.
func aDay(t testing.TB) (s *shop, ids []string, folder, older, backup string) {
	s = newShop(t)
	defer queue.Hold(s.q)()
	p := &paper{}
	stop := s.run(p)
	backup = filepath.Join(t.TempDir(), "backup.db")
	for i := range 12 {
		id := fmt.Sprint("sale", i)
		s.accept(slip{id: id, voucher: fmt.Sprintf("%06d", i+1)}.String())
		s.settled(id)
		ids = append(ids, id)
		switch i {
		case 4:
			if err := s.q.Journal.Backup(t.Context(), backup); err != nil {
				t.Fatal(err)
			}
		case 5:
			older = copyFolder(t, filepath.Dir(s.path))
		case 7:
			if err := queue.Tidy(s.q); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop() // the last results are on disk
	return s, ids, copyFolder(t, filepath.Dir(s.path)), older, backup
}

// opened opens a journal that something was done to.
func opened(t testing.TB, folder string, now func() time.Time) (*queue.Queue, error) {
	q, err := queue.Open(t.Context(), filepath.Join(folder, "journal.db"), queue.Options{Ballast: -1, Now: now})
	if err == nil {
		t.Cleanup(func() { q.Close() })
	}
	return q, err
}

// whole reports whether a journal has all jobs, printed.
func whole(t testing.TB, q *queue.Queue, ids []string) bool {
	for _, id := range ids {
		a, err := q.Jobs.Answer(t.Context(), id)
		if err != nil || len(a.Copies) != 2 || a.Copies[0].State != queue.Printed || a.Copies[1].State != queue.Printed {
			return false
		}
	}
	return true
}

// TestLossIsTold takes away or exchanges parts of a journal between two starts.
func TestLossIsTold(t *testing.T) {
	t.Parallel()
	s, ids, folder, older, backup := aDay(t)
	put := func(name, from string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			data, err := os.ReadFile(from)
			if err != nil {
				t.Fatal(err)
			}
			edit(t, filepath.Join(dir, name), func([]byte) []byte { return data })
		}
	}
	remove := func(names ...string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			for _, name := range names {
				if err := os.Remove(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	cut := func(name string, size int) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, name), func(data []byte) []byte { return data[:size] })
		}
	}
	all := func(do ...func(t *testing.T, dir string)) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			for _, fn := range do {
				fn(t, dir)
			}
		}
	}
	for _, row := range []struct {
		name  string
		do    func(t *testing.T, dir string)
		cause queue.LossCause
	}{
		{"nothing", func(*testing.T, string) {}, ""},
		{"the seal is older, as a power cut leaves it", put("journal.db-seal", filepath.Join(older, "journal.db-seal")), ""},
		{"write-ahead log removed", remove("journal.db-wal"), queue.LossBehind},
		{"write-ahead log empty", cut("journal.db-wal", 0), queue.LossBehind},
		{"write-ahead log cut", cut("journal.db-wal", 20000), queue.LossBehind},
		{"journal empty", cut("journal.db", 0), queue.LossMissing},
		{"journal removed", remove("journal.db"), queue.LossMissing},
		{"journal and log removed", remove("journal.db", "journal.db-wal", "journal.db-shm"), queue.LossMissing},
		{"an older copy in its place", all(put("journal.db", filepath.Join(older, "journal.db")), put("journal.db-wal", filepath.Join(older, "journal.db-wal"))), queue.LossBehind},
		{"a backup in its place", all(put("journal.db", backup), remove("journal.db-wal", "journal.db-shm")), queue.LossBehind},
		{"seal removed", remove("journal.db-seal"), ""}, // elsewhere than where it was sealed
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := copyFolder(t, folder)
			row.do(t, dir)
			q, err := opened(t, dir, s.now)
			if err != nil {
				t.Fatal(err)
			}
			l, lost := q.Journal.Loss()
			if lost != (row.cause != "") || l.Cause != row.cause {
				t.Fatalf("loss %+v, want %q", l, row.cause)
			}
			_, replaced := q.Journal.Born()
			if verr := q.Journal.Verify(t.Context()); replaced != lost || lost != errors.Is(verr, queue.ErrCorrupt) {
				t.Errorf("replaced %v, verify: %v", replaced, verr)
			}
			if !lost {
				if !whole(t, q, ids) {
					t.Error("jobs are gone")
				}
				return
			}
			if ok, err := q.Journal.Acknowledge(t.Context(), "01"); !ok || err != nil {
				t.Error(ok, err)
			}
			q.Close()
			if q, err = opened(t, dir, s.now); err != nil {
				t.Fatal(err)
			}
			if l, lost := q.Journal.Loss(); lost {
				t.Errorf("after a person knows of it: %+v", l)
			}
			if err := q.Journal.Verify(t.Context()); err != nil {
				t.Error(err)
			}
			if _, replaced := q.Journal.Born(); !replaced {
				t.Error("it forgot that something was lost")
			}
		})
	}
}

// TestSealGone removes the seal of a journal in its own place.
func TestSealGone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(slip{id: "a"}.String())
	if err := s.q.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.path + "-seal"); err != nil {
		t.Fatal(err)
	}
	s.open()
	if l, _ := s.q.Journal.Loss(); l.Cause != queue.LossSeal {
		t.Errorf("%+v", l)
	}
	s.reopen()
	if l, _ := s.q.Journal.Loss(); l.Cause != queue.LossSeal { // until somebody knows of it
		t.Errorf("%+v", l)
	}
}

// TestLostSlipsAreMarked loses the end of a journal: what is dropped again is printed as a possible duplicate, also by a program
// whose clock is ahead, and no number comes again.
func TestLostSlipsAreMarked(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	release := queue.Hold(s.q)
	p := &paper{}
	stop := s.run(p)
	s.accept(slip{id: "a"}.String())
	s.settled("a")
	if err := queue.Tidy(s.q); err != nil {
		t.Fatal(err)
	}
	b := slip{id: "b", voucher: "000002"}.String()
	s.accept(b)
	s.settled("b")
	used := int64(0)
	for range 1500 { // beyond a block of them
		n, err := s.q.Files.NextSeq(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		used = n
	}
	stop()
	dir := copyFolder(t, filepath.Dir(s.path))
	release()
	if err := os.Remove(filepath.Join(dir, "journal.db-wal")); err != nil {
		t.Fatal(err)
	}
	s.q.Close()
	s.path = filepath.Join(dir, "journal.db")
	s.wait(time.Hour)
	s.open()
	if l, _ := s.q.Journal.Loss(); l.Cause != queue.LossBehind || l.Events == 0 || !l.At.Equal(s.now()) {
		t.Errorf("%+v", l)
	}
	s.run(p)
	if x := s.accept(b); x.Outcome != queue.Accepted {
		t.Errorf("b again: %+v", x)
	}
	s.settled("b")
	s.accept(byVoucher("r", "105233", ""))
	s.settled("r")
	s.accept(slip{id: "c", voucher: "000003", at: "2026-08-12T12:00:00+08:00"}.String())
	s.settled("c")
	for i, m := range p.marks {
		if want := i >= 4 && i < 8; m.Possible != want {
			t.Errorf("%s: possible duplicate %v, want %v", p.pieces[i], m.Possible, want)
		}
	}
	for i, id := range p.ids {
		if slices.Contains(p.ids[:i], id) {
			t.Errorf("%s: its proof id was used before", p.pieces[i])
		}
	}
	if n, err := s.q.Files.NextSeq(t.Context()); err != nil || n <= used {
		t.Errorf("file number %d after %d (%v)", n, used, err)
	}
}

// TestWaitingCopiesOfALostPast: what waited when a part was lost may have come out since.
func TestWaitingCopiesOfALostPast(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	release := queue.Hold(s.q)
	s.accept(slip{id: "a", at: "2026-08-11T23:00:00+08:00"}.String()) // its program's clock is three hours ahead
	dir := copyFolder(t, filepath.Dir(s.path))
	release()
	s.accept(slip{id: "b", voucher: "000002"}.String())
	s.q.Close()
	seal, err := os.ReadFile(s.path + "-seal")
	if err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(dir, "journal.db-seal"), func([]byte) []byte { return seal })
	s.path = filepath.Join(dir, "journal.db")
	s.wait(time.Minute)
	s.open()
	p := &paper{}
	s.run(p)
	s.settled("a")
	for i, m := range p.marks {
		if !m.Possible || m.Kind != job.MarkOriginal {
			t.Errorf("%s: %+v", p.pieces[i], m)
		}
	}
}

// TestNoLossIsSilent damages a journal at random, in its log and in itself: it does not open, or says that something is wrong, or
// has everything.
func TestNoLossIsSilent(t *testing.T) {
	t.Parallel()
	s, ids, folder, _, _ := aDay(t)
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	refused, told, harmless := 0, 0, 0
	for i := range *damages {
		dir := copyFolder(t, folder)
		name := []string{"journal.db", "journal.db-wal", "journal.db-wal"}[r.IntN(3)]
		how := ""
		edit(t, filepath.Join(dir, name), func(data []byte) []byte {
			used := len(data)
			if name == "journal.db-wal" {
				used = min(used, 400<<10) // zeros stand behind
			}
			at := r.IntN(used)
			how = fmt.Sprintf("%s at %d of %d", name, at, len(data))
			switch r.IntN(4) {
			case 0:
				how += " cut"
				return data[:at]
			case 1:
				how += " bit flipped"
				data[at] ^= 1 << r.IntN(8)
			case 2:
				how += " page zeroed"
				clear(data[at : at+min(4096, len(data)-at)])
			default:
				how += " noise"
				for j := at; j < min(at+200, len(data)); j++ {
					data[j] = byte(r.IntN(256))
				}
			}
			return data
		})
		q, err := opened(t, dir, s.now)
		if err != nil {
			refused++
			continue
		}
		_, lost := q.Journal.Loss()
		_, replaced := q.Journal.Born()
		verr := q.Journal.Verify(t.Context())
		switch {
		case lost && replaced && verr != nil:
			told++
		case !lost && whole(t, q, ids) && verr == nil:
			harmless++
		default:
			t.Errorf("seed %d, damage %d: %s: loss %v, replaced %v, whole %v, verify %v", seed, i, how, lost, replaced, whole(t, q, ids), verr)
		}
		q.Close()
	}
	t.Logf("%d refused, %d told, %d harmless", refused, told, harmless)
}

// TestVerifyReadsContent changes single values behind the journal's back.
func TestVerifyReadsContent(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, change, found string }{
		{"an amount", "UPDATE jobs SET amount = amount + 1 WHERE job_id = 'sale3'", "is not what was taken"},
		{"the slip itself", "UPDATE jobs SET json = CAST(replace(json, x'01', x'02') AS BLOB) WHERE job_id = 'sale3'", "is not what was taken"},
		{"a print number", "UPDATE copies SET print_no = 0 WHERE seq = 3", "is not what its last event says"},
		{"a state", "UPDATE copies SET state = 'queued' WHERE seq = 3", "is not what its last event says"},
		{"a proof", "UPDATE copies SET proof = 'person' WHERE seq = 3", "is not what its last event says"},
		{"an older event", "DROP TRIGGER events_once; UPDATE events SET operator = 'x' WHERE seq = 4", "is not what was written"},
		{"an event removed", "DELETE FROM events WHERE seq = 4", "events are missing"},
		{"a job removed", "DELETE FROM copies WHERE job = 2; DELETE FROM attempts WHERE copy IN (3, 4); DELETE FROM jobs WHERE seq = 2", "are gone"},
		{"a batch", "UPDATE batches SET state = 'settled'", "batches"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newShop(t)
			s.run(&paper{})
			for i := range 5 {
				id := fmt.Sprint("sale", i)
				s.accept(slip{id: id, voucher: fmt.Sprintf("%06d", i+1)}.String())
				s.settled(id)
			}
			if err := s.q.Journal.Verify(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.q.Close(); err != nil {
				t.Fatal(err)
			}
			db := s.raw()
			if _, err := db.Exec(row.change); err != nil {
				t.Fatal(err)
			}
			db.Close()
			if err := queue.VerifyFile(t.Context(), s.path); !errors.Is(err, queue.ErrCorrupt) || !strings.Contains(err.Error(), row.found) {
				t.Errorf("verify: %v, want %q", err, row.found)
			}
			if text, ok := queue.DamageOf(queue.VerifyFile(t.Context(), s.path)); !ok || text.Zh == "" || strings.ContainsAny(text.Zh, "abcdefghijklmnopqrstuvwxyz") {
				t.Errorf("verify in Chinese: %q", text.Zh)
			}
			s.open()
			if l, _ := s.q.Journal.Loss(); l.Cause != queue.LossChanged {
				t.Errorf("at the start: %+v", l)
			}
			if ok, err := s.q.Journal.Acknowledge(t.Context(), "01"); !ok || err != nil {
				t.Error(ok, err)
			}
			s.reopen()
			if l, lost := s.q.Journal.Loss(); lost {
				t.Errorf("told again: %+v", l)
			}
		})
	}
}

// TestTidied: what was written is in the journal itself soon after, and the next slip finds its log begun anew.
func TestTidied(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const id = "a-slip-to-be-found"
	s.accept(slip{id: id}.String())
	has := func() bool {
		data, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(data), id)
	}
	if has() {
		t.Skip("the journal has it already")
	}
	until(t, "the slip in the journal itself", has)
}
