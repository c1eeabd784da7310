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
	a.beats = p.w.caps.BitsPerSec > 0 && a.rung != 'D' && p.prof.StatusDLE
	part := size
	if a.paced {
		part = limit / 2
	}
	if a.beats {
		part = min(part, int(lineBeat/p.w.lineTime(1)))
	}
	p.portion(a, part)
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
	a.stops = append(a.stops, len(a.data))
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

// portion takes over content in portions of at most size bytes, between complete commands where that is possible.
func (p *Printer) portion(a *attempt, size int) {
	rest := a.Slip.Content
	for len(rest) > 0 {
		n := escpos.Portion(rest, size)
		a.data = append(a.data, rest[:n]...)
		if rest = rest[n:]; len(rest) > 0 {
			if a.acks {
				a.data = append(a.data, escpos.AskPaper...)
			}
			if a.beats {
				a.data = escpos.AppendStatus(a.data, escpos.AskPrinter)
			}
			a.stops = append(a.stops, len(a.data))
		}
	}
}

// lineBeat is how often a printer on a serial line is asked for a sign of life while a slip goes out. When it is switched
// off and on the line stays: without this it could lose the beginning of a slip, read the rest with the fence, and
// send the id of a slip that never came out. Printers need longer than this to start.
const lineBeat = 500 * time.Millisecond

// window is how many bytes may be in the printer's buffer: what is left keeps room for status questions.
func (p *Printer) window() int {
	size := p.prof.BufferBytes
	if size <= 0 {
		size = 4096
	}
	return max(size-max(p.prof.Reserve, 128)-64, 512)
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
