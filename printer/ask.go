package printer

import (
	"slices"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/session"
)

// firstQuestion chooses by what the printer is asked. One that is offline is asked again only after a pause; what it said stands
// meanwhile.
func (a *asker) firstQuestion() bool {
	prof := &a.device.set.prof
	switch {
	// a pulse is to be answered for: the printer is asked behind it, and why it is offline
	case a.look.why != forPulse && prof.StatusDLE && a.sensors.st.Offline && !a.sensors.mute() && a.core.now.Before(a.questions.askAt):
		return a.end(true)
	case prof.StatusDLE, prof.StatusASB, prof.FenceGSR:
		a.look.phase, a.look.by = lookLine, a.core.now.Add(answerTime)
	default:
		a.look.begun = a.core.now
		return a.end(true)
	}
	return true
}

// question goes on with real-time question n.
func (a *asker) question(n byte) bool {
	if a.questions.resync && n != escpos.AskPrinter {
		return a.end(false)
	}
	a.look.phase, a.look.n, a.look.by = lookLine, n, a.core.now.Add(answerTime)
	return true
}

// ask sends the question. Call it only between complete commands, on a free line.
func (a *asker) ask() {
	l, b := &a.look, &a.line.book
	if l.begun.IsZero() {
		l.begun = a.core.now
		a.line.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Poll, N: 1})
	}
	switch {
	case a.device.set.prof.StatusDLE && !l.order:
		b.Asked, b.Got = l.n, 0
		a.questions.pending = slices.DeleteFunc(slices.Clone(a.questions.pending), func(t time.Time) bool { return a.core.now.Sub(t) > lateTime })
		a.questions.pending = append(a.questions.pending, a.core.now)
		a.questions.realTime(string(escpos.AppendStatus(nil, l.n)))
	case a.device.set.prof.StatusASB && !l.order: // in order: only a printer that is online answers
		a.sensors.frameAt = time.Time{}
		a.line.send(session.Request, []byte(escpos.ReportAll), false)
	default:
		b.AskOrder(1) // a stray byte that came before is no answer to it
		l.count = b.Order - 1
		a.line.send(session.Request, a.device.set.handOver(append(a.device.set.selected(nil), escpos.AskPaper...)), false)
		a.line.orderSent = 1
	}
	l.phase, l.by = lookAnswer, later(b.FreeAt, a.core.now).Add(a.patience())
}

// patience is how long an answer is waited for: longer where answers were seen to come late.
func (a *asker) patience() time.Duration { return max(answerTime, a.device.delay*3/2) }

// answered says whether the answer has come.
func (a *asker) answered() bool {
	l, b := &a.look, &a.line.book
	switch {
	case l.order:
		return b.Order <= l.count
	case a.device.set.prof.StatusDLE:
		if b.Got == 0 {
			return false
		}
		if a.questions.resync { // an older answer may have been in the way: the last one counts, which may come as late as this one
			a.questions.resync = false
			l.phase, l.by = lookSettle, a.core.now.Add(settleTime)
			if n := len(a.questions.pending); n > 0 {
				l.by = later(l.by, a.questions.pending[n-1].Add(a.core.now.Sub(a.questions.first)+settleTime))
			}
		}
		return true
	case a.device.set.prof.StatusASB:
		return !a.sensors.frameAt.IsZero()
	}
	return b.Order <= a.look.count
}

// watch goes on asking while surplus answers may come for longer than a printer needs to start, and a slip is under way. What is asked here
// is waited for, and puts off nothing else: no question follows once the time for surplus answers is over, however late answers come.
// It reports false: there is nothing else to do, or the look is over.
func (a *asker) watch() bool {
	l, b := &a.look, &a.line.book
	switch {
	case a.task.cur == nil:
	case l.again.IsZero():
		l.again = a.core.now
	case l.open && !a.core.now.Before(l.again.Add(a.patience())):
		return a.end(false)
	case l.open:
		a.core.at(l.again.Add(a.patience()))
	case !a.core.now.Before(l.again.Add(pollBusy)) && !b.Busy():
		b.Got, l.open, l.again = 0, true, a.core.now
		a.questions.pending = append(slices.Clone(a.questions.pending), a.core.now)
		a.questions.realTime(string(escpos.AppendStatus(nil, escpos.AskPrinter)))
		a.core.at(l.again.Add(a.patience()))
	}
	if a.task.cur != nil && !l.open {
		a.core.at(l.again.Add(pollBusy))
	}
	if a.core.now.Before(l.by) {
		a.core.at(l.by)
	}
	return false
}

// nextQuestion takes the answer in and goes on: DLE EOT 1, and the others when that one says offline. The roll's sensors are asked as well
// where no automatic status tells of them: some printers find out only when they print. Automatic status does not tell of a
// cover that opens when it is offline already.
func (a *asker) nextQuestion() bool {
	l, b := &a.look, &a.line.book
	if l.phase == lookSettle && a.core.now.Before(l.by) {
		return true
	}
	if l.order {
		return a.end(true)
	}
	if !a.device.set.prof.StatusDLE {
		if !a.device.set.prof.StatusASB {
			a.sensors.noteStatus(escpos.Status{}, a.core.now)
		}
		return a.end(true)
	}
	got := b.Got
	b.Asked = 0
	if a.askTwice(got) {
		return a.question(l.n)
	}
	l.twice = false
	if l.n == escpos.AskOffline && got == a.questions.cause {
		return a.done()
	}
	a.sensors.st.Answer(l.n, got)
	switch l.n {
	case escpos.AskPrinter:
		switch {
		case a.look.why != forPulse && a.sensors.st.Offline && a.questions.cause != 0 && !a.sensors.st.Cutter && a.questions.pause() > pollBusy: // its cause is asked for again when there is room
			return a.done()
		case a.sensors.st.Offline:
			return a.question(escpos.AskOffline)
		case !b.Auto:
			return a.question(escpos.AskRoll)
		}
	case escpos.AskOffline:
		l.cause = got
		return a.question(escpos.AskError)
	case escpos.AskError:
		return a.question(escpos.AskRoll)
	case escpos.AskRoll:
		if l.cause != 0 {
			a.questions.cause = l.cause
		}
	}
	return a.done()
}

// askTwice says whether a question is to be asked once more before its answer got counts. The answers of some clones lag by one: each comes
// when the next question is asked. Nothing in an answer tells which question it belongs to, so where much hangs on it that the printer is
// well it is asked again at once, unless its own word says so as well. Once the two were seen to differ, each question is asked twice.
func (a *asker) askTwice(got byte) bool {
	l, q := &a.look, a.questions
	var st escpos.Status
	st.Answer(l.n, got)
	online := l.n == escpos.AskPrinter && !st.Offline
	switch {
	case l.twice:
		q.lags = q.lags || l.n == escpos.AskPrinter && !online
		return false
	case q.lags, online && (l.unwell || l.unheard || a.hangsOnIt()) && (!a.line.book.Auto || reasonOf(a.sensors.frame) != ""):
		l.twice = true
	}
	return l.twice
}

// hangsOnIt says whether a slip may count as out because the printer says that it is well: all of it has left.
func (a *asker) hangsOnIt() bool {
	return a.look.why == forClaim || a.look.why == forPoll && a.task.cur.t.Off() == len(a.task.cur.plan.data)
}

// done ends a look by real-time questions.
func (a *asker) done() bool {
	if !a.sensors.st.Offline {
		a.questions.noteReading()
	}
	a.sensors.noteStatus(a.sensors.st, a.core.now)
	a.questions.askAt = a.core.now.Add(a.questions.pause())
	return a.end(true)
}
