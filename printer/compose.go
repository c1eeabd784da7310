package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

// compose lays out the bytes of the attempt.
func (p *Printer) compose(a *attempt) {
	a.rung = p.rung()
	a.gsh = a.rung == 'A'
	// An id that this device has never sent back may never come: then GS r has to speak. And what its ids mean shows by
	// the answers to GS r behind them.
	unsure := p.known.Tier != 'A' || p.known.Failures > 0 || !p.trusted() && !p.known.Early
	a.gsr = a.rung == 'B' || a.gsh && p.prof.FenceGSR && unsure
	a.mech = p.mechanics(a.Slip.Dots)

	limit := p.window()
	size := len(a.Slip.Content) + len(a.Slip.Cut) + 40
	a.data = make([]byte, 0, size+size/limit*8)
	a.paced = size > limit
	a.acks = a.paced && p.asksInOrder()
	a.timed = a.paced && !a.acks
	a.beats = a.rung != 'D' && p.prof.StatusDLE
	a.patience = proofMargin
	part, beat := size, size
	if a.paced {
		part = limit / 2
	}
	switch line := p.w.lineTime(1); {
	case !a.beats:
	case line > 0:
		beat = int(lineBeat / line)
	default:
		beat, a.clocked, a.patience = serverBeat, true, silentTime
	}
	p.portions(a, part, min(part, beat))
	if a.gsh {
		a.fence(a.id)
	}
	if len(a.Slip.Cut) > 0 {
		a.data = append(a.data, a.Slip.Cut...)
		if a.gsh {
			a.fence(a.id.Plus(stepCut))
		}
	}
	if a.gsr && !a.gsh {
		a.ask()
	}
	a.stops = append(a.stops, stop{at: len(a.data), full: true})
}

// fence asks for an id to come back and, behind it, in order.
func (a *attempt) fence(id ID) {
	a.data = escpos.AppendFence(a.data, id)
	if a.gsr {
		a.ask()
	}
}

// ask asks in order, twice, since a stray byte on the line looks like the answer to one question.
func (a *attempt) ask() {
	a.data = append(a.data, escpos.AskPaper+escpos.AskPaper...)
	a.asked += 2
}

// portions takes over content in portions of about part bytes, with stops before it and about every step bytes: both between
// complete commands where that is possible.
func (p *Printer) portions(a *attempt, part, step int) {
	rest, held := a.Slip.Content, 0
	if a.beats { // it may have been switched off since it last said a word, and be back before the next question
		a.data = escpos.AppendStatus(a.data, escpos.AskPrinter)
		a.stops = append(a.stops, stop{at: len(a.data)})
	}
	for n := escpos.Portion(rest, step); ; {
		a.data = append(a.data, rest[:n]...)
		held += n
		if rest = rest[n:]; len(rest) == 0 {
			return
		}
		n = escpos.Portion(rest, step) // one command may be longer
		full := a.paced && held+n > part
		if full {
			held = 0
		}
		if full && a.acks {
			a.data = append(a.data, escpos.AskPaper...)
		}
		if a.beats {
			a.data = escpos.AppendStatus(a.data, escpos.AskPrinter)
		}
		a.stops = append(a.stops, stop{len(a.data), full})
	}
}

// A printer can be switched off and on while its link stays: on a serial line, or behind a device server, a network module
// or a bridge that has its own power. Without a sign of life while a slip goes out it could lose the beginning of a slip,
// read the rest with the fence, and send the id of a slip that never came out.
const (
	// lineBeat is how often it is asked for one on a serial line. Printers need longer than this to start.
	lineBeat = 500 * time.Millisecond
	// serverBeat is after how many bytes, where the speed behind the link is not known: half a second at 9600 bits per
	// second. One such question is open at a time, as the makers want it; a fast link is not held up by that.
	serverBeat = 480
	beatBytes  = 3 // DLE EOT n
)

// window is how many bytes may be in the printer's buffer: what is left keeps room for status questions.
func (p *Printer) window() int {
	return max(p.bufferBytes()-max(p.prof.Reserve, 128)-64, 512)
}

// bufferBytes is the size of the printer's buffer.
func (p *Printer) bufferBytes() int {
	if p.prof.BufferBytes <= 0 {
		return 4096
	}
	return p.prof.BufferBytes
}

// mechanics is the least time the mechanism needs for so many dots of paper.
func (p *Printer) mechanics(dots int) time.Duration {
	speed, dpi := p.prof.SpeedMMS, p.prof.DPI
	if speed <= 0 {
		speed = 300 // no receipt printer of today is faster by much
	}
	if dpi <= 0 {
		dpi = 203
	}
	return time.Duration(float64(dots) * 25.4 / float64(dpi) / float64(speed) * float64(time.Second))
}
