package capture

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/printer/profile"
)

// looked counts how often a connection is read.
type looked struct {
	net.Conn
	times atomic.Int64
}

// Read reads.
func (l *looked) Read(b []byte) (int, error) {
	l.times.Add(1)
	return l.Conn.Read(b)
}

// A connection of a program that says nothing costs nothing; one that wants to be told of the printer's status, or has begun a slip, is
// looked after.
func TestSilentConnectionSleeps(t *testing.T) {
	p, err := profile.Load("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		said string
		wake bool
	}{"nothing": {"", false}, "settings": {"\x1b@", false}, "status wanted": {"\x1da\xff", true}, "status no more": {"\x1da\xff\x1da\x00", false}, "a slip begun": {"Tea", true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				l := &looked{Conn: ours}
				x := newConn(New(Options{Name: "till", Printer: "front", Profile: func() *profile.Profile { return p }}), l, 1)
				done := make(chan struct{})
				ctx, cancel := context.WithCancel(t.Context())
				go func() { defer close(done); x.serve(ctx) }()
				go func() { // answers are taken
					for b := make([]byte, 64); ; {
						if _, err := theirs.Read(b); err != nil {
							return
						}
					}
				}()
				if row.said != "" {
					if _, err := theirs.Write([]byte(row.said)); err != nil {
						t.Error(err)
					}
				}
				synctest.Wait()
				before := l.times.Load()
				time.Sleep(10 * time.Second)
				synctest.Wait()
				if woke := l.times.Load() > before; woke != row.wake {
					t.Errorf("read %d times in 10 s in which nothing came", l.times.Load()-before)
				}
				cancel() // it is woken for that, too
				<-done
			})
		})
	}
}
