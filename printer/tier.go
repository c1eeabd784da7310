package printer

import (
	"fmt"
	"sync"
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
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
func (m *machine) pinned() byte {
	if m.probe.on {
		return 0
	}
	switch m.set.proof {
	case "A", "B", "C", "D":
		return m.set.proof[0]
	}
	return 0
}

// tier is the rung to work on, and whether a person chose it.
func (m *machine) tier() (byte, bool) {
	switch {
	case m.pinned() != 0:
		return m.pinned(), true
	case m.known.Tier != 0:
		return m.known.Tier, false
	case m.set.prof.FenceGSH:
		return 'A', false
	case m.set.prof.FenceGSR:
		return 'B', false
	case m.set.prof.StatusDLE || m.set.prof.StatusASB:
		return 'C', false
	}
	return 'D', false
}

// rung is the tier to work on over the link that is open: a link that cannot read has only one.
func (m *machine) rung() byte {
	if m.up() && !m.line.book.Caps.BackChannel {
		return 'D'
	}
	t, _ := m.tier()
	return t
}

// trusted says whether ids of this device are known to prove printing. A person's pin overrules what was measured.
func (m *machine) trusted() bool {
	return m.pinned() == 'A' || m.known.Behind && !m.known.Early
}

// spoke notes that tier t spoke for a slip.
func (m *machine) spoke(t byte) {
	if m.pinned() != 0 || m.known.Tier == t && m.known.Failures == 0 {
		return
	}
	if m.known.Tier == 0 || t <= m.known.Tier {
		m.learn(Known{Tier: t, Early: m.known.Early, Behind: m.known.Behind})
	}
}

// silent notes that the tier in use did not speak although the status was clean, and lowers it to t when that has
// happened too often. It returns what a person should see.
func (m *machine) silent(t byte) string {
	if m.pinned() != 0 {
		return ""
	}
	from, _ := m.tier()
	k := m.known
	k.Failures++
	if k.Failures < maxFailures {
		m.learn(k)
		return ""
	}
	m.learn(Known{Tier: t, Early: k.Early, Behind: k.Behind})
	m.emit(effect{kind: doWarn, text: "proof tier lowered", was: string(from), is: string(t)})
	return fmt.Sprintf("no proof for %d slips in a row: tier lowered from %c to %c", maxFailures, from, t)
}

// learn remembers k; while a probe is under way, until it ends.
func (m *machine) learn(k Known) {
	k.At = m.now
	m.known = k
	if !m.probe.on {
		m.emit(effect{kind: doSave, known: k})
	}
	m.showTier()
}

// showTier brings the snapshot up to date with what is known.
func (m *machine) showTier() {
	m.show.Tier, m.show.Pinned = m.tier()
	m.show.Early = m.known.Early || m.doubt
}

// learned takes over what a claim teaches about the device.
func (m *machine) learned(a *attempt, c evidence.Claim) {
	switch {
	case c.Early:
		k := m.known
		k.Early = true
		m.learn(k)
		a.alarm = "proof came before the printer can have printed: it counts as processed until a probe or proof = \"A\" says otherwise"
	case c.Behind:
		k := m.known
		k.Behind = true
		m.doubt = false
		m.learn(k)
	case c.Doubtful && !m.doubt && !m.probe.on:
		m.doubt = true
		m.showTier()
		a.alarm = "nothing shows that its proof waits for the paper: it counts as processed until a slip, a probe or proof = \"A\" says otherwise"
	}
	if c.Spoke != 0 {
		m.spoke(c.Spoke)
	}
	if c.Silent != 0 {
		a.alarm = m.silent(c.Silent)
	}
	if c.State == Printed {
		m.heardAt = later(m.heardAt, c.At) // a printer that has just finished printing is well
	}
}
