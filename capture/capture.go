package capture

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/receiptd/receiptd/capture/rules"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/queue"
)

// When a slip ends.
const (
	EndCut   = "cut"   // where the program cuts the paper
	EndClose = "close" // where it closes the connection
	EndIdle  = "idle"  // where it is silent for a while, or closes
)

// What becomes of a pulse for the cash drawer.
const (
	DrawerPass  = "pass"  // it opens the drawer
	DrawerAsk   = "ask"   // a person is asked
	DrawerNever = "never" // nothing
)

// Options of a Capture. Listener, Profile and the parts of the queue are needed.
type Options struct {
	Name     string
	Printer  string                  // where its slips go
	Listener net.Listener            // Run closes it
	Line     bool                    // it gives lines (package line): they have no end, and who writes hears of no reset
	Allow    []netip.Prefix          // who may print beside this machine
	End      string                  // EndCut, EndClose or EndIdle; empty: EndCut
	Idle     time.Duration           // of EndIdle; 0: 2 s
	Drawer   string                  // what becomes of its pulses: DrawerPass, DrawerAsk or DrawerNever; empty: DrawerAsk
	Profile  func() *profile.Profile // of the printer as things are
	State    func() State            // how it is; nil: nothing is known
	Rules    *rules.Set              // read facts off its slips; nil: each is a document
	Kind     job.Kind                // what a slip is of which no rule says it: a document or an order; empty: a document
	Settle   string                  // what a settlement slip does: job.SettleAsk and so on; empty: it asks
	Parser   func() job.Parser       // the card guard; nil: one that trusts nothing
	Requests *queue.Requests         // takes the slips
	Jobs     *queue.Jobs             // tells what became of them
	Events   *queue.Feed             // tells when that changes
	Logger   *slog.Logger            // nil discards
	Now      func() time.Time        // nil: time.Now
}

// A Capture takes the place of one printer. Several programs may be connected at once: each prints its own slips.
type Capture struct {
	o       Options
	log     *slog.Logger
	retries retries
	told    onceIn
}

const (
	mostConns    = 16               // further connections are refused
	retryWindow  = 2 * time.Minute  // so long after a slip the same bytes may be the same slip
	brokenAfter  = 5 * time.Minute  // a slip that does not go on for so long has broken off
	lineBroken   = 30 * time.Second // on a line, where nothing else tells that its program is gone, and the next slip would be taken for its rest
	writeTimeout = 5 * time.Second  // a program that does not read its answers gets no more
)

// New makes a Capture. Nothing is read before Run.
func New(o Options) *Capture {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.End == "" {
		o.End = EndCut
	}
	if o.Idle == 0 {
		o.Idle = 2 * time.Second
	}
	if o.Settle == "" {
		o.Settle = job.SettleAsk
	}
	if o.State == nil {
		o.State = func() State { return State{} }
	}
	if o.Parser == nil {
		o.Parser = func() job.Parser { return job.Parser{} }
	}
	return &Capture{o: o, log: o.Logger.With("capture", o.Name), retries: retries{recent: map[string]taken{}}}
}

// Run takes connections until ctx ends, and returns nil when all of them are over. A slip that is not whole then is answered with a reset:
// its program must send it again.
func (c *Capture) Run(ctx context.Context) error {
	known, err := c.o.Jobs.Captured(ctx, c.o.Now().Add(-retryWindow))
	if err != nil {
		c.log.Error("what was captured a moment ago is not known: what comes again is not recognised", "err", err)
	}
	for _, k := range known {
		c.retries.recent[k.Hash] = taken{job: k.JobID, at: k.At}
	}
	defer c.told.end(c.log)
	ctx, cancel := context.WithCancel(ctx)
	var conns sync.WaitGroup
	defer conns.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { c.o.Listener.Close() })
	defer stop()
	defer c.o.Listener.Close()
	places := make(chan struct{}, mostConns)
	for n := int64(1); ; n++ {
		conn, err := c.o.Listener.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			c.told.say(c.log, c.o.Now(), "what programs print to cannot be opened, it is tried again", "err", err)
			select { // out of files, most likely
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		if !c.allowed(conn) {
			c.told.say(c.log, c.o.Now(), "somebody who is not in allow wants to print", "from", conn.RemoteAddr().String())
			reset(conn)
			continue
		}
		select {
		case places <- struct{}{}:
		default:
			c.told.say(c.log, c.o.Now(), "too many connections at once", "most", mostConns)
			reset(conn)
			continue
		}
		conns.Go(func() {
			defer func() { <-places }()
			newConn(c, conn, n).serve(ctx)
		})
	}
}

// allowed reports whether a connection may print: from this machine always.
func (c *Capture) allowed(conn net.Conn) bool {
	if c.o.Line {
		return true
	}
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return false
	}
	ip := at.Addr().Unmap()
	return ip.IsLoopback() || slices.ContainsFunc(c.o.Allow, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// reset closes a connection so that its other end learns that not everything was taken.
func reset(conn net.Conn) {
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // it may be closed already
	}
	conn.Close()
}

// onceIn says the same thing once in a while, and at its end how often it would have been said since: a storm is two messages, the second
// with a count.
type onceIn struct {
	mu sync.Mutex
	at map[string]*repeated // guarded by mu
}

// repeated is something that was said.
type repeated struct {
	at    time.Time
	more  int         // so often since
	timer *time.Timer // tells that; nil: nothing to tell
}

const sayAgain = 10 * time.Minute

func (o *onceIn) say(log *slog.Logger, now time.Time, what string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if last := o.at[what]; last != nil && now.Sub(last.at) < sayAgain {
		if last.more++; last.timer == nil {
			last.timer = time.AfterFunc(sayAgain-now.Sub(last.at), func() {
				o.mu.Lock()
				defer o.mu.Unlock()
				last.tell(log, what)
			})
		}
		return
	}
	if o.at == nil || len(o.at) > 100 {
		o.rest(log)
		o.at = map[string]*repeated{}
	}
	o.at[what] = &repeated{at: now}
	log.Warn(what, args...)
}

// tell says how often it would have been said. That counts as saying it.
func (s *repeated) tell(log *slog.Logger, what string) {
	if s.more > 0 {
		log.Warn(what, "times_more", s.more, "within", sayAgain)
	}
	s.at, s.more, s.timer = s.at.Add(sayAgain), 0, nil
}

// end says what is not said yet.
func (o *onceIn) end(log *slog.Logger) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rest(log)
}

// rest is end for a caller that holds mu.
func (o *onceIn) rest(log *slog.Logger) {
	for what, s := range o.at {
		if s.timer != nil {
			s.timer.Stop()
			s.tell(log, what)
		}
	}
}
