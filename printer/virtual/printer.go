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
	// Replay answers like a recorded device; its model is used instead of Model and Custom.
	Replay *Recording
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
	model Model // as built; read only

	mu      sync.Mutex    // guards what follows, and all links' state
	changed chan struct{} // closed at the next unlock when something changed; nil: nobody waits

	in     machine  // everything that prints
	pieces pieceLog // what came out of it
}

// New builds a printer that is switched on, with paper, and idle. It panics when o.Model is not one of ModelNames: check
// a name that a person typed with ModelByName first.
func New(o Options) *Printer {
	m, err := ModelByName(o.Model)
	if o.Custom != nil {
		m, err = *o.Custom, nil
	}
	if o.Replay != nil {
		m, err = o.Replay.Model(), nil
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
	p := &Printer{opt: o, model: m}
	p.pieces = pieceLog{width: m.Dots, dir: o.PaperDir, callback: o.OnPiece, keep: o.Keep}
	p.in.build(o, &p.model, &p.pieces, p.tick)
	return p
}

// Model returns the model this printer behaves as.
func (p *Printer) Model() Model { return p.model }

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
		now := p.in.state()
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

// tick runs at the end of a step of the mechanism.
func (p *Printer) tick() {
	p.lock()
	defer p.unlock()
	p.in.pump()
	p.in.mech.again()
}
