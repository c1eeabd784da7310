package fleet

import (
	"bytes"
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

// tellStates tells of each change, and of many at once only now and then.
func (c *Client) tellStates(ctx context.Context, conn *mqtt.Conn) {
	var before []byte
	for ctx.Err() == nil {
		changed, left := c.o.Shop.Changed(), c.pump.next()
		if s, err := c.state(ctx); err == nil {
			at := s.At
			s.At = time.Time{}
			if now := wire.Encode(s); !bytes.Equal(now, before) {
				s.At = at
				if err := conn.Publish(ctx, mqtt.Out{Topic: c.o.Place.State(), Payload: wire.Encode(s), Retain: true}); err == nil {
					before = now
				} else if ctx.Err() == nil {
					c.o.Logger.Warn("the shop's state was not taken by the broker", "err", err)
				}
			}
		}
		pause.For(ctx, c.o.Pace.State)
		select {
		case <-changed:
		case <-left:
		case <-ctx.Done():
		}
	}
}

// next gives a channel that is closed when the next event has left.
func (p *pump) next() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}
