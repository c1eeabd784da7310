package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

// An Opening is a cash drawer that is to be opened now.
type Opening struct {
	Printer string
	// Begin puts on disk that the pulse may leave. It is called once, after the printer was found ready and before the first byte.
	// ErrSkip: it must not.
	Begin func(ctx context.Context) error
}

// An OpeningResult is what became of it: sent, uncertain or not_sent.
type OpeningResult struct {
	State  vocabulary.Opening
	Reason vocabulary.Reason
}

// Open sends one pulse and returns when its end is known, soon after ctx ended at the latest. The end of ctx says that it is too late.
type Open func(ctx context.Context, o Opening) OpeningResult

// Drawers lets cash drawers be opened, each at once or never: what cannot begin in time is over, and nothing is ever begun twice. Its
// methods may be used by many goroutines.
type Drawers struct {
	log   *slog.Logger
	rules *rules.Rules
	db    *journal.DB // set once by Use

	mu      sync.Mutex
	pending []pendingOpening     // guarded by mu; taken while nobody runs
	begin   func(pendingOpening) // guarded by mu; starts a goroutine, nil while nobody runs
}

// A pendingOpening is one that stands.
type pendingOpening struct {
	seq     int64
	printer string
	asked   bool
	by      time.Time // on this process's clock, which nobody sets
}

// NewDrawers gives the drawers of a journal that is about to be opened: see Use.
func NewDrawers(r *rules.Rules, log *slog.Logger) *Drawers { return &Drawers{log: log, rules: r} }

// Use gives the drawers their journal.
func (d *Drawers) Use(db *journal.DB) { d.db = db }

// Wanted takes an opening that is on disk and stands for so long. It does not block.
func (d *Drawers) Wanted(seq int64, printer string, state vocabulary.Opening, within time.Duration) {
	p := pendingOpening{seq, printer, state == vocabulary.OpeningAsked, time.Now().Add(within)}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.begin == nil {
		d.pending = append(d.pending, p)
		return
	}
	d.begin(p)
}

// Run opens drawers by open until ctx ends. It returns nil when every opening that had begun has its end on disk.
func (d *Drawers) Run(ctx context.Context, open Open) error {
	var all sync.WaitGroup
	d.mu.Lock()
	d.begin = func(p pendingOpening) {
		all.Go(func() { d.see(ctx, p, open) })
	}
	for _, p := range d.pending {
		d.begin(p)
	}
	d.pending = nil
	d.mu.Unlock()
	<-ctx.Done()
	d.mu.Lock()
	d.begin = nil // nothing is added to all any more
	d.mu.Unlock()
	all.Wait()
	return nil
}

// see brings one opening to its end.
func (d *Drawers) see(ctx context.Context, p pendingOpening, open Open) {
	until, cancel := context.WithDeadline(ctx, p.by)
	defer cancel()
	if p.asked {
		<-until.Done()
		if ctx.Err() == nil {
			d.record(func(t *journal.Tx) error { return d.rules.Expire(t, p.seq) })
		}
		return
	}
	r := open(until, Opening{Printer: p.printer, Begin: func(ctx context.Context) error { return d.rules.BeginOpening(ctx, p.seq) }})
	d.record(func(t *journal.Tx) error { return d.rules.EndOpening(t, p.seq, r.State, r.Reason) })
}

// record writes an end, and tries for a while: one that is not on disk is uncertain at the next start, which is true then.
func (d *Drawers) record(fn func(*journal.Tx) error) {
	for wait, tries := firstWait, 0; tries < 8; wait, tries = min(2*wait, lastWait), tries+1 {
		err := d.db.Do(context.Background(), fn)
		if err == nil || errors.Is(err, journal.ErrClosed) {
			return
		}
		d.log.Error("what became of a drawer cannot be written", "error", err)
		time.Sleep(wait)
	}
}
