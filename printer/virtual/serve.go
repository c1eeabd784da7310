package virtual

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// A link is one byte stream to a host.
type link struct {
	rwc      io.ReadWriteCloser
	flow     Flow
	byteTime time.Duration // of one byte on a serial line; 0: none
	tcp      bool

	// under Printer.mu
	dead    bool // cut: nothing passes any more
	closing bool // the peer has said its last; what was answered still goes out
	outbox

	outReady chan struct{}
	room     chan struct{} // the receive buffer has room, or the reader should look again
	ended    chan struct{}
	once     sync.Once
}

// An outbox is what is still to be said on a link, under Printer.mu.
type outbox struct {
	out      []message
	sending  []byte    // rest of the message being sent
	due      time.Time // before which it may not leave
	inBlock  bool      // a block reply is being sent
	flowByte byte
	writing  time.Time // since when a write to the host has been going on; zero: none is
}

func (o *Options) newLink(rwc io.ReadWriteCloser, flow Flow) *link {
	l := &link{rwc: rwc, flow: flow, outReady: make(chan struct{}, 1), room: make(chan struct{}, 1), ended: make(chan struct{})}
	if o.Baud > 0 {
		l.byteTime = 10 * time.Second / time.Duration(o.Baud)
	}
	return l
}

func (l *link) roomChanged() { l.wake(l.room) }

// shut closes the stream, from either goroutine or from a fault; with reset a TCP peer sees RST. It takes no lock.
func (l *link) shut(reset bool) {
	l.once.Do(func() {
		close(l.ended)
		if c, ok := l.rwc.(*net.TCPConn); ok && reset {
			_ = c.SetLinger(0)
		}
		_ = l.rwc.Close()
	})
}

// Serve is the printer's end of one byte stream: a pipe, a socket, a line. It blocks until the stream ends, a fault cuts
// it, or ctx is done, closes the stream, and returns nil for all of these.
func (p *Printer) Serve(ctx context.Context, rwc io.ReadWriteCloser) error {
	flow := p.opt.Flow
	if flow == "" {
		flow = Hold
	}
	p.serve(ctx, p.opt.newLink(rwc, flow))
	return nil
}

func (p *Printer) serve(ctx context.Context, l *link) {
	stop := context.AfterFunc(ctx, func() { l.shut(true) })
	defer stop()
	p.attach(l)
	var wg sync.WaitGroup
	wg.Go(func() { p.write(l) })
	p.read(l)
	p.detach(l)
	last := time.AfterFunc(time.Second, func() { l.shut(false) })
	defer last.Stop()
	wg.Wait()
}

func (p *Printer) attach(l *link) {
	p.lock()
	defer p.unlock()
	p.in.host.attach(l)
}

// detach forgets the link. Replies that the writer has not begun are sent as far as the peer still reads.
func (p *Printer) detach(l *link) {
	p.lock()
	defer p.unlock()
	p.in.host.detach(l)
}

// lineGrain is the time on a slow line that is passed on at once: a timer cannot follow single bytes.
const lineGrain = 4 * time.Millisecond

// read is the reader of one link: it takes no more than fits, paces a serial line, and hands everything to receive.
func (p *Printer) read(l *link) {
	buf := make([]byte, 16<<10)
	var free time.Time
	for {
		if d, ok := l.rwc.(net.Conn); ok && p.opt.IdleLimit > 0 {
			_ = d.SetReadDeadline(time.Now().Add(p.opt.IdleLimit))
		}
		n := p.mayRead(l, len(buf))
		if n == 0 {
			return
		}
		if l.byteTime > 0 {
			n = min(n, 16, max(1, int(lineGrain/l.byteTime)))
		}
		asked := time.Now()
		n, err := l.rwc.Read(buf[:n])
		if n > 0 && l.byteTime > 0 {
			if now := time.Now(); now.Sub(asked) > 200*time.Microsecond || now.Sub(free) > maxLate {
				free = later(free, now) // the line was idle; else what came had waited, and only the timer was late
			}
			free = free.Add(time.Duration(n) * l.byteTime)
			if !l.sleepUntil(free) {
				return
			}
		}
		p.lock()
		p.in.receive(l, buf[:n])
		p.unlock()
		if err != nil {
			return
		}
	}
}

// mayRead blocks until the reader may take bytes and says how many; 0 when the link ended.
func (p *Printer) mayRead(l *link, most int) int {
	for {
		p.mu.Lock()
		n := most
		if l.flow == Hold && !p.model.LANDrops {
			n = min(n, p.in.host.free())
		}
		if l.tcp && (p.in.cond.sense.link != linkUp || !p.in.cond.sense.power && !p.opt.DeviceServer) {
			n = 0 // nobody is there; the peer's bytes stay in its kernel
		}
		dead := l.dead
		p.mu.Unlock()
		if dead {
			return 0
		}
		if n > 0 {
			return n
		}
		select {
		case <-l.room:
		case <-l.ended:
			return 0
		}
	}
}

// maxWaitingConns is how many connections a network board accepts without serving them (UB-E02).
const maxWaitingConns = 3

// ServeTCP accepts connections as a network board does: one is served, a few others connect but get no service until it
// ends, more are closed. It blocks until ctx is done, closes the listener and every connection, and waits for them.
func (p *Printer) ServeTCP(ctx context.Context, ln net.Listener) error {
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer stop()
	defer ln.Close()
	if p.opt.Window > 0 {
		limitWindow(ln, p.opt.Window)
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	slot := newSlot()
	for {
		c, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return fmt.Errorf("accept on %s: %w", ln.Addr(), err)
		}
		turn, ok := slot.queue()
		if !ok || p.refuses() {
			if ok {
				slot.leave(turn)
			}
			abort(c)
			continue
		}
		wg.Go(func() {
			defer slot.leave(turn)
			l := p.opt.newLink(c, p.opt.tcpFlow())
			l.tcp = true
			p.waitTurn(ctx, l, turn)
		})
	}
}

func (o *Options) tcpFlow() Flow {
	if o.Flow == "" || o.Flow == XONXOFF {
		return Hold
	}
	return o.Flow
}

// refuses reports whether nobody is there to answer a connection.
func (p *Printer) refuses() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.in.cond.sense.power && !p.opt.DeviceServer || p.in.cond.sense.link == linkDrop
}

// waitTurn serves the connection when its turn comes.
func (p *Printer) waitTurn(ctx context.Context, l *link, turn chan struct{}) {
	p.lock()
	p.in.host.links[l] = true // so that a fault can cut it while it waits
	p.unlock()
	select {
	case <-turn:
		p.serve(ctx, l)
	case <-l.ended:
	case <-ctx.Done():
		l.shut(true)
	}
	p.lock()
	delete(p.in.host.links, l)
	p.unlock()
}

func abort(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// A slot lets one connection through at a time, in order.
type slot struct {
	mu    sync.Mutex
	turns []chan struct{} // guarded by mu; the first is being served
}

func newSlot() *slot { return &slot{} }

func (s *slot) queue() (chan struct{}, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.turns) > maxWaitingConns {
		return nil, false
	}
	turn := make(chan struct{})
	s.turns = append(s.turns, turn)
	if len(s.turns) == 1 {
		close(turn)
	}
	return turn, true
}

func (s *slot) leave(turn chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, t := range s.turns {
		if t != turn {
			continue
		}
		s.turns = append(s.turns[:i], s.turns[i+1:]...)
		if i == 0 && len(s.turns) > 0 {
			close(s.turns[0])
		}
		return
	}
}
