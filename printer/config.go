package printer

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
)

// Config says what to drive and how. Open and Profile are required, everything else has a useful zero value.
type Config struct {
	Name    string // as in the configuration, for people
	Device  string // device URL: what a tier is remembered for
	Profile *profile.Profile
	// Open opens the link. It must return when ctx ends.
	Open func(ctx context.Context) (link.Conn, error)

	Proof      string        // "auto" (or ""), or a tier pinned by a person: "A", "B", "C", "D"
	OnPaperOut string        // "restart" or "resume"; "" takes the profile's, else resume
	IdleClose  time.Duration // close an idle link after this, to give a shared printer back; 0 keeps it open
	// Unsettled gives the id of an earlier Printer's last attempt when its end is not known or it was cancelled, the zero
	// id for none: the first thing on the link is then to end what it may have left unfinished. Run asks once, before
	// anything else; nil: none.
	Unsettled func() ID

	Store  Store        // remembers tiers; nil: until the process ends
	Logger *slog.Logger // nil discards
	// OnProof is told of an id that came back for an attempt that is over. It must not block.
	OnProof func(id ID, at time.Time)
	// OnChange is told of each change of state, in order. It must not block, and may call Status.
	OnChange func(Status)
}

// A Printer is one printer. Make it with New, then Run it.
type Printer struct {
	cfg Config
	log *slog.Logger

	requests chan *request
	jam      chan struct{} // a person says the jam is cleared
	awake    chan struct{} // of one element: a slip will follow
	stopped  chan struct{} // closed when Run has returned

	mu   sync.Mutex
	snap Status // guarded by mu

	loop // owned by Run
}

// New makes a Printer that does nothing until Run.
func New(cfg Config) *Printer {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Store == nil {
		cfg.Store = &memory{}
	}
	if cfg.OnProof == nil {
		cfg.OnProof = func(ID, time.Time) {}
	}
	if cfg.OnChange == nil {
		cfg.OnChange = func(Status) {}
	}
	p := &Printer{
		cfg:      cfg,
		log:      cfg.Logger.With(slog.String("printer", cfg.Name)),
		requests: make(chan *request),
		jam:      make(chan struct{}, 1),
		awake:    make(chan struct{}, 1),
		stopped:  make(chan struct{}),
	}
	p.snap = Status{Name: cfg.Name, Device: cfg.Device, State: Unknown, Since: time.Now()}
	p.m.wire()
	d := &p.m.device
	d.set = settings{prof: *cfg.Profile, proof: cfg.Proof, idleClose: cfg.IdleClose, clears: cfg.clears()}
	d.known, _ = cfg.Store.Load(cfg.Device)
	d.known.Said = d.known.Said.bounded()
	d.show = p.snap
	d.show.Empty = true
	d.showTier()
	p.snap = d.show
	return p
}

// inherit notes what an earlier Printer may have left in the printer.
func (p *Printer) inherit() {
	if p.cfg.Unsettled == nil {
		return
	}
	id := p.cfg.Unsettled()
	if id == (ID{}) {
		return
	}
	d := &p.m.device
	d.show.Empty = false
	old := &leftover{id: id, fenced: d.set.prof.FenceGSH, pad: d.set.prof.RasterBytes + minPad, bytes: d.set.window(), torn: true}
	if d.set.prof.Cutter != "" {
		old.cut = []byte(escpos.FeedAndCut)
	}
	p.m.residue.leftover = old
}

// clears says whether a torn slip is to be cancelled inside the printer.
func (c *Config) clears() bool {
	policy := c.OnPaperOut
	if policy == "" {
		policy = c.Profile.PaperOut
	}
	return policy == "restart" && c.Profile.ClearDC4
}
