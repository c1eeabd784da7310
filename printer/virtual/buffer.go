package virtual

import "time"

// maxWaiting bounds the print buffer of a model whose parser runs on without paper.
const maxWaiting = 4096

// A printBuffer holds the steps that the mechanics have not done yet, in order.
type printBuffer struct {
	queue []op // waiting, first is next
	head  int  // index of the first in queue
	dots  int  // paper length of those waiting
}

func (b *printBuffer) waiting() int { return len(b.queue) - b.head }

// first is the next step; there must be one.
func (b *printBuffer) first() *op { return &b.queue[b.head] }

// last is the step that was pushed last, nil when none waits.
func (b *printBuffer) last() *op {
	if b.waiting() == 0 {
		return nil
	}
	return &b.queue[len(b.queue)-1]
}

func (b *printBuffer) push(o op) {
	o.at = time.Now()
	if b.head == len(b.queue) {
		b.queue, b.head = b.queue[:0], 0
	}
	b.queue = append(b.queue, o)
	b.dots += max(o.dots, 0)
}

func (b *printBuffer) pop() op {
	o := b.queue[b.head]
	b.queue[b.head] = op{}
	b.head++
	b.dots -= max(o.dots, 0)
	return o
}

// putBack makes the step that pop gave last the next one again.
func (b *printBuffer) putBack(o op) {
	b.head--
	b.queue[b.head] = o
	b.dots += max(o.dots, 0)
}

// clear drops everything but the step in progress, if one is.
func (b *printBuffer) clear(running bool) {
	keep := b.queue[b.head:]
	if running {
		keep = keep[:1]
	} else {
		keep = keep[:0]
	}
	b.queue = append(b.queue[:0:0], keep...)
	b.head, b.dots = 0, 0
	for _, o := range b.queue {
		b.dots += max(o.dots, 0)
	}
}

// dropProofs takes out the proof requests that wait, but for one in progress, and gives their ids.
func (b *printBuffer) dropProofs(running bool) (ids [][4]byte) {
	kept := b.queue[:b.head]
	for i, o := range b.queue[b.head:] {
		if o.kind == opProof && (i > 0 || !running) {
			ids = append(ids, o.id)
			continue
		}
		kept = append(kept, o)
	}
	b.queue = kept
	return ids
}
