// Package logtest holds, for tests, what a daemon or another process writes while its test reads it.
package logtest

import (
	"bytes"
	"sync"
)

// A Buffer is written by one goroutine and read by another. Its zero value is ready.
type Buffer struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

// Write never fails.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String is what was written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
