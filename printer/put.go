package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/session"
)

// A put is bytes that belong to no slip on their way out, in small parts.
type put struct {
	on, done, failed bool
	sent             bool // a part of it is under way
	rest             []byte
	by               time.Time // until when the line must have become free
}

// startPut sends b. What the driver has taken when that fails may be the beginning of a command.
func (r *residue) startPut(b []byte) { r.put = put{on: true, rest: b, by: r.core.now.Add(answerTime)} }

// putStep goes on with it.
func (r *residue) putStep() bool {
	p := &r.put
	switch {
	case !r.port.up():
		r.endPut(false)
	case p.sent:
		return false
	case r.line.book.Busy():
		if r.core.now.Before(p.by) {
			r.core.at(p.by)
			return false
		}
		r.endPut(false)
	case len(p.rest) == 0:
		r.endPut(true)
	case r.task.cancel && r.task.cur == nil:
		r.endPut(false)
	default:
		p.sent = true
		r.line.send(session.Plain, p.rest[:min(len(p.rest), 1024)], false)
		return false
	}
	return true
}

// notePut takes in that the driver took n bytes.
func (r *residue) notePut(n int) {
	p := &r.put
	p.sent = false
	p.rest = p.rest[min(n, len(p.rest)):]
	p.by = r.core.now.Add(answerTime)
	if n == 0 {
		r.endPut(false)
	}
}

func (r *residue) endPut(ok bool) {
	r.put = put{done: ok, failed: !ok}
	if d := r.leftover; d != nil && !ok {
		d.pad, d.padded = max(d.pad, minPad), 0
	}
}

// putOver gives the result of the last put, once.
func (r *residue) putOver() (done, failed bool) {
	done, failed = r.put.done, r.put.failed
	r.put = put{}
	return done, failed
}

// padOut ends a command that the printer may be in the middle of. It comes before everything else on a link: a question
// would be taken for the command's parameters. Neither ready nor failed: it is under way.
func (r *residue) padOut() (ready, failed bool) {
	d := r.leftover
	if d == nil || d.pad == 0 || d.padded == r.port.epoch {
		return true, false
	}
	switch done, failed := r.putOver(); {
	case failed:
		return false, true
	case done:
		d.padded = r.port.epoch
		return true, false
	}
	r.startPut(make([]byte, d.pad))
	return false, false
}
