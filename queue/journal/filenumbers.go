package journal

import (
	"context"
	"sync"
)

// fileBlock is how many file numbers are set aside at once.
const fileBlock = 1000

// fileNumbers hands out the numbers of claimed files; a block is on disk as used before its first number is given.
type fileNumbers struct {
	mu   sync.Mutex
	next int64 // guarded by mu
	last int64 // written by the writer alone, and only while whoever holds mu waits for it
}

// load sets the block behind used aside. The writer alone touches the numbers until it is done.
func (n *fileNumbers) load(t *Tx, used int64) error {
	t.OnCommit(func() { n.next, n.last = used+1, used+fileBlock })
	return t.Note("file_seq", used+fileBlock)
}

// give gives the next number; a new block is written by w where the last one is used up.
func (n *fileNumbers) give(ctx context.Context, w *writer) (int64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next > n.last {
		last := n.last
		if err := w.do(context.WithoutCancel(ctx), func(t *Tx) error { return n.load(t, last) }); err != nil {
			return 0, err
		}
	}
	n.next++
	return n.next - 1, nil
}
