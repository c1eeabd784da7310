package daemon

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
	"github.com/receiptd/receiptd/web"
)

// A setup is what a configuration amounts to. It is replaced as a whole and never changed, so that whoever reads it sees one
// configuration.
type setup struct {
	cfg       *config.Config
	stations  []*station
	templates *templates.Set
	shop      templates.Shop // what its slips show, with the shop's clock
}

// inForce is the setup that all parts read, each time anew; only a start and a reload replace it.
type inForce = atomic.Pointer[setup]

// newSetup makes a setup without starting or stopping anything: open makes a printer. What is as it was in old is kept: printers whose
// section did not change, and the templates.
func newSetup(cfg *config.Config, old *setup, open func(config.Printer) (*station, error)) (*setup, error) {
	shop, err := Shop(cfg)
	if err != nil {
		return nil, err
	}
	n := &setup{cfg: cfg, shop: shop}
	if old != nil && old.cfg.Templates == cfg.Templates && old.cfg.Shop.Locale == cfg.Shop.Locale {
		n.templates = old.templates
	} else {
		set, err := templates.Load(templates.Options{Dir: cfg.Templates.Dir, Locale: cfg.Shop.Locale})
		if err != nil {
			return nil, fmt.Errorf("load templates: %w", err)
		}
		n.templates = set
	}
	for _, c := range cfg.Printers {
		s := old.kept(c)
		if s == nil {
			var err error
			if s, err = open(c); err != nil {
				return nil, fmt.Errorf("printer %s: %w", c.Name, err)
			}
		}
		n.stations = append(n.stations, s)
	}
	return n, nil
}

// kept gives the station that can go on under a section of the new configuration, nil for none.
func (s *setup) kept(c config.Printer) *station {
	if s == nil {
		return nil
	}
	for _, x := range s.stations {
		if sameDevice(x.cfg, c) {
			return x
		}
	}
	return nil
}

// sameDevice reports whether a printer can go on as it is with a changed section. What is read each time may differ.
func sameDevice(a, b config.Printer) bool {
	a.CopyPause, a.StaleAfter, a.Failover, a.DrawerOn, a.DrawerOff = b.CopyPause, b.StaleAfter, b.Failover, b.DrawerOn, b.DrawerOff
	return a == b
}

// station gives a printer by its name, nil when there is none.
func (s *setup) station(name string) *station {
	for _, x := range s.stations {
		if x.name == name {
			return x
		}
	}
	return nil
}

// section is what the configuration says about a printer.
func (s *setup) section(name string) config.Printer {
	for _, p := range s.cfg.Printers {
		if p.Name == name {
			return p
		}
	}
	return config.Printer{}
}

// knows reports whether a printer of this name is configured.
func (s *setup) knows(name string) bool {
	return slices.ContainsFunc(s.cfg.Printers, func(p config.Printer) bool { return p.Name == name })
}

// route names the printer that a copy of a job goes to.
func (s *setup) route(j *job.Job, c job.CopyName) string { return routed(s.cfg, j, c) }

func routed(c *config.Config, j *job.Job, name job.CopyName) string {
	return c.PrinterFor(j.Printer, string(j.Kind), string(name), j.Counter, j.TerminalNo())
}

// staleAfter is the longest wish of any printer; 0, the default, when there is none. Settlements are never too old.
func (s *setup) staleAfter(k job.Kind) time.Duration {
	longest := time.Duration(0)
	if k == job.KindSettlement {
		return longest
	}
	for _, p := range s.cfg.Printers {
		longest = max(longest, time.Duration(p.StaleAfter))
	}
	return longest
}

// copyPause is the time to tear a slip off where no cutter does it.
func (s *setup) copyPause(name string) time.Duration {
	x := s.station(name)
	if x == nil || x.profile.Cutter != "" {
		return 0
	}
	return time.Duration(s.section(name).CopyPause)
}

// parse reads a job as the shop's configuration says.
func (s *setup) parse(data []byte) job.Result {
	return job.Parser{Trust: s.cfg.Guard.Trust}.Parse(data)
}

// page is what the page shows times and words by.
func (s *setup) page() web.Shop {
	return web.Shop{Locale: s.cfg.Shop.Locale, Zone: s.shop.Zone, PrinterLabel: s.cfg.PrinterLabel}
}

// door looks at jobs before they are taken.
func (s *setup) door() door { return door{s.cfg, s.templates, s.shop, s.station} }

// defaultCopies follows slip.copies; nil leaves it to the kind. A declined slip goes to the cardholder only.
func defaultCopies(c *config.Config, j *job.Job) []job.CopyName {
	names, ok := c.Slip.Copies[string(j.Kind)]
	if !ok || (j.Transaction != nil && j.Transaction.Result != job.Approved) {
		return nil
	}
	out := make([]job.CopyName, len(names))
	for i, n := range names {
		out[i] = job.CopyName(n)
	}
	return out
}
