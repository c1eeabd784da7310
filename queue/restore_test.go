package queue_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// crashed gives a journal as a process leaves it that dies in the middle of a slip: its end is in the write-ahead log only.
func crashed(t *testing.T) string {
	t.Helper()
	s := newShop(t)
	s.accept(slip{id: "a"}.String())
	path := filepath.Join(t.TempDir(), "journal.db")
	copied := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go s.q.Printing.Run(ctx, []string{"default"}, func(ctx context.Context, d queue.Delivery) queue.Result {
		if _, err := d.Begin(ctx); err != nil {
			return queue.Result{State: queue.Queued}
		}
		copied <- copyFiles(path, s.path)
		<-ctx.Done()
		return queue.Result{State: queue.Uncertain, Bytes: 1}
	})
	if err := <-copied; err != nil {
		t.Fatal(err)
	}
	cancel()
	return path
}

func copyFiles(to, from string) error {
	for _, side := range []string{"", "-wal", "-shm"} {
		data, err := os.ReadFile(from + side)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := errors.Join(err, os.WriteFile(to+side, data, 0o600)); err != nil {
			return err
		}
	}
	return nil
}

// TestVerifyFileChangesNothing: what a crash left in the printer is for the daemon to end, whoever looks at the journal first.
func TestVerifyFileChangesNothing(t *testing.T) {
	path := crashed(t)
	before := [][]byte{}
	for _, side := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + side)
		if err != nil {
			t.Fatal(err)
		}
		before = append(before, data)
	}
	if err := queue.VerifyFile(t.Context(), path); err != nil {
		t.Error(err)
	}
	for i, side := range []string{"", "-wal"} {
		if data, err := os.ReadFile(path + side); err != nil || !bytes.Equal(data, before[i]) {
			t.Errorf("journal.db%s changed (%v)", side, err)
		}
	}
	q, err := queue.Open(t.Context(), path, queue.Options{Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if id, err := q.Printing.Unsettled(t.Context(), "default"); err != nil || id == (queue.ProofID{}) {
		t.Error("what was left in the printer is forgotten")
	}
	if err := queue.VerifyFile(t.Context(), path); !errors.Is(err, queue.ErrLocked) {
		t.Errorf("beside a daemon: %v, want ErrLocked", err)
	}
}

// TestVerifyFileTellsWhatIsNoJournal: neither an empty file nor one of another program passes for a sound journal.
func TestVerifyFileTellsWhatIsNoJournal(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "", "text": "this is no journal"} {
		path := filepath.Join(t.TempDir(), "journal.db")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := queue.VerifyFile(t.Context(), path); !errors.Is(err, queue.ErrCorrupt) {
			t.Errorf("%s: %v, want ErrCorrupt", name, err)
		}
	}
	if err := queue.VerifyFile(t.Context(), filepath.Join(t.TempDir(), "journal.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestBackupFile: a backup without a daemon has what stands only in the write-ahead log.
func TestBackupFile(t *testing.T) {
	t.Parallel()
	path := crashed(t)
	file := filepath.Join(t.TempDir(), "day.db")
	if err := queue.BackupFile(t.Context(), path, file); err != nil {
		t.Fatal(err)
	}
	if err := queue.VerifyFile(t.Context(), file); err != nil {
		t.Error(err)
	}
	q, err := queue.Open(t.Context(), file, queue.Options{Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if a, err := q.Jobs.Answer(t.Context(), "a"); err != nil || a.Outcome != queue.Accepted {
		t.Errorf("%+v %v", a, err)
	}
	if err := queue.BackupFile(t.Context(), path, file); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
}

// TestRestore: a restored journal knows that it knows too little. What came out since the backup comes out again only
// marked, and no number of the lost journal is given twice.
func TestRestore(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	stop := s.run(p)
	s.accept(slip{id: "a"}.String())
	s.settled("a")
	file := filepath.Join(t.TempDir(), "day.db")
	if err := s.q.Journal.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	b := slip{id: "b", voucher: "000002"}.String()
	s.accept(b)
	s.settled("b")
	used, err := s.q.Files.NextSeq(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if _, err := queue.Restore(t.Context(), s.path, file, s.now()); !errors.Is(err, queue.ErrLocked) {
		t.Errorf("beside a daemon: %v, want ErrLocked", err)
	}
	if err := s.q.Close(); err != nil {
		t.Fatal(err)
	}
	s.wait(time.Hour)
	kept, err := queue.Restore(t.Context(), s.path, file, s.now())
	if err != nil || kept == "" {
		t.Fatal(kept, err)
	}
	s.open()
	if born, replaced := s.q.Journal.Born(); !replaced || !born.Equal(s.now()) {
		t.Errorf("born %v, replaced %v", born, replaced)
	}
	sub := s.q.Events.Subscribe(1 << 40) // a page that was open before
	s.run(p)
	if x := s.accept(b); x.Outcome != queue.Accepted {
		t.Errorf("b again: %+v", x)
	}
	s.settled("b")
	if e, err := sub.Next(t.Context()); err != nil || e.JobID != "b" {
		t.Errorf("the old page is told %+v, %v", e, err)
	}
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
	if n, err := s.q.Files.NextSeq(t.Context()); err != nil || n <= used+1000 {
		t.Errorf("file number %d after %d (%v)", n, used, err)
	}
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	aside := filepath.Join(t.TempDir(), "journal.db")
	if err := errors.Join(copyFiles(aside, kept), queue.VerifyFile(t.Context(), aside)); err != nil {
		t.Error(err)
	}
}

// TestRestoreRefusesADamagedBackup: the journal stays as it is.
func TestRestoreRefusesADamagedBackup(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(slip{id: "a"}.String())
	if err := s.q.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "day.db")
	if err := os.WriteFile(file, []byte("this is no journal"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := queue.Restore(t.Context(), s.path, file, s.now()); !errors.Is(err, queue.ErrCorrupt) {
		t.Errorf("%v, want ErrCorrupt", err)
	}
	s.open()
	if _, replaced := s.q.Journal.Born(); replaced || s.answer("a").Outcome != queue.Accepted {
		t.Error("the journal was marksChanged")
	}
	if left, _ := filepath.Glob(s.path + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestRestoreWhatWasSetAside: a journal that a crash left and a restore set aside comes back whole, and one that vanished
// between two renames is known to have been there.
func TestRestoreWhatWasSetAside(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if err := s.q.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := queue.Restore(t.Context(), s.path, crashed(t), s.now()); err != nil {
		t.Fatal(err)
	}
	s.open()
	if a := s.answer("a"); a.Outcome != queue.Accepted {
		t.Errorf("%+v", a)
	}
	if err := s.q.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.path); err != nil {
		t.Fatal(err)
	}
	s.open()
	if _, replaced := s.q.Journal.Born(); !replaced {
		t.Error("the new journal does not know that there was one before")
	}
}
