package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/internal/filelock"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// A DB is an open journal: one file, its lock and what lies beside it. Its methods may be used by many goroutines.
type DB struct {
	path     string
	lock     *os.File // of the data folder
	identity identity // written while the journal is opened, read only afterwards
	w        *writer
	readers  *readers
	feed     Feed
	space    space
	files    fileNumbers
	contents contents
	marks    atomic.Int64         // see Tx.ChangeMarks
	loss     atomic.Pointer[Loss] // nil: none that stands
	seal     sealer               // the writer's goroutine alone uses it
	tidier   tidier
}

// Born is when this journal began, and whether an earlier one was lost before it.
func (db *DB) Born() (at time.Time, replaced bool) { return db.identity.born, db.identity.replaced }

// ID is a name of this journal: another one, or one that was begun anew, has another.
func (db *DB) ID() string { return strconv.FormatInt(db.identity.birthID, 36) }

// DiskFull reports whether the journal lives on its ballast.
func (db *DB) DiskFull() bool { return db.space.full.Load() }

// HasSpace reports whether new jobs can be taken. When the disk was full it tries, at most once a second, to get the ballast back.
func (db *DB) HasSpace() bool { return db.space.has() }

// Feed gives the events as they happen.
func (db *DB) Feed() *Feed { return &db.feed }

// LastEvent is the number of the newest event.
func (db *DB) LastEvent() int64 { return db.feed.from(-1) }

// Close writes what is asked already, closes the journal and gives up the lock.
func (db *DB) Close() error {
	return errors.Join(db.w.close(), db.seal.file.close(), db.readers.pool.Close(), filelock.Release(db.lock))
}

// Do runs fn in a transaction and returns when it is on disk, or did not happen. When ctx ends before that, it is unknown whether it
// happens: ask again under the same id. fn may run twice: when another one of its group fails.
func (db *DB) Do(ctx context.Context, fn func(*Tx) error) error { return db.w.do(ctx, fn) }

// Start is Do for the request that begins an attempt of a copy. It may come into the very transaction that made the copy.
func (db *DB) Start(ctx context.Context, copySeq int64, fn func(*Tx) error) error {
	return db.w.start(ctx, copySeq, fn)
}

// MarksVersion gives a number that rises with each commit of a transaction that changed marks.
func (db *DB) MarksVersion() int64 { return db.marks.Load() }

func (db *DB) Read(ctx context.Context) Reader { return Reader{ctx: ctx, from: db.readers} }

// Backup writes a whole copy of the journal to file while everything goes on. The copy stands under its name only when
// it is complete and on disk. An existing file is not overwritten.
func (db *DB) Backup(ctx context.Context, file string) error { return backup(ctx, db.path, file) }

// Verify checks every page of the journal, its references, and what may never be: a print number given twice, a second
// copy without its mark, content that is not what was written. A loss that nobody acknowledged counts too, but that it is a
// copy: nothing of it is damaged. It reads everything and hinders nobody. Error: ErrCorrupt, with all that was found.
func (db *DB) Verify(ctx context.Context) error {
	err := verify(ctx, db.readers.pool)
	if l, ok := db.Loss(); ok && l.Cause != LossCopied && (err == nil || errors.Is(err, ErrCorrupt)) {
		lost := damaged(l.Text())
		if more, ok := DamageOf(err); ok {
			lost.Found = append(lost.Found, more)
		}
		return lost
	}
	return err
}

// Loss gives what the journal lost; ok is false when it is whole or somebody acknowledged it.
func (db *DB) Loss() (l Loss, ok bool) {
	if p := db.loss.Load(); p != nil {
		return *p, true
	}
	return Loss{}, false
}

// NextFileSeq gives a number for a file that is being claimed. It is never given again, whatever crashes.
func (db *DB) NextFileSeq(ctx context.Context) (int64, error) { return db.files.give(ctx, db.w) }

// Checkpoint does now what is done when nothing was written for a while: see tidier. It reports whether nobody was in its way.
func (db *DB) Checkpoint(ctx context.Context) (whole bool, err error) {
	return db.tidier.checkpoint(ctx)
}

// RenewLog writes the write-ahead log's content into the journal and begins a new log: see renewLog.
func (db *DB) RenewLog(ctx context.Context) error { return renewLog(ctx, db.w, db.path) }

// Acknowledge notes that a person knows of the loss. It reports false when there was none.
func (db *DB) Acknowledge(ctx context.Context, operator string) (bool, error) {
	l, ok := db.Loss()
	if !ok {
		return false, nil
	}
	err := db.w.do(ctx, func(t *Tx) error {
		if err := t.Note("lost_seen", 1); err != nil {
			return err
		}
		_, err := t.Emit(record.Event{Type: vocabulary.EventPersonSaid, Reason: vocabulary.ReasonJournalLost, Operator: operator, Detail: "journal loss acknowledged: " + string(l.Cause)})
		t.OnCommit(func() { db.loss.Store(nil) })
		return err
	})
	if err != nil {
		return false, fmt.Errorf("acknowledge the journal's loss: %w", err)
	}
	return true, nil
}
