package fleet

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/internal/pause"
)

// state is how the shop is now.
func (c *Client) state(ctx context.Context) (wire.State, error) {
	s, err := c.o.Shop.State(ctx)
	if err != nil {
		return s, err
	}
	s.Online, s.Birth, s.Seq, s.At = true, c.o.Outbox.Birth(), c.pump.told(), c.o.Now().UTC().Truncate(time.Second)
	s.TakenOver = c.o.Now().Sub(c.line.Status().TakenOver) < time.Hour
	return s, nil
}

// tellStates tells of each change: of one that wants somebody at once, of those that come with every slip together and a while later. One state
// follows another only after a while.
func (c *Client) tellStates(ctx context.Context, conn *mqtt.Conn) {
	var last lastState
	for ctx.Err() == nil {
		changed, left := c.o.Shop.Changed(), c.pump.next()
		s, err := c.state(ctx)
		rest, any := last.due(s, c.o.Pace.State)
		if err == nil && any && rest == 0 {
			c.tellState(ctx, conn, s, &last)
			continue
		}
		if err != nil || !any {
			rest = time.Hour // nothing is to be told: only a change matters
		}
		t := time.NewTimer(rest)
		select {
		case <-changed:
			pause.For(ctx, min(time.Second, c.o.Pace.State/5)) // a change rarely comes alone
		case <-left:
			pause.For(ctx, min(time.Second, c.o.Pace.State/5))
		case <-t.C:
		case <-ctx.Done():
		}
		t.Stop()
	}
}

func (c *Client) tellState(ctx context.Context, conn *mqtt.Conn, s wire.State, last *lastState) {
	last.at, last.since = time.Now(), time.Time{}
	if err := conn.Publish(ctx, mqtt.Out{Topic: c.o.Place.State(), Payload: wire.Encode(s), Retain: true}); err == nil {
		last.told, last.state = true, s
	} else if ctx.Err() == nil {
		c.o.Logger.Warn("the shop's state was not taken by the broker", "err", err)
	}
}

// A lastState is the one that was told last.
type lastState struct {
	told  bool
	state wire.State
	at    time.Time // when it was told, or tried
	since time.Time // when something came that may wait
}

// due tells whether there is something to tell, and how long that has to wait.
func (l *lastState) due(s wire.State, pace time.Duration) (rest time.Duration, any bool) {
	from := l.at
	switch {
	case l.told && s.Same(l.state, true):
		l.since = time.Time{}
		return 0, false
	case l.told && s.Same(l.state, false):
		if l.since.IsZero() {
			l.since = time.Now()
		}
		if l.since.After(from) {
			from = l.since
		}
	}
	return max(0, pace-time.Since(from)), true
}

// next gives a channel that is closed when the next event has left.
func (p *pump) next() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}
