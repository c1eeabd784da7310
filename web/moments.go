package web

import (
	"slices"
	"sync"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/vocabulary"
)

// A printerMoment is one state a printer came into.
type printerMoment struct {
	At     time.Time
	State  vocabulary.Readiness
	Reason vocabulary.Reason
	Text   vocabulary.Text
}

// momentsKept is how many states of each printer are remembered since the daemon began.
const momentsKept = 50

// Moments remember how the printers have been. It is a help for the eye only and begins anew with each start.
type moments struct {
	mu  sync.Mutex
	all map[string][]printerMoment // guarded by mu
}

// note remembers the printers' states where they changed.
func (m *moments) note(list []api.Printer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[string][]printerMoment{}
	}
	for _, p := range list {
		old := m.all[p.Name]
		if n := len(old); n > 0 && old[n-1].State == p.State && old[n-1].Reason == p.Reason {
			continue
		}
		old = append(old, printerMoment{At: p.Since, State: p.State, Reason: p.Reason, Text: p.Text})
		m.all[p.Name] = old[max(0, len(old)-momentsKept):]
	}
}

// story gives what is remembered of one printer, the latest first.
func (m *moments) story(name string) []printerMoment {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := slices.Clone(m.all[name])
	slices.Reverse(list)
	return list
}
