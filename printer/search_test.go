package printer

import (
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/session"
)

var long = flag.Bool("search.long", false, "TestSearch gives every printer every fault, two of them in one slip; TestSearchSleep lets each stand still twice, as the gate does")

// profile is what the machine is told of the printer.
func (s *scene) profile() profile.Profile {
	p := profile.Profile{DPI: 203, SpeedMMS: 100, FenceGSR: s.proof != "C", FenceGSH: s.proof == "", StatusDLE: true, StatusASB: s.auto,
		BufferBytes: 4096, Cutter: "partial", PaperOut: "resume"}
	if s.paced {
		p.BufferBytes = 600
	}
	if s.buffer > 0 {
		p.BufferBytes = s.buffer
	}
	return p
}

// slip is three parts of paper.
func (s *scene) slip() Slip {
	content := escpos.Reset + escpos.ReportAll
	for i := range parts {
		content += strings.Repeat(string(rune('a'+i)), partSize)
	}
	return Slip{Content: []byte(content), Cut: []byte(escpos.FeedAndCut), Dots: 600}
}

// on gives the machine an event; a scene may take the question at the head of the slip out.
func (w *world) on(e event) []effect {
	if e.kind != gotBegun || !w.s.headless {
		return w.m.on(e, w.now)
	}
	w.m.core.now, w.m.core.out, w.m.core.wake = w.now, nil, time.Time{}
	w.m.take(e)
	a := w.m.task.cur
	a.plan.data, a.plan.stops = a.plan.data[signBytes:], slices.Clone(a.plan.stops[1:])
	for i := range a.plan.stops {
		a.plan.stops[i].at -= signBytes
	}
	a.facts.Size -= signBytes
	for w.m.act() {
	}
	return w.m.core.out
}

// roundLimit is how much may happen at one moment: no machine that is at an end with itself does more.
const roundLimit = 10_000

// settle lets everything happen that happens now.
func (w *world) settle() {
	rounds := 0
	for w.wrong == "" && w.happen() {
		if rounds++; rounds > roundLimit {
			w.wrong = "it goes round and round at one moment"
		}
	}
}

// happen makes one thing happen that is due.
func (w *world) happen() bool {
	due := func(t time.Time) bool { return !t.IsZero() && !w.now.Before(t) }
	switch {
	case due(w.wakesAt):
		w.wakesAt = time.Time{}
		if span, unseen := w.watch.slept(w.now, 0); unseen > 0 {
			w.do(event{kind: gotSlept, slept: span, unseen: unseen})
		}
		w.watch = watch{}
		if w.size > 0 { // nor does the writer take its own sleep for the line's
			w.lateBy = w.now.Add(5 * time.Second)
		}
	case due(w.onAt):
		w.start()
	case due(w.mendAt):
		w.mendAt, w.paperOut = time.Time{}, false
		w.frame()
	case due(w.shutAt):
		w.shutAt, w.cover = time.Time{}, false
		w.frame()
	case due(w.freeAt): // who has freed it says so until it goes on
		switch {
		case !w.wakesAt.IsZero():
			w.freeAt = w.wakesAt.Add(time.Second)
		case w.m.device.show.Jammed:
			w.freeAt = w.now.Add(2 * time.Second)
			w.do(event{kind: gotJam})
		case w.puzzled:
			w.puzzled, w.freeAt = false, time.Time{}
			w.switchOff(4 * time.Second)
		default:
			w.puzzled, w.freeAt = true, w.now.Add(5*time.Minute)
		}
	case due(w.busyTill):
		w.busyTill = time.Time{}
	case w.farewell && w.alive() && len(w.replies) == 0 && w.wakesAt.IsZero(): // what it said before comes first
		w.farewell, w.down, w.upAt = false, true, w.now.Add(100*time.Millisecond)
		w.do(event{kind: gotReplies, err: errors.Join(link.ErrLost, link.ErrEnded), at: w.now})
	case due(w.muteTill):
		w.muteTill = time.Time{}
	case due(w.upAt):
		w.upAt, w.down = time.Time{}, false
	case len(w.flights) > 0 && due(w.flights[0].at):
		t := w.flights[0].tok
		w.flights = w.flights[1:]
		w.arrive(t)
	case w.read(), w.work():
	case w.wakesAt.IsZero() && len(w.replies) > 0 && due(w.replies[0].at):
		r := w.replies[0]
		w.replies = w.replies[1:]
		w.heard = r.kept
		w.hear(r.b)
		w.heard = false
	case due(w.gapAt) && w.wakesAt.IsZero():
		w.gapAt = time.Time{}
		if w.demux.Gap(); w.s.naive {
			w.demux = escpos.Demux{}
		}
	case w.wakesAt.IsZero() && w.size > 0 && (len(w.write) == 0 || due(w.lateBy)):
		w.wrote()
	case w.wakesAt.IsZero() && due(w.tickAt()):
		w.m.core.wake = time.Time{}
		w.do(event{kind: tick})
	default:
		before := w.written
		w.push()
		return w.written != before
	}
	return true
}

// start switches the printer on: it has forgotten everything.
func (w *world) start() {
	w.onAt, w.power, w.auto = time.Time{}, true, false
	if w.stuck {
		w.stuck, w.paperOut, w.mendAt = false, false, time.Time{}
	}
	w.jam, w.puzzled, w.freeAt, w.busyTill = false, false, time.Time{}, time.Time{}
	w.forget()
}

// switchOff switches it off, and on again.
func (w *world) switchOff(span time.Duration) {
	w.power, w.onAt = false, w.now.Add(span)
	w.forget()
}

// forget empties its memory.
func (w *world) forget() {
	w.rx, w.queue, w.itemEnds, w.itemLeft, w.swallow, w.farewell = nil, nil, time.Time{}, 0, 0, false
}

// hear brings a reply to the machine.
func (w *world) hear(b []byte) {
	r := w.demux.Feed(b)
	if w.gapAt = (time.Time{}); w.demux.Partial() {
		w.gapAt = w.now.Add(200 * time.Millisecond)
	}
	if len(r) > 0 {
		w.do(event{kind: gotReplies, replies: r, at: w.now})
	}
}

// wrote tells the machine how its write went.
func (w *world) wrote() {
	r := session.Written{N: w.written}
	if len(w.write) > 0 {
		r.Err = os.ErrDeadlineExceeded
		w.stand()
	}
	r.Busy, w.stood = w.stood, nil
	w.write, w.size, w.written, w.lateBy = nil, 0, 0, time.Time{}
	w.do(event{kind: gotWritten, written: r})
}

// tickAt is when the machine looks again, in the world's time.
func (w *world) tickAt() time.Time {
	if w.m.core.wake.IsZero() {
		return time.Time{}
	}
	return w.m.core.real(w.m.core.wake)
}

// next is when something happens next; a fault may come on the grid as well.
func (w *world) next() time.Time {
	var t time.Time
	for _, x := range []time.Time{w.onAt, w.mendAt, w.shutAt, w.freeAt, w.busyTill, w.muteTill, w.upAt, w.itemEnds} {
		t = sooner(t, x)
	}
	if len(w.flights) > 0 {
		t = sooner(t, w.flights[0].at)
	}
	if w.wakesAt.IsZero() {
		t = sooner(t, sooner(w.gapAt, w.tickAt()))
		if len(w.replies) > 0 {
			t = sooner(t, w.replies[0].at)
		}
		if w.size > 0 {
			t = sooner(t, w.lateBy)
		}
	} else {
		t = sooner(t, w.wakesAt)
	}
	if !w.asked && w.wakesAt.IsZero() {
		t = sooner(t, w.now.Truncate(grid).Add(grid))
	}
	if w.budget > 0 && !w.over {
		t = sooner(t, w.now.Truncate(w.every()).Add(w.every()))
	}
	return t
}

// every is how often a fault may come between two events.
func (w *world) every() time.Duration {
	if w.budget < w.s.budget {
		return max(w.s.seldom, grid)
	}
	return grid
}

// mayFail says whether a fault may come now.
func (w *world) mayFail() bool {
	return w.s.seldom == 0 || w.m.task.cur != nil && (w.budget == w.s.budget || w.now.Equal(w.now.Truncate(w.s.seldom)))
}

// suffer makes a fault happen. It reports false where it means nothing.
func (w *world) suffer(f fault) bool {
	w.trace = append(w.trace, w.at()+f.name)
	switch f.kind {
	case faultPower:
		if !w.power {
			return false
		}
		w.switchOff(f.span)
	case faultPaper, faultTorn, faultStuck:
		if w.paperOut || !w.power {
			return false
		}
		w.paperOut, w.mendAt, w.torn = true, w.now.Add(f.span), f.kind != faultPaper
		w.tornAt = w.tornAt || w.printed != [parts]int{} && !w.whole()
		w.stuck = f.kind == faultStuck
		w.frame()
	case faultCover:
		if w.cover || !w.power {
			return false
		}
		w.cover, w.shutAt = true, w.now.Add(f.span)
		w.frame()
	case faultJam:
		if w.jam || !w.power {
			return false
		}
		w.jam, w.freeAt = true, w.now.Add(f.span)
		w.frame()
	case faultBusy:
		if !w.works() {
			return false
		}
		w.busyTill = w.now.Add(f.span)
	case faultCut, faultForeign:
		if w.down || w.s.baud > 0 || !w.wakesAt.IsZero() || f.kind == faultForeign && w.s.alone {
			return false
		}
		w.down, w.upAt = true, w.now.Add(f.span)
		if f.kind == faultForeign {
			w.rx = append(w.rx, tok{kind: tokForeign, n: foreignSize})
		}
		w.do(event{kind: gotReplies, err: os.ErrClosed, at: w.now})
	case faultDelay:
		w.holdTill = w.now.Add(f.span)
	case faultLose:
		w.lose = true
	case faultMute:
		if !w.alive() {
			return false
		}
		w.muteTill = w.now.Add(f.span)
	case faultSleep:
		if !w.wakesAt.IsZero() {
			return false
		}
		w.wakesAt = w.now.Add(f.span)
		w.watch.next(w.tickAt(), w.now, w.m.restful())
	case faultCancel:
		if !w.asked || w.over || w.m.task.cancel || !w.wakesAt.IsZero() {
			return false
		}
		w.do(event{kind: gotCancel})
	}
	w.budget--
	w.settle()
	return true
}

// A finding is what a search came to.
type finding struct {
	states, ends, depth int
	claims              map[State]int
	wrong               string
	trace               []string
	took                time.Duration
}

// limits of a world: no slip may take longer, and a late proof is waited for so long.
const (
	endLimit  = 10 * time.Minute
	lateLimit = 12 * time.Second
)

// search plays all worlds of a scene, each state once, and stops at the first that breaks a law.
func search(s *scene) finding {
	began := time.Now()
	f := finding{claims: map[State]int{}}
	h := newHasher()
	first := newWorld(s)
	limit := endLimit
	for _, fault := range s.faults {
		if fault.kind == faultSleep {
			limit += time.Duration(s.budget) * fault.span
		}
	}
	type place struct {
		w     *world
		depth int
	}
	for todo := []place{{first, 0}}; len(todo) > 0; {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		w := p.w
		for {
			if !w.asked && w.now.Sub(searchEpoch) >= 3*grid && w.wakesAt.IsZero() {
				w.asked = true
				w.do(event{kind: gotPrint, slip: s.slip()})
				w.settle()
			}
			f.depth = max(f.depth, p.depth)
			switch {
			case w.wrong != "":
				f.wrong = w.wrong
			case w.now.Sub(searchEpoch) > limit:
				f.wrong = "it has no end"
			case w.over && (w.outcome.State != Uncertain || w.now.Sub(w.endAt) > lateLimit):
				f.ends++
				f.claims[w.outcome.State]++
			case !h.new(w):
			default:
				f.states++
				if w.budget > 0 && !w.over && w.mayFail() {
					for _, fault := range s.faults {
						if n := w.clone(); n.suffer(fault) {
							todo = append(todo, place{n, p.depth + 1})
						}
					}
				}
				if t := w.next(); !t.IsZero() {
					w.now = later(t, w.now)
					w.settle()
					p.depth++
					continue
				}
				f.wrong = "nothing happens any more"
			}
			break
		}
		if f.wrong != "" {
			f.trace = w.trace
			break
		}
	}
	f.took = time.Since(began)
	return f
}

// allFaults are the faults that are played.
var allFaults = []fault{
	{"off for a second", faultPower, 1050 * time.Millisecond},
	{"off for four seconds", faultPower, 4 * time.Second},
	{"paper out for two seconds", faultPaper, 2 * time.Second},
	{"paper out for eight seconds", faultPaper, 8 * time.Second},
	{"paper out for four seconds, the frame torn", faultTorn, 4 * time.Second},
	{"link cut, back at once", faultCut, 100 * time.Millisecond},
	{"link cut for two seconds", faultCut, 2 * time.Second},
	{"answers a second late", faultDelay, time.Second},
	{"an answer lost", faultLose, 0},
	{"busy without a word for six seconds", faultMute, 6 * time.Second},
	{"given up", faultCancel, 0},
	{"busy for twenty seconds, though it says that it is well", faultBusy, 20 * time.Second},
	{"cover open for five seconds", faultCover, 5 * time.Second},
	{"cutter stuck for seven seconds", faultJam, 7 * time.Second},
	{"link cut, another program leaves an unfinished command", faultForeign, 500 * time.Millisecond},
	{"the process stands still for half a minute", faultSleep, 30 * time.Second},
}

// trusted is a device whose ids were seen to wait for its paper.
var trusted = Known{Tier: 'A', Behind: true}

// scenes are the printers that are searched.
func scenes() []*scene {
	return []*scene{
		{name: "serial, exact id", least: 11000, known: trusted, baud: 9600, auto: true},
		{name: "serial, exact id, tells nothing by itself", least: 12500, known: trusted, baud: 9600},
		{name: "serial with a busy wire", least: 8400, known: trusted, baud: 9600, flow: true, auto: true},
		{name: "network, exact id", least: 2700, known: trusted, auto: true, ahead: true},
		{name: "network, exact id, in portions", least: 3100, known: trusted, auto: true, paced: true},
		{name: "network, not known before", least: 2300, auto: true},
		{name: "network, reads only", least: 3300, proof: "B", auto: true, ahead: true},
		{name: "network, tells how it is, no more", least: 2500, proof: "C", auto: true, ahead: true},
		{name: "network, ends the connection at its cut", least: 1000, proof: "C", auto: true, ends: true, alone: true},
		{name: "network, early id", least: 2900, known: Known{Tier: 'A', Early: true}, auto: true, ahead: true, early: true},
		{name: "network, not known before, ids when it has read", least: 2900, auto: true, ahead: true, early: true},
		{name: "network, not known before, knows no ids", least: 7000, auto: true, idless: true},
	}
}

// shortScenes are those of the short form.
var shortScenes = []string{"serial, exact id", "serial with a busy wire", "network, not known before"}

// TestSearch plays every world with faults at every event of a slip of three parts, and between the events, in every order. It runs in
// one goroutine: its short form, for the race detector, has one printer of each kind of link.
func TestSearch(t *testing.T) {
	t.Parallel()
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			if testing.Short() && !slices.Contains(shortScenes, s.name) {
				t.Skip("not in the short form")
			}
			s.faults, s.budget = allFaults, 1
			if *long {
				s.budget = 2
			}
			f := search(s)
			t.Logf("%d states, %d ends, depth %d, %v: %v", f.states, f.ends, f.depth, f.took.Round(time.Millisecond), f.claims)
			if f.wrong != "" {
				t.Errorf("%s\n%s", f.wrong, strings.Join(f.trace, "\n"))
			}
			least := s.least
			if *long {
				least *= 50
			}
			if f.states < least || f.ends < s.least/60 { // fewer, and the search no longer searches
				t.Errorf("only %d states with %d ends, not %d", f.states, f.ends, least)
			}
		})
	}
}

// TestSearchFinds: with a mend of a false claim taken out the search finds a world in which the claim is false. The commits are those
// that mended it.
func TestSearchFinds(t *testing.T) {
	t.Parallel()
	off, off4, paper, give := allFaults[0], allFaults[1], allFaults[2], allFaults[10]
	stuck := fault{"broken down until it is switched off, the frame torn", faultStuck, 6 * time.Second}
	for _, c := range []struct {
		commit string
		scene  scene
	}{
		{"fc7d59d", scene{proof: "B", auto: true, naive: true, slow: 5, claims: true, budget: 2, faults: []fault{stuck, off}}},
		{"d57a626", scene{known: trusted, baud: 9600, headless: true, budget: 1, faults: []fault{off}}},
		{"8ef59eb", scene{proof: "B", auto: true, ahead: true, without: 1 << evidence.SilentAfter, budget: 1, faults: []fault{off, off4}}},
		{"04da7fc", scene{known: trusted, baud: 9600, flow: true, auto: true, without: 1 << evidence.Blind, budget: 2, faults: []fault{paper, off}}},
		{"7660a8d", scene{known: trusted, baud: 9600, flow: true, auto: true, without: 1 << evidence.BlindLater, budget: 3, faults: []fault{paper, off, give}}},
		{"an id in the middle of a busy portion", scene{known: trusted, baud: 9600, flow: true, auto: true, without: 1 << evidence.Unwritten, claims: true, budget: 2,
			faults: []fault{allFaults[11], off}}},
		{"a sign of life", scene{known: trusted, baud: 9600, without: 1<<evidence.SignMissing | 1<<evidence.SilentMid, budget: 1, faults: []fault{off}}},
	} {
		t.Run(c.commit, func(t *testing.T) {
			if testing.Short() && c.scene.budget > 1 {
				t.Skip("not in the short form")
			}
			broken, whole := c.scene, c.scene
			f := search(&broken)
			t.Logf("%d states, %v: %s\n%s", f.states, f.took.Round(time.Millisecond), f.wrong, strings.Join(f.trace, "\n"))
			if f.wrong == "" {
				t.Errorf("nothing found: %v", f.claims)
			}
			whole.naive, whole.headless, whole.without = false, false, 0
			if c.scene.budget > 1 && !*long {
				return
			}
			if f := search(&whole); f.wrong != "" {
				t.Errorf("with the mend: %s\n%s", f.wrong, strings.Join(f.trace, "\n"))
			} else {
				t.Logf("with the mend: %d states, %v, %v", f.states, f.took.Round(time.Millisecond), f.claims)
			}
		})
	}
}
