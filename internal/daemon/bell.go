package daemon

import "sync"

// A bell tells everybody who waits that something changed. The zero value works.
type bell struct {
	mu   sync.Mutex
	next chan struct{}
}

// Changed gives a channel that is closed at the next ring.
func (b *bell) Changed() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

// ring wakes who waits. It does not block.
func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}
