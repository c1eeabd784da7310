package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
)

const (
	answerTime = 800 * time.Millisecond // a real-time question is answered at once; this is for slow networks
	settleTime = 60 * time.Millisecond  // after a lost answer: how long surplus answers may still come
	lateTime   = 3 * time.Second        // an answer that comes later than this is none
	freshTime  = time.Second            // how long a clean status is good enough to begin a slip
)

// asker asks the printer how it is. Nothing else is sent meanwhile, and nothing judged.
type asker struct {
	core      *core
	device    *device
	port      *port
	line      *line
	task      *task
	sensors   *sensors
	residue   *residue
	questions *questions
	look      look
}

// A look is how far that is.
type look struct {
	phase   lookPhase
	why     lookWhy
	n       byte      // the real-time question
	by      time.Time // until when the phase may last
	begun   time.Time // when the first question went out, zero before that
	cause   byte      // the answer why it is offline
	count   int       // answers in order that were open before GS r was asked
	order   bool      // GS r is asked now: is it inside a command that another program left unfinished?
	unheard bool      // it was not answered
	again   time.Time // while surplus answers may come: when it was last asked, so that nobody can switch it off unseen
	open    bool      // that is not answered yet
	unwell  bool      // when it began the printer was known not to be well
	twice   bool      // the question was asked once before, for answers that lag by one
	ok      bool      // when it is over: the printer told how it is
}

// lookPhase is how far a look is.
type lookPhase uint8

const (
	lookOff    lookPhase = iota
	lookPad              // an unfinished command is ended first
	lookLine             // the line must become free
	lookAnswer           // an answer is waited for
	lookSettle           // surplus answers may come: the last one counts
	lookOver             // machine.looked is to be told
)

// lookWhy is who wants to know.
type lookWhy uint8

const (
	forUpkeep lookWhy = iota
	forPreflight
	forPoll  // a slip is under way
	forClaim // a claim needs a status that is clean now
	forLost
	forCover
	forPulse // a pulse for the drawer has left
)

// lookNames are the words of the log.
var lookNames = [...]string{forUpkeep: "nothing is printed", forPreflight: "a slip waits", forPoll: "a slip is under way", forClaim: "a claim needs it", forLost: "the link is back",
	forCover: "a probe waits for the cover", forPulse: "a pulse for the drawer has left"}

// start asks the printer how it is. machine.looked is told the result: false when it does not answer; then nothing is known, and the
// last status stands.
func (a *asker) start(why lookWhy) {
	a.look, a.residue.put = look{phase: lookPad, why: why, n: escpos.AskPrinter, unwell: a.sensors.reason() != ""}, put{}
	a.core.emit(effect{kind: doLog, text: "ask how it is", event: eventNames[a.core.event], why: lookNames[why]})
}

// step goes on with a look.
func (a *asker) step() bool {
	l := &a.look
	if !a.port.up() {
		return a.end(false)
	}
	switch l.phase {
	case lookPad:
		switch ready, failed := a.residue.padOut(); {
		case failed:
			return a.end(false)
		case ready:
			return a.firstQuestion()
		}
		return true
	case lookLine:
		if a.line.book.Busy() {
			return a.wait()
		}
		a.ask()
	case lookAnswer:
		if a.answered() {
			return a.nextQuestion()
		}
		return a.wait()
	case lookSettle:
		if l.open && a.line.book.Got != 0 {
			l.open = false
		}
		if a.core.now.Before(l.by) || l.open {
			return a.watch()
		}
		return a.nextQuestion()
	}
	return true
}

// wait waits until the phase's time is over, which ends the look.
func (a *asker) wait() bool {
	if !a.core.now.Before(a.look.by) {
		if a.look.order && a.look.phase == lookAnswer {
			a.look.order, a.look.unheard = false, true // it may have gone offline just then
			return a.question(escpos.AskPrinter)
		}
		if a.line.book.Busy() { // it was not asked
			a.line.stall()
		}
		return a.end(false)
	}
	a.core.at(a.look.by)
	return false
}

// end ends the look.
func (a *asker) end(ok bool) bool {
	l := a.look
	if ok && l.unheard && a.asksFirst(l.why) {
		a.suspect()
	} else if ok && !l.order && a.asksFirst(l.why) {
		a.look.order = true
		a.look.phase, a.look.by = lookLine, a.core.now.Add(answerTime)
		a.line.book.Asked = 0
		return true
	}
	a.questions.resync = a.questions.resync || !ok && !l.order && (l.phase == lookAnswer || l.open) && a.device.set.prof.StatusDLE
	a.line.book.Asked = 0
	switch {
	case !ok && a.port.up() && a.sensors.silentSince.IsZero() && !a.line.book.Busy() && (!a.task.cancel || a.task.cur != nil && a.core.stage != lost):
		a.sensors.silentSince, a.questions.cause = a.core.now, 0 // when it speaks again, something else may keep it
		a.core.changed()
	case ok && !l.begun.IsZero():
		a.line.note(evidence.Entry{Kind: evidence.Looked, Reason: a.sensors.reason(), Left: l.begun})
	}
	a.look = look{phase: lookOver, why: l.why, ok: ok}
	return true
}

// asksFirst says whether a question in order is to be answered before a slip: another program may have left a command unfinished,
// which would swallow the slip's beginning while real-time questions are answered all the same.
func (a *asker) asksFirst(why lookWhy) bool {
	return (why == forUpkeep || why == forPreflight) && a.port.up() && a.line.tier() <= 'B' && a.device.set.prof.StatusDLE && a.device.set.prof.FenceGSR && !a.line.ordered && !a.device.unordered &&
		a.residue.leftover == nil && a.residue.openCut == nil && a.task.cur == nil && a.sensors.reason() == ""
}

// suspect is for a printer that answers at once and not in order: it may wait for the rest of another program's command, which is padded
// out as an own one would be. A device that was never heard to answer in order is tried once.
func (a *asker) suspect() {
	a.line.ordered = true
	tries := 0
	if a.device.known.Tier == 0 {
		tries = maxMends - 1
	}
	a.residue.leftover = &leftover{foreign: true, pad: a.device.set.prof.RasterBytes + minPad, torn: true, tries: tries}
	if a.device.set.prof.Cutter != "" {
		a.residue.leftover.cut = []byte(escpos.FeedAndCut)
	}
}
