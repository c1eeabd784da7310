package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/session"
)

const (
	lostTime = 3 * time.Second // how long a lost link is waited for, in case the proof is still to come
	maxMends = 3               // fences in vain before a printer is believed to be empty
	minPad   = 32              // ends any command that is not a picture
)

// mendPads are the zeros before the second and the third fence.
var mendPads = [maxMends - 1]int{1024, 8192}

// A leftover is what an unproven attempt may have left in the printer: the rest of a binary command that it still
// waits for, data that it still prints, a torn piece. Nothing new is sent before that is out of the way.
type leftover struct {
	id    ID
	gsh   bool   // it had asked for its id
	pad   int    // zeros that end any command that may be unfinished
	cut   []byte // separates the torn piece from the next slip
	torn  bool   // its end was never proven
	empty bool   // the printer has nothing of it left
	bytes int    // how many of it may be there, at most
	hoped bool   // that is not known

	foreign bool // it is another program's
	mech    time.Duration

	padded int // the epoch on which the zeros were sent
	epoch  int // the epoch on which the fence was sent
	tries  int
	until  time.Time
}

// A mend is how far the mending is.
type mend struct {
	phase mendPhase
	back  stage // where to go on when it is over
}

// mendPhase is what is done next.
type mendPhase uint8

const (
	mendPad   mendPhase = iota
	mendDrain           // ask whether the printer is at its end
	mendFence           // the fence leaves
	mendWait            // its answer is waited for
	mendCut             // the torn piece is cut off
	mendLeave           // the cut leaves
)

// A put is bytes that belong to no slip on their way out, in small parts.
type put struct {
	on, done, failed bool
	sent             bool // a part of it is under way
	rest             []byte
	by               time.Time // until when the line must have become free
}

// startPut sends b. What the driver has taken when that fails may be the beginning of a command.
func (m *machine) startPut(b []byte) { m.put = put{on: true, rest: b, by: m.now.Add(answerTime)} }

// stepPut goes on with it.
func (m *machine) stepPut() bool {
	p := &m.put
	switch {
	case !m.up():
		m.endPut(false)
	case p.sent:
		return false
	case m.line.book.Busy():
		if m.now.Before(p.by) {
			m.at(p.by)
			return false
		}
		m.endPut(false)
	case len(p.rest) == 0:
		m.endPut(true)
	case m.task.cancel && m.cur == nil:
		m.endPut(false)
	default:
		p.sent = true
		m.send(session.Plain, p.rest[:min(len(p.rest), 1024)], false)
		return false
	}
	return true
}

// putTook takes in that the driver took n bytes.
func (m *machine) putTook(n int) {
	p := &m.put
	p.sent = false
	p.rest = p.rest[min(n, len(p.rest)):]
	p.by = m.now.Add(answerTime)
	if n == 0 {
		m.endPut(false)
	}
}

func (m *machine) endPut(ok bool) {
	m.put = put{done: ok, failed: !ok}
	if d := m.dirty; d != nil && !ok {
		d.pad, d.padded = max(d.pad, minPad), 0
	}
}

// putOver gives the result of the last put, once.
func (m *machine) putOver() (done, failed bool) {
	done, failed = m.put.done, m.put.failed
	m.put = put{}
	return done, failed
}

// padOut ends a command that the printer may be in the middle of. It comes before everything else on a link: a question
// would be taken for the command's parameters. Neither ready nor failed: it is under way.
func (m *machine) padOut() (ready, failed bool) {
	d := m.dirty
	if d == nil || d.pad == 0 || d.padded == m.line.epoch {
		return true, false
	}
	switch done, failed := m.putOver(); {
	case failed:
		return false, true
	case done:
		d.padded = m.line.epoch
		return true, false
	}
	m.startPut(make([]byte, d.pad))
	return false, false
}

// startMend gets what an unproven attempt left behind out of the way; then mended is told how that went.
func (m *machine) startMend() {
	m.mend, m.put = mend{back: m.stage}, put{}
	m.to(mending, "an earlier slip may have left something")
}

// endMend goes back, with the reason when the mending has to wait.
func (m *machine) endMend(reason Reason) bool {
	back := m.mend.back
	m.to(back, string(reason))
	m.mended(back, reason)
	return true
}

// mended goes on where the mending was wanted.
func (m *machine) mended(back stage, reason Reason) {
	switch back {
	case idle:
		if !m.up() {
			m.to(closed, "link lost")
		}
		if reason == "" {
			m.ready()
		}
		m.askForStatus()
	case preflight:
		if reason != "" {
			m.refuse(reason)
			return
		}
		m.begin()
	case lost:
		m.lostMended(reason)
	}
}

// stepMending goes on with the mending.
func (m *machine) stepMending() bool {
	d := m.dirty
	switch {
	case d == nil:
		return m.endMend("")
	case !m.up():
		return m.endMend(LinkDown)
	case m.mend.back == lost && m.lostOver():
		return m.endMend(Offline)
	}
	switch m.mend.phase {
	case mendPad:
		switch ready, failed := m.padOut(); {
		case failed:
			return m.endMend(LinkDown)
		case ready:
			m.mend.phase = mendDrain
		}
	case mendDrain:
		if d.empty || !d.gsh && !m.asksInOrder() {
			d.hoped = d.hoped || !d.empty // nothing to ask
			d.empty, m.mend.phase = true, mendCut
			break
		}
		return m.drainOld(d)
	case mendFence, mendLeave:
		done, failed := m.putOver()
		switch {
		case failed:
			return m.endMend(LinkDown)
		case done && m.mend.phase == mendLeave:
			m.cutting(m.now)
			return m.mendOver(d)
		case done:
			m.mend.phase = mendWait
		}
	case mendWait:
		return m.waitOld(d)
	case mendCut:
		if !d.torn || len(d.cut) == 0 {
			return m.mendOver(d)
		}
		m.startPut(m.set.handOver(append(m.set.selected(nil), escpos.Reset+"\n"+string(d.cut)...)))
		m.mend.phase = mendLeave
	}
	return true
}

// mendOver notes that nothing is left.
func (m *machine) mendOver(d *leftover) bool {
	m.dirty = nil
	if !d.foreign {
		m.show.Empty = !d.hoped
	}
	return m.endMend("")
}

// drainOld sends a new fence: when it is answered, what was in the printer before has come out, or is gone.
func (m *machine) drainOld(d *leftover) bool {
	b := &m.line.book
	if d.epoch == m.line.epoch && m.now.Before(d.until) {
		m.mend.phase = mendWait
		return true
	}
	if d.tries == maxMends && d.foreign && m.known.Tier == 0 { // it never answers
		m.deaf, d.torn = true, false
		d.empty, d.hoped, m.mend.phase = true, true, mendCut
		return true
	}
	if d.tries == maxMends {
		m.alarm("the printer does not tell whether an earlier slip is still in it")
		d.empty, d.hoped, m.mend.phase = true, true, mendCut
		return true
	}
	d.tries++
	if d.tries > 1 { // it may be inside a command of unknown length
		d.pad, d.padded = mendPads[d.tries-2], 0
	}
	d.epoch = m.line.epoch
	var req []byte
	if d.tries > 1 {
		req, d.padded = make([]byte, d.pad), m.line.epoch
	}
	req = m.set.selected(req)
	if d.gsh {
		req = escpos.AppendFence(req, d.id.Plus(stepAgain))
	}
	if m.asksInOrder() {
		req = append(req, escpos.AskPaper+escpos.AskPaper...)
		if d.tries > 1 { // what was asked before and is not answered by now was lost with its data
			b.Order = 0
		}
		b.AskOrder(2)
	}
	d.until = m.now.Add(d.mech + againMargin)
	if d.foreign && m.known.Tier == 0 {
		d.until = m.now.Add(m.line.book.LineTime(len(req)) + answerTime)
	}
	m.startPut(req)
	m.mend.phase = mendFence
	return true
}

// waitOld waits for the answer.
func (m *machine) waitOld(d *leftover) bool {
	switch {
	case d.empty:
		m.mend.phase = mendCut
		return true
	case reasonOf(m.st) != "":
		return m.endMend(reasonOf(m.st))
	case m.task.cancel || !m.now.Before(d.until):
		return m.endMend(Offline)
	case m.line.book.Order == 0 && (!d.gsh || m.known.Tier == 'B' || m.known.Tier == 0 && m.cur == nil):
		// Where an id may never come it is enough that it has read everything, but not while a late proof is hoped for.
		d.empty, m.mend.phase = true, mendCut
		return true
	}
	m.at(d.until)
	return false
}

// stepLost waits a moment for the link to come back: the printer may have finished, and then its proof settles the attempt.
// Otherwise nobody can say what became of it.
func (m *machine) stepLost() bool {
	a := m.cur
	switch {
	case m.lostOver() || !m.evidenceOf(a).FirstAt().IsZero():
		m.conclude(a, evidence.Gone(m.evidenceOf(a)))
		return true
	case m.line.state == lineOpening:
		m.at(a.lostBy)
	case !m.up():
		m.at(a.lostBy)
		if m.now.Before(m.line.retryAt) {
			m.at(m.line.retryAt)
			break
		}
		m.open()
	case m.now.Before(a.pollAt):
		m.at(a.lostBy)
		m.at(a.pollAt)
	default:
		m.startLook(forLost)
		return true
	}
	return false
}

// lostOver says whether the link was waited for long enough.
func (m *machine) lostOver() bool { return m.task.cancel || !m.now.Before(m.cur.lostBy) }

func (m *machine) lostLooked(ok bool) {
	if ok && reasonOf(m.st) == "" && m.dirty != nil && !m.lostOver() {
		m.startMend()
		return
	}
	m.cur.pollAt = m.now.Add(pollBusy / 4)
}

func (m *machine) lostMended(reason Reason) {
	if m.cur.pollAt = m.now.Add(pollBusy / 4); reason == "" {
		m.cur.lostBy = m.now // the printer is at its end: no proof follows
	}
}
