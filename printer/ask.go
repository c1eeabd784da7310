package printer

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/session"
)

const (
	answerTime = 800 * time.Millisecond // a real-time question is answered at once; this is for slow networks
	settleTime = 60 * time.Millisecond  // after a lost answer: how long surplus answers may still come
	lateTime   = 3 * time.Second        // an answer that comes later than this is none
	freshTime  = time.Second            // how long a clean status is good enough to begin a slip
)

// A look is the printer being asked how it is. Nothing else is sent meanwhile, and nothing judged.
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
}

// lookPhase is how far a look is.
type lookPhase uint8

const (
	lookOff    lookPhase = iota
	lookPad              // an unfinished command is ended first
	lookLine             // the line must become free
	lookAnswer           // an answer is waited for
	lookSettle           // surplus answers may come: the last one counts
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
)

// startLook asks the printer how it is. looked is told the result: false when it does not answer; then nothing is known, and the
// last status stands.
func (m *machine) startLook(why lookWhy) {
	m.look, m.put = look{phase: lookPad, why: why, n: escpos.AskPrinter}, put{}
}

// stepLook goes on with a look.
func (m *machine) stepLook() bool {
	l := &m.look
	if !m.up() {
		return m.endLook(false)
	}
	switch l.phase {
	case lookPad:
		switch ready, failed := m.padOut(); {
		case failed:
			return m.endLook(false)
		case ready:
			return m.firstQuestion()
		}
		return true
	case lookLine:
		if m.line.book.Busy() {
			return m.waitLook()
		}
		m.ask()
	case lookAnswer:
		if m.lookAnswered() {
			return m.nextQuestion()
		}
		return m.waitLook()
	case lookSettle:
		if m.now.Before(l.by) {
			m.at(l.by)
			return false
		}
		return m.nextQuestion()
	}
	return true
}

// waitLook waits until the phase's time is over, which ends the look.
func (m *machine) waitLook() bool {
	if !m.now.Before(m.look.by) {
		if m.look.order && m.look.phase == lookAnswer {
			m.look.order, m.look.unheard = false, true // it may have gone offline just then
			return m.question(escpos.AskPrinter)
		}
		if m.line.book.Busy() && m.line.stalled.IsZero() { // it was not asked
			m.line.stalled, m.line.online = m.now, 0
			m.tell()
		}
		return m.endLook(false)
	}
	m.at(m.look.by)
	return false
}

// firstQuestion chooses by what the printer is asked. One that is offline is asked again only after a pause; what it said stands
// meanwhile.
func (m *machine) firstQuestion() bool {
	prof := &m.set.prof
	switch {
	case prof.StatusDLE && m.st.Offline && !m.mute() && m.now.Before(m.askAt):
		return m.endLook(true)
	case prof.StatusDLE, prof.StatusASB, prof.FenceGSR:
		m.look.phase, m.look.by = lookLine, m.now.Add(answerTime)
	default:
		m.look.begun = m.now
		return m.endLook(true)
	}
	return true
}

// question goes on with real-time question n.
func (m *machine) question(n byte) bool {
	if m.resync && n != escpos.AskPrinter {
		return m.endLook(false)
	}
	m.look.phase, m.look.n, m.look.by = lookLine, n, m.now.Add(answerTime)
	return true
}

// ask sends the question. Call it only between complete commands, on a free line.
func (m *machine) ask() {
	l, b := &m.look, &m.line.book
	if l.begun.IsZero() {
		l.begun = m.now
		m.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Poll, N: 1})
	}
	switch {
	case m.set.prof.StatusDLE && !l.order:
		b.Asked, b.Got = l.n, 0
		m.pending = slices.DeleteFunc(slices.Clone(m.pending), func(t time.Time) bool { return m.now.Sub(t) > lateTime })
		m.pending = append(m.pending, m.now)
		m.realTime(string(escpos.AppendStatus(nil, l.n)))
	case m.set.prof.StatusASB && !l.order: // in order: only a printer that is online answers
		m.frameAt = time.Time{}
		m.send(session.Request, []byte(escpos.ReportAll), false)
	default:
		l.count = b.Order
		b.Order++
		m.send(session.Request, m.set.handOver(append(m.set.selected(nil), escpos.AskPaper...)), false)
		m.line.asking = 1
	}
	l.phase, l.by = lookAnswer, later(b.FreeAt, m.now).Add(m.patience())
}

// patience is how long an answer is waited for: longer where answers were seen to come late.
func (m *machine) patience() time.Duration { return max(answerTime, m.lag*3/2) }

// lookAnswered says whether the answer has come.
func (m *machine) lookAnswered() bool {
	l, b := &m.look, &m.line.book
	switch {
	case l.order:
		return b.Order <= l.count
	case m.set.prof.StatusDLE:
		if b.Got == 0 {
			return false
		}
		if m.resync { // an older answer may have been in the way: the last one counts, which may come as late as this one
			m.resync = false
			l.phase, l.by = lookSettle, m.now.Add(settleTime)
			if n := len(m.pending); n > 0 {
				l.by = later(l.by, m.pending[n-1].Add(m.now.Sub(m.first)+settleTime))
			}
		}
		return true
	case m.set.prof.StatusASB:
		return !m.frameAt.IsZero()
	}
	return b.Order <= m.look.count
}

// nextQuestion takes the answer in and goes on: DLE EOT 1, and the others when that one says offline. The roll's sensors are asked as well
// where no automatic status tells of them: some printers find out only when they print. Automatic status does not tell of a
// cover that opens when it is offline already.
func (m *machine) nextQuestion() bool {
	l, b := &m.look, &m.line.book
	if l.phase == lookSettle && m.now.Before(l.by) {
		return true
	}
	if l.order {
		return m.endLook(true)
	}
	if !m.set.prof.StatusDLE {
		if !m.set.prof.StatusASB {
			m.heard(escpos.Status{}, m.now)
		}
		return m.endLook(true)
	}
	got := b.Got
	b.Asked = 0
	if l.n == escpos.AskOffline && got == m.cause {
		return m.lookDone()
	}
	m.st.Answer(l.n, got)
	switch l.n {
	case escpos.AskPrinter:
		switch {
		case m.st.Offline && m.cause != 0 && !m.st.Cutter && m.pause() > pollBusy: // its cause is asked for again when there is room
			return m.lookDone()
		case m.st.Offline:
			return m.question(escpos.AskOffline)
		case !b.Auto:
			return m.question(escpos.AskRoll)
		}
	case escpos.AskOffline:
		l.cause = got
		return m.question(escpos.AskError)
	case escpos.AskError:
		return m.question(escpos.AskRoll)
	case escpos.AskRoll:
		if l.cause != 0 {
			m.cause = l.cause
		}
	}
	return m.lookDone()
}

// lookDone ends a look by real-time questions.
func (m *machine) lookDone() bool {
	if !m.st.Offline {
		m.reads()
	}
	m.heard(m.st, m.now)
	m.askAt = m.now.Add(m.pause())
	return m.endLook(true)
}

// endLook ends the look and tells who wanted to know.
func (m *machine) endLook(ok bool) bool {
	l := m.look
	if ok && l.unheard && m.asksFirst(l.why) {
		m.stuck()
	} else if ok && !l.order && m.asksFirst(l.why) {
		m.look.order = true
		m.look.phase, m.look.by = lookLine, m.now.Add(answerTime)
		m.line.book.Asked = 0
		return true
	}
	m.resync = m.resync || !ok && !l.order && l.phase == lookAnswer && m.set.prof.StatusDLE
	m.look, m.line.book.Asked = look{}, 0
	switch {
	case !ok && m.up() && m.silentSince.IsZero() && !m.line.book.Busy() && (!m.task.cancel || m.cur != nil && m.stage != lost):
		m.silentSince = m.now
		m.tell()
	case ok && !l.begun.IsZero():
		m.note(evidence.Entry{Kind: evidence.Looked, Reason: reasonOf(m.st), Left: l.begun})
	}
	m.looked(l.why, ok)
	return true
}

// asksFirst says whether a question in order is to be answered before a slip: another program may have left a command unfinished,
// which would swallow the slip's beginning while real-time questions are answered all the same.
func (m *machine) asksFirst(why lookWhy) bool {
	return (why == forUpkeep || why == forPreflight) && m.up() && m.rung() <= 'B' && m.set.prof.StatusDLE && m.set.prof.FenceGSR && !m.line.fluent && !m.deaf &&
		m.dirty == nil && m.tail == nil && m.cur == nil && reasonOf(m.st) == ""
}

// stuck is for a printer that answers at once and not in order: it may wait for the rest of another program's command, which is padded
// out as an own one would be. A device that was never heard to answer in order is tried once.
func (m *machine) stuck() {
	m.line.fluent = true
	tries := 0
	if m.known.Tier == 0 {
		tries = maxMends - 1
	}
	m.dirty = &leftover{foreign: true, pad: m.set.prof.RasterBytes + minPad, torn: true, tries: tries}
	if m.set.prof.Cutter != "" {
		m.dirty.cut = []byte(escpos.FeedAndCut)
	}
}

// looked goes on where the look was wanted.
func (m *machine) looked(why lookWhy, ok bool) {
	switch why {
	case forUpkeep:
		m.upkept(ok)
	case forPreflight:
		m.preflightLooked(ok)
	case forPoll, forClaim:
		m.carryLooked(why, ok)
	case forLost:
		m.lostLooked(ok)
	case forCover:
	}
}

// pause is how long a printer that is offline is left alone between questions. It reads nothing, so each question stays
// in its buffer, and when that is full nothing more can be asked. The first part of the room is used up at once, so that
// a change of paper is seen as it happens. Then the pauses grow to a minute, and the last part lasts for days.
func (m *machine) pause() time.Duration {
	room := m.spare()
	rest := room * 3 / 4
	if m.cur != nil { // it may have to be seen that it was switched off
		rest = room / 2
	}
	over := m.unread - (room - rest)
	if over <= 0 {
		return pollBusy
	}
	doubled := min(24*over/rest, 6) + max(40*over/rest-30, 0)
	return pollBusy << min(doubled, 16)
}

// spare is the room for questions in the buffer of a printer that reads nothing, bytes.
func (m *machine) spare() int {
	size := m.set.bufferBytes() - 32 // help for the cutter, the request to clear
	switch {
	case m.cur != nil:
		size -= min(len(m.cur.data), m.set.window())
	case m.dirty != nil && !m.dirty.empty:
		size -= min(m.dirty.bytes+m.dirty.pad, m.set.window())
	}
	return max(size, 32)
}

// aidCutter lets a jammed cutter go on, but only after the cover was opened and closed or a person said that the jam
// is cleared, and once each time: no sensor tells that fingers are out.
func (m *machine) aidCutter() {
	c := &m.cutter
	if !m.st.Cutter || !m.up() || m.line.book.Busy() || m.st.CoverOpen || m.now.Before(c.goOnAt) {
		return
	}
	if !c.jamCleared && !c.coverSeen {
		if c.wentOn && !m.heardAt.Before(c.goOnAt) {
			c.wentOn = false
			m.alarm("the cutter is still stuck")
		}
		return
	}
	c.before, c.sending = [2]bool{c.coverSeen, c.jamCleared}, true
	c.jamCleared, c.coverSeen, c.wentOn = false, false, true
	c.goOnAt = m.now.Add(2 * pollBusy)
	m.pollAt, m.askAt = c.goOnAt, c.goOnAt
	if m.cur != nil {
		m.cur.pollAt = c.goOnAt
	}
	m.realTime(escpos.GoOn)
}

// ErrNoJam is what JamCleared returns when no jammed cutter is known of: nothing is done then.
var ErrNoJam = errors.New("the printer reports no jammed cutter")

// JamCleared tells that a person took the paper out of the cutter and that fingers are out of it. The printer is then
// let go on, once. It does not wait for that; ctx is not used beyond handing it over. It returns ErrNoJam when there is no
// jam, or the printer cannot be reached.
func (p *Printer) JamCleared(ctx context.Context) error {
	if !p.Status().Jammed {
		return ErrNoJam
	}
	select {
	case p.jam <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	default: // one such word is already on its way
	}
	return nil
}
