package capture

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/receiptd/receiptd/capture/stream"
)

// A conn is one connection of a program. One goroutine reads it; another one answers what waits for paper.
type conn struct {
	c      *Capture
	net    net.Conn
	n      int64
	reader *stream.Reader
	last   time.Time // when the latest bytes came
	job    string    // the latest slip of this connection
	pulse  bool      // the drawer is wanted open since the latest slip
	again  time.Time // that slip had come before, and came now: the pulse that follows it has, too; zero: none follows
	failed error     // not everything was taken: the end is a reset
	skips  bool      // a line on which something came that is no slip: nothing is taken until it is silent
	doubt  bool      // behind that the next slip may be its rest, which came late: it is half unless it begins as slips do

	asb     byte    // GS a: which groups of status are told of
	asbSent [4]byte // what was told last
	waiting *waiting
	writing sync.Mutex // held while something is written to net: an answer, and the status, by any goroutine
}

func newConn(c *Capture, n net.Conn, number int64) *conn {
	return &conn{c: c, net: n, n: number, last: time.Now(), reader: stream.NewReader(stream.Options{Profile: c.o.Profile()})}
}

// serve reads until the program closes, breaks off, or ctx ends. A close of ours that is no reset says that every slip is on disk.
func (x *conn) serve(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	x.waiting = newWaiting(x)
	stop := context.AfterFunc(ctx, func() { _ = x.net.SetReadDeadline(time.Unix(1, 0)) }) // it may be closed
	var answers sync.WaitGroup
	answers.Go(func() { x.waiting.run(ctx) })
	err := x.read(ctx)
	x.end(ctx, err)
	stop()
	cancel()
	answers.Wait()
	if x.failed != nil {
		reset(x.net)
		return
	}
	x.net.Close()
}

const (
	tick = time.Second
	// glance is for what has come already.
	glance = 20 * time.Millisecond
)

// read reads until the connection is over, and gives why: nil when its program has closed it.
func (x *conn) read(ctx context.Context) error {
	buf := make([]byte, 2048)
	again := false // the time is over, and it is read once more: what goes on with a slip may have come while this process stood still
	for {
		now := time.Now()
		until := x.next(now)
		if again {
			until = now.Add(glance)
		}
		_ = x.net.SetReadDeadline(until) // Read tells
		if ctx.Err() != nil {
			return ctx.Err()
		}
		n, err := x.net.Read(buf)
		if n > 0 {
			x.last = time.Now()
			if err := x.came(ctx, buf[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if again = !again; again {
				continue
			}
			if err := x.rest(ctx); err != nil {
				return err
			}
		case err != nil:
			return err
		}
		again = false
	}
}

// next is when there is something to be done though nothing comes; zero: never, and the connection sleeps.
func (x *conn) next(now time.Time) time.Time {
	switch {
	case x.skips:
		return now.Add(min(tick, x.c.o.Idle))
	case x.pulse && !x.reader.Begun():
		return now.Add(pulseAlone)
	case x.c.o.End == EndIdle && x.reader.Begun():
		return now.Add(min(tick, x.c.o.Idle))
	case x.asb != 0 || x.reader.Begun():
		return now.Add(tick)
	}
	return time.Time{}
}

var (
	errBroken  = errors.New("the slip did not go on")
	errTooLong = errors.New("longer than a slip may be")
)

// rest is what is done while nothing comes.
func (x *conn) rest(ctx context.Context) error {
	x.tellChange()
	silent := time.Since(x.last)
	switch {
	case x.skips:
		if x.skips = silent < x.c.o.Idle; !x.skips {
			x.doubt = true
			x.c.log.Info("what came behind a slip that was not taken is over: slips are taken again")
		}
	case x.pulse && !x.reader.Begun() && silent >= pulseAlone:
		return x.takePulse(ctx)
	case !x.reader.Begun():
	case x.c.o.End == EndIdle && silent >= x.c.o.Idle && !x.reader.Amid():
		return x.takeWhole(ctx)
	case silent >= brokenAfter || x.c.o.Line && silent >= lineBroken:
		return errBroken
	}
	return nil
}

// came takes in what was read.
func (x *conn) came(ctx context.Context, b []byte) error {
	if x.skips {
		return nil
	}
	if x.doubt && !x.reader.Begun() && bytes.HasPrefix(b, []byte("\x1b@")) {
		x.doubt = false
	}
	err := x.feed(ctx, b)
	if err != nil && x.c.o.Line { // where that slip ends is not known; what it goes on with is no slip either
		x.refuse(err)
		x.renew()
		x.skips = true
		return nil
	}
	return err
}

// renew forgets what has come of a slip.
func (x *conn) renew() {
	x.reader = stream.NewReader(stream.Options{Profile: x.c.o.Profile()})
	x.pulse = false
}

// feed takes bytes apart.
func (x *conn) feed(ctx context.Context, b []byte) error {
	for len(b) > 0 {
		n, e := x.reader.Next(b)
		b = b[n:]
		switch e.What {
		case stream.Asked:
			x.asked(e.Bytes)
		case stream.Pulse:
			x.pulsed()
		case stream.Cut:
			if x.c.o.End == EndCut {
				if err := x.takeWhole(ctx); err != nil {
					return err
				}
			}
		case stream.TooLong:
			return errTooLong
		}
	}
	return nil
}

// takeWhole keeps a slip whose end is known. On a line one that cannot be taken is told of, and what follows is the next.
func (x *conn) takeWhole(ctx context.Context) error {
	err := x.takeSlip(ctx, false)
	if err == nil || !x.c.o.Line {
		return err
	}
	x.refuse(err)
	x.again, x.pulse, x.doubt = time.Time{}, false, false
	return nil
}

// takeSlip keeps what has come as a slip, when there is anything to see in it.
func (x *conn) takeSlip(ctx context.Context, half bool) error {
	s := x.reader.Take(half || x.c.o.End != EndCut)
	if !s.Seen {
		return nil
	}
	id, again, err := x.keep(ctx, s, half || x.doubt)
	if err != nil {
		return err
	}
	x.doubt = false
	x.job, x.again, x.pulse = id, time.Time{}, false
	if again {
		x.again = x.c.o.Now()
	}
	x.waiting.behind(id)
	return nil
}

// end takes what is left when the connection is over: whole where the program has closed it and that ends a slip, else half.
func (x *conn) end(ctx context.Context, err error) {
	if x.c.o.Line {
		x.endLine(ctx, err)
		return
	}
	x.failed = err
	var gone *net.OpError
	switch {
	case errors.Is(err, context.Canceled): // what is not whole is sent again, to whoever stands here then
		return
	case err != nil && !errors.Is(err, errBroken) && !errors.As(err, &gone):
		x.refuse(err)
		return
	case !x.reader.Begun():
		if err := x.takePulse(ctx); err != nil {
			x.failed = err
			x.refuse(err)
		}
		return
	}
	half := err != nil || x.c.o.End == EndCut || x.reader.Amid()
	before := x.job
	if taking := x.takeSlip(ctx, half); taking != nil {
		x.failed = taking
		x.refuse(taking)
		return
	}
	if half && x.job != before {
		x.c.log.Warn("a program broke off in the middle of a slip; a person is asked about it", "job", x.job)
	}
}

// refuse tells of a slip that was not taken. Its program is told by the reset that follows, where there is one.
func (x *conn) refuse(err error) {
	if x.c.o.Line {
		x.c.told.say(x.c.log, x.c.o.Now(), "a slip was not taken, and its program cannot be told: print it again there", "err", err)
		return
	}
	x.c.told.say(x.c.log, x.c.o.Now(), "a slip was not taken, and its program is told so", "err", err)
}
