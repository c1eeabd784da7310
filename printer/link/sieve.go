package link

import (
	"sync"
	"time"
)

// sieve takes XON and XOFF out of what comes back. Both sides pull from the port, since nobody may be reading while a
// Write waits for XON; replies pulled by the writer wait here for the reader.
type sieve struct {
	raw
	mu    sync.Mutex // guards what follows
	held  bool       // after XOFF
	inbox []byte
}

// inboxMax bounds unread replies; older ones go first. A printer's replies have a few bytes each.
const inboxMax = 16 << 10

// pull reads once what the port has; errAgain when there is nothing.
func (s *sieve) pull() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var buf [256]byte
	n, err := s.raw.Read(buf[:])
	before, fresh := s.held, false
	for _, b := range buf[:n] {
		switch b {
		case xon:
			s.held = false
		case xoff:
			s.held = true
		default:
			s.inbox = append(s.inbox, b)
			fresh = true
		}
	}
	if over := len(s.inbox) - inboxMax; over > 0 {
		s.inbox = append(s.inbox[:0], s.inbox[over:]...)
	}
	if s.held != before {
		s.Wake(writing)
	}
	if fresh {
		s.Wake(reading)
	}
	return err
}

func (s *sieve) stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

// resume forgets an XOFF whose XON was lost.
func (s *sieve) resume() {
	s.mu.Lock()
	s.held = false
	s.mu.Unlock()
	s.Wake(writing)
}

// Read gives replies without XON and XOFF.
func (s *sieve) Read(p []byte) (int, error) {
	for {
		s.mu.Lock()
		n := copy(p, s.inbox)
		s.inbox = append(s.inbox[:0], s.inbox[n:]...)
		s.mu.Unlock()
		if n > 0 {
			return n, nil
		}
		if err := s.pull(); err != nil {
			return 0, err
		}
	}
}

// Wait reports readable to the reader also for replies that are here already, and to the writer, who asks for it only
// while it is stopped, as soon as it may go on, whichever side saw the XON.
func (s *sieve) Wait(sd side, want ready, timeout time.Duration) (ready, error) {
	if s.settled(sd, want) {
		return canRead, nil
	}
	got, err := s.raw.Wait(sd, want, timeout)
	if err == nil && s.settled(sd, want) {
		got |= canRead
	}
	return got, err
}

func (s *sieve) settled(sd side, want ready) bool {
	if want&canRead == 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return sd == reading && len(s.inbox) > 0 || sd == writing && !s.held
}
