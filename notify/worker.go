package notify

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/pause"
)

const (
	gather     = time.Second      // after the first notice, for what comes with it
	firstPause = 2 * time.Second  // after the first failure; each further one doubles it
	lastPause  = 10 * time.Minute // and no more than this
	giveUpAt   = 24 * time.Hour   // a notice so old is given up
	leastTries = 5                // that failed before anything is given up: the clock may have jumped
	fetched    = 50               // notices read at once
)

// A worker tells one receiver, for as long as it runs.
type worker struct {
	to   Receiver
	n    *Notifier
	wake chan struct{} // a notice was written

	mu sync.Mutex // guards what follows, for status
	st api.Receiver
}

// run tells what is pending until ctx ends. Between two messages and after a failure it waits; what comes meanwhile stays in the journal.
func (w *worker) run(ctx context.Context) {
	tries := 0
	pause.For(ctx, gather) // a start finds much at once
	for ctx.Err() == nil {
		p, err := w.n.o.Journal.Pending(ctx, w.to.Name, w.to.events(), fetched)
		switch {
		case err != nil:
			if ctx.Err() == nil {
				w.n.o.Logger.Error("the journal does not tell what is to be told", "receiver", w.to.Name, "err", err)
			}
			pause.For(ctx, pause.Jitter(lastPause/10))
		case p.Total == 0:
			tries = 0
			w.idle(ctx)
		default:
			tries = w.tell(ctx, p, tries)
		}
	}
}

// idle waits for a notice and a moment more: what happens together is told together.
func (w *worker) idle(ctx context.Context) {
	select {
	case <-w.wake:
		pause.For(ctx, gather)
	case <-ctx.Done():
	}
}

// tell sends one message of what is pending, waits as the outcome wants, and gives how often it has failed in a row.
func (w *worker) tell(ctx context.Context, p api.PendingNotices, tries int) int {
	m := &message{id: fmt.Sprintf("%s_%d_%d", w.n.o.ID, p.Notices[0].ID, p.Last), to: &w.to, label: w.n.o.Label, pending: p}
	failed := w.n.o.send(ctx, &w.to, m)
	if ctx.Err() != nil {
		return tries // nobody knows: it is told again at the next start
	}
	now := w.n.o.Now()
	if failed == nil {
		if err := w.n.o.Journal.Told(ctx, w.to.Name, p.Last, p.Total); err != nil {
			w.n.o.Logger.Error("it cannot be noted that a message was taken: it will be told again", "receiver", w.to.Name, "err", err)
			pause.For(ctx, pause.Jitter(lastPause/10))
			return tries
		}
		if w.noteTaken(now) {
			w.n.o.Logger.Info("messages are taken again", "receiver", w.to.Name)
		}
		f, _ := formOf(w.to.Form)
		pause.For(ctx, f.gap)
		return 0
	}
	tries++
	if w.noteFailed(now, failed) {
		w.n.o.Logger.Warn("a message was not taken; it is tried again", "receiver", w.to.Name, "code", failed.Code, "number", failed.Number, "what", failed.Error())
	}
	if tries >= leastTries && now.Sub(p.Notices[0].At) > giveUpAt {
		w.giveUp(ctx, now)
	}
	pause.For(ctx, max(backOff(tries), failed.Pause))
	return tries
}

// giveUp passes over what could not be told for a day.
func (w *worker) giveUp(ctx context.Context, now time.Time) {
	n, err := w.n.o.Journal.GiveUp(ctx, w.to.Name, w.to.events(), now.Add(-giveUpAt))
	if err != nil {
		w.n.o.Logger.Error("it cannot be noted that messages were given up", "receiver", w.to.Name, "err", err)
	} else if n > 0 {
		w.n.o.Logger.Error("messages were given up: nobody took them for a day", "receiver", w.to.Name, "count", n)
	}
}

// noteTaken notes a success and reports whether it ends a time of failures.
func (w *worker) noteTaken(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.st.Failure != ""
	w.st.Failing, w.st.Failure, w.st.LastTold = time.Time{}, "", now
	w.st.Text = api.Receiver{}.Text
	return was
}

// noteFailed notes a failure and reports whether it is another one than before.
func (w *worker) noteFailed(now time.Time, f *Failure) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	other := w.st.Failure != f.Code
	if w.st.Failing.IsZero() {
		w.st.Failing = now
	}
	w.st.Failure, w.st.Text = f.Code, f.Text()
	return other
}

func (w *worker) status() api.Receiver {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.st
}

// backOff is how long to wait after so many failures in a row.
func backOff(tries int) time.Duration {
	return pause.Jitter(min(firstPause<<min(tries-1, 20), lastPause))
}

// asFailure keeps a nil failure from becoming an error that is not nil.
func asFailure(f *Failure) error {
	if f == nil {
		return nil
	}
	return f
}

// ErrNoReceiver says that no section has that name.
var ErrNoReceiver = api.ErrNoReceiver
