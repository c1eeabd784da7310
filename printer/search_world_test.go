package printer

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/session"
)

// A scene is a printer, its link, and what is known of it: what does not change in a world.
type scene struct {
	name     string
	least    int    // states there are with one fault
	proof    string // pinned tier, "" for none
	known    Known
	baud     int  // of the line, 0 for a network
	flow     bool // the line's busy wire holds bytes back while the printer is offline or off
	auto     bool // it tells of changes by itself
	idless   bool // it knows no ids
	early    bool // it answers ids when it has read them
	ahead    bool // it reads far ahead of its paper
	paced    bool // the slip is longer than the buffer
	naive    bool // the rest of a torn status frame is read as answers: before it was mended
	headless bool // no question at the head of the slip: before it was mended
	ends     bool // it ends the connection when it has read its cut
	alone    bool // no other program prints on it
	claims   bool // only claims are compared with the world, not with what less answers would give
	without  uint32
	faults   []fault
	budget   int           // how many faults one world may have
	slow     int           // how many times slower than its family it prints, 0 for as fast
	buffer   int           // of the printer, bytes, 0 for one that is large enough or, in portions, too small
	reads    int           // bytes of paper that it reads ahead, 0 for two parts
	out      bool          // what it has read is out when it counts as processed: it is not slower, nor reads further ahead, than the rules allow for
	seldom   time.Duration // where one fault has come, others come this often only, and not at each event; 0 for all
	late     time.Duration // how late the rest of a torn frame comes: a network sent it again
}

// A fault is what may go wrong, for how long.
type fault struct {
	name string
	kind faultKind
	span time.Duration
}

type faultKind uint8

const (
	faultPower   faultKind = iota // switched off and on: memory and automatic status are gone
	faultPaper                    // offline: the paper is out, and a new roll comes
	faultTorn                     // offline, and the frame that tells it comes in two parts
	faultStuck                    // as faultTorn, until it is switched off and on
	faultCut                      // the link goes, with what is on it, and comes back
	faultDelay                    // answers come later
	faultLose                     // the next answer is lost
	faultMute                     // it does nothing and says nothing, and keeps its memory
	faultBusy                     // it takes nothing and prints nothing, answers that it is well, and keeps its memory
	faultCover                    // offline: the cover is open
	faultJam                      // offline: the cutter is stuck, until a person has said that it is free
	faultForeign                  // the link goes, and another program leaves an unfinished command before it comes back
	faultCancel                   // the caller wants an end
	faultSleep                    // the process stands still, and hears nothing until it goes on
)

// parts of the slip, and the least its mechanism takes for one.
const (
	parts       = 3
	partSize    = 300
	partTime    = 250 * time.Millisecond
	foreignSize = 400                    // bytes that another program's command still wants
	chunk       = 100                    // bytes of a part that are lost or kept as one
	grid        = 250 * time.Millisecond // a fault may come at each event, and this often between
)

// A tok is what a printer takes for one thing.
type tok struct {
	kind tokKind
	n    int // bytes of a part
	part uint8
	ask  byte
	id   ID
}

type tokKind uint8

const (
	tokPart tokKind = iota
	tokAsk          // DLE EOT
	tokClear
	tokOrder // GS r
	tokFence
	tokAuto  // GS a
	tokReset // ESC @
	tokCut
	tokPad
	tokGoOn    // DLE ENQ 1
	tokForeign // the head of another program's command, which swallows n bytes
)

// flight is a token on its way to the printer.
type flight struct {
	tok tok
	at  time.Time
}

// back is a reply on its way to the host.
type back struct {
	b    []byte
	at   time.Time
	kept bool // the printer had all of the slip when it said that
}

// A world is a machine before an abstract printer: all that may differ between two states of a search.
type world struct {
	s   *scene
	now time.Time
	m   machine

	power    bool
	onAt     time.Time // when it is switched on again
	paperOut bool
	mendAt   time.Time
	stuck    bool // what keeps it ends when it is switched off and on
	cover    bool // open
	shutAt   time.Time
	jam      bool
	freeAt   time.Time // when a person has freed the cutter, and says so
	puzzled  bool      // nobody is told that it is the cutter: after some minutes the printer is switched off and on
	busyTill time.Time
	swallow  int // bytes that belong to another program's command
	muteTill time.Time
	wakesAt  time.Time // the process stands still until then
	watch    watch
	auto     bool // it was told to tell of changes
	torn     bool // the next frame comes in two parts
	lose     bool
	holdTill time.Time // answers are held back
	rx       []tok
	queue    []tok
	itemEnds time.Time // when the mechanism is through with the first of queue
	itemLeft time.Duration

	down     bool
	farewell bool // it ends the connection
	upAt     time.Time
	flights  []flight
	write    []tok // of a write that a busy line holds back
	written  int   // bytes of it that were taken
	size     int
	busyAt   time.Time // since when the line says busy
	stood    []link.Stand
	lateBy   time.Time
	replies  []back
	heard    bool // what was just heard was said by a printer that had all of the slip then
	demux    escpos.Demux
	gapAt    time.Time // an unfinished reply is dropped

	printed [parts]int
	sent    int // bytes of the slip that were handed over
	budget  int
	asked   bool // the slip was given to the machine
	over    bool
	outcome Outcome
	endAt   time.Time
	late    bool // its id was told as a late proof
	wrong   string
	trace   []string

	tornAt  bool // its paper ended in the middle of the slip
	heldOut bool // and that it is held for paper was reported
}

var searchEpoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// newWorld is a printer that has just answered that it is well.
func newWorld(s *scene) *world {
	if s.late == 0 {
		s.late = time.Second
	}
	w := &world{s: s, now: searchEpoch, power: true, budget: s.budget}
	prof := s.profile()
	w.m.wire()
	w.m.device.set = settings{prof: prof, proof: s.proof, without: s.without}
	w.m.device.known = s.known
	w.auto = s.auto
	w.do(event{kind: tick})
	w.settle()
	return w
}

// clone copies a world so that nothing of it is shared.
func (w *world) clone() *world {
	c := *w
	c.rx, c.queue, c.flights = slices.Clone(w.rx), slices.Clone(w.queue), slices.Clone(w.flights)
	c.write, c.replies, c.trace, c.stood = slices.Clone(w.write), slices.Clone(w.replies), slices.Clone(w.trace), slices.Clone(w.stood)
	c.m.wire()
	c.m.core.out, c.m.delivery.past = nil, slices.Clone(w.m.delivery.past)
	c.m.questions.pending = slices.Clone(w.m.questions.pending)
	c.m.residue.put.rest = slices.Clone(w.m.residue.put.rest)
	if a := w.m.task.cur; a != nil {
		n := *a
		n.t.Entries = slices.Clone(a.t.Entries)
		c.m.task.cur = &n
		if w.m.line.book.T != nil {
			c.m.line.book.T = &n.t
		}
	}
	if d := w.m.residue.leftover; d != nil {
		n := *d
		c.m.residue.leftover = &n
	}
	if t := w.m.residue.openCut; t != nil {
		n := *t
		c.m.residue.openCut = &n
	}
	return &c
}

// do gives the machine an event and makes its effects happen.
func (w *world) do(e event) {
	for todo := []event{e}; len(todo) > 0; todo = todo[1:] {
		a := w.m.task.cur
		for _, f := range w.on(todo[0]) {
			switch f.kind {
			case doWrite:
				w.hand(f.bytes)
			case doDrain:
				todo = append(todo, event{kind: gotWritten})
			case doOpen:
				e := event{kind: gotOpened, caps: w.s.caps(), flow: w.s.flow}
				if w.down {
					e.err = errors.New("no route to the printer")
				}
				todo = append(todo, e)
			case doClose:
				if w.write != nil || w.size > 0 {
					todo = append(todo, event{kind: gotWritten, written: session.Written{N: w.written, Err: os.ErrClosed}})
				}
				w.dropLink()
				todo = append(todo, event{kind: gotClosed})
			case doReport:
				w.heldOut = w.heldOut || f.state == Held && f.reason == PaperOut && w.sent > 0
			case doBegin:
				todo = append(todo, event{kind: gotBegun, id: ID{'A', 'A', 'A', 'A'}})
			case doEnd:
				w.over, w.outcome, w.endAt = true, f.outcome, w.now
				if w.wrong = w.check(a); w.wrong != "" && a != nil {
					w.trace = append(w.trace, told(&a.t))
				}
				w.trace = append(w.trace, w.at()+"ended "+string(f.outcome.State)+" "+string(f.outcome.Reason))
			case doProof:
				if f.id == (ID{'A', 'A', 'A', 'A'}) {
					w.late = true
					if !w.whole() && w.wrong == "" {
						w.wrong = "a late proof, and it is not whole"
					}
				}
			}
		}
	}
}

func (w *world) at() string { return w.now.Sub(searchEpoch).String() + ": " }

func (s *scene) caps() link.Caps {
	c := link.Caps{BackChannel: true, BitsPerSec: s.baud}
	if s.baud > 0 {
		c.BitsPerByte = 10
	}
	return c
}

// dropLink forgets what is on the link.
func (w *world) dropLink() {
	w.flights, w.replies, w.write, w.size, w.written = nil, nil, nil, 0, 0
	w.demux, w.gapAt, w.lateBy, w.busyAt, w.stood = escpos.Demux{}, time.Time{}, time.Time{}, time.Time{}, nil
}

// hand takes bytes from the machine.
func (w *world) hand(b []byte) {
	w.write, w.size, w.written = tokens(b), len(b), 0
	w.lateBy = w.now.Add(5 * time.Second)
	w.push()
}

// tokens takes bytes apart as a printer does.
func tokens(b []byte) []tok {
	var out []tok
	for len(b) > 0 {
		n, t := 1, tok{kind: tokPad}
		switch {
		case b[0] >= 'a' && b[0] < 'a'+parts:
			for n < len(b) && b[n] == b[0] && n < chunk {
				n++
			}
			t = tok{kind: tokPart, part: b[0] - 'a'}
		case b[0] == 0:
			for n < len(b) && b[n] == 0 {
				n++
			}
		case bytes.HasPrefix(b, []byte(escpos.GoOn)):
			n, t = len(escpos.GoOn), tok{kind: tokGoOn}
		case bytes.HasPrefix(b, []byte("\x10\x04")):
			n, t = 3, tok{kind: tokAsk, ask: b[2]}
		case bytes.HasPrefix(b, []byte(escpos.ClearBuffers)):
			n, t = len(escpos.ClearBuffers), tok{kind: tokClear}
		case bytes.HasPrefix(b, []byte(escpos.AskPaper)):
			n, t = 3, tok{kind: tokOrder}
		case bytes.HasPrefix(b, []byte("\x1d(H")):
			n, t = 11, tok{kind: tokFence, id: ID(b[7:11])}
		case bytes.HasPrefix(b, []byte(escpos.ReportAll)):
			n, t = 3, tok{kind: tokAuto}
		case bytes.HasPrefix(b, []byte(escpos.FeedAndCut)):
			n, t = 4, tok{kind: tokCut}
		case bytes.HasPrefix(b, []byte(escpos.Reset)):
			n, t = 2, tok{kind: tokReset}
		}
		t.n = n
		out = append(out, t)
		b = b[n:]
	}
	return out
}

// busy says whether the line's busy wire holds bytes back.
func (w *world) busy() bool { return w.s.flow && (!w.power || w.offline() || !w.works()) }

// push lets what was handed over go its way, as far as the line takes it.
func (w *world) push() {
	for len(w.write) > 0 && (w.wakesAt.IsZero() || !w.s.flow) {
		t := w.write[0]
		if w.s.flow && len(w.flights) > 0 {
			return // what has left cannot be held back
		}
		if w.busy() && t.kind != tokAsk && t.kind != tokClear && t.kind != tokGoOn {
			if w.busyAt.IsZero() {
				w.busyAt = w.now
			}
			return
		}
		w.stand()
		w.busyAt = time.Time{}
		at := w.now
		if n := len(w.flights); n > 0 && at.Before(w.flights[n-1].at) {
			at = w.flights[n-1].at
		}
		at = at.Add(w.m.line.book.LineTime(t.n))
		w.flights = append(w.flights, flight{t, at})
		w.written += t.n
		if t.kind == tokPart {
			w.sent += t.n
		}
		w.write = w.write[1:]
	}
}

// stand notes for how long the line has said busy by now.
func (w *world) stand() {
	if !w.busyAt.IsZero() && w.now.Sub(w.busyAt) >= link.MinStand {
		w.stood = append(w.stood, link.Stand{From: w.busyAt, To: w.now})
	}
}
