package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/receiptd/receiptd/capture/stream"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

const (
	// PortionSize is how many bytes of a slip come before it counts as long.
	PortionSize = 64 << 10
	// maxLong is how long a slip may be that is printed while it comes: a picture as wide as the paper and 60 m long.
	maxLong = 4 << 20
	// portionWithin is how long the next portion of such a slip may take: until then it has the printer for itself.
	portionWithin = brokenAfter
)

// ErrBroken is how a long slip ends whose program broke off.
var ErrBroken = errors.New("its program broke off in the middle of the slip")

// Long are the long slips that are being printed while they come. Captures put in what is on disk, the printer's side takes it out; any
// goroutine may use it. The zero value is ready.
type Long struct {
	mu    sync.Mutex
	slips map[string]*coming // guarded by mu, with what it points to; by the job of the first portion
}

type coming struct {
	parts []*job.Job // behind the first
	end   error      // io.EOF: that is all; ErrBroken; nil while it comes
	takes int        // who takes it out
	more  chan struct{}
}

// Begin begins to take out a slip that is still coming; Over follows. It reports false where the journal has all that there is.
func (l *Long) Begin(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.slips[id]
	if s == nil {
		return false
	}
	s.takes++
	return true
}

// Over ends what Begin began.
func (l *Long) Over(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.slips[id]; s != nil {
		s.takes--
		l.tidy(id, s)
	}
}

// tidy forgets a slip that has ended when nobody takes it out: the journal has it. The caller holds mu.
func (l *Long) tidy(id string, s *coming) {
	if s.end != nil && s.takes == 0 {
		delete(l.slips, id)
	}
}

// coming reports whether a slip has not ended.
func (l *Long) coming(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.slips[id]
	return s != nil && s.end == nil
}

// Next gives the portion n of a slip, from 1. It waits for it. Errors: io.EOF behind the last one, ErrBroken behind the last one that came,
// and those of ctx.
func (l *Long) Next(ctx context.Context, id string, n int) (*job.Job, error) {
	for {
		l.mu.Lock()
		s := l.slips[id]
		if s == nil {
			l.mu.Unlock()
			return nil, ErrBroken
		}
		if n <= len(s.parts) {
			part := s.parts[n-1]
			l.mu.Unlock()
			return part, nil
		}
		end, more := s.end, s.more
		l.mu.Unlock()
		if end != nil {
			return nil, end
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// change changes a slip, and tells who waits for it.
func (l *Long) change(id string, fn func(*coming)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.slips == nil {
		l.slips = map[string]*coming{}
	}
	s := l.slips[id]
	if s == nil {
		s = &coming{more: make(chan struct{})}
		l.slips[id] = s
	}
	fn(s)
	close(s.more)
	s.more = make(chan struct{})
	l.tidy(id, s)
}

func (l *Long) drop(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.slips, id)
}

// A long slip of a connection.
type long struct {
	id     string
	n      int       // portions that came
	bytes  int       // in them
	last   time.Time // when the latest one came
	wished bool      // its pulse is in the journal
	// same is the slip that this one is word for word so far, and that is whole and not printed: what came is held back until it is known
	// whether it is that one.
	same *sameLong
	over bool // its end is in the journal
}

type sameLong struct {
	job  string
	rest []*job.Job // of that slip, what was not compared yet
	held []job.Result
}

// takePortion keeps rows that came and gives them to the printer, unless the card guard finds something in them or where they end: then the
// rest is printed when it is whole, as any slip is. They are on disk when takePortion returns.
func (x *conn) takePortion(ctx context.Context) error {
	now := x.c.o.Now()
	s := x.reader.Portion()
	looked := s
	looked.Lines = append(s.Lines, x.reader.Ahead()...)
	if r := Job(x.c.o.Parser(), x.c.o.Name, jobID(x.c.o.Name, now), x.c.o.Printer, now, looked, nil); r.Job == nil || !r.Job.Captured() {
		x.reader.Whole()
		return nil
	}
	if l := x.long; l != nil && (l.bytes+len(s.Stream) > maxLong) {
		return errTooLong
	}
	x.reader.TakePortion()
	if x.long == nil {
		return x.beginLong(ctx, s, now)
	}
	_, err := x.addPortion(ctx, s, false)
	return err
}

// portionJob makes a job of a portion.
func (c *Capture) portionJob(s stream.Slip, id string, now time.Time, what job.Capture) job.Result {
	if len(s.Dropped) > 0 {
		c.told.say(c.log, now, "commands that no printer gets from a program: "+strings.Join(s.Dropped, ", "))
	}
	what.Name, what.Stream, what.Unseen = c.o.Name, whole(s), unseen(s.Lines)
	text := blocks(s.Lines)
	if len(text) == 0 { // a cut alone
		text = []job.Block{{Type: job.BlockText, Text: " "}}
	}
	return c.o.Parser().Captured(job.Job{ID: id, CreatedAt: now, Printer: c.o.Printer}, what, text, nil)
}

// beginLong begins a slip that is printed while it comes. Where its first portion came a moment ago over another connection it is held back
// while the slip that began so waits whole for its printer; else it says what it may be.
func (x *conn) beginLong(ctx context.Context, s stream.Slip, now time.Time) error {
	c := x.c
	l := &long{id: jobID(c.o.Name, now), last: time.Now(), bytes: len(s.Stream)}
	r := c.portionJob(s, l.id, now, job.Capture{Long: true})
	if r.Job == nil {
		return fmt.Errorf("%w: %v", errRefused, r.Errors)
	}
	a := queue.Arrival{Parsed: r, Source: queue.SourceCapture, Wish: x.wish()}
	c.retries.mu.Lock()
	defer c.retries.mu.Unlock()
	c.retries.tidy(now)
	if before, ok := c.retries.recent[r.Job.Hash]; ok && before.conn != x.n {
		a.Again = true
		if !c.o.Long.coming(before.job) && c.unfinished(ctx, before.job) {
			if rest, err := c.o.Jobs.Portions(ctx, before.job); err == nil && len(rest) > 0 && rest[len(rest)-1].Document.Capture.Last {
				l.same = &sameLong{job: before.job, rest: rest, held: []job.Result{r}}
				x.long = l
				return nil
			}
		}
	}
	if err := x.openLong(ctx, l, a); err != nil {
		return err
	}
	c.retries.recent[r.Job.Hash] = taken{l.id, x.n, now}
	return nil
}

// openLong puts the first portion into the journal: from then on it may be printed.
func (x *conn) openLong(ctx context.Context, l *long, a queue.Arrival) error {
	x.c.o.Long.change(l.id, func(*coming) {})
	if _, err := x.c.accept(context.WithoutCancel(ctx), a); err != nil {
		x.c.o.Long.drop(l.id)
		return err
	}
	l.wished = a.Wish != queue.WishNone
	x.pulse = x.pulse && !l.wished
	x.long, x.job = l, l.id
	return nil
}

// addPortion takes what follows. It gives the slip's job.
func (x *conn) addPortion(ctx context.Context, s stream.Slip, last bool) (id string, err error) {
	l, now := x.long, x.c.o.Now()
	l.n++
	l.bytes += len(s.Stream)
	l.last = time.Now()
	r := x.c.portionJob(s, fmt.Sprintf("%s.%d", l.id, l.n), now, job.Capture{Of: l.id, Portion: l.n, Last: last})
	if r.Job == nil {
		return "", fmt.Errorf("%w: %v", errRefused, r.Errors)
	}
	if l.same == nil {
		return l.id, x.putPortion(ctx, r, last)
	}
	is := len(l.same.rest) > 0 && bytes.Equal(l.same.rest[0].Document.Capture.Stream, r.Job.Document.Capture.Stream) && l.same.rest[0].Document.Capture.Last == last
	if is {
		l.same.rest, l.same.held = l.same.rest[1:], append(l.same.held, r)
		if !last {
			return l.id, nil
		}
		if len(l.same.rest) == 0 && x.c.unfinished(ctx, l.same.job) {
			x.c.log.Info("the same slip came once more while it is not printed: it is one", "job", l.same.job)
			l.over = true
			return l.same.job, nil
		}
	} else {
		l.same.held = append(l.same.held, r)
	}
	held := l.same.held // it is another one
	l.same = nil
	if err := x.openLong(ctx, l, queue.Arrival{Parsed: held[0], Source: queue.SourceCapture, Wish: x.wish(), Again: true}); err != nil {
		return "", err
	}
	for i, r := range held[1:] {
		if err := x.putPortion(ctx, r, last && i == len(held)-2); err != nil {
			return "", err
		}
	}
	return l.id, nil
}

// putPortion puts a portion into the journal, and then gives it to the printer.
func (x *conn) putPortion(ctx context.Context, r job.Result, last bool) error {
	a := queue.Arrival{Parsed: r, Source: queue.SourceCapture}
	if last && !x.long.wished {
		a.Wish = x.wish()
	}
	if _, err := x.c.accept(context.WithoutCancel(ctx), a); err != nil {
		return err
	}
	x.c.o.Long.change(x.long.id, func(s *coming) {
		s.parts = append(s.parts, r.Job)
		if last {
			s.end = io.EOF
		}
	})
	x.long.over = last
	return nil
}

// endLong takes the rest of a long slip. Half of one is kept and not printed: what of it is on paper a person is asked about.
func (x *conn) endLong(ctx context.Context, half bool) error {
	l := x.long
	s := x.reader.Take(half || x.c.o.End != EndCut)
	if half {
		x.giveUpLong()
		if l.same != nil { // that slip is whole, and this is its beginning
			x.long = nil
			return nil
		}
		x.c.log.Warn("a program broke off in the middle of a long slip that was being printed; a person is asked about it", "job", l.id)
		if !s.Seen {
			return nil
		}
		r := x.c.portionJob(s, fmt.Sprintf("%s.%d", l.id, l.n+1), x.c.o.Now(), job.Capture{Of: l.id, Portion: l.n + 1})
		if r.Job == nil {
			return fmt.Errorf("%w: %v", errRefused, r.Errors)
		}
		_, err := x.c.accept(context.WithoutCancel(ctx), queue.Arrival{Parsed: r, Source: queue.SourceCapture})
		return err
	}
	id, err := x.addPortion(ctx, s, true)
	if err != nil {
		return err
	}
	x.long, x.job, x.again, x.pulse = nil, id, time.Time{}, false
	if id != l.id {
		x.again = x.c.o.Now()
	}
	x.waiting.behind(id)
	return nil
}

// giveUpLong ends a long slip that does not go on.
func (x *conn) giveUpLong() {
	l := x.long
	if l == nil {
		return
	}
	x.long = nil
	if l.over || l.same != nil {
		return
	}
	// First in the journal: what has not begun by then does not begin.
	if err := x.c.o.Requests.BrokeOff(context.Background(), l.id); err != nil {
		x.c.log.Error("that a slip broke off cannot be noted", "job", l.id, "err", err)
	}
	x.c.o.Long.change(l.id, func(s *coming) { s.end = ErrBroken })
}
