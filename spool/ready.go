package spool

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/receiptd/receiptd/internal/wholefile"
)

// probeSize is what a probe writes: a full disk still makes names.
const probeSize = 4096

// A prober tries the drop folder as a program does. At most one try is under way: it may never come back.
type prober struct{ busy atomic.Bool }

// Ready says why a file dropped now would not be taken: the folders were swapped, or programs cannot write into incoming. It
// comes back with ctx at the latest. more are further questions that may hang as well.
func (s *Spool) Ready(ctx context.Context, more ...func() error) error {
	if why := s.tree.trouble(); why != nil {
		return why
	}
	if !s.prober.busy.CompareAndSwap(false, true) {
		return errHangs
	}
	done := make(chan error, 1)
	go func() {
		err := s.probe()
		for _, ask := range more {
			if err == nil {
				err = ask()
			}
		}
		s.prober.busy.Store(false) // before it is told: the next one may ask at once
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errHangs
	}
}

// probe makes, fills and removes a file that the drop folder ignores.
func (s *Spool) probe() error {
	in, err := s.tree.in(incomingDir)
	if err != nil {
		return err
	}
	f, name, err := wholefile.Create(in.root, 0o600)
	if err != nil {
		return fmt.Errorf("write to the drop folder: %w", bare(err))
	}
	_, err = f.Write(make([]byte, probeSize))
	if err = errors.Join(err, f.Close(), in.remove(name)); err != nil {
		return fmt.Errorf("write to the drop folder: %w", bare(err))
	}
	return nil
}

// Taking says that the loop which takes files stands still; nil while it is alive. It does not block.
func (s *Spool) Taking() error { return s.taker.pulse.still() }

// Answering says that the loop which writes answers stands still; nil while it is alive. It does not block.
func (s *Spool) Answering() error { return s.answers.pulse.still() }

// Replaced counts the files that another one of the same name replaced before they were taken, as far as it was seen.
func (s *Spool) Replaced() int64 { return s.taker.replaced.Load() }
