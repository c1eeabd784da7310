//go:build !linux

package virtual

import (
	"context"
	"errors"
)

// ErrNoPTY says that this system has no pseudo terminals that ServePTY could use.
var ErrNoPTY = errors.New("a pty is available on Linux only")

// ServePTY returns ErrNoPTY here.
func (p *Printer) ServePTY(context.Context, string) error { return ErrNoPTY }
