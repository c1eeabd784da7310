package printer

import (
	"slices"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
)

// An attempt is a slip on its way. Its data are content, fence F1, last cut, fence F2 (and, where ids are not known to
// come back or what they mean is not known, two GS r behind each of them). What happened to it stands in its transcript.
type attempt struct {
	slip  Slip
	id    ID
	facts evidence.Slip
	t     evidence.Transcript
	plan  plan

	given      int       // bytes that were handed to the driver
	stopsGiven int       // and stops in them
	pollAt     time.Time // when it is to be asked again
	clearedBy  time.Time // when it may be asked to clear again
	frameBy    time.Time // a hold seems over: until then its own word may follow
	lostBy     time.Time // the link went: until then another one is waited for
	alarm      string    // for the outcome
	left       bool      // what it may have left behind is noted
	resuming   bool      // it goes on, and that is not reported yet
}

// A plan is an attempt's bytes and what stands where in them.
type plan struct {
	data  []byte
	stops []stop // in data between complete commands, ascending; the last is its end
	paced bool   // longer than the printer's buffer: sent in portions
	acks  bool   // at the end of each portion but the last stands a GS r, answered when the printer has read so far
	signs bool   // at each stop but the last stands a DLE EOT: see lineSign
}

// A stop is a place in an attempt's data between complete commands.
type stop struct {
	at   int
	full bool // a portion ends here
}

// byTime says whether it goes by time, since there are no answers to go by or they stay away.
func (a *attempt) byTime() bool { return a.plan.paced && !a.plan.acks || a.t.ByTime() }

// nextStop is where the driver next stands between complete commands; off itself when it does so now.
func (a *attempt) nextStop() int {
	off := a.t.Off()
	if off == 0 {
		return 0
	}
	return a.plan.stops[a.stopFrom(off)].at
}

// atStop says whether the driver stands between complete commands, where a question may go out.
func (a *attempt) atStop() bool { return a.nextStop() == a.t.Off() }

// between says whether the driver stands between complete commands, not only at a stop.
func (a *attempt) between() bool {
	off, from := a.t.Off(), 0
	i := a.stopFrom(off)
	if i > 0 {
		from = a.plan.stops[i-1].at
	}
	return off > from && escpos.Portion(a.plan.data[from:a.plan.stops[i].at], off-from) == off-from
}

// stopFrom gives the first stop at or behind an offset.
func (a *attempt) stopFrom(off int) int {
	i, _ := slices.BinarySearchFunc(a.plan.stops, off, func(s stop, off int) int { return s.at - off })
	return i
}

// acksBefore counts the GS r at the first n stops.
func (a *attempt) acksBefore(n int) (acks int) {
	for _, s := range a.plan.stops[:n] {
		if s.full {
			acks++
		}
	}
	return acks
}
