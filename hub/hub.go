package hub

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/internal/pause"
)

// Options are what a Hub needs.
type Options struct {
	Store  *store.Store
	Broker string
	TLS    func() (*tls.Config, error)
	Tenant string
	Name   string        // of this centre, as in its certificate
	Keep   time.Duration // how long events and ended jobs are kept; 0: for ever
	Logger *slog.Logger  // nil discards
	Now    func() time.Time
	Pace   Pace // tests and benchmarks; the zero value is the law
}

// Pace is how fast things go; 0 is the usual.
type Pace struct {
	Look       time.Duration // between two looks at what is due: a second
	First      time.Duration // before a job is sent again: 10 s; each further time doubles it
	Last       time.Duration // and no more than this: 5 min
	Command    time.Duration // before a command is sent again: 5 s
	Missed     time.Duration // between two looks for what shops told and is not here: 5 s
	Ack        time.Duration // before a shop is told how far it is stored, so that the events of a slip are told of together: 3 s
	KeepAlive  time.Duration
	FirstPause time.Duration
	LastPause  time.Duration
	TakenPause time.Duration
}

// A dueAck is an Ack and when it is to leave.
type dueAck struct {
	wire.Ack
	due time.Time
}

// atOnce is how many messages of shops may be unacknowledged: the broker holds the others back.
const atOnce = 512

// A Hub is one centre. Its methods may be used by many goroutines.
type Hub struct {
	o        Options
	line     *mqtt.Line
	incoming chan *mqtt.Message
	wake     chan struct{} // has room for one: there is something to send

	counts struct {
		sent, again, done, expired, events, repeated, holes, strange, leftOut, commands atomic.Int64
	}

	mu     sync.Mutex // guards what follows
	acks   map[string]dueAck
	asked  map[string]time.Time // when a shop was last asked to tell again
	broken map[work]error       // what the store does not do now, and why
	left   leftOut              // the last message that was left out
	stuck  map[string]place     // of a shop, the last event whose place could not be stored either
	denied bool                 // the broker does not let this centre publish
	since  time.Time
}

// New makes a Hub; not one packet is sent before Run.
func New(o Options) *Hub {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &o.Pace
	for _, x := range []struct {
		to  *time.Duration
		def time.Duration
	}{{&p.Look, time.Second}, {&p.First, 10 * time.Second}, {&p.Last, 5 * time.Minute}, {&p.Command, 5 * time.Second}, {&p.Missed, 5 * time.Second}, {&p.Ack, 3 * time.Second}} {
		*x.to = cmp.Or(*x.to, x.def)
	}
	h := &Hub{o: o, incoming: make(chan *mqtt.Message, 2*atOnce), wake: make(chan struct{}, 1), acks: map[string]dueAck{}, asked: map[string]time.Time{}, broken: map[work]error{}, stuck: map[string]place{}, since: o.Now()}
	h.line = mqtt.New(mqtt.Options{Broker: o.Broker, TLS: o.TLS, ClientID: "rd-hub." + o.Tenant + "." + o.Name, Centre: true,
		Filters: []string{wire.All(o.Tenant, wire.PartEvent), wire.All(o.Tenant, wire.PartState), wire.All(o.Tenant, wire.PartReply) + "/" + o.Name},
		Receive: h.receive, Up: h.up, Logger: o.Logger, MostWaiting: atOnce,
		KeepAlive: p.KeepAlive, FirstPause: p.FirstPause, LastPause: p.LastPause, TakenPause: p.TakenPause})
	return h
}

// Run keeps the hub at its broker until ctx ends. It returns nil when everything has ended.
func (h *Hub) Run(ctx context.Context) error {
	parts, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { h.take(parts) })
	running.Go(func() { h.tidy(parts) })
	err := h.line.Run(ctx)
	stop()
	running.Wait()
	return err
}

// receive blocks where the store takes nothing and the broker sends more than it may, or connections that are gone left too much: until there
// is room, or this connection is gone too. What is not taken was not acknowledged, and comes again.
func (h *Hub) receive(m *mqtt.Message) {
	if m.QoS == 0 { // nothing that may be lost is taken
		return
	}
	select {
	case h.incoming <- m:
	case <-m.Left():
	}
}

// Nudge looks at once for what is to be sent.
func (h *Hub) Nudge() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// up sends what is due while the line stands.
func (h *Hub) up(ctx context.Context, conn *mqtt.Conn) {
	defer h.unknown(claiming, asking, again)
	s := &sender{h: h, conn: conn}
	known := false // what was on the way may be lost with the line
	for ctx.Err() == nil {
		if !known {
			known = h.worked(again, h.o.Store.Again(ctx)) == nil
		}
		s.round(ctx)
		t := time.NewTimer(h.o.Pace.Look)
		select {
		case <-h.wake:
		case <-t.C:
		case <-ctx.Done():
		}
		t.Stop()
	}
}

// tidy does what comes with time, with or without a line.
func (h *Hub) tidy(ctx context.Context) {
	var pruned, looked time.Time
	for pause.For(ctx, h.o.Pace.Look) {
		if n, err := h.o.Store.Expire(ctx); h.worked(expiring, err) == nil && n > 0 {
			h.counts.expired.Add(int64(n))
			h.o.Logger.Info("jobs expired before they could leave", "jobs", n)
		}
		if now := h.o.Now(); now.Sub(looked) >= h.o.Pace.Missed {
			looked = now
			h.told(h.o.Store.Behind())
		}
		if now := h.o.Now(); h.o.Keep > 0 && now.Sub(pruned) > time.Hour {
			more, err := h.o.Store.Prune(ctx, now.Add(-h.o.Keep))
			if h.worked(pruning, err) == nil && !more {
				pruned = now
			}
		}
	}
}

// A work is what the store is asked to do. A full disk takes none of what comes, and does not mind to be asked for what is due.
type work int

const (
	hearing  work = iota
	claiming      // these three while the line stands
	asking
	again
	expiring
	pruning
)

// A leftOut is a message that could not be stored.
type leftOut struct {
	shop  string
	at    time.Time
	stuck bool // its place could not be stored either: what follows it is not here
}

// A place is where an event stands in its shop's journal.
type place struct {
	birth string
	seq   int64
}

// worked notes whether the store does what it is asked, and tells the log when that changes.
func (h *Hub) worked(w work, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	h.mu.Lock()
	before := h.trouble()
	if delete(h.broken, w); err != nil {
		h.broken[w] = err
	}
	now := h.trouble()
	h.mu.Unlock()
	switch {
	case now != nil && (before == nil || storeProblem(before).Code != storeProblem(now).Code):
		h.o.Logger.Error("the hub's store takes nothing; nothing is lost, it is tried again", "err", now)
	case now == nil && before != nil:
		h.o.Logger.Info("the hub's store works again")
	}
	return err
}

// unknown forgets how works went that the store is not asked for now.
func (h *Hub) unknown(list ...work) {
	h.mu.Lock()
	before := h.trouble()
	for _, w := range list {
		delete(h.broken, w)
	}
	now := h.trouble()
	h.mu.Unlock()
	if now == nil && before != nil {
		h.o.Logger.Info("whether the hub's store works is seen when it is asked again, with the line")
	}
}

// trouble is why the store does not do something, nil where it does all; the caller holds the lock.
func (h *Hub) trouble() error {
	for w := hearing; w <= pruning; w++ {
		if err := h.broken[w]; err != nil {
			return err
		}
	}
	return nil
}

// A Status tells how a hub is, and what happened since it began.
type Status struct {
	Name      string    `json:"hub"`
	Tenant    string    `json:"tenant"`
	Broker    string    `json:"broker"`
	Connected bool      `json:"connected"`
	Since     time.Time `json:"since,omitzero"` // of that
	Failure   *Problem  `json:"failure,omitempty"`
	TakenOver time.Time `json:"taken_over,omitzero"` // when another hub last came under its name
	Store     *Problem  `json:"store,omitempty"`     // why it stores nothing now
	Left      *Problem  `json:"left,omitempty"`      // a message was left out within a day
	Began     time.Time `json:"began"`
	Sent      int64     `json:"sent"`  // jobs that left, each time counted
	Again     int64     `json:"again"` // those of them that had left before
	Done      int64     `json:"done"`  // jobs that got their shop's answer
	Expired   int64     `json:"expired"`
	Events    int64     `json:"events"`
	Repeated  int64     `json:"repeated"` // events that were here already
	Holes     int64     `json:"holes"`    // events that came before one that was missing
	Strange   int64     `json:"strange"`  // messages that were none of a shop
	LeftOut   int64     `json:"left_out"` // messages that could never be stored
	Commands  int64     `json:"commands"`
}

// Status tells how the hub is.
func (h *Hub) Status() Status {
	st, n := h.line.Status(), &h.counts
	out := Status{Name: h.o.Name, Tenant: h.o.Tenant, Broker: h.o.Broker, Connected: st.Connected, Since: st.Since, TakenOver: st.TakenOver, Sent: n.sent.Load(), Again: n.again.Load(),
		Done: n.done.Load(), Expired: n.expired.Load(), Events: n.events.Load(), Repeated: n.repeated.Load(), Holes: n.holes.Load(), Strange: n.strange.Load(), LeftOut: n.leftOut.Load(), Commands: n.commands.Load()}
	h.mu.Lock()
	defer h.mu.Unlock()
	out.Began = h.since
	if st.Failure != nil && !st.Connected {
		out.Failure = lineProblem(st.Failure)
	} else if h.denied {
		out.Failure = lineProblem(&mqtt.Failure{Code: mqtt.CodeDenied})
	}
	if err := h.trouble(); err != nil {
		out.Store = storeProblem(err)
	}
	if !h.left.at.IsZero() && h.o.Now().Sub(h.left.at) < 24*time.Hour {
		out.Left = leftProblem(h.left)
	}
	return out
}
