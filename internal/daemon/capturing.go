package daemon

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/receiptd/receiptd/capture"
	"github.com/receiptd/receiptd/capture/line"
	"github.com/receiptd/receiptd/capture/rules"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/profile"
)

// listenCaptures takes the places of the printers that [[capture]] names. A port that is taken keeps receiptd from starting: a program
// would print to whoever has it.
func (d *daemon) listenCaptures(ctx context.Context, list []config.Capture) error {
	sets := map[string]*rules.Set{} // each once: patterns take room
	for _, c := range list {
		ln, err := listenCapture(ctx, c)
		if err != nil {
			d.closeCaptures()
			return fmt.Errorf("capture %s: %w", c.Name, err)
		}
		if sets[c.Rules] == nil {
			sets[c.Rules], err = loadRules(c.Rules)
		}
		if err != nil {
			ln.Close()
			d.closeCaptures()
			return fmt.Errorf("capture %s: %w", c.Name, err)
		}
		d.captures = append(d.captures, d.newCapture(c, ln, sets[c.Rules]))
		d.ports = append(d.ports, ln)
		d.log.Info("stands in for a printer", "capture", c.Name, "listen", c.Listen, "printer", c.Printer)
	}
	return nil
}

// listenCapture takes the place of one printer.
func listenCapture(ctx context.Context, c config.Capture) (net.Listener, error) {
	if line.Is(c.Listen) {
		return line.Listen(c.Listen, c.Group)
	}
	var l net.ListenConfig
	ln, err := l.Listen(ctx, "tcp", strings.TrimPrefix(c.Listen, "tcp://"))
	if err != nil {
		return nil, fmt.Errorf("%w; another program, or a second receiptd, has this port", err)
	}
	return ln, nil
}

func (d *daemon) closeCaptures() {
	for _, ln := range d.ports {
		ln.Close()
	}
}

// loadRules gives the rules that a capture names, nil for none.
func loadRules(name string) (*rules.Set, error) {
	if name == "" {
		return nil, nil
	}
	return rules.Load(name)
}

func (d *daemon) newCapture(c config.Capture, ln net.Listener, set *rules.Set) *capture.Capture {
	o := capture.Options{Name: c.Name, Printer: c.Printer, Listener: ln, Line: line.Is(c.Listen), End: c.End, Drawer: c.Drawer, Idle: time.Duration(c.Idle), Requests: d.queue.Requests, Jobs: d.queue.Jobs, Events: d.queue.Events, Logger: d.log, Rules: set, Settle: c.Settle, Kind: job.Kind(c.Kind),
		Parser: func() job.Parser { return job.Parser{Trust: d.now.Load().cfg.Guard.Trust} }}
	for _, a := range c.Allow {
		if p, err := config.ParseAllowed(a); err == nil { // the configuration was checked
			o.Allow = append(o.Allow, p)
		}
	}
	o.State = func() capture.State {
		s := d.now.Load().station(c.Printer)
		if s == nil {
			return capture.State{}
		}
		return captureState(s.printer.Status())
	}
	o.Profile = func() *profile.Profile {
		if s := d.now.Load().station(c.Printer); s != nil {
			return s.profile
		}
		p, _ := profile.Load("generic-80") // it is built in
		return p
	}
	return capture.New(o)
}

// captureState is how a printer is, as a printer tells it.
func captureState(st printer.Status) capture.State {
	s := capture.State{Known: st.State != printer.Unknown && st.State != printer.Down, NearEnd: st.NearEnd,
		Said: capture.Said{Firmware: st.Said.Firmware, Maker: st.Said.Maker, Model: st.Said.Model, HasIDs: st.Said.HasIDs, IDs: st.Said.IDs}}
	switch st.Reason {
	case printer.PaperOut:
		s.PaperOut = true
	case printer.CoverOpen:
		s.Cover = true
	case printer.Cutter:
		s.Cutter = true
	case printer.Hot:
		s.Hot = true
	case printer.Fault:
		s.Error = true
	case "":
	default:
		s.Offline = true
	}
	return s
}
