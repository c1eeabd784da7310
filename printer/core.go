package printer

import (
	"time"
)

// A stage is what a machine is about.
type stage uint8

// The stages.
const (
	closed    stage = iota // no link
	idle                   // a link, and nothing to print
	preflight              // may a slip begin now?
	mending                // what an earlier slip left in the printer is got out of the way
	sending                // a slip goes out
	held                   // the printer is not ready in the middle of a slip
	proving                // all of it has left, and its proof is waited for
	lost                   // the link went in the middle of a slip: another one may bring the proof
	probing                // a person opens and closes the cover
	pulsing                // a pulse for the drawer goes out
	stages
)

// stageNames are the words of the log.
var stageNames = [stages]string{"closed", "idle", "preflight", "mending", "sending", "held", "proving", "lost", "probing", "pulsing"}

// core is what all parts share: the time of the event, the stage, what is to be done, and when to look again.
type core struct {
	now       time.Time     // of the event, less what the process slept
	last      time.Time     // of the event before
	slept     time.Duration // for how long the process stood still in all: see machine.asleep
	sleptAt   time.Time     // when it last did, and for how long
	sleptLast time.Duration
	event     eventKind // that is taken in; tick between events
	stage     stage
	out       []effect
	wake      time.Time // when to look again, zero for never
	untold    bool      // the snapshot is out of date
}

// changed notes that the snapshot is out of date.
func (c *core) changed() { c.untold = true }

// to goes to another stage.
func (c *core) to(s stage, why string) {
	if c.stage != s {
		c.emit(effect{kind: doLog, text: "stage", was: stageNames[c.stage], is: stageNames[s], event: eventNames[c.event], why: why})
		c.stage = s
	}
}

func (c *core) emit(e effect) { c.out = append(c.out, e) }

// at asks to be called at t, if nothing happens before; zero is never.
func (c *core) at(t time.Time) { c.wake = sooner(c.wake, t) }

// task is what a caller wants.
type task struct {
	on       bool
	slip     Slip
	pulse    *Pulse // it is no slip but a pulse for the drawer
	cancel   bool   // the caller, or Run, wants an end
	begun    bool   // its start is being made durable
	refused  bool   // the link could not be opened for it
	hangups  int    // links that ended before a word
	looked   bool   // it was asked how the printer is
	stopping bool   // Run is to end: no other task follows
	stopAt   time.Time
	done     bool     // Run may return
	cur      *attempt // the slip on its way, nil for none
	wanted   bool     // someone wants to print
}

// waitedOut says whether a link that went in the middle of a slip was waited for long enough.
func (t *task) waitedOut(now time.Time) bool { return t.cancel || !now.Before(t.cur.lostBy) }

// sooner is the earlier of two times, of which a zero one means never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
