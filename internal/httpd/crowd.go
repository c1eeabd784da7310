package httpd

import (
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// A crowd is the connections that are open. Guests are those of which no request with a key has come: new ones too.
type crowd struct {
	max, guests int
	// patience is how long a connection is left alone at least: a newcomer has it to show its key. It is short where there
	// are few places, so that thousands of connections that come at once are through in about a second.
	patience time.Duration
	log      *slog.Logger

	mu     sync.Mutex
	open   map[*conn]struct{} // guarded by mu, as are the fields of each conn
	guest  int                // how many of open are guests
	closed int                // connections closed for others since told
	told   time.Time          // when the log was last told
}

// A conn is one connection. What is not guarded by the crowd's mutex never changes.
type conn struct {
	net.Conn
	known   bool      // a request on it had a key
	busy    bool      // a request is being answered
	reading bool      // one that changes nothing
	since   time.Time // in this state
}

const (
	patienceForEach = 200 * time.Microsecond
	leastPatience   = 3 * time.Millisecond
)

func newCrowd(most int, log *slog.Logger) *crowd {
	most = max(most, 4)
	guests := most / 2
	return &crowd{max: most, guests: guests, patience: max(time.Duration(guests)*patienceForEach, leastPatience), log: log, open: map[*conn]struct{}{}}
}

// admit lets c in. It blocks while everybody in it came a moment ago.
func (w *crowd) admit(c net.Conn) *conn {
	in := &conn{Conn: c}
	for {
		wait := w.makeRoom(in)
		if wait == 0 {
			return in
		}
		time.Sleep(wait)
	}
}

// makeRoom takes in into the crowd, in another's place where there is none, or tells how long to wait.
func (w *crowd) makeRoom(in *conn) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if w.guest >= w.guests || len(w.open) >= w.max {
		// Half of the guests' places are theirs even where all others are taken by who has a key.
		out := w.least(w.guest > w.guests/2)
		if young := w.patience - now.Sub(out.since); young > 0 {
			return young
		}
		w.remove(out)
		out.Close()
		w.tell(now)
	}
	in.since = now
	w.open[in] = struct{}{}
	w.guest++
	return 0
}

// least gives the guest, or the connection with a key, that is the first to go: of those that wait, the one that waits for
// longest, else the oldest request that reads, else the oldest.
func (w *crowd) least(guest bool) *conn {
	rank := func(c *conn) int {
		switch {
		case !c.busy:
			return 0
		case c.reading:
			return 1
		}
		return 2
	}
	var out *conn
	for c := range w.open {
		if c.known == guest {
			continue
		}
		if out == nil || rank(c) < rank(out) || rank(c) == rank(out) && c.since.Before(out.since) {
			out = c
		}
	}
	return out
}

func (w *crowd) remove(c *conn) {
	if _, ok := w.open[c]; !ok {
		return
	}
	delete(w.open, c)
	if !c.known {
		w.guest--
	}
}

// tell logs at most once a minute that connections are closed for others.
func (w *crowd) tell(now time.Time) {
	w.closed++
	if now.Sub(w.told) < time.Minute {
		return
	}
	w.log.Warn("too many connections to the page: the ones without use for longest are closed", "at_most", w.max, "without_key", w.guests, "closed", w.closed)
	w.closed, w.told = 0, now
}

// begin notes that a request is being answered.
func (w *crowd) begin(c *conn, known, reading bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.open[c]; ok && known && !c.known {
		c.known = true
		w.guest--
	}
	c.busy, c.reading, c.since = true, reading, time.Now()
}

// end notes that it was answered.
func (w *crowd) end(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.busy, c.since = false, time.Now()
}

// note follows the server: what it has closed is gone.
func (w *crowd) note(c net.Conn, state http.ConnState) {
	if in, ok := below(c).(*conn); ok && (state == http.StateClosed || state == http.StateHijacked) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.remove(in)
	}
}

// Write writes p in bounded time: a peer that does not read is let go.
func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
