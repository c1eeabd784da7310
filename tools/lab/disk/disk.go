// Package disk is a disk in memory with a volatile write cache. It remembers its writes in order, and a power cut may take any of
// those that no flush had covered: all, none, some, or single pages of some.
package disk

import (
	"maps"
	"math/rand/v2"
	"sync"
)

// page is what is written whole or not at all: a finer tear breaks ext4 itself, whose superblock is in no journal.
const page = 4096

type write struct {
	off  int64
	data []byte
}

// A Disk may be used from any goroutine.
type Disk struct {
	mu     sync.Mutex // guards what follows
	size   int64
	pages  map[int64][]byte // as a reader sees it; a page is replaced, never changed
	safe   map[int64][]byte // as of the last flush
	cached []write          // since then
	flush  int
}

// New is a disk of size bytes, all zero.
func New(size int64) *Disk {
	return &Disk{size: size, pages: map[int64][]byte{}, safe: map[int64][]byte{}}
}

// apply writes data into pages.
func apply(pages map[int64][]byte, w write) {
	for off, data := w.off, w.data; len(data) > 0; {
		n, at := off/page, off%page
		p := make([]byte, page)
		copy(p, pages[n])
		k := copy(p[at:], data)
		pages[n] = p
		off, data = off+int64(k), data[k:]
	}
}

// ReadAt reads what was written last.
func (d *Disk) ReadAt(b []byte, off int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(b)
	for len(b) > 0 {
		n, at := off/page, off%page
		k := min(int64(len(b)), page-at)
		if p := d.pages[n]; p != nil {
			copy(b[:k], p[at:])
		}
		off, b = off+k, b[k:]
	}
}

// WriteAt writes into the cache.
func (d *Disk) WriteAt(b []byte, off int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := write{off, append([]byte(nil), b...)}
	d.cached = append(d.cached, w)
	apply(d.pages, w)
}

// Flush makes all writes so far safe.
func (d *Disk) Flush() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.cached {
		apply(d.safe, w)
	}
	d.cached = nil
	d.flush++
}

// Flushes counts them.
func (d *Disk) Flushes() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.flush
}

// Cut is the disk as it is found after a power cut now, and how many writes were in its cache. Lost are, by a die: all of them, none,
// each by a coin, or each page by a coin.
func (d *Disk) Cut(r *rand.Rand) (*Disk, int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	pages := maps.Clone(d.safe)
	how := r.IntN(4)
	for _, w := range d.cached {
		switch {
		case how == 1, how == 2 && r.IntN(2) == 0:
			apply(pages, w)
		case how == 3:
			for off, data := w.off, w.data; len(data) > 0; {
				k := min(int64(len(data)), page-off%page)
				if r.IntN(2) == 0 {
					apply(pages, write{off, data[:k]})
				}
				off, data = off+k, data[k:]
			}
		}
	}
	return &Disk{size: d.size, pages: pages, safe: maps.Clone(pages)}, len(d.cached)
}
