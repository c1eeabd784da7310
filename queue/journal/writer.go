package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/receiptd/receiptd/internal/sqlitefile"
	"github.com/receiptd/receiptd/queue/record"
)

// maxGroup is how many requests one transaction takes at most.
const maxGroup = 256

// A writer owns the one connection that writes. What is asked while a transaction is being synced to disk forms the
// next one.
type writer struct {
	base
	writerOptions
	requests chan *request
	quit     chan struct{}  // closed when the writer shall end
	ended    chan struct{}  // closed when it has
	resting  sync.WaitGroup // the goroutines that run rested

	hook func(point string) // tests stop the process here; nil otherwise. The writer's goroutine alone uses it
}

// writerOptions is what a writer needs of what stands around it. The writer's goroutine calls all of it, rested apart; none may be nil
// but offer.
type writerOptions struct {
	now       func() time.Time
	space     *space
	offer     func(*Tx) Offered    // see Options.Offer
	publish   func([]record.Event) // called with the events of a transaction that is on disk
	committed func()               // called when all that hangs on a transaction is done
	rested    func()               // called in a goroutine of its own when nothing was written for restAfter
}

// startTime is how long a transaction waits for a printer without work that was offered a copy, unless that one refuses it before. The
// start, which mostly follows in a fraction of that, shares the commit then: a slip that comes alone waits once for the disk, not twice. From the
// drop to the first byte it takes a fifth to a third less (2.4 ms instead of 2.8 to 3.7 where a commit takes 0.9 ms). It is long
// enough for a link that was given back to be opened and asked: while it is not, the slip cannot begin anyway, so only the answer waits.
const startTime = 4 * time.Millisecond

// restAfter is how long nothing is written before the journal rests: see writerOptions.rested.
const restAfter = 2 * time.Second

// A request is asked of the writer. It may run twice: when another one of its group fails.
type request struct {
	fn     func(*Tx) error
	starts int64 // the copy whose attempt it begins, 0 for others
	quiet  bool  // the journal goes on resting
	done   chan error
}

// startWriter starts the goroutine of a writer, which owns what b holds from now on.
func startWriter(b base, o writerOptions) *writer {
	w := &writer{base: b, writerOptions: o, requests: make(chan *request, maxGroup), quit: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	return w
}

// do runs fn in a transaction and returns when it is on disk, or did not happen. When ctx ends before that, it is
// unknown whether it happens: ask again under the same id.
func (w *writer) do(ctx context.Context, fn func(*Tx) error) error {
	return w.ask(ctx, &request{fn: fn, done: make(chan error, 1)})
}

// start is do for the request that begins an attempt of a copy.
func (w *writer) start(ctx context.Context, copySeq int64, fn func(*Tx) error) error {
	return w.ask(ctx, &request{fn: fn, starts: copySeq, done: make(chan error, 1)})
}

func (w *writer) ask(ctx context.Context, r *request) error {
	select {
	case w.requests <- r:
	case <-w.ended:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.ended:
		select {
		case err := <-r.done:
			return err
		default:
			return ErrClosed
		}
	}
}

// close runs what is asked already and ends the writer.
func (w *writer) close() error {
	select {
	case <-w.quit:
		return nil
	default:
	}
	close(w.quit)
	<-w.ended
	w.resting.Wait()
	return w.conn.Close()
}

func (w *writer) run() {
	defer close(w.ended)
	group := make([]*request, 0, maxGroup)
	rest := time.NewTimer(restAfter)
	rest.Stop() // until the first request: the one who opens a journal uses its connection before, for as long as a migration takes
	defer rest.Stop()
	for {
		group = group[:0]
		select {
		case r := <-w.requests:
			group = append(group, r)
		case <-rest.C:
			w.resting.Go(w.rested)
			continue
		case <-w.quit:
			select {
			case r := <-w.requests:
				group = append(group, r)
			default:
				return
			}
		}
		for len(group) < maxGroup {
			select {
			case r := <-w.requests:
				group = append(group, r)
				continue
			default:
			}
			break
		}
		w.commit(group)
		if slices.ContainsFunc(group, func(r *request) bool { return !r.quiet }) {
			rest.Reset(restAfter)
		}
	}
}

// commit runs a group in one transaction; when one of them fails, each alone.
func (w *writer) commit(group []*request) {
	group, err := w.commitTogether(group)
	if err != nil && NoSpace(err) && w.space.giveUp() {
		group, err = w.commitTogether(group)
	}
	if err != nil && len(group) > 1 {
		for _, r := range group {
			w.commit([]*request{r})
		}
		return
	}
	for _, r := range group {
		r.done <- err
	}
}

// NoSpace reports an error that says that the disk is full.
func NoSpace(err error) bool {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
		return true // the write-ahead log's index could not grow
	}
	return sqlitefile.Code(err) == sqlite3.SQLITE_FULL
}

// commitTogether runs a group in one transaction. It gives the group with what joined it.
func (w *writer) commitTogether(group []*request) (all []*request, err error) {
	t := &Tx{base: &w.base, Now: w.now(), numbers: w.given}
	if err := t.Exec("BEGIN IMMEDIATE"); err != nil {
		return group, fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			_ = t.Exec("ROLLBACK") // SQLite may have done it already
			for _, f := range t.undo {
				f()
			}
		}
	}()
	for _, r := range group {
		if err := t.run(r.fn); err != nil {
			return group, err
		}
	}
	if group, err = w.awaitStart(t, group); err != nil {
		return group, err
	}
	w.callHook("before commit")
	if err := t.Exec("COMMIT"); err != nil {
		return group, fmt.Errorf("commit: %w", err)
	}
	w.callHook("after commit")
	w.given = t.numbers
	w.publish(t.events)
	for _, f := range t.after {
		f()
	}
	w.committed()
	return group, nil
}

// awaitStart offers the transaction's first copy to its printer, and takes requests into the running transaction until that copy begins, at
// most for startTime and not when its printer refuses it.
func (w *writer) awaitStart(t *Tx, group []*request) ([]*request, error) {
	if w.offer == nil {
		return group, nil
	}
	offered := w.offer(t)
	if offered.Copy == 0 {
		return group, nil
	}
	late := time.NewTimer(startTime)
	defer late.Stop()
	for len(group) < maxGroup {
		select {
		case r := <-w.requests:
			group = append(group, r)
			if err := t.run(r.fn); err != nil || r.starts == offered.Copy {
				return group, err
			}
		case <-offered.Over:
			return group, nil
		case <-late.C:
			return group, nil
		}
	}
	return group, nil
}

func (w *writer) callHook(name string) {
	if w.hook != nil {
		w.hook(name)
	}
}
