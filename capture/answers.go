package capture

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/vocabulary"
)

// A State is how the printer behind a capture is, as far as is known.
type State struct {
	Known                                                 bool // else it counts as offline
	Offline, PaperOut, NearEnd, Cover, Cutter, Hot, Error bool

	Said Said // what the device says of itself
}

// Said is what a device says of itself, as far as it was asked; empty where it is not known.
type Said struct {
	Firmware, Maker, Model string
	HasIDs                 bool
	IDs                    [3]byte // the answers to GS I 1, 2 and 3
}

// ready reports whether a printer in this state would go on reading.
func (s State) ready() bool {
	return s.Known && !s.Offline && !s.PaperOut && !s.Cover && !s.Cutter && !s.Hot && !s.Error
}

func bit(on bool, b byte) byte {
	if on {
		return b
	}
	return 0
}

// realTime answers DLE EOT n, 0 for one that printers of this sort do not know. The drawer's sensor reads as with no drawer connected.
func (s State) realTime(n byte) byte {
	switch n {
	case 1:
		return 0x16 | bit(!s.ready(), 0x08)
	case 2:
		return 0x12 | bit(s.Cover, 0x04) | bit(s.PaperOut, 0x20) | bit(s.Error || s.Cutter || s.Hot || !s.Known, 0x40)
	case 3:
		return 0x12 | bit(s.Cutter, 0x08) | bit(s.Error, 0x20) | bit(s.Hot, 0x40)
	case 4:
		return 0x12 | bit(s.NearEnd || s.PaperOut, 0x0C) | bit(s.PaperOut, 0x60)
	}
	return 0
}

// frame is automatic status.
func (s State) frame() [4]byte {
	return [4]byte{0x14 | bit(!s.ready(), 0x08) | bit(s.Cover, 0x20), bit(s.Cutter, 0x08) | bit(s.Error, 0x20) | bit(s.Hot, 0x40),
		bit(s.NearEnd || s.PaperOut, 0x03) | bit(s.PaperOut, 0x0C), 0x0F}
}

// paper answers GS r 1.
func (s State) paper() byte { return bit(s.NearEnd || s.PaperOut, 0x03) | bit(s.PaperOut, 0x0C) }

// identity answers GS I n as the device itself did when it was probed, else by what the printer's profile says; nil for what neither tells.
func identity(said Said, p *profile.Profile, n byte) []byte {
	text := func(own, s string) []byte { return append(append([]byte{0x5F}, cmp.Or(own, s)...), 0) }
	one := func(b byte) []byte {
		if said.HasIDs {
			b = said.IDs[n%48-1]
		}
		return []byte{b}
	}
	switch n {
	case 1, 49:
		return one(0x20)
	case 2, 50:
		return one(bit(p.TwoByte != "", 1) | bit(p.Cutter != "", 2))
	case 3, 51:
		return one(0x01)
	case 65:
		return text(said.Firmware, "receiptd")
	case 66:
		return text(said.Maker, strings.ToUpper(p.Vendor))
	case 67:
		return text(said.Model, strings.ToUpper(p.Name))
	case 69:
		if p.TwoByte != "" {
			return text("", "CHINA "+strings.ToUpper(p.TwoByte))
		}
	}
	return nil
}

// asked answers a question: at once what a printer answers on arrival, in its turn what it answers when it has come so far.
func (x *conn) asked(q []byte) {
	s := x.c.o.State()
	switch {
	case q[0] == 0x10:
		if a := s.realTime(q[2]); a != 0 && q[1] == 0x04 && len(q) == 3 {
			x.write([]byte{a})
		} else if q[1] == 0x14 && q[3] == 1 { // DLE DC4 7 1: automatic status once
			f := s.frame()
			x.write(f[:])
		}
	case q[1] == 'a':
		x.asb, x.asbSent = q[2], s.frame()
		if q[2] != 0 {
			f := s.frame()
			x.write(f[:])
		}
	case q[1] == 'I':
		if a := identity(x.c.o.State().Said, x.c.o.Profile(), q[2]); a != nil {
			x.waiting.add(question{answer: a})
		}
	case q[1] == 'u' || q[1] == 'r' && q[2]%48 == 2: // the drawer's sensor
		x.waiting.add(question{answer: []byte{0x01}})
	case q[1] == 'v' || q[1] == 'r' && q[2]%48 == 1:
		x.waiting.add(question{paper: true})
	case q[1] == '(' && len(q) == 11 && q[5] == 48 && q[6] == 48:
		x.waiting.add(question{answer: append(append([]byte{0x37, 0x22}, q[7:11]...), 0), printed: true})
	}
}

// tellChange sends automatic status when it has changed.
func (x *conn) tellChange() {
	f := x.c.o.State().frame()
	if x.asb == 0 || f == x.asbSent {
		return
	}
	x.asbSent = f
	x.write(f[:])
}

// write sends an answer. A program that does not read gets what fits, and loses nothing else.
func (x *conn) write(b []byte) {
	x.writing.Lock()
	defer x.writing.Unlock()
	_ = x.net.SetWriteDeadline(time.Now().Add(writeTimeout)) // Write tells
	_, _ = x.net.Write(b)                                    // nobody is there to be told
}

// A question waits until the slip before it is out, as a printer answers when it has come so far.
type question struct {
	answer  []byte
	paper   bool // the answer is how the paper is then
	printed bool // only where the slip is proven to be printed
	open    bool // it stands within a slip that is not whole yet
	job     string
}

// waiting are the questions of a connection that are not answered, in their order.
type waiting struct {
	x     *conn
	mu    sync.Mutex
	list  []question // guarded by mu
	woken chan struct{}
}

// mostQuestions bounds them: a program that asks and never reads is not waited for.
const mostQuestions = 256

func newWaiting(x *conn) *waiting { return &waiting{x: x, woken: make(chan struct{}, 1)} }

// add takes a question about what the connection has sent so far.
func (w *waiting) add(q question) {
	q.open, q.job = w.x.reader.Begun(), w.x.job
	w.mu.Lock()
	if len(w.list) < mostQuestions {
		w.list = append(w.list, q)
	}
	w.mu.Unlock()
	w.wake()
}

// behind says which slip the questions stood in that were asked since the one before it.
func (w *waiting) behind(job string) {
	w.mu.Lock()
	for i := range w.list {
		if w.list[i].open {
			w.list[i].open, w.list[i].job = false, job
		}
	}
	w.mu.Unlock()
	w.wake()
}

func (w *waiting) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// run answers until ctx ends.
func (w *waiting) run(ctx context.Context) {
	for {
		w.mu.Lock()
		any := len(w.list) > 0 && !w.list[0].open
		var q question
		if any {
			q = w.list[0]
		}
		w.mu.Unlock()
		if !any {
			select {
			case <-w.woken:
				continue
			case <-ctx.Done():
				return
			}
		}
		if !w.until(ctx, q) {
			return
		}
		w.mu.Lock()
		w.list = w.list[1:]
		w.mu.Unlock()
	}
}

// until waits for what q waits for and answers it. It reports false when ctx ended.
func (w *waiting) until(ctx context.Context, q question) bool {
	c := w.x.c
	out := vocabulary.State("")
	if q.job != "" {
		sub := c.o.Events.Subscribe(-1)
		for {
			var over bool
			if out, over = c.cameOut(ctx, q.job); over {
				break
			}
			for {
				e, err := sub.Next(ctx)
				if err != nil {
					return false
				}
				if e.JobID == q.job {
					break
				}
			}
		}
	} else {
		for !c.o.State().ready() { // a printer that is not ready does not read on
			select {
			case <-time.After(tick / 4):
			case <-ctx.Done():
				return false
			}
		}
	}
	switch {
	case q.job != "" && out == "", q.printed && out != vocabulary.StatePrinted && q.job != "":
		return true // it never came out, or nothing proves it: no answer
	case q.paper:
		w.x.write([]byte{c.o.State().paper()})
	default:
		w.x.write(q.answer)
	}
	return true
}

// cameOut gives the state in which a slip is out, "" when it will not come by itself; over is false while it may.
func (c *Capture) cameOut(ctx context.Context, id string) (out vocabulary.State, over bool) {
	a, err := c.o.Jobs.Answer(ctx, id)
	if err != nil || len(a.Copies) == 0 {
		return "", true
	}
	for _, x := range a.Copies {
		if x.State.OnPaper() {
			return x.State, true
		}
		switch x.State {
		case vocabulary.StateQueued, vocabulary.StateSending, vocabulary.StateHeld, vocabulary.StateUncertain:
			over = true
		}
	}
	return "", !over
}
