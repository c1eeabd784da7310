package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"sync"
	"time"

	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/internal/pause"
)

// A pump is where the events stand that leave.
type pump struct {
	mu       sync.Mutex // guards what follows
	position int64      // the event after which the next connection, or a centre that missed some, wants to be told
	newest   int64      // the newest that left
	restart  func()     // ends the feed that is read; nil: none is
	again    time.Time  // when it was last asked for again
	changed  chan struct{}
}

// told is the newest event that left.
func (p *pump) told() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.newest
}

func (p *pump) left(seq int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.newest = max(p.newest, seq); p.position < seq {
		p.position = seq
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// connected begins behind an event: those before it need not be told again.
func (p *pump) connected(after int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.position, p.newest, p.again = after, max(p.newest, after), time.Time{}
}

// await waits until an event has left.
func (p *pump) await(ctx context.Context, seq int64) error {
	for {
		p.mu.Lock()
		done, changed := p.newest >= seq, p.changed
		p.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// rewind begins again behind an event. Who asks too often is not heard.
func (p *pump) rewind(seq int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.again) < 2*time.Second || seq >= p.position {
		return
	}
	p.again, p.position = time.Now(), seq
	if p.restart != nil {
		p.restart()
	}
}

// begin gives where to read from, and a context that ends when somebody wants older ones.
func (p *pump) begin(ctx context.Context) (reading context.Context, after int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	reading, p.restart = context.WithCancel(ctx)
	return reading, p.position
}

func (p *pump) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.restart()
	p.restart = nil
}

// tellEvents tells what the journal tells until the connection ends.
func (c *Client) tellEvents(ctx context.Context, conn *mqtt.Conn) {
	for ctx.Err() == nil {
		reading, after := c.pump.begin(ctx)
		err := c.tellFrom(reading, conn, after)
		restarted := reading.Err() != nil
		c.pump.end()
		if ctx.Err() == nil && !restarted {
			c.o.Logger.Warn("an event was not told; it is told again", "err", err)
			pause.For(ctx, time.Second)
		}
	}
}

func (c *Client) tellFrom(ctx context.Context, conn *mqtt.Conn, after int64) error {
	feed, prev, birth := c.o.Outbox.From(after), after, c.o.Outbox.Birth()
	for first := true; ; first = false {
		e, err := feed.Next(ctx)
		if err != nil {
			return err
		}
		e.Prev, e.Birth = prev, birth
		m := mqtt.Out{Topic: c.o.Place.Event(), Payload: wire.Encode(e)}
		if first { // whether this may be told at all is heard once
			err = conn.Publish(ctx, m)
		} else {
			err = conn.Send(ctx, m)
		}
		if err != nil {
			return err
		}
		prev = e.Seq
		c.pump.left(e.Seq)
		c.count(func(n *Counts) { n.Events++ })
	}
}

// acked takes a centre's word for how far it has stored the events.
func (c *Client) acked(payload []byte) {
	var a wire.Ack
	d := json.NewDecoder(bytes.NewReader(payload))
	if d.Decode(&a) != nil || !a.Good() || a.Birth != c.o.Outbox.Birth() {
		return // of a journal that was replaced: the state tells the centre
	}
	a.Seq = min(a.Seq, c.o.Outbox.Last())
	c.mu.Lock()
	x, known := c.cursors[a.Centre]
	if !known && len(c.cursors) >= mostCentres {
		c.mu.Unlock()
		c.o.Logger.Warn("too many centres: one more is not remembered", "centre", a.Centre)
		return
	}
	next := Cursor{Seq: max(x.Seq, a.Seq), At: c.o.Now()}
	c.dirty = c.dirty || next.Seq != x.Seq || !known || next.At.Sub(x.At) > time.Hour
	c.cursors[a.Centre] = next
	c.mu.Unlock()
	if a.Resend {
		c.pump.rewind(a.Seq)
	}
}

// keep writes the cursors down now and then, and at the end. What is lost of them in a crash is told once more, which harms nobody.
func (c *Client) keep(ctx context.Context) {
	for ctx.Err() == nil {
		pause.For(ctx, pause.InStep(c.o.Pace.Keep))
		c.keepNow(context.WithoutCancel(ctx))
	}
}

func (c *Client) keepNow(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	told := c.pump.told()
	c.mu.Lock()
	if len(c.cursors) == 0 && told > c.base { // nobody but the broker was ever there to take them
		c.base, c.dirty = told, true
	}
	if !c.dirty {
		c.mu.Unlock()
		return
	}
	c.dirty = false
	cursors, base := maps.Clone(c.cursors), c.base
	c.mu.Unlock()
	for name, x := range cursors {
		if c.o.Now().Sub(x.At) > forgotten {
			delete(cursors, name)
		}
	}
	if err := c.o.Outbox.Keep(ctx, cursors, base); err != nil {
		c.mu.Lock()
		c.dirty = true
		c.mu.Unlock()
		c.o.Logger.Warn("how far the fleet was told cannot be noted; it is told again", "err", err)
	}
}
