package hub

import (
	"context"
	"errors"
	"time"

	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/internal/pause"
)

// A sender sends what is due by one connection. One goroutine uses it.
type sender struct {
	h    *Hub
	conn *mqtt.Conn
	told bool // the broker has said that this centre may publish
}

// round sends what is due now.
func (s *sender) round(ctx context.Context) {
	s.jobs(ctx)
	s.commands(ctx)
	s.acks(ctx)
}

// out sends one message. Whether this centre may publish at all is heard once for each connection.
func (s *sender) out(ctx context.Context, m mqtt.Out) error {
	if s.told {
		return s.conn.Send(ctx, m)
	}
	err := s.conn.Publish(ctx, m)
	now := denied(err)
	s.h.mu.Lock()
	changed := s.h.denied != now
	s.h.denied = now
	s.h.mu.Unlock()
	if changed && now {
		s.h.o.Logger.Error("the broker does not let this centre publish", "topic", m.Topic)
	}
	s.told = err == nil
	return err
}

// denied tells whether the broker itself said that it did not take a message.
func denied(err error) bool {
	var f *mqtt.Failure
	return errors.As(err, &f) && f.Code == mqtt.CodeDenied
}

func (s *sender) jobs(ctx context.Context) {
	h := s.h
	for ctx.Err() == nil {
		due, err := h.o.Store.Claim(ctx, h.pause)
		if h.worked(claiming, err) != nil || len(due) == 0 {
			return
		}
		for i := range due {
			j := &due[i]
			p := wire.Place{Tenant: h.o.Tenant, Shop: j.Shop}
			m := mqtt.Out{Topic: p.Job(), Payload: j.Content, Response: p.Reply(h.o.Name), Correlation: []byte(j.JobID)}
			switch {
			case j.Over:
				m.Properties = map[string]string{wire.PropertyExpired: "1"}
				m.Expiry = wire.JobExpiry
			case !j.Expires.IsZero():
				m.Expiry = max(j.Expires.Sub(h.o.Now()), time.Second)
			}
			if err := s.out(ctx, m); err != nil {
				if ctx.Err() == nil {
					h.o.Logger.Warn("a job did not leave; it is sent again", "shop", j.Shop, "err", err)
				}
				if errors.Is(err, mqtt.ErrGone) || denied(err) && h.worked(claiming, h.o.Store.Refused(ctx, j)) != nil {
					return
				}
				continue
			}
			h.counts.sent.Add(1)
			if j.Again() {
				h.counts.again.Add(1)
			}
		}
	}
}

// pause is how long a job waits before it is sent again.
func (h *Hub) pause(tries int) time.Duration {
	return pause.Jitter(min(h.o.Pace.First<<min(tries, 20), h.o.Pace.Last))
}

func (s *sender) commands(ctx context.Context) {
	h := s.h
	due, err := h.o.Store.ClaimCommands(ctx, h.o.Pace.Command)
	if h.worked(asking, err) != nil {
		return
	}
	for i := range due {
		p := wire.Place{Tenant: h.o.Tenant, Shop: due[i].Shop}
		h.counts.commands.Add(1)
		if err := s.out(ctx, mqtt.Out{Topic: p.Cmd(), Payload: wire.Encode(due[i].Command), Response: p.Reply(h.o.Name), Correlation: []byte(due[i].Command.CmdID), Expiry: wire.CommandExpiry}); err != nil {
			return // it is sent again
		}
	}
}

// acks tells shops how far they are stored, and asks for what is missing. What does not leave is told later.
func (s *sender) acks(ctx context.Context) {
	due := s.h.dueAcks()
	for shop, a := range due {
		a.Centre = s.h.o.Name
		if err := s.out(ctx, mqtt.Out{Topic: wire.Place{Tenant: s.h.o.Tenant, Shop: shop}.Ack(), Payload: wire.Encode(a), Expiry: time.Minute}); err != nil {
			s.h.putBack(due)
			return
		}
		delete(due, shop)
	}
}

// putBack keeps what did not leave, unless there is something newer to tell a shop.
func (h *Hub) putBack(acks map[string]wire.Ack) {
	now := h.o.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	for shop, a := range acks {
		if _, ok := h.acks[shop]; !ok {
			h.acks[shop] = dueAck{a, now.Add(h.o.Pace.Ack)}
		}
	}
}

// dueAcks takes those whose time has come.
func (h *Hub) dueAcks() map[string]wire.Ack {
	now, due := h.o.Now(), map[string]wire.Ack{}
	h.mu.Lock()
	defer h.mu.Unlock()
	for shop, a := range h.acks {
		switch {
		case now.Before(a.due) || a.Resend && now.Sub(h.asked[shop]) < 2*time.Second: // who asks more often is not heard
			continue
		case a.Resend:
			h.asked[shop] = now
		}
		due[shop] = a.Ack
		delete(h.acks, shop)
	}
	return due
}

// told notes what shops are to be told.
func (h *Hub) told(acks map[string]wire.Ack) {
	now := h.o.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	for shop, a := range acks {
		due := now
		if !a.Resend {
			due = now.Add(h.o.Pace.Ack)
		}
		if before, ok := h.acks[shop]; ok && before.due.Before(due) {
			due = before.due
		}
		h.acks[shop] = dueAck{a, due}
	}
}
