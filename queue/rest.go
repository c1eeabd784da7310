package queue

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"time"
)

// restAfter is how long nothing is written before the journal is tidied.
const restAfter = 2 * time.Second

// tidy is run when nothing was written for a while. It copies what stands only in the write-ahead log into the journal, so that
// not everything hangs on the log; begins the log anew, so that the next slip need not sync its first block; and has the seal
// synced. Nobody waits for it.
func (q *Queue) tidy() {
	if !q.tidyMu.TryLock() {
		return // the one before is still at it
	}
	defer q.tidyMu.Unlock()
	if err := q.checkpoint(bg); err != nil {
		q.log.Warn("the journal is not tidied", "error", err)
	}
}

func (q *Queue) checkpoint(ctx context.Context) (err error) {
	db, err := sql.Open("sqlite", dsn(q.path))
	if err != nil {
		return fmt.Errorf("copy the write-ahead log: %w", err)
	}
	defer db.Close()
	var busy, frames, written int
	if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &frames, &written); err != nil {
		return fmt.Errorf("copy the write-ahead log: %w", err)
	}
	if written < frames {
		return nil // somebody reads or writes: another time
	}
	o := &op{quiet: true, done: make(chan error, 1), fn: func(t *tx) error {
		if err := t.note("tidied", millis(t.now)); err != nil {
			return err
		}
		return t.keepSeal()
	}}
	if err := q.w.ask(ctx, o); err != nil {
		return err
	}
	return q.w.seal.sync()
}

// sealJournal opens the journal's seal, and then notes in the journal that it has one: from then on a seal that is gone is a loss.
func (q *Queue) sealJournal(t *tx) error {
	seals, err := readSeals(q.path)
	if err != nil {
		return err
	}
	now := t.w.standing()
	for _, s := range seals {
		now.serial = max(now.serial, s.serial)
	}
	if t.w.seal, err = openSeal(q.path, now); err != nil {
		return err
	}
	return t.note("sealed", placeOf(q.path))
}

// keepSeal makes the seal again when somebody removed it or put another file in its place.
func (t *tx) keepSeal() error {
	s := &t.w.seal
	if s.f == nil {
		return t.q.sealJournal(t)
	}
	own, err := s.f.Stat()
	if err != nil {
		return fmt.Errorf("look at the journal's seal: %w", err)
	}
	if there, err := os.Stat(s.f.Name()); err == nil && os.SameFile(own, there) {
		return nil
	}
	t.q.log.Warn("the journal's seal was removed and is made again", "file", s.f.Name())
	if err := s.close(); err != nil {
		return fmt.Errorf("close the journal's seal: %w", err)
	}
	return t.q.sealJournal(t)
}

// standing is what the seal says now.
func (w *writer) standing() seal {
	return seal{birth: w.q.birthID, numbers: w.given, proof: w.proof, file: w.q.fileSeq.last}
}

// writeSeal follows a commit.
func (w *writer) writeSeal() {
	if w.seal.f == nil {
		return
	}
	err := w.seal.write(w.standing())
	if err != nil && !w.seal.failed {
		w.q.log.Warn("the journal's seal cannot be written: a loss of its end would not be seen", "error", err)
	}
	w.seal.failed = err != nil
}
