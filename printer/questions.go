package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/session"
)

// questions are the real-time questions that may still be answered, and their cost to a printer that reads nothing.
type questions struct {
	core    *core
	device  *device
	port    *port
	line    *line
	task    *task
	cutter  *cutter
	sensors *sensors
	residue *residue
	resync  bool        // one went unanswered: its answer may still come, and be taken for another's
	pending []time.Time // when those of the last seconds were asked whose answers may still come
	first   time.Time   // when the one was asked whose answer came last, if none was lost
	unread  int         // bytes of real-time requests that a printer which is offline has in its buffer
	askAt   time.Time   // when it may be asked again
	cause   byte        // its last answer why it is offline, 0 when it is not
	// Its answers lag by one: each comes when the next question is asked. That stays until the link is opened anew: two answers that agree do
	// not take it back, since those of a printer whose state does not change agree however they lag, and to believe too soon that it is well
	// costs a claim, to ask twice three bytes.
	lags bool
}

// reset is for a link that has just been opened: what the printer did not read it may still have.
func (q *questions) reset() {
	q.resync, q.pending, q.first, q.cause, q.lags = false, nil, time.Time{}, 0, false
}

// noteReading notes that the printer takes bytes out of its buffer: what it is asked costs no room now, and a hold may be over.
func (q *questions) noteReading() {
	q.unread, q.cause, q.askAt = 0, 0, time.Time{}
	if a := q.task.cur; a != nil && a.t.Holding() != "" && a.t.Holding() != Busy {
		a.pollAt = q.core.now
	}
}

// realTime sends a real-time request, which a printer that says busy takes as well.
func (q *questions) realTime(b string) {
	q.unread += len(b)
	q.line.send(session.Request, []byte(b), true)
	q.line.urgentBytes = len(b)
}

// pause is how long a printer that is offline is left alone between questions. It reads nothing, so each question stays
// in its buffer, and when that is full nothing more can be asked. The first part of the room is used up at once, so that
// a change of paper is seen as it happens. Then the pauses grow to a minute, and the last part lasts for days.
func (q *questions) pause() time.Duration {
	room := q.spare()
	rest := room * 3 / 4
	if q.task.cur != nil { // it may have to be seen that it was switched off
		rest = room / 2
	}
	over := q.unread - (room - rest)
	if over <= 0 {
		return pollBusy
	}
	doubled := min(24*over/rest, 6) + max(40*over/rest-30, 0)
	return pollBusy << min(doubled, 16)
}

// spare is the room for questions in the buffer of a printer that reads nothing, bytes.
func (q *questions) spare() int {
	size := q.device.set.bufferBytes() - 32 // help for the cutter, the request to clear
	switch {
	case q.task.cur != nil:
		size -= min(len(q.task.cur.plan.data), q.device.set.window())
	case q.residue.leftover != nil && !q.residue.leftover.empty:
		size -= min(q.residue.leftover.bytes+q.residue.leftover.pad, q.device.set.window())
	}
	return max(size, 32)
}

// freeCutter lets a jammed cutter go on, but only after the cover was opened and closed or a person said that the jam
// is cleared, and once each time: no sensor tells that fingers are out.
func (q *questions) freeCutter() {
	if !q.sensors.st.Cutter || !q.port.up() || q.line.book.Busy() || q.sensors.st.CoverOpen || q.core.now.Before(q.cutter.goOnAt) {
		return
	}
	if !q.cutter.jamCleared && !q.cutter.coverSeen {
		if q.cutter.wentOn && !q.sensors.statusAt.Before(q.cutter.goOnAt) {
			q.cutter.wentOn = false
			q.device.alarm("the cutter is still stuck")
		}
		return
	}
	q.cutter.before, q.cutter.sending = [2]bool{q.cutter.coverSeen, q.cutter.jamCleared}, true
	q.cutter.jamCleared, q.cutter.coverSeen, q.cutter.wentOn = false, false, true
	q.cutter.goOnAt = q.core.now.Add(2 * pollBusy)
	q.sensors.pollAt, q.askAt = q.cutter.goOnAt, q.cutter.goOnAt
	if q.task.cur != nil {
		q.task.cur.pollAt = q.cutter.goOnAt
	}
	q.realTime(escpos.GoOn)
}
