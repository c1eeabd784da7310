package printer

import (
	"context"
	"errors"
)

// ErrNoJam is what JamCleared returns when no jammed cutter is known of: nothing is done then.
var ErrNoJam = errors.New("the printer reports no jammed cutter")

// JamCleared tells that a person took the paper out of the cutter and that fingers are out of it. The printer is then
// let go on, once. It does not wait for that; ctx is not used beyond handing it over. It returns ErrNoJam when there is no
// jam, or the printer cannot be reached.
func (p *Printer) JamCleared(ctx context.Context) error {
	if !p.Status().Jammed {
		return ErrNoJam
	}
	select {
	case p.jam <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	default: // one such word is already on its way
	}
	return nil
}
