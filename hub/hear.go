package hub

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/internal/pause"
)

// batch is how many messages share one commit at most.
const batch = 256

// mostMessage is beyond what any message of a shop is.
const mostMessage = 256 << 10

// take stores what shops say, then acknowledges it to the broker, then tells the shops. What a store that is full or held does not take stays
// unacknowledged, and is tried again until it does.
func (h *Hub) take(ctx context.Context) {
	for {
		var messages []*mqtt.Message
		select {
		case m := <-h.heard:
			messages = append(messages, m)
		case <-ctx.Done():
			return
		}
	more:
		for len(messages) < batch {
			select {
			case m := <-h.heard:
				messages = append(messages, m)
			default:
				break more
			}
		}
		heard := make([]store.Heard, 0, len(messages))
		for _, m := range messages {
			if x, ok := h.read(m); ok {
				heard = append(heard, x)
			} else {
				h.counts.strange.Add(1)
			}
		}
		if !h.stored(ctx, heard) {
			return
		}
		for _, m := range messages {
			m.Ack()
		}
	}
}

// stored stores a batch, however long that takes; false: ctx ended before.
func (h *Hub) stored(ctx context.Context, heard []store.Heard) bool {
	for wait := 100 * time.Millisecond; len(heard) > 0; wait = min(2*wait, 10*time.Second) {
		taken, err := h.o.Store.Take(ctx, heard)
		switch {
		case ctx.Err() != nil && err != nil:
			return false
		case err == nil:
			_ = h.worked(nil) // it says nothing new
			h.taken(&taken)
			return true
		case errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrBusy):
		case len(heard) > 1: // one of them is the cause: the others are stored all the same
			for i := range heard {
				if !h.stored(ctx, heard[i:i+1]) {
					return false
				}
			}
			return true
		case wait > time.Second: // not the moment's fault
			h.counts.strange.Add(1)
			h.o.Logger.Error("a message of a shop cannot be stored, and is left out", "shop", heard[0].Shop, "err", err)
			return true
		}
		_ = h.worked(err) // it is tried again
		if !pause.For(ctx, wait) {
			return false
		}
	}
	return true
}

func (h *Hub) taken(t *store.Taken) {
	h.counts.events.Add(int64(t.Events))
	h.counts.repeated.Add(int64(t.Again))
	h.counts.holes.Add(int64(t.Holes))
	h.counts.done.Add(int64(t.Done))
	h.told(t.Acks)
	if len(t.Came) > 0 {
		if err := h.o.Store.Again(context.Background(), t.Came...); err != nil { // their jobs leave when their pauses are over
			_ = h.worked(err)
		}
		h.Nudge()
	}
	if t.Done > 0 { // the window moved on
		h.Nudge()
	}
}

// read takes a message apart; false: it is none of a shop.
func (h *Hub) read(m *mqtt.Message) (x store.Heard, ok bool) {
	p, part, _, err := wire.Parse(m.Topic)
	if err != nil || p.Tenant != h.o.Tenant || len(m.Payload) > mostMessage {
		return x, false
	}
	x.Shop = p.Shop
	switch part {
	case wire.PartEvent:
		x.Event = new(wire.Event)
		err = json.Unmarshal(m.Payload, x.Event)
	case wire.PartState:
		x.State = new(wire.State)
		err = json.Unmarshal(m.Payload, x.State)
	case wire.PartReply:
		var r wire.Reply
		if err = json.Unmarshal(m.Payload, &r); err == nil && r.CmdID != "" {
			x.Reply = &r
			return x, true
		}
		x.Answer = new(wire.Answer)
		if err = json.Unmarshal(m.Payload, x.Answer); err == nil && len(m.Correlation) > 0 {
			x.Answer.JobID = string(m.Correlation) // what was asked with: a shop may withhold a job_id
		}
	default:
		return x, false
	}
	return x, err == nil
}
