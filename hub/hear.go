package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// take stores what shops say, then acknowledges it to the broker, then tells the shops. What a store that is full, held or broken does not take
// stays unacknowledged, and is tried again until it does; meanwhile the broker holds back what comes after. What no store would ever take is left
// out, and told of.
func (h *Hub) take(ctx context.Context) {
	for {
		var messages []*mqtt.Message
		select {
		case m := <-h.incoming:
			messages = append(messages, m)
		case <-ctx.Done():
			return
		}
	more:
		for len(messages) < batch {
			select {
			case m := <-h.incoming:
				messages = append(messages, m)
			default:
				break more
			}
		}
		told := make([]store.Heard, 0, len(messages))
		for _, m := range messages {
			if x, ok := h.read(m); ok {
				told = append(told, x)
			} else {
				h.counts.strange.Add(1)
			}
		}
		if !h.stored(ctx, told) {
			return
		}
		for _, m := range messages {
			m.Ack()
		}
	}
}

// stored stores a batch, however long that takes; false: ctx ended before.
func (h *Hub) stored(ctx context.Context, told []store.Heard) bool {
	for wait := 100 * time.Millisecond; len(told) > 0; wait = min(2*wait, 10*time.Second) {
		taken, err := h.o.Store.Take(ctx, told)
		if errors.Is(err, store.ErrNever) {
			if len(told) > 1 { // one of them is the cause: the others are stored all the same
				for i := range told {
					if !h.stored(ctx, told[i:i+1]) {
						return false
					}
				}
				return true
			}
			if taken, err = h.leaveOut(ctx, &told[0], err); errors.Is(err, store.ErrNever) {
				_ = h.worked(hearing, nil) // it answers, and takes others
				return true                // not even that: what follows it is asked for until somebody looks
			}
		}
		if h.worked(hearing, err) == nil {
			h.unstuck(told)
			h.taken(&taken)
			return true
		}
		if !pause.For(ctx, wait) {
			return false
		}
	}
	return true
}

// leaveOut tells of a message that can never be stored, and takes its place. It is acknowledged then: it would hold up all that comes after.
// ErrNever: its place cannot be stored either. It comes again then, and is counted once.
func (h *Hub) leaveOut(ctx context.Context, x *store.Heard, cause error) (store.Taken, error) {
	taken, err := h.o.Store.LeaveOut(ctx, *x)
	stuck := errors.Is(err, store.ErrNever)
	if err != nil && !stuck { // of the moment: it is tried again
		return taken, err
	}
	h.mu.Lock()
	known := false
	if stuck {
		at := place{x.Event.Birth, x.Event.Seq}
		known = h.stuck[x.Shop] == at
		h.stuck[x.Shop] = at
	}
	h.left = leftOut{shop: x.Shop, at: h.o.Now(), stuck: stuck}
	h.mu.Unlock()
	if known {
		return taken, err
	}
	h.counts.leftOut.Add(1)
	what := "a message of a shop can never be stored, and is left out"
	if stuck {
		what = "an event of a shop can never be stored, nor its place: those after it stay in the shop"
	}
	h.o.Logger.Error(what, "shop", x.Shop, "what", kindOf(x), "err", cause)
	return taken, err
}

// unstuck forgets places that could not be stored, and are now.
func (h *Hub) unstuck(told []store.Heard) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range told {
		x := &told[i]
		at, ok := h.stuck[x.Shop]
		if !ok || x.Event == nil || at != (place{x.Event.Birth, x.Event.Seq}) {
			continue
		}
		delete(h.stuck, x.Shop)
		if h.left.stuck && h.left.shop == x.Shop {
			h.left = leftOut{}
		}
	}
}

func kindOf(x *store.Heard) string {
	switch {
	case x.Event != nil:
		return fmt.Sprintf("event %d of journal %s", x.Event.Seq, x.Event.Birth)
	case x.State != nil:
		return "state"
	case x.Answer != nil:
		return "answer to job " + x.Answer.JobID
	}
	return "reply to a command"
}

func (h *Hub) taken(t *store.Taken) {
	h.counts.events.Add(int64(t.Events))
	h.counts.repeated.Add(int64(t.Again))
	h.counts.holes.Add(int64(t.Holes))
	h.counts.done.Add(int64(t.Done))
	h.told(t.Acks)
	if len(t.Came) > 0 {
		_ = h.o.Store.Again(context.Background(), t.Came...) // else their jobs leave when their pauses are over
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
