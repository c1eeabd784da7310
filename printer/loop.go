package printer

import (
	"context"
	"log/slog"
	"time"

	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/session"
)

const (
	openTime   = 5 * time.Second        // how long opening the link may take
	firstRetry = 250 * time.Millisecond // until a lost link is opened again, doubled each time
	lastRetry  = 5 * time.Second
	pollBusy   = time.Second // between questions while something waits
	pollIdle   = 30 * time.Second
	pollUnwell = 5 * time.Second  // a printer that is offline does not tell by itself when the cause changes
	silentTime = 10 * time.Second // unanswered questions for so long: the link is dead
	graceTime  = 1000 * time.Millisecond
)

// A request is work that a caller hands to Run.
type request struct {
	probe  bool
	pulse  *Pulse
	slip   Slip
	cover  bool
	ctx    context.Context // of the caller
	begin  func(context.Context) (ID, error)
	report func(State, Reason)
	step   func(ProbeStep)

	outcome Outcome
	result  ProbeResult
	err     error
	done    chan struct{}
}

// A dialed is a link that was opened, or why not.
type dialed struct {
	conn link.Conn
	err  error
}

// loop is what only Run's goroutine touches: the machine and what it acts on.
type loop struct {
	m      machine
	ctx    context.Context // Run's
	timer  *time.Timer
	wire   *session.Wire
	dialed chan dialed
	abort  context.CancelFunc // stops opening the link
	req    *request           // the task under way
	events []event            // that follow from effects
	watch  watch
}

// Run keeps the link and serves Print, Probe and JamCleared until ctx ends; it then returns nil. An attempt under way
// is given a moment for its proof. Call it once.
func (p *Printer) Run(ctx context.Context) error {
	defer close(p.stopped)
	p.ctx = ctx
	p.timer = time.NewTimer(time.Hour)
	defer p.timer.Stop()
	p.dialed = make(chan dialed, 1)
	p.abort = func() {}
	p.inherit()
	p.watch.suspended = session.Suspended()
	stop := ctx.Done()
	var cancelled <-chan struct{}
	for p.handle(event{kind: tick}); !p.m.task.done; {
		var in <-chan session.Inbound
		var wrote <-chan session.Written
		var port <-chan session.Port
		if p.wire != nil {
			in, wrote, port = p.wire.In(), p.wire.Wrote(), p.wire.Port()
		}
		var requests <-chan *request
		if p.m.free() {
			requests = p.requests
		}
		var due <-chan time.Time
		if next := p.watch.next(p.wakeAt(), time.Now(), p.m.restful()); !next.IsZero() {
			p.timer.Reset(time.Until(next))
			due = p.timer.C
		}
		select {
		case got := <-in:
			p.handle(event{kind: gotReplies, replies: got.Replies, at: got.At, err: got.Err})
		case r := <-wrote:
			p.handle(event{kind: gotWritten, written: r})
		case s := <-port:
			p.handle(event{kind: gotPort, port: s})
		case d := <-p.dialed:
			p.handle(p.connected(d))
		case <-p.jam:
			p.handle(event{kind: gotJam})
		case <-p.awake:
			p.handle(event{kind: gotWake})
		case q := <-requests:
			p.req, cancelled = q, q.ctx.Done()
			p.handle(q.event())
		case <-cancelled:
			cancelled = nil
			if p.req != nil {
				p.handle(event{kind: gotCancel})
			}
		case <-stop:
			stop = nil
			p.handle(event{kind: gotStop})
		case <-due:
			p.see()
			p.takeWaiting()
			if wake := p.wakeAt(); !wake.IsZero() && !time.Now().Before(wake) {
				p.handle(event{kind: tick})
				p.watch.looked()
			}
		}
	}
	return nil
}

// event puts a request into the machine's words.
func (q *request) event() event {
	e := event{kind: gotPrint, slip: q.slip, cover: q.cover, pulse: q.pulse}
	switch {
	case q.probe:
		e.kind = gotProbe
	case q.pulse != nil:
		e.kind = gotPulse
	}
	return e
}

// hand gives work to Run and waits until it is done. It reports false, and nothing was done, when ctx ended or Run has
// returned before the work began.
func (p *Printer) hand(ctx context.Context, q *request) bool {
	q.ctx = ctx
	select {
	case p.requests <- q:
		<-q.done
		return true
	case <-ctx.Done():
	case <-p.stopped:
	}
	return false
}

// Print makes one attempt to print one copy and returns when its outcome is known, or soon after ctx ended. One
// attempt is made at a time; others wait for it. Nothing is ever sent twice from here: a caller that prints again
// does so with a new attempt, marked unless the State was NotSent.
func (p *Printer) Print(ctx context.Context, a Attempt) Outcome {
	q := &request{slip: a.Slip, begin: a.Begin, report: a.Report, done: make(chan struct{}),
		outcome: Outcome{State: NotSent, Reason: Stopped, At: time.Now()}}
	p.hand(ctx, q)
	return q.outcome
}

// Wake tells that a slip will probably follow at once: the link is opened, or a status that will be too old by then is asked for,
// while the caller makes the slip durable. It does not block, prints nothing, and costs nothing where a slip is on its way, where
// the printer was heard a moment ago, or where it is not well. A link that was opened and not used is given back as any other.
func (p *Printer) Wake() {
	select {
	case p.awake <- struct{}{}:
	default: // it is told already
	}
}

// wakeAt is when the machine wants to look again, zero for never.
func (p *Printer) wakeAt() time.Time {
	if p.m.core.wake.IsZero() {
		return time.Time{}
	}
	return p.m.core.real(p.m.core.wake)
}

// handle gives one event to the machine, and what follows from it.
func (p *Printer) handle(e event) {
	p.see()
	p.give(e)
}

// give is handle, for an event of which it is known that the process ran until it came.
func (p *Printer) give(e event) {
	p.events = append(p.events, e)
	for len(p.events) > 0 {
		e := p.events[0]
		p.events = p.events[1:]
		effects := p.m.on(e, time.Now())
		p.publish(p.m.device.show)
		for _, f := range effects {
			p.do(f)
		}
	}
}

// do makes one effect happen.
func (p *Printer) do(f effect) {
	switch f.kind {
	case doWrite:
		p.wire.Send(f.bytes, f.urgent)
	case doDrain:
		p.wire.Drain(f.until)
	case doOpen:
		p.dial()
	case doAbort:
		p.abort()
	case doClose:
		p.hangUp()
	case doResume:
		if r, ok := p.wire.Conn().(link.Resumer); ok {
			r.Resume()
		}
	case doAskPort:
		p.wire.AskPort()
	case doBegin:
		id, err := p.req.begin(p.both())
		p.events = append(p.events, event{kind: gotBegun, id: id, err: err})
	case doReport:
		if p.req.report != nil {
			p.req.report(f.state, f.reason)
		}
	case doStep:
		p.req.step(f.step)
	case doEnd:
		p.req.outcome = f.outcome
		p.over()
	case doProbed:
		p.req.result, p.req.err = f.result, f.err
		p.over()
	case doProof:
		p.log.Info("late proof")
		p.cfg.OnProof(f.id, f.at)
	case doSave:
		if err := p.cfg.Store.Save(p.cfg.Device, f.known); err != nil {
			p.log.Error("tier not saved", slog.Any("error", err))
		}
	case doAlarm:
		p.log.Warn("alarm", slog.String("text", f.text))
	case doWarn:
		p.log.Warn(f.text, slog.String("from", f.was), slog.String("to", f.is))
	case doLog:
		p.log.Debug(f.text, slog.String("from", f.was), slog.String("to", f.is), slog.String("event", f.event), slog.String("why", f.why))
	}
}

// both ends with Run and with the task's caller.
func (p *Printer) both() context.Context {
	ctx, cancel := context.WithCancel(p.ctx)
	context.AfterFunc(p.req.ctx, cancel)
	return ctx
}

// over gives the task back to its caller.
func (p *Printer) over() {
	q := p.req
	p.req = nil
	close(q.done)
}

// dial opens the link on a goroutine of its own, which ends with it.
func (p *Printer) dial() {
	ctx, cancel := context.WithTimeout(p.ctx, openTime)
	p.abort = cancel
	go func() {
		defer cancel()
		conn, err := p.cfg.Open(ctx)
		p.dialed <- dialed{conn, err}
	}()
}

// connected takes over a link that was opened.
func (p *Printer) connected(d dialed) event {
	if d.err != nil {
		return event{kind: gotOpened, err: d.err}
	}
	p.wire = session.New(d.conn)
	_, flow := d.conn.(link.Handshake)
	_, port := d.conn.(link.PortStatus)
	return event{kind: gotOpened, caps: d.conn.Caps(), flow: flow, ported: port}
}

// hangUp closes the link. What the printer had said before is told first.
func (p *Printer) hangUp() {
	w := p.wire
	p.wire = nil
	if err := w.Close(); err != nil {
		p.log.Debug("close link", slog.Any("error", err))
	}
	for more := true; more; {
		select {
		case got := <-w.In():
			p.events = append(p.events, event{kind: gotReplies, replies: got.Replies, at: got.At})
		case r := <-w.Wrote():
			p.events = append(p.events, event{kind: gotWritten, written: r})
		default:
			more = false
		}
	}
	p.events = append(p.events, event{kind: gotClosed})
}
