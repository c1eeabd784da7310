package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/session"
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
	stages
)

// stageNames are the words of the log.
var stageNames = [stages]string{"closed", "idle", "preflight", "mending", "sending", "held", "proving", "lost", "probing"}

// steps is what is done in each stage when something has happened and neither a question nor a write of its own is open. A
// step sets when it wants to be called again, and reports whether that is at once.
var steps = [stages]func(*machine) bool{
	closed: (*machine).stepClosed, idle: (*machine).stepIdle, preflight: (*machine).stepPreflight, mending: (*machine).stepMending,
	sending: (*machine).stepSending, held: (*machine).stepHeld, proving: (*machine).stepProving, lost: (*machine).stepLost,
	probing: (*machine).stepProbing,
}

// A machine decides what a printer is told, from what happened so far. It is plain data: it reads no clock, starts nothing and
// waits for nothing. Events go in one by one; effects and the time to look again come out. Run's goroutine alone calls it.
type machine struct {
	set   settings
	known Known
	doubt bool          // its ids came back, and nothing shows that they tell of paper
	lag   time.Duration // how late its answers come, as far as that was seen
	deaf  bool          // it does not answer questions in order, as far as is known

	now   time.Time // of the event
	out   []effect
	wake  time.Time // when to look again, zero for never
	stage stage

	line line
	sensors
	cutter cutter
	look   look
	put    put

	task    task
	cur     *attempt
	cutBy   time.Time // when the last cut will be over
	tail    *tail     // the cut behind the last proven slip
	dirty   *leftover // what an unproven attempt may have left in the printer
	mend    mend
	past    []past // attempts that are over
	waiting bool   // someone wants to print
	paper   paper
	probe   probe

	show Status // the snapshot, but for its times
}

// settings are what a machine is made with.
type settings struct {
	prof      profile.Profile
	proof     string
	idleClose time.Duration
	clears    bool   // a torn slip is cancelled inside the printer
	without   uint32 // doubts left out, by the check that each is needed
}

// line is the link to the printer and what is open on it.
type line struct {
	state    lineState
	book     session.Book
	epoch    int       // how often it was opened
	why      error     // why it is being hung up
	err      error     // why there is none; nil when it was given back
	retryAt  time.Time // when to open it again
	retry    time.Duration
	closedAt time.Time // when it was given back or given up
	usedAt   time.Time // when it was last of use to someone
	openedAt time.Time // when the one that is open was opened; zero: none is
	unheard  int       // of those that were opened, how many in a row ended before a word and before a slip
	renewed  bool      // it is replaced because nothing came back over it
	giveBy   time.Time // it is given back: until then what was written may leave

	flow    bool      // the printer can say busy on it
	stalled time.Time // since when it takes nothing, as far as is known; zero when it does
	online  int       // how often the printer said since then that it is well
	fluent  bool      // it has answered a question in order: it is not inside a command that another program left unfinished
	urgent  int       // bytes of the real-time request under way
	asking  int       // GS r in the request under way
	auto    bool      // the request under way asks for automatic status
}

// lineState is how a link stands.
type lineState uint8

const (
	lineDown lineState = iota
	lineOpening
	lineUp
	lineGiving  // being given back: what was written leaves
	lineClosing // the loop closes it
)

// sensors are what the printer said of itself.
type sensors struct {
	st          escpos.Status
	heardAt     time.Time // when it last said how it is, on this epoch
	frame       escpos.Status
	frameAt     time.Time   // when automatic status last came, on this epoch
	silentSince time.Time   // when it was first asked in vain; zero when it answers
	resync      bool        // a question went unanswered: its answer may still come, and be taken for another's
	pending     []time.Time // when the real-time questions of the last seconds were asked whose answers may still come
	first       time.Time   // when the question was asked whose answer came last, if none was lost
	pollAt      time.Time
	unread      int       // bytes of real-time requests that a printer which is offline has in its buffer
	askAt       time.Time // when it may be asked again
	cause       byte      // its last answer why it is offline, 0 when it is not
}

// cutter is how far a jammed cutter may be let go on.
type cutter struct {
	coverSeen, jamCleared bool // since it jammed: the cover was open; a person said so
	wentOn                bool // GoOn was sent, and what came of it is not known yet
	goOnAt                time.Time
	before                [2]bool // what goes back when GoOn could not be sent
	sending               bool
}

// task is what a caller wants.
type task struct {
	on       bool
	slip     Slip
	cancel   bool // the caller, or Run, wants an end
	begun    bool // its start is being made durable
	refused  bool // the link could not be opened for it
	ended    int  // links that ended before a word
	looked   bool // it was asked how the printer is
	stopping bool // Run is to end: no other task follows
	stopAt   time.Time
	done     bool // Run may return
}

// on takes one event in and gives what is to be done.
func (m *machine) on(e event, now time.Time) []effect {
	m.now, m.out, m.wake = now, nil, time.Time{}
	m.take(e)
	for m.act() {
	}
	return m.out
}

// act goes on with what is open: a write of its own, a question, else the stage.
func (m *machine) act() bool {
	m.wake = time.Time{}
	switch {
	case m.line.state == lineClosing:
		return false
	case m.line.state == lineGiving:
		return m.giving()
	case m.put.on:
		return m.stepPut()
	case m.look.phase != lookOff:
		return m.stepLook()
	}
	return steps[m.stage](m)
}

// to goes to another stage.
func (m *machine) to(s stage, why string) {
	if m.stage != s {
		m.emit(effect{kind: doLog, text: "stage", was: stageNames[m.stage], is: stageNames[s], why: why})
		m.stage = s
	}
}

func (m *machine) emit(e effect) { m.out = append(m.out, e) }

// at asks to be called at t, if nothing happens before; zero is never.
func (m *machine) at(t time.Time) { m.wake = sooner(m.wake, t) }

// up says whether there is a link.
func (m *machine) up() bool { return m.line.state == lineUp }

// free says whether a task may be given.
func (m *machine) free() bool {
	return (m.stage == idle || m.stage == closed) && !m.task.on && !m.task.stopping && m.look.phase == lookOff && !m.put.on &&
		(m.line.state == lineUp || m.line.state == lineDown)
}

// An event is one thing that happened.
type event struct {
	kind    eventKind
	replies []escpos.Reply
	at      time.Time // when the replies came
	err     error
	written session.Written
	caps    link.Caps
	flow    bool // the link has a handshake
	id      ID
	slip    Slip
	cover   bool
}

// eventKind says what happened.
type eventKind uint8

const (
	tick       eventKind = iota // it is time to look again
	gotReplies                  // the printer said something, or the link ended
	gotWritten                  // a write ended
	gotOpened                   // the link was opened, or not
	gotClosed                   // the link is closed; what was still in it was told before
	gotPrint                    // a caller wants a slip printed
	gotProbe                    // a caller wants a probe
	gotBegun                    // the start of the attempt is durable, or not
	gotCancel                   // the caller wants an end
	gotStop                     // Run is to end
	gotJam                      // a person says that the jam is cleared
)

// An effect is one thing that is to be done.
type effect struct {
	kind         effectKind
	bytes        []byte
	urgent       bool
	until        time.Time
	state        State
	reason       Reason
	outcome      Outcome
	result       ProbeResult
	err          error
	id           ID
	at           time.Time
	known        Known
	step         ProbeStep
	text         string
	was, is, why string
}

// effectKind says what is to be done.
type effectKind uint8

const (
	doWrite  effectKind = iota // hand bytes to the driver
	doDrain                    // wait until what was written has left
	doOpen                     // open the link
	doAbort                    // stop opening it
	doClose                    // close it
	doResume                   // forget that the printer said busy
	doBegin                    // make the start of the attempt durable
	doReport                   // tell of a state on the way
	doEnd                      // the task is over, with an outcome
	doProbed                   // the probe is over
	doStep                     // tell of a stage of the probe
	doProof                    // tell of an id of an attempt that is over
	doSave                     // remember what was learned
	doAlarm                    // show a person something
	doWarn                     // log a warning
	doLog                      // log for those who look into it
)

// evidenceOf puts together what an attempt is judged by.
func (m *machine) evidenceOf(a *attempt) *evidence.Case {
	return &evidence.Case{T: &a.t, Slip: a.facts, Now: m.now, Without: m.set.without, Device: evidence.Device{
		Pinned: m.pinned(), Tier: m.known.Tier, Early: m.known.Early, Behind: m.known.Behind, Probing: m.probe.on}}
}
