package virtual

import (
	"context"
	"sync"
	"time"
)

// Speed chooses how long the mechanism takes.
type Speed string

// The speeds.
const (
	Max  Speed = "max"  // paper moves in no time; the default
	Real Speed = "real" // paper moves at the model's speed
)

// Flow is how a link holds the host back while the printer is BUSY.
type Flow string

// The ways of flow control. The default is Hold, on a pty XONXOFF.
const (
	Hold    Flow = "hold"    // nothing is taken while the buffer is full: a closed TCP window, a hardware handshake
	XONXOFF Flow = "xonxoff" // XOFF and XON are sent; what comes in spite of a full buffer is lost
	None    Flow = "none"    // nothing is said; what does not fit is lost
)

// Options say what kind of printer to build. The zero value is a generic-80 at maximum speed.
type Options struct {
	Model  string // a name of ModelNames; empty is generic-80
	Custom *Model // used instead of Model when set
	Speed  Speed
	// MMPerSecond overrides the model's paper speed at Real, for tests that want mechanics but not the wait.
	MMPerSecond int
	Baud        int  // paces bytes in both directions as a serial line with 10 bits to the byte; 0: no pacing
	Flow        Flow // see Flow
	// Window limits the receive window of TCP connections, in bytes; 0: the system's default.
	Window int
	// DeviceServer puts a device server before the printer (or a network module or bridge with its own power): links
	// outlive the printer's power, and what comes while it is off is lost without a word. Give Baud as well.
	DeviceServer bool
	// IdleLimit closes a TCP connection that was silent for so long; 0: never.
	IdleLimit time.Duration
	// PaperDir, when set, gets piece-N.png, piece-N.txt and roll.png as pieces come out.
	PaperDir string
	// OnPiece is called for each finished piece, in order, never concurrently, without any lock held.
	OnPiece func(Piece)
	// Keep bounds how many pieces are remembered; 0: 2000.
	Keep int
}

// A Printer is one virtual printer. All methods may be called from any goroutine.
type Printer struct {
	opt   Options
	model Model

	mu      sync.Mutex
	changed chan struct{} // closed at the next unlock when something changed; nil: nobody waits

	sense  sensors
	rt     scanner
	rx     []byte // receive buffer: accepted, not yet parsed
	busy   bool
	pr     parser
	mech   mechanism
	paper  paper
	asb    asbState
	link   *link // where replies go: the link that last brought bytes
	links  map[*link]bool
	hooks  []*hook
	due    []Change // of hooks that fired
	count  Counters
	pieces pieceLog
}

// New builds a printer that is switched on, with paper, and idle. It panics when o.Model is not one of ModelNames: check
// a name that a person typed with ModelByName first.
func New(o Options) *Printer {
	m, err := ModelByName(o.Model)
	if o.Custom != nil {
		m, err = *o.Custom, nil
	}
	if err != nil {
		panic(err)
	}
	if o.Keep <= 0 {
		o.Keep = 2000
	}
	if o.MMPerSecond > 0 {
		m.Speed = o.MMPerSecond
	}
	p := &Printer{opt: o, model: m, links: map[*link]bool{}}
	p.rx = make([]byte, 0, m.Buffer)
	p.sense = sensors{power: true, paperLeft: rollMM * m.DPI * 10 / 254}
	p.paper.y = m.HeadToCut // the roll is loaded up to the cutter
	p.pieces.width = m.Dots
	p.pieces.dir, p.pieces.callback, p.pieces.keep = o.PaperDir, o.OnPiece, o.Keep
	p.reset()
	return p
}

// Model returns the model this printer behaves as.
func (p *Printer) Model() Model { return p.model }

// reset is what power-on does to everything in RAM.
func (p *Printer) reset() {
	p.rx = p.rx[:0]
	p.rt = scanner{}
	p.busy = false
	p.pr = parser{}
	p.pr.defaults(&p.model)
	p.mech.clear()
	p.asb = asbState{}
	if p.model.ASBAtPowerOn {
		p.asb.mask = 0xFF
	} else if p.model.BusyFullOnly {
		p.asb.mask = 0x02
	}
	p.asb.last = p.asbFrame()
}

// lock and unlock frame every entry into the machine; unlock wakes those who wait for a change.
func (p *Printer) lock() { p.mu.Lock() }

func (p *Printer) unlock() {
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
	start := p.pieces.startDelivery()
	p.mu.Unlock()
	if start {
		go p.pieces.deliver(p)
	}
}

// Await blocks until done reports true for the printer's state or ctx ends; it looks again whenever anything changed.
func (p *Printer) Await(ctx context.Context, done func(State) bool) error {
	for {
		p.mu.Lock()
		now := p.state()
		if p.changed == nil {
			p.changed = make(chan struct{})
		}
		wait := p.changed
		p.mu.Unlock()
		if done(now) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wait:
		}
	}
}

// receive takes bytes as they arrive from a link: first the scanner sees each, then it goes to the receive buffer or is
// lost. Hooks fire at exact byte counts.
func (p *Printer) receive(l *link, b []byte) {
	for len(b) > 0 {
		n := p.hookRoom(onReceived, len(b))
		part := b[:n]
		b = b[n:]
		if !p.sense.power || l.dead || p.sense.link != linkUp {
			p.count.BytesLost += int64(len(part))
		} else {
			p.link = l
			p.count.BytesReceived += int64(len(part))
			p.take(part)
		}
		p.fire(onReceived, n)
		p.pump()
	}
}

// take moves arrived bytes through scanner and buffer, in pieces: a real-time request acts once its last byte has arrived and
// before anything of the piece is parsed, and a buffer that is full now may have room once the parser ran.
func (p *Printer) take(b []byte) {
	for len(b) > 0 {
		n := min(len(b), max(1, p.free()))
		n, request := p.rt.next(b[:n])
		fits := min(n, p.free())
		p.rx = append(p.rx, b[:fits]...)
		p.count.BytesLost += int64(n - fits)
		b = b[n:]
		if request != nil {
			p.realTime(request)
		}
		if !p.sense.power {
			p.count.BytesLost += int64(len(b))
			return
		}
		p.pump()
	}
}

// free is the room in the receive buffer, in bytes.
func (p *Printer) free() int { return p.model.Buffer - len(p.rx) }

// updateBusy recomputes BUSY from the water marks and, with XON/XOFF, tells the host about an edge.
func (p *Printer) updateBusy() {
	free := p.free()
	full := free <= p.model.BusyAt || (p.busy && free < p.model.BusyUntil)
	busy := p.sense.power && (full || (!p.model.BusyFullOnly && !p.online()))
	if busy == p.busy {
		return
	}
	p.busy = busy
	if p.link != nil && p.link.flow == XONXOFF && !p.model.Mute {
		p.link.xon(!busy)
	}
}
