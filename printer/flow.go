package printer

import (
	"slices"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/session"
)

// An attempt is a slip on its way. Its data are content, fence F1, last cut, fence F2 (and, where ids are not known to
// come back or what they mean is not known, two GS r behind each of them). What happened to it stands in its transcript.
type attempt struct {
	slip  Slip
	id    ID
	facts evidence.Slip
	t     evidence.Transcript
	plan

	given, flow int       // bytes, and stops, that were handed to the driver
	pollAt      time.Time // when it is to be asked again
	clearedBy   time.Time // when it may be asked to clear again
	frameBy     time.Time // a hold seems over: until then its own word may follow
	lostBy      time.Time // the link went: until then another one is waited for
	alarm       string    // for the outcome
	left        bool      // what it may have left behind is noted
	resuming    bool      // it goes on, and that is not reported yet
}

// A plan is an attempt's bytes and what stands where in them.
type plan struct {
	data  []byte
	stops []stop // in data between complete commands, ascending; the last is its end
	paced bool   // longer than the printer's buffer: sent in portions
	acks  bool   // at the end of each portion but the last stands a GS r, answered when the printer has read so far
	beats bool   // at each stop but the last stands a DLE EOT: see lineBeat
}

// A stop is a place in an attempt's data between complete commands.
type stop struct {
	at   int
	full bool // a portion ends here
}

// byTime says whether it goes by time, since there are no answers to go by or they stay away.
func (a *attempt) byTime() bool { return a.paced && !a.acks || a.t.ByTime() }

// feed hands the next portion to the writer, as long as the printer's buffer has room.
func (m *machine) feed(a *attempt) {
	b, off := &m.line.book, a.t.Off()
	if clears, _ := a.t.Clears(); !m.up() || b.Busy() || off >= len(a.data) || clears > 0 || m.evidenceOf(a).Forgot() {
		return
	}
	var end int
	switch {
	case off < a.given: // the driver did not take all of a portion
		end = a.given
	case a.t.Holding() != "":
		end = a.nextStop() // what has begun is ended, so that questions can pass
	default:
		end = m.room(a, off)
	}
	if end <= off {
		return
	}
	if a.t.Began().IsZero() {
		b.Begin(&a.t)
		a.pollAt = m.now.Add(pollBusy)
	}
	m.send(session.Data, a.data[off:end], false)
	m.note(evidence.Entry{Kind: evidence.Handed, N: end, Left: b.FreeAt})
	m.count(a, end)
	if c := m.evidenceOf(a); end == len(a.data) && b.Auto && c.IDTells() {
		a.pollAt = c.CalmAt()
	}
}

// count notes which questions go out with the bytes up to end. What the driver does not take is handed over again, so each
// is counted once.
func (m *machine) count(a *attempt, end int) {
	b := &m.line.book
	for a.given < end {
		s := a.stops[a.flow]
		a.given = min(s.at, end)
		if s.at > end {
			return
		}
		a.flow++
		if a.flow == len(a.stops) {
			b.Order += a.facts.Behind
			m.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Order, N: a.facts.Behind})
			return
		}
		if a.acks && s.full {
			b.Order++
			m.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Order, N: 1})
		}
		if a.beats {
			m.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Sign, N: s.at})
		}
	}
}

// portionTook takes in how the last portion went. A line that takes nothing and says nothing is dead some day.
func (m *machine) portionTook(r session.Written, late bool) {
	a := m.cur
	if a == nil || !late || r.N > 0 {
		return
	}
	a.pollAt = later(a.pollAt, m.now)
	if m.now.Sub(later(m.heardAt, a.t.Began())) > stallTime && a.t.Holding() == "" {
		m.hangUp(errSilent)
	}
}

// nextStop is where the driver next stands between complete commands; off itself when it does so now.
func (a *attempt) nextStop() int {
	off := a.t.Off()
	if off == 0 {
		return 0
	}
	return a.stops[a.stopFrom(off)].at
}

// atStop says whether the driver stands between complete commands, where a question may go out.
func (a *attempt) atStop() bool { return a.nextStop() == a.t.Off() }

// between says whether the driver stands between complete commands, not only at a stop.
func (a *attempt) between() bool {
	off, from := a.t.Off(), 0
	i := a.stopFrom(off)
	if i > 0 {
		from = a.stops[i-1].at
	}
	return off > from && escpos.Portion(a.data[from:a.stops[i].at], off-from) == off-from
}

// stopFrom gives the first stop at or behind an offset.
func (a *attempt) stopFrom(off int) int {
	i, _ := slices.BinarySearchFunc(a.stops, off, func(s stop, off int) int { return s.at - off })
	return i
}

// room is how far the attempt may be sent now.
func (m *machine) room(a *attempt, off int) int {
	end := len(a.data)
	if a.paced {
		end = m.portionRoom(a, off)
	}
	if a.beats && a.facts.Network {
		i := a.flow // up to the next sign of life, which is asked for when the one before has come
		if owed, _ := m.evidenceOf(a).Owed(); owed <= 0 {
			i++
		}
		if i < len(a.stops)-1 {
			end = min(end, a.stops[i].at-beatBytes)
		}
	}
	return end
}

// portionRoom is how far a paced attempt may be sent now: two portions may be in the printer.
func (m *machine) portionRoom(a *attempt, off int) int {
	i := a.stopFrom(off + 1)
	begins := i > 0 && a.stops[i-1] == (stop{off, true})
	last := i - 2 // the end of the portion before the last
	for last >= 0 && !a.stops[last].full {
		last--
	}
	for !a.stops[i].full {
		i++
	}
	timed, quiet, b := a.byTime(), m.now.Sub(a.t.Quiet()), &m.line.book
	patience := a.facts.Mech + evidence.ProofMargin
	answers := a.t.OrderAnswers()
	switch {
	case !begins:
	case !timed && b.Order < 2:
	case !timed && a.t.StaleNow() > 0 && answers >= a.acksBefore(a.flow) && quiet > patience: // those are lost
		b.Order = 0
		m.note(evidence.Entry{Kind: evidence.Forgot})
	case !timed && (a.t.Resumed() || answers > 0 || quiet <= patience):
		return off
	case last >= 0: // without answers to go by, no faster than the mechanism reads
		if !timed {
			m.note(evidence.Entry{Kind: evidence.ByTime})
		}
		share := a.facts.Mech * time.Duration(a.stops[last].at) / time.Duration(len(a.data))
		if m.now.Sub(a.t.Began()) < share*3/2 {
			return off
		}
	}
	return a.stops[i].at
}

// acksBefore counts the GS r at the first n stops.
func (a *attempt) acksBefore(n int) (acks int) {
	for _, s := range a.stops[:n] {
		if s.full {
			acks++
		}
	}
	return acks
}

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
