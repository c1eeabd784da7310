package daemon

import "sync"

// A broadcast tells everybody who waits that something changed. The zero value works; any goroutine may use it.
type broadcast struct {
	mu   sync.Mutex
	next chan struct{} // closed at the next send; guarded by mu
}

// Changed gives a channel that is closed at the next send.
func (b *broadcast) Changed() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

// send wakes who waits. It does not block.
func (b *broadcast) send() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}
