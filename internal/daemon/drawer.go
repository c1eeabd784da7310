package daemon

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// drawerOf names the printer on which the drawer is that somebody wants open, "" where that is not clear or it has no connector for one.
func (n *setup) drawerOf(wish string) string {
	s := n.station(n.cfg.DrawerPrinter(wish))
	if s == nil || !hasDrawer(n.section(s.name), s.profile) {
		return ""
	}
	return s.name
}

// hasDrawer reports whether a printer has a connector for a drawer, as its profile or its section says.
func hasDrawer(c config.Printer, p *profile.Profile) bool { return c.DrawerPin != 0 || p.DrawerKick }

// pulseOf gives the pulse that opens the drawer on a printer: its section counts before its profile.
func pulseOf(c config.Printer, p *profile.Profile) printer.Pulse {
	ms := func(d config.Duration, usual int) time.Duration {
		return cmp.Or(time.Duration(d), time.Duration(usual)*time.Millisecond)
	}
	u := printer.Pulse{Pin: cmp.Or(c.DrawerPin, p.DrawerPin, 2), On: ms(c.DrawerOn, cmp.Or(p.DrawerOnMS, 50)), Off: ms(c.DrawerOff, cmp.Or(p.DrawerOffMS, 500))}
	u.Off = max(u.On, u.Off)
	return u
}

// openDrawer sends one pulse, and says what became of it.
func (p *printing) openDrawer(ctx context.Context, o queue.DrawerPulse) queue.DrawerResult {
	now := p.now.Load()
	s := now.station(o.Printer)
	if s == nil {
		return queue.DrawerResult{State: vocabulary.OpeningNotSent, Reason: "printer_unknown"}
	}
	u := pulseOf(now.section(s.name), s.profile)
	var refused error
	u.Begin = func(ctx context.Context) error {
		refused = o.Begin(ctx)
		return refused
	}
	out := s.printer.Pulse(ctx, u)
	r := queue.DrawerResult{State: vocabulary.OpeningNotSent, Reason: out.Reason}
	switch {
	case out.State == printer.Sent:
		r.State = vocabulary.OpeningSent
	case out.State == printer.Uncertain:
		r.State = vocabulary.OpeningUncertain
	case errors.Is(refused, queue.ErrSkip), errors.Is(ctx.Err(), context.DeadlineExceeded):
		r.Reason = vocabulary.ReasonTooLate
	case refused != nil:
		r.Reason = vocabulary.ReasonTooLate
		p.log.Error("a drawer is not opened: that it may cannot be written down", "printer", s.name, "err", refused)
	}
	p.log.Info("drawer", "printer", s.name, "state", r.State, "reason", r.Reason)
	return r
}

// drawerSeen takes in what the drawer's sensor tells. That a link was closed meanwhile is no change.
func (p *printing) drawerSeen(ctx context.Context, s *station, now vocabulary.DrawerState) {
	if now == "" {
		return
	}
	was := s.drawer.Swap(&now)
	if was != nil && *was == now || was == nil && now == vocabulary.DrawerClosed {
		return
	}
	p.late.Go(func() {
		if err := p.drawers.Seen(context.WithoutCancel(ctx), s.name, now); err != nil {
			p.log.Error("that a drawer opened or closed cannot be recorded", "printer", s.name, "err", err)
		}
	})
}
