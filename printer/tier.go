package printer

import (
	"sync"
	"time"
)

// Known is what was learned about one device on one port.
type Known struct {
	Tier     byte      `json:"tier"`     // highest tier that answered: 'A' to 'D'; 0 when nothing was learned yet
	Early    bool      `json:"early"`    // its ids come before it can have printed: they prove that it read, no more
	Behind   bool      `json:"behind"`   // its ids come behind answers to later questions: they prove that it printed
	Failures int       `json:"failures"` // slips in a row for which the tier gave no answer while the status was clean
	At       time.Time `json:"at"`       // when this was learned

	// PortBits are the bits of the USB port's status that were seen to change. Many printers return a constant, which tells nothing.
	PortBits byte `json:"port_bits,omitempty"`
	// Drawer is the level of the drawer's sensor when the drawer is open: 'H' high, 'L' low, 0 not learned yet.
	Drawer byte `json:"drawer,omitempty"`
	// Said is what the device said of itself when it was probed.
	Said Said `json:"said,omitzero"`
}

// A Store remembers what was learned about devices. Save may be called for each change, which is rare.
type Store interface {
	Load(device string) (Known, bool)
	Save(device string, k Known) error
}

// memory is the Store of a Printer that was given none.
type memory struct {
	mu sync.Mutex
	m  map[string]Known // guarded by mu
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
