package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

// delivering is a copy that is at the printer now. The worker makes it; its methods may be called by any goroutine.
type delivering struct {
	reader
	kept    *kept // of the copy before
	turn    *turn
	row     record.CopyRow
	version int64        // of what marks depend on, when the mark was made
	undone  *atomic.Bool // see readAhead; nil: it is on disk
	cancel  context.CancelFunc
	reading sync.WaitGroup // the goroutine that reads ahead meanwhile

	mu sync.Mutex // guards what follows
	attempt
}

// An attempt is how far a delivery has come.
type attempt struct {
	proof   int64            // 0 until begun
	state   vocabulary.State // as the printer last reported it
	reason  vocabulary.Reason
	skipped bool
	begins  bool // its start is being written: it is given up no more
	givenUp bool // it may not begin any more
	over    bool // it is not at the printer any more
}

// end notes that the copy is not at the printer any more, and gives how far it came.
func (at *delivering) end() attempt {
	at.mu.Lock()
	defer at.mu.Unlock()
	at.over = true
	return at.attempt
}

// begun reports whether the start is on disk.
func (at *delivering) begun() bool {
	at.mu.Lock()
	defer at.mu.Unlock()
	return at.proof != 0
}

// giveUpHeld ends the delivery of a copy that is held.
func (at *delivering) giveUpHeld() {
	at.mu.Lock()
	defer at.mu.Unlock()
	if !at.over && at.state == vocabulary.StateHeld {
		at.cancel()
	}
}

// giveUpUnbegun ends the delivery of a copy of which nothing has left.
func (at *delivering) giveUpUnbegun() {
	at.mu.Lock()
	defer at.mu.Unlock()
	if !at.over && !at.begins {
		at.givenUp = true
		at.cancel()
	}
}

// begin puts the start of an attempt on disk, together with the result of the copy before. What was asked of the disk is waited
// for, also when ctx ends meanwhile: a start that nobody knows of would look like a slip at the printer.
func (at *delivering) begin(ctx context.Context, m job.Mark) (record.ProofID, error) {
	if err := ctx.Err(); err != nil {
		return record.ProofID{}, fmt.Errorf("begin copy: %w", err)
	}
	if at.paused.has(at.printer) {
		return record.ProofID{}, ErrPaused
	}
	ctx = context.WithoutCancel(ctx)
	at.mu.Lock()
	if at.proof != 0 || at.over {
		at.mu.Unlock()
		return record.ProofID{}, errors.New("an attempt begins once")
	}
	if at.givenUp {
		at.mu.Unlock()
		return record.ProofID{}, ErrPaused
	}
	at.begins = true
	at.mu.Unlock()
	before := at.kept.take()
	begun := make(chan bool, 1)
	defer func() { begun <- at.begun() }()
	at.reading.Go(func() {
		if !at.lookAhead(ctx, true) && <-begun { // while the disk works; what comes with the same commit shows behind it
			at.lookAhead(ctx, false)
		}
	})
	var proof int64
	err := at.db.Start(ctx, at.row.Seq, func(t *journal.Tx) error {
		proof = 0 // it may run twice, and what it found the first time may be gone
		if before != nil {
			if err := at.kept.write(t, *before); err != nil {
				return err
			}
		}
		if rolledBack(at.undone) {
			return nil
		}
		var err error
		proof, err = at.rules.Begin(t, at.printer, at.row.Seq, m, at.version)
		if errors.Is(err, rules.ErrSkip) {
			proof = 0 // the result of the copy before must be kept
			return nil
		}
		return err
	})
	if err != nil {
		at.kept.putBack(before)
		return record.ProofID{}, fmt.Errorf("begin copy: %w", err)
	}
	at.mu.Lock()
	defer at.mu.Unlock()
	if proof == 0 {
		at.skipped = true
		return record.ProofID{}, rules.ErrSkip
	}
	at.proof, at.state, at.reason = proof, vocabulary.StateSending, ""
	return record.ProofIDOf(proof), nil
}

// lookAhead reads what follows, so that it can be prepared. It reports false when it found nothing.
func (at *delivering) lookAhead(ctx context.Context, early bool) bool {
	a := at.ahead(ctx, &at.row, early)
	if a != nil {
		at.turn.put(a)
	}
	return a != nil
}

// report notes that a copy is held or goes on, without waiting for the disk.
func (at *delivering) report(s vocabulary.State, reason vocabulary.Reason) {
	if s != vocabulary.StateHeld && s != vocabulary.StateSending {
		return
	}
	at.mu.Lock()
	defer at.mu.Unlock()
	if at.over || at.state == s && at.reason == reason || s == vocabulary.StateSending && at.proof == 0 {
		return
	}
	at.state, at.reason = s, reason
	go at.kept.background("note a held copy", func(t *journal.Tx) error {
		at.mu.Lock()
		stale := at.over || at.state != s || at.reason != reason || rolledBack(at.undone)
		at.mu.Unlock()
		if stale {
			return nil
		}
		return at.rules.Hold(t, at.row.Seq, s, reason)
	})
}
