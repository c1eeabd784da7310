package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

// resultDelay is how long a proven result may wait to share the next attempt's commit.
const resultDelay = 20 * time.Millisecond

// begin puts the start of an attempt on disk, together with the result of the copy before. What was asked of the disk is waited
// for, also when ctx ends meanwhile: a start that nobody knows of would look like a slip at the printer.
func (w *worker) begin(ctx context.Context, at *delivering, m job.Mark) (record.ProofID, error) {
	if err := ctx.Err(); err != nil {
		return record.ProofID{}, fmt.Errorf("begin copy: %w", err)
	}
	if w.d.isPaused(w.printer) {
		return record.ProofID{}, ErrPaused
	}
	ctx = context.WithoutCancel(ctx)
	w.mu.Lock()
	if at.proof != 0 || w.now != at {
		w.mu.Unlock()
		return record.ProofID{}, errors.New("an attempt begins once")
	}
	if at.givenUp {
		w.mu.Unlock()
		return record.ProofID{}, ErrPaused
	}
	at.begins = true
	before := w.takeResult()
	w.mu.Unlock()
	begun := make(chan bool, 1)
	defer func() { begun <- at.proof != 0 }()
	at.reading.Go(func() {
		if !w.lookAhead(ctx, at, true) && <-begun { // while the disk works; what comes with the same commit shows behind it
			w.lookAhead(ctx, at, false)
		}
	})
	var proof int64
	err := w.d.db.Start(ctx, at.row.Seq, func(t *journal.Tx) error {
		proof = 0 // it may run twice, and what it found the first time may be gone
		if before != nil {
			if err := w.write(t, *before); err != nil {
				return err
			}
		}
		if rolledBack(at.undone) {
			return nil
		}
		var err error
		proof, err = w.d.rules.Begin(t, w.printer, at.row.Seq, m, at.version)
		if errors.Is(err, rules.ErrSkip) {
			proof = 0 // the result of the copy before must be kept
			return nil
		}
		return err
	})
	if err != nil {
		w.mu.Lock()
		if before != nil && w.result == nil {
			w.result = before
		}
		w.mu.Unlock()
		return record.ProofID{}, fmt.Errorf("begin copy: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if proof == 0 {
		at.skipped = true
		return record.ProofID{}, rules.ErrSkip
	}
	at.proof, at.state, at.reason = proof, vocabulary.StateSending, ""
	return record.ProofIDOf(proof), nil
}

// report notes that a copy is held or goes on, without waiting for the disk.
func (w *worker) report(at *delivering, s vocabulary.State, reason vocabulary.Reason) {
	if s != vocabulary.StateHeld && s != vocabulary.StateSending {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now != at || at.state == s && at.reason == reason || s == vocabulary.StateSending && at.proof == 0 {
		return
	}
	at.state, at.reason = s, reason
	go w.background("note a held copy", func(t *journal.Tx) error {
		w.mu.Lock()
		stale := w.now != at || at.state != s || at.reason != reason || rolledBack(at.undone)
		w.mu.Unlock()
		if stale {
			return nil
		}
		return w.d.rules.Hold(t, at.row.Seq, s, reason)
	})
}

// background writes something that nobody waits for.
func (w *worker) background(what string, fn func(*journal.Tx) error) {
	if err := w.d.db.Do(context.Background(), fn); err != nil && !errors.Is(err, journal.ErrClosed) {
		w.d.log.Error("the journal cannot be written", "act", what, "error", err)
	}
}

// keep holds a proven result back for the next attempt's commit, for a moment.
func (w *worker) keep(o ended) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result = &o
	w.timer = time.AfterFunc(resultDelay, w.flush)
}

// takeResult takes the kept result. The lock is held.
func (w *worker) takeResult() *ended {
	o := w.result
	w.result = nil
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	return o
}

// flush writes the kept result now. It returns when that is on disk, also when the timer was faster and is still at it.
func (w *worker) flush() {
	w.writing <- struct{}{}
	defer func() { <-w.writing }()
	w.mu.Lock()
	o := w.takeResult()
	w.mu.Unlock()
	if o != nil {
		w.record(*o)
	}
}

// write takes a result into a transaction, unless the job that it is about was not taken.
func (w *worker) write(t *journal.Tx, o ended) error {
	if rolledBack(o.undone) {
		return nil
	}
	return w.d.rules.Record(t, w.printer, o.Ended)
}

// record writes a result. It tries until it is on disk; when Run shall end, only a few times: a result that is not on
// disk is uncertain at the next start, which is true then.
func (w *worker) record(o ended) {
	tries := 0
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		err := w.d.db.Do(context.Background(), func(t *journal.Tx) error { return w.write(t, o) })
		if err == nil || errors.Is(err, journal.ErrClosed) {
			return
		}
		w.d.log.Error("a result cannot be written", "printer", w.printer, "error", err)
		if tries++; tries > 3 {
			select {
			case <-w.stop:
				return
			default:
			}
		}
		time.Sleep(wait)
	}
}
