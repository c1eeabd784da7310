package receiptline

import "sync"

// A memo keeps results that are dear to make and asked for again: the QR code of a slip is drawn for its preview and
// for its paper, the logo of a template is on every slip. It holds at most limit bytes; the oldest results go first. It
// may be used by several goroutines at once.
type memo[V any] struct {
	mu    sync.Mutex // guards what follows
	limit int
	size  int
	kept  map[string]memoEntry[V]
	order []string // keys, the oldest first
}

type memoEntry[V any] struct {
	value V
	size  int
}

func (m *memo[V]) get(key string) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.kept[key]
	return e.value, ok
}

// put keeps value, which takes that many bytes with its key. What is larger than a quarter of the limit is not kept: it
// would push out everything else.
func (m *memo[V]) put(key string, value V, size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.kept[key]; ok || 4*size > m.limit {
		return
	}
	if m.kept == nil {
		m.kept = make(map[string]memoEntry[V])
	}
	m.kept[key] = memoEntry[V]{value, size}
	m.order = append(m.order, key)
	for m.size += size; m.size > m.limit; m.order = m.order[1:] {
		m.size -= m.kept[m.order[0]].size
		delete(m.kept, m.order[0])
	}
}
