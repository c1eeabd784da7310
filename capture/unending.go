package capture

import (
	"context"
	"errors"
	"time"

	"github.com/receiptd/receiptd/capture/stream"
)

// A line has no end that its program could be told by. So a slip that the journal does not take at once is kept and tried again, while
// the program waits; and what has come when receiptd stops is read first.

// keepAgain is how long it is waited before the journal is tried again.
const keepAgain = time.Second

// keep puts a slip into the journal, and gives the job that it is and whether it had come before.
func (x *conn) keep(ctx context.Context, s stream.Slip, half bool) (id string, again bool, err error) {
	for {
		id, again, err = x.c.take(context.WithoutCancel(ctx), s, x.n, half, x.wish())
		if err == nil || !x.c.o.Line || errors.Is(err, errRefused) {
			return id, again, err
		}
		x.c.told.say(x.c.log, x.c.o.Now(), "a slip cannot be put on disk, it is tried again while its program waits", "err", err)
		select {
		case <-ctx.Done():
			return "", false, err
		case <-time.After(keepAgain):
		}
	}
}

// nowReader is a line: it gives what has come, without waiting.
type nowReader interface{ ReadNow(b []byte) (int, error) }

// endLine takes what is left when a line is over for now: its device failed, a slip on it broke off, or receiptd stops. What is not whole
// then is half: nothing tells that it was all.
func (x *conn) endLine(ctx context.Context, err error) {
	x.failed = err
	stops := errors.Is(err, context.Canceled)
	for rounds := 0; rounds < 3; rounds++ { // a stop reads on while something comes, within bounds
		if stops {
			x.drain(ctx)
		}
		if !x.reader.Begun() {
			break
		}
		before := x.job
		if taking := x.takeSlip(ctx, true); taking != nil {
			x.refuse(taking)
			x.renew()
		} else if x.job != before {
			x.c.log.Warn("a program broke off in the middle of a slip; a person is asked about it", "job", x.job)
		}
	}
	if stops { // a drawer is opened at once or never
		return
	}
	if err := x.takePulse(ctx); err != nil {
		x.refuse(err)
	}
}

// drain reads what has come, a slip's length at most.
func (x *conn) drain(ctx context.Context) {
	r, ok := x.net.(nowReader)
	if !ok {
		return
	}
	buf := make([]byte, 2048)
	for all := 0; all < stream.MaxSlip; {
		n, err := r.ReadNow(buf)
		if n > 0 {
			_ = x.came(ctx, buf[:n]) // on a line it tells itself
		}
		if n == 0 || err != nil {
			return
		}
		all += n
	}
}
