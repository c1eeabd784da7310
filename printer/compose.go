package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
)

// compose lays out the bytes of an attempt.
func (d *delivery) compose(slip Slip, id ID) *attempt {
	set := &d.device.set
	a := &attempt{slip: slip, id: id}
	f := &a.facts
	f.Tier = d.line.tier()
	f.Fences, f.Cut = f.Tier == 'A', len(slip.Cut) > 0
	// An id that this device has never sent back may never come: then GS r has to speak. And what its ids mean shows by
	// the answers to GS r behind them.
	unsure := d.device.known.Tier != 'A' || d.device.known.Failures > 0 || !d.device.trusted() && !d.device.known.Early
	f.Answers = f.Tier == 'B' || f.Fences && set.prof.FenceGSR && unsure
	f.Mech, f.Window, f.Begin = set.mechanics(slip.Dots), set.window(), d.paper.cutBy

	size := len(slip.Content) + len(slip.Cut) + 40
	a.plan.data = make([]byte, 0, size+size/f.Window*8)
	a.plan.paced = size > f.Window
	a.plan.acks = a.plan.paced && d.line.asksInOrder()
	a.plan.signs = f.Tier != 'D' && set.prof.StatusDLE
	f.Patience = evidence.ProofMargin
	part, every := size, size
	if a.plan.paced {
		part = f.Window / 2
	}
	switch line := d.line.book.LineTime(1); {
	case !a.plan.signs:
	case line > 0:
		every = int(lineSign / line)
	default:
		every, f.Network, f.Patience = serverSign, true, silentTime
	}
	a.plan.data = set.selected(a.plan.data)
	a.portions(slip.Content, part, min(part, every))
	if f.Fences {
		a.fence(id)
	}
	if f.Cut {
		a.plan.data = append(a.plan.data, slip.Cut...)
		if f.Fences {
			a.fence(id.Plus(stepCut))
		}
	}
	if f.Answers && !f.Fences {
		a.ask()
	}
	a.plan.data = set.handOver(a.plan.data)
	for _, s := range a.plan.stops {
		if s.full && a.plan.acks {
			f.Acks = append(f.Acks, s.at)
		}
	}
	a.plan.stops = append(a.plan.stops, stop{at: len(a.plan.data), full: true})
	f.Size, f.Paced = len(a.plan.data), a.plan.paced
	return a
}

// fence asks for an id to come back and, behind it, in order.
func (a *attempt) fence(id ID) {
	a.plan.data = escpos.AppendFence(a.plan.data, id)
	if a.facts.Answers {
		a.ask()
	}
}

// ask asks in order, twice, since a stray byte on the line looks like the answer to one question.
func (a *attempt) ask() {
	a.plan.data = append(a.plan.data, escpos.AskPaper+escpos.AskPaper...)
	a.facts.Behind += 2
}

// portions takes over content in portions of about part bytes, with stops before it and about every step bytes: both between
// complete commands where that is possible.
func (a *attempt) portions(rest []byte, part, step int) {
	held := 0
	if a.plan.signs { // it may have been switched off since it last said a word, and be back before the next question
		a.plan.data = escpos.AppendStatus(a.plan.data, escpos.AskPrinter)
		a.plan.stops = append(a.plan.stops, stop{at: len(a.plan.data)})
	}
	for n := escpos.Portion(rest, step); ; {
		a.plan.data = append(a.plan.data, rest[:n]...)
		held += n
		if rest = rest[n:]; len(rest) == 0 {
			return
		}
		n = escpos.Portion(rest, step) // one command may be longer
		full := a.plan.paced && held+n > part
		if full {
			held = 0
		}
		if full && a.plan.acks {
			a.plan.data = append(a.plan.data, escpos.AskPaper...)
		}
		if a.plan.signs {
			a.plan.data = escpos.AppendStatus(a.plan.data, escpos.AskPrinter)
		}
		a.plan.stops = append(a.plan.stops, stop{len(a.plan.data), full})
	}
}

// A printer can be switched off and on while its link stays: on a serial line, or behind a device server, a network module
// or a bridge that has its own power. Without a sign of life while a slip goes out it could lose the beginning of a slip,
// read the rest with the fence, and send the id of a slip that never came out.
const (
	// lineSign is how often it is asked for one on a serial line. Printers need longer than this to start.
	lineSign = 500 * time.Millisecond
	// serverSign is after how many bytes, where the speed behind the link is not known: half a second at 9600 bits per
	// second. One such question is open at a time, as the makers want it; a fast link is not held up by that.
	serverSign = 480
	signBytes  = 3 // DLE EOT n
)

// window is how many bytes may be in the printer's buffer: what is left keeps room for status questions.
func (s *settings) window() int {
	return max(s.bufferBytes()-max(s.prof.Reserve, 128)-64, 512)
}

// bufferBytes is the size of the printer's buffer.
func (s *settings) bufferBytes() int {
	if s.prof.BufferBytes <= 0 {
		return 4096
	}
	return s.prof.BufferBytes
}

// mechanics is the least time the mechanism needs for so many dots of paper.
func (s *settings) mechanics(dots int) time.Duration {
	speed, dpi := s.prof.SpeedMMS, s.prof.DPI
	if speed <= 0 {
		speed = 300 // no receipt printer of today is faster by much
	}
	if dpi <= 0 {
		dpi = 203
	}
	return time.Duration(float64(dots) * 25.4 / float64(dpi) / float64(speed) * float64(time.Second))
}
