package fleet

import (
	"context"
	"crypto/tls"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
)

// A Door takes jobs. What it answers is on disk when it returns.
type Door interface {
	// Accept takes a job with the checks of the drop folder and those of the fleet. Any error: it was not taken, ask again later.
	Accept(ctx context.Context, data []byte) (wire.Answer, error)
	// Expire answers a job whose time is over: with what became of it where it is known, else it is never printed from then on.
	Expire(ctx context.Context, data []byte) (wire.Answer, error)
}

// An Outbox gives the journal's events and remembers how far they were stored elsewhere.
type Outbox interface {
	// Birth names the journal: another one has another.
	Birth() string
	// Last is the number of the newest event.
	Last() int64
	// From reads what follows the event with a number.
	From(after int64) Feed
	// Cursors gives how far each centre has stored the events, and from where on there is somebody to tell.
	Cursors(ctx context.Context) (cursors map[string]Cursor, base int64, err error)
	// Keep writes them down; what is not there any more is forgotten.
	Keep(ctx context.Context, cursors map[string]Cursor, base int64) error
}

// A Cursor is how far a centre has stored the events, and when it last said so.
type Cursor struct {
	Seq int64
	At  time.Time
}

// A Feed reads events at its own pace.
type Feed interface {
	// Next gives the next event, without Prev and Birth, and blocks until there is one.
	Next(ctx context.Context) (wire.Event, error)
}

// A Shop is asked how it is, and told what to do.
type Shop interface {
	// State tells how the shop is, without Online, Birth, Seq and At.
	State(ctx context.Context) (wire.State, error)
	// Changed gives a channel that is closed when something of it may have changed that no event tells of.
	Changed() <-chan struct{}
	// Do does what a centre asks, which is allowed. The Client does not ask twice for the same CmdID within some minutes; a
	// shop that was started anew may hear of it again.
	Do(ctx context.Context, centre string, c wire.Command) wire.Reply
	// TakenOver is told that another daemon has come under this shop's identity.
	TakenOver(ctx context.Context)
}

// Options are what a Client needs.
type Options struct {
	Broker string
	TLS    func() (*tls.Config, error)
	Place  wire.Place
	Allow  []string // see wire.Allows
	Door   Door
	Outbox Outbox
	Shop   Shop
	Logger *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now
	Pace   Pace             // tests and benchmarks; the zero value is the law
}

// Pace is how fast things go; 0 is the usual.
type Pace struct {
	State      time.Duration // between two states
	Keep       time.Duration // between two notes of the cursors
	KeepAlive  time.Duration
	FirstPause time.Duration
	LastPause  time.Duration
	TakenPause time.Duration
	WillDelay  time.Duration
}

// forgotten is when a centre that has said nothing no longer holds the outbox back.
const forgotten = 30 * 24 * time.Hour

// mostCentres is how many centres a shop remembers.
const mostCentres = 16

// A Client is the shop's end. Its methods may be used by many goroutines.
type Client struct {
	o    Options
	line *mqtt.Line
	jobs chan *mqtt.Message
	cmds chan *mqtt.Message
	pump pump
	once memory

	mu      sync.Mutex // guards what follows
	cursors map[string]Cursor
	base    int64 // what nobody asked for before
	dirty   bool
	stopped string // why it says goodbye
	counts  Counts
}

// Counts are what happened since the start.
type Counts struct {
	Jobs, Repeated, Expired, Rejected, Commands, Denied, Events int64
}

// New makes a Client; not one packet is sent before Run.
func New(o Options) *Client {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	for _, x := range []struct {
		to  *time.Duration
		def time.Duration
	}{{&o.Pace.State, wire.StatePace}, {&o.Pace.Keep, 30 * time.Second}, {&o.Pace.WillDelay, wire.WillDelay}} {
		if *x.to == 0 {
			*x.to = x.def
		}
	}
	c := &Client{o: o, jobs: make(chan *mqtt.Message, 2*waiting), cmds: make(chan *mqtt.Message, waiting), cursors: map[string]Cursor{}, stopped: wire.WhyStopped}
	c.pump.changed = make(chan struct{})
	c.line = mqtt.New(mqtt.Options{Broker: o.Broker, TLS: o.TLS, ClientID: o.Place.ClientID(),
		Filters: []string{o.Place.Job(), o.Place.Cmd(), o.Place.Ack()},
		Will:    &mqtt.Will{Topic: o.Place.State(), Payload: wire.Encode(wire.State{}), Delay: o.Pace.WillDelay},
		Fresh:   c.fresh, Receive: c.receive, Up: c.up, Goodbye: c.goodbye, Changed: c.lineChanged, Logger: o.Logger, MostWaiting: waiting,
		KeepAlive: o.Pace.KeepAlive, FirstPause: o.Pace.FirstPause, LastPause: o.Pace.LastPause, TakenPause: o.Pace.TakenPause})
	return c
}

// waiting is how many messages may be on the way through the shop; the broker holds the others back.
const waiting = 64

// Run keeps the shop connected until ctx ends, then says goodbye. It returns nil when everything has ended.
func (c *Client) Run(ctx context.Context) error {
	cursors, base, err := c.o.Outbox.Cursors(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	maps.Copy(c.cursors, cursors)
	c.base = base
	c.mu.Unlock()
	keeping, stop := context.WithCancel(ctx)
	var parts sync.WaitGroup
	parts.Go(func() { c.keep(keeping) })
	err = c.line.Run(ctx)
	stop()
	parts.Wait()
	return err
}

// Leave is to be called before ctx of Run ends because the shop leaves the fleet, and not because the daemon stops.
func (c *Client) Leave() {
	c.mu.Lock()
	c.stopped = wire.WhyOff
	c.mu.Unlock()
}

// Status tells how the line is, and what happened.
func (c *Client) Status() (mqtt.Status, Counts) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.line.Status(), c.counts
}

// Behind is how many numbers the slowest centre is behind the newest event; 0 where no centre has ever said what it stored.
func (c *Client) Behind() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.cursors) == 0 {
		return 0
	}
	return max(0, c.o.Outbox.Last()-c.from())
}

func (c *Client) count(fn func(*Counts)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fn(&c.counts)
}

// fresh forgets what the connection before left: it was not acknowledged, and comes again. Were it kept, connections that end before anybody
// takes a job would fill the channel.
func (c *Client) fresh() {
	for {
		select {
		case <-c.jobs:
		case <-c.cmds:
		default:
			return
		}
	}
}

// receive sorts what comes in. The broker is told to send no more than fits; of one that sends more all the same it takes no more until there
// is room, or the connection is gone.
func (c *Client) receive(m *mqtt.Message) {
	if m.QoS == 0 { // nothing that may be lost is taken
		return
	}
	switch m.Topic {
	case c.o.Place.Job():
		select {
		case c.jobs <- m:
		case <-m.Left():
		}
	case c.o.Place.Cmd():
		m.Ack()                      // whoever asked asks again, and the same command is done once
		if !m.Retained && !m.Again { // one that came before may have been refused, and answered so, under another configuration
			select {
			case c.cmds <- m:
			default:
				c.o.Logger.Warn("too many commands at once: one is dropped")
			}
		}
	case c.o.Place.Ack():
		m.Ack()
		c.acked(m.Payload)
	default:
		m.Ack()
	}
}

// lineChanged hears of a second daemon.
func (c *Client) lineChanged(st mqtt.Status) {
	if st.Failure != nil && st.Failure.Code == mqtt.CodeTaken && !st.Connected {
		c.o.Shop.TakenOver(context.Background())
	}
}

// up runs while the line stands.
func (c *Client) up(ctx context.Context, conn *mqtt.Conn) {
	c.mu.Lock()
	c.pump.connected(c.from())
	c.mu.Unlock()
	var parts sync.WaitGroup
	parts.Go(func() { c.tellEvents(ctx, conn) })
	parts.Go(func() { c.takeJobs(ctx, conn) })
	parts.Go(func() { c.takeCommands(ctx, conn) })
	parts.Go(func() { c.tellStates(ctx, conn) })
	parts.Wait()
}

// from is after which event somebody wants to be told; the caller holds the lock.
func (c *Client) from() int64 {
	low, known := c.base, false
	for _, x := range c.cursors {
		if c.o.Now().Sub(x.At) > forgotten {
			continue
		}
		if !known || x.Seq < low {
			low, known = x.Seq, true
		}
	}
	return min(low, c.o.Outbox.Last()) // a journal may have been put back to an older one
}

// goodbye says that the shop goes of its own accord.
func (c *Client) goodbye(ctx context.Context, conn *mqtt.Conn) {
	c.mu.Lock()
	why := c.stopped
	c.mu.Unlock()
	s := wire.State{Why: why, Birth: c.o.Outbox.Birth(), Seq: c.pump.told(), At: c.o.Now().UTC().Truncate(time.Second)}
	if err := conn.Publish(ctx, mqtt.Out{Topic: c.o.Place.State(), Payload: wire.Encode(s), Retain: true}); err != nil {
		c.o.Logger.Info("the fleet was not told that this shop stops; it will be told that the line broke", "err", err)
	}
}

// Allowed tells whether the centre may do something.
func Allowed(allow []string, need string) bool { return need == "" || slices.Contains(allow, need) }
