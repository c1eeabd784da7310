package link

import (
	"io"
	"time"
)

// A Conn is one open way to a printer. Read and Write may be called from two goroutines at once; neither is ever
// retried inside.
//
// Deadlines are absolute, as in package net; past them Read and Write return an error for which
// errors.Is(err, os.ErrDeadlineExceeded) holds, and the Conn stays usable.
type Conn interface {
	// Read blocks until at least one byte came back, the read deadline passed, or the link is gone.
	io.Reader
	// Write hands bytes towards the printer. It returns how many the driver took: those may have reached the
	// printer even when err is not nil, and the rest has not left this process.
	io.Writer
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	// Drain waits until what was written has left the driver for the printer, or the deadline passes.
	Drain(deadline time.Time) error
	// Close never hangs, ends blocked calls, and drops what Drain did not wait for.
	io.Closer
	// Caps says what this link can do.
	Caps() Caps
}

// Caps is what a link can do, known before the first byte.
type Caps struct {
	BackChannel bool // replies can come back
	BitsPerSec  int  // line speed in bits on the wire per byte sent: 0 when the line is faster than any printer
	BitsPerByte int  // 10 for 8N1; 0 with BitsPerSec 0
}
