package queue

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/queue/dispatch"
	"github.com/receiptd/receiptd/queue/rules"
)

// Printing feeds the printers with the copies that wait for them, and takes what a person or the configuration wants of what waits. It
// joins two rooms: the rules say what becomes of a copy, the dispatch has the workers that must hear of it. Its methods may be used by
// many goroutines.
type Printing struct {
	rules    *rules.Rules
	dispatch *dispatch.Dispatcher
}

// Run feeds the printers with what waits for them until ctx ends: to each its oldest copy, one at a time, the copies of
// a job one after the other. It returns nil when ctx ended and every worker has recorded its last result. A printer
// without work costs nothing: nothing is polled. It may be called again beside itself for other printers, each with a ctx of its
// own. The ctx of a delivery ends with this one: Dismiss ends a worker without disturbing it.
func (p *Printing) Run(ctx context.Context, printers []string, deliver dispatch.Deliver) error {
	return p.dispatch.Run(ctx, printers, deliver)
}

// Wake lets a printer's worker look again at once: its printer became ready. It does not block.
func (p *Printing) Wake(printer string) { p.dispatch.Wake(printer) }

// Dismiss ends a printer's worker: it is offered no further copy, and the one at the printer ends as it would have. It returns
// when that is recorded, at once when there is no worker.
func (p *Printing) Dismiss(printer string) { p.dispatch.Dismiss(printer) }

// Unsettled gives the id of the latest attempt at a printer when its end is not known or it was cancelled in the printer:
// what it left unfinished there must be ended before anything else is printed. The zero id: there is none.
func (p *Printing) Unsettled(ctx context.Context, printer string) (ProofID, error) {
	return p.rules.Unsettled(ctx, printer)
}

// Settle takes a proof that arrived outside its delivery: the printer answered the id of an attempt that is uncertain.
// id is the attempt's base id. The copy becomes printed, on any link epoch, and a marked copy that was to stand in for
// it is cancelled if nothing of it has left. Error: ErrNotFound for an id that no attempt had.
func (p *Printing) Settle(ctx context.Context, id ProofID, at time.Time) error {
	p.dispatch.Flush() // a result that is kept back says more than that the attempt has begun
	return p.rules.LateProof(ctx, id, at)
}

// Rehome sends what waits for a printer that is no longer there, copy by copy, to where the routes send such a copy now. That is
// then the printer that should print it: no copy says that it comes from another. It gives the number of copies by printer.
func (p *Printing) Rehome(ctx context.Context, gone string) (map[string]int, error) {
	return p.rules.Rehome(ctx, gone)
}

// Move sends what waits for a printer to another one. The copy that is at the printer now is given up: it becomes
// uncertain when something of it had left. It gives the number of copies moved.
func (p *Printing) Move(ctx context.Context, from, to, operator string) (int, error) {
	n, err := p.rules.Move(ctx, from, to, operator)
	if err == nil {
		p.dispatch.GiveUp(from)
	}
	return n, err
}

// Pause lets nothing more begin at a printer until it is resumed, whatever happens to the machine meanwhile: what waits keeps waiting,
// a slip of which something has left comes out whole. on false lets it go on. It reports whether anything changed.
func (p *Printing) Pause(ctx context.Context, printer string, on bool, operator string) (bool, error) {
	changed, since, err := p.rules.Pause(ctx, printer, on, operator)
	if err == nil {
		p.dispatch.Pause(printer, on, since)
	}
	return changed, err
}

// Paused tells since when a person has paused a printer; ok is false when it is not. It reads no disk.
func (p *Printing) Paused(printer string) (since time.Time, ok bool) {
	return p.dispatch.Paused(printer)
}

// CancelWaiting cancels what waits for a printer and of which nothing has left, as far as it was asked for by then. It gives the
// number of copies cancelled. The caller has checked the operator's permission.
func (p *Printing) CancelWaiting(ctx context.Context, printer string, then time.Time, operator string) (int, error) {
	n, err := p.rules.CancelWaiting(ctx, printer, then, operator)
	if err == nil && n > 0 {
		p.dispatch.GiveUpWaiting(printer)
	}
	return n, err
}
