package daemon

import (
	"context"
	"crypto/tls"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/fleet"
	"github.com/receiptd/receiptd/fleet/enroll"
	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
	"github.com/receiptd/receiptd/web"
)

// A centre is the shop's connection to its fleet, where the configuration wants one. Use is called by one goroutine at a time.
type centre struct {
	parse    func(data []byte) job.Result
	known    wire.Stations
	queue    *queue.Queue
	printers *printers
	version  string
	log      *slog.Logger

	mu     sync.Mutex // guards what follows
	cfg    config.Fleet
	client *fleet.Client // nil: none
	stop   func()
	taken  time.Time // when somebody else last came under this shop's identity
}

// use connects the shop as the configuration says from now on. It blocks until what goes has ended.
func (c *centre) use(ctx context.Context, cfg config.Fleet) {
	c.mu.Lock()
	same, stop, client := reflect.DeepEqual(cfg, c.cfg), c.stop, c.client
	c.mu.Unlock()
	if same {
		return
	}
	if stop != nil {
		if !cfg.On() {
			client.Leave()
		}
		stop()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cfg, c.client, c.stop = cfg, nil, nil; !cfg.On() {
		return
	}
	shares := wire.SharesOf(cfg.Share)
	client = fleet.New(fleet.Options{Broker: cfg.Broker, TLS: func() (*tls.Config, error) { return enroll.Client(cfg.CA, cfg.Cert, cfg.Key) },
		Place: wire.Place{Tenant: cfg.Tenant, Shop: cfg.Shop}, Allow: cfg.Allow, Door: &centreDoor{c.queue, c.parse, c.known, cfg.Allow}, Outbox: centreOutbox{c.queue, c.known},
		Shop: &centreShop{c, shares}, Logger: c.log})
	running, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := client.Run(running); err != nil && running.Err() == nil {
			c.log.Error("the shop does not come to its fleet; it prints on", "err", err)
		}
	}()
	c.client, c.stop = client, func() { cancel(); <-done }
}

// close ends the connection, in order.
func (c *centre) close() {
	c.mu.Lock()
	stop := c.stop
	c.stop = nil
	c.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// Fleet tells how the connection is; ok is false where there is none.
func (c *centre) Fleet() (f api.Fleet, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client == nil {
		return api.Fleet{}, false
	}
	st, n := c.client.Status()
	f = api.Fleet{Broker: c.cfg.Broker, Tenant: c.cfg.Tenant, Shop: c.cfg.Shop, Connected: st.Connected, Since: st.Since, Behind: c.client.Behind(), TakenOver: st.TakenOver,
		Jobs: n.Jobs, Repeated: n.Repeated, Expired: n.Expired, Rejected: n.Rejected, Commands: n.Commands, Denied: n.Denied, Events: n.Events}
	if st.Failure != nil {
		f.Failure, f.Text = st.Failure.Code, st.Failure.Text()
	}
	return f, true
}

// alarms tell of a second daemon under this shop's identity.
func (c *centre) alarms(context.Context) ([]web.Alarm, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client == nil || time.Since(c.taken) > time.Hour {
		return nil, nil
	}
	text := (&mqtt.Failure{Code: mqtt.CodeTaken}).Text()
	return []web.Alarm{{Key: "fleet:taken:" + c.taken.UTC().Format(time.RFC3339), Kind: "fleet", Text: text, Link: "/"}}, nil
}

// A centreDoor takes jobs of the fleet as the drop folder takes files.
type centreDoor struct {
	queue *queue.Queue
	parse func(data []byte) job.Result
	known wire.Stations
	allow []string
}

// Accept takes a job. One that came too late once, and what the centre may not do, is not taken.
func (d *centreDoor) Accept(ctx context.Context, data []byte) (wire.Answer, error) {
	p := d.parse(data)
	if j := p.Job; j != nil {
		if !d.permitted(j) {
			return wire.Answer{JobID: wire.Identifier(j.ID), Outcome: vocabulary.OutcomeRejected, Copies: []wire.Copy{}, Errors: []wire.Error{{Code: "not_permitted", Pointer: "/kind"}}}, nil
		}
		if late, err := d.queue.Outbox.Expired(ctx, j.ID); err != nil || late {
			return expired(j.ID), err
		}
	}
	a, err := d.queue.Requests.Accept(ctx, queue.Arrival{Parsed: p, Source: queue.SourceFleet})
	return wire.AnswerOf(&a, d.known), err
}

// permitted tells whether the centre may send such a job: what moves a batch wants a right, and commands have a topic of their own, where
// their rights are looked at.
func (d *centreDoor) permitted(j *job.Job) bool {
	switch j.Kind {
	case job.KindCommand:
		return false
	case job.KindSettlement:
		return fleet.Allowed(d.allow, wire.AllowSettlement)
	}
	return true
}

// Expire answers a job whose time is over.
func (d *centreDoor) Expire(ctx context.Context, data []byte) (wire.Answer, error) {
	p := d.parse(data)
	if p.Job == nil || !d.permitted(p.Job) {
		return d.Accept(ctx, data)
	}
	a, err := d.queue.Jobs.Answer(ctx, p.Job.ID)
	switch {
	case err == nil && a.Outcome != vocabulary.OutcomeRefused: // it is known: the answer says what became of it, or that the id has another content
		return d.Accept(ctx, data)
	case err == nil || isNotFound(err):
		return expired(p.Job.ID), d.queue.Outbox.Expire(ctx, p.Job.ID)
	}
	return wire.Answer{}, err
}

func expired(id string) wire.Answer {
	return wire.Answer{JobID: wire.Identifier(id), Outcome: vocabulary.OutcomeExpired, Copies: []wire.Copy{}}
}

// A centreOutbox is the journal as the fleet reads it.
type centreOutbox struct {
	queue *queue.Queue
	known wire.Stations
}

// Birth is the journal's name.
func (o centreOutbox) Birth() string { return o.queue.Journal.ID() }

// Last is the newest event's number.
func (o centreOutbox) Last() int64 { return o.queue.Outbox.Last() }

// From reads what follows an event.
func (o centreOutbox) From(after int64) fleet.Feed {
	return centreFeed{o.queue.Outbox.From(after), o.known}
}

// Cursors gives those of the centres.
func (o centreOutbox) Cursors(ctx context.Context) (map[string]fleet.Cursor, int64, error) {
	kept, base, err := o.queue.Outbox.Cursors(ctx)
	out := make(map[string]fleet.Cursor, len(kept))
	for name, x := range kept {
		out[name] = fleet.Cursor(x)
	}
	return out, base, err
}

// Keep writes them down.
func (o centreOutbox) Keep(ctx context.Context, cursors map[string]fleet.Cursor, base int64) error {
	kept := make(map[string]queue.Cursor, len(cursors))
	for name, x := range cursors {
		kept[name] = queue.Cursor(x)
	}
	return o.queue.Outbox.Keep(ctx, kept, base)
}

type centreFeed struct {
	feed  *queue.FleetFeed
	known wire.Stations
}

// Next tells what may be told of the next event: codes, names of the configuration, identifiers.
func (f centreFeed) Next(ctx context.Context) (wire.Event, error) {
	e, err := f.feed.Next(ctx)
	if err != nil {
		return wire.Event{}, err
	}
	out := wire.Event{Seq: e.Seq, At: e.At.UTC(), Type: e.Type, JobID: wire.Identifier(e.JobID), CopyID: e.CopyID, Copy: string(e.Copy.Base()), Station: f.known.Tell(e.Copy.Station()), PrintNo: e.PrintNo,
		State: wire.Code(string(e.State)), Proof: e.Proof, Mark: e.Mark, Printer: e.Printer, Reason: wire.Reason(e.Reason), Batch: e.Batch,
		Remote: e.Type == vocabulary.EventPersonSaid && strings.HasPrefix(e.Operator, remote)}
	if e.Request != e.JobID {
		out.Request = wire.Identifier(e.Request)
	}
	switch e.Type {
	case vocabulary.EventAccepted:
		out.Outcome = vocabulary.OutcomeAccepted
	case vocabulary.EventRejected:
		out.Outcome = vocabulary.OutcomeRejected
	case vocabulary.EventConflict:
		out.Outcome = vocabulary.OutcomeConflict
	case vocabulary.EventAnswered:
		if vocabulary.Word(vocabulary.KindOutcome, e.Detail) != (vocabulary.Text{}) {
			out.Outcome = vocabulary.Outcome(e.Detail)
		}
	}
	return out, nil
}
