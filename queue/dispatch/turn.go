package dispatch

import "sync"

// A turn is what goes next at a printer, as far as that is known, and whether the printer's worker waits for work. Any goroutine may use
// it.
type turn struct {
	wake chan struct{} // of one element, which is in it when the worker shall look again

	mu   sync.Mutex // guards what follows
	next *readAhead // nil when the journal must be asked
	idle bool       // nothing waits, and nothing has come since
}

// wakeUp lets the worker look again.
func (n *turn) wakeUp() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.idle = false
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// noteIdle notes that the journal held nothing for the printer, unless something came since it was asked.
func (n *turn) noteIdle() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.idle = len(n.wake) == 0
}

func (n *turn) isIdle() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.idle
}

// offer gives a worker without work a copy. It reports false when work has come meanwhile.
func (n *turn) offer(a *readAhead) bool {
	n.mu.Lock()
	given := n.idle
	if given {
		n.next = a
	}
	n.mu.Unlock()
	n.wakeUp()
	return given
}

// put notes what goes next; nil: the journal must be asked, another copy may go first now.
func (n *turn) put(a *readAhead) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.next = a
}

// take takes what goes next, nil when the journal must be asked.
func (n *turn) take() *readAhead {
	n.mu.Lock()
	defer n.mu.Unlock()
	a := n.next
	n.next = nil
	return a
}
