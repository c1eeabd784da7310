package printer

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Known is what was learned about one device on one port.
type Known struct {
	Tier     byte      `json:"tier"`     // highest rung that answered: 'A' to 'D'; 0 when nothing was learned yet
	Early    bool      `json:"early"`    // its ids come before it can have printed: they prove that it read, no more
	Behind   bool      `json:"behind"`   // its ids come behind answers to later questions: they prove that it printed
	Failures int       `json:"failures"` // slips in a row for which the tier gave no answer while the status was clean
	At       time.Time `json:"at"`       // when this was learned
}

// A Store remembers what was learned about devices. Save may be called for each change, which is rare.
type Store interface {
	Load(device string) (Known, bool)
	Save(device string, k Known) error
}

// memory is the Store of a Printer that was given none.
type memory struct {
	mu sync.Mutex
	m  map[string]Known
}

func (s *memory) Load(device string) (Known, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.m[device]
	return k, ok
}

func (s *memory) Save(device string, k Known) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = map[string]Known{}
	}
	s.m[device] = k
	return nil
}

// maxFailures is how often a tier may stay silent with a clean status before it is lowered.
const maxFailures = 3

// pinned gives the tier a person chose, 0 for auto.
func (p *Printer) pinned() byte {
	if p.probing {
		return 0
	}
	switch p.cfg.Proof {
	case "A", "B", "C", "D":
		return p.cfg.Proof[0]
	}
	return 0
}

// tier is the rung to work on, and whether a person chose it.
func (p *Printer) tier() (byte, bool) {
	switch {
	case p.pinned() != 0:
		return p.pinned(), true
	case p.known.Tier != 0:
		return p.known.Tier, false
	case p.prof.FenceGSH:
		return 'A', false
	case p.prof.FenceGSR:
		return 'B', false
	case p.prof.StatusDLE || p.prof.StatusASB:
		return 'C', false
	}
	return 'D', false
}

// rung is the tier to work on over the link that is open: a link that cannot read has only one.
func (p *Printer) rung() byte {
	if p.w != nil && !p.w.caps.BackChannel {
		return 'D'
	}
	t, _ := p.tier()
	return t
}

// trusted says whether ids of this device are known to prove printing. A person's pin overrules what was measured.
func (p *Printer) trusted() bool {
	return p.pinned() == 'A' || p.known.Behind && !p.known.Early
}

// answered notes that tier t spoke for a slip.
func (p *Printer) answered(t byte) {
	if p.pinned() != 0 || p.known.Tier == t && p.known.Failures == 0 {
		return
	}
	if p.known.Tier == 0 || t <= p.known.Tier {
		p.learn(Known{Tier: t, Early: p.known.Early, Behind: p.known.Behind})
	}
}

// silent notes that the tier in use did not speak although the status was clean, and lowers it to t when that has
// happened too often. It returns what a person should see.
func (p *Printer) silent(t byte) string {
	if p.pinned() != 0 {
		return ""
	}
	from, _ := p.tier()
	k := p.known
	k.Failures++
	if k.Failures < maxFailures {
		p.learn(k)
		return ""
	}
	p.learn(Known{Tier: t, Early: k.Early, Behind: k.Behind})
	p.log.Warn("proof tier lowered", slog.String("from", string(from)), slog.String("to", string(t)))
	return fmt.Sprintf("no proof for %d slips in a row: tier lowered from %c to %c", maxFailures, from, t)
}

// learn remembers k; while a probe is under way, until it ends.
func (p *Printer) learn(k Known) {
	k.At = time.Now()
	p.known = k
	if !p.probing {
		if err := p.cfg.Store.Save(p.cfg.Device, k); err != nil {
			p.log.Error("tier not saved", slog.Any("error", err))
		}
	}
	p.showTier()
}

// showTier brings the snapshot up to date with what is known.
func (p *Printer) showTier() {
	p.change(func(s *Status) {
		s.Tier, s.Pinned = p.tier()
		s.Early = p.known.Early || p.doubt
	})
}
