package session

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/link"
)

// A Part is what one write is about.
type Part uint8

// The parts.
const (
	None    Part = iota
	Data         // of the slip
	Request      // one short request, of which a part is worse than nothing
	Plain        // bytes that belong to no slip: what ends an unfinished command
	Leaving      // nothing: what was written before is waited for
)

// A Book is what is open on one link: the write under way, the real-time question, and how many answers in order are to come.
// It notes what happens to the slip under way in its transcript. The zero value is a link that has just been opened; copying it
// copies all but the transcript's entries.
type Book struct {
	Caps link.Caps

	Part   Part          // the write under way; None: the line is free
	Size   int           // its bytes
	Undo   evidence.What // the question in it, which is unasked when nothing of it left; 0: none
	FreeAt time.Time     // when the line will have carried what was handed to it

	Order    int  // GS r requests sent less answers; negative when bytes came that nobody asked for
	Asked    byte // the open real-time question, 0 for none
	Got      byte // its answer, 0 for none yet
	Auto     bool // automatic status came
	AutoSent bool // it was asked for outside of slips

	T *evidence.Transcript // of the slip under way, nil for none
}

// LineTime is how long n bytes take on the line; nothing on a line faster than any printer.
func (b *Book) LineTime(n int) time.Duration {
	if b.Caps.BitsPerSec <= 0 {
		return 0
	}
	return time.Duration(n*b.Caps.BitsPerByte) * time.Second / time.Duration(b.Caps.BitsPerSec)
}

// Busy says whether a write is under way.
func (b *Book) Busy() bool { return b.Part != None }

// Note adds an entry to the transcript of the slip under way.
func (b *Book) Note(e evidence.Entry) {
	if b.T != nil {
		e.Open = b.Order
		b.T.Append(e)
	}
}

// Hand notes that n bytes are handed to the driver.
func (b *Book) Hand(part Part, n int, now time.Time) {
	b.Part, b.Size, b.Undo = part, n, 0
	if b.FreeAt.Before(now) {
		b.FreeAt = now
	}
	b.FreeAt = b.FreeAt.Add(b.LineTime(n))
}

// Wrote notes the end of a write, and gives what it was and which question went unasked since nothing of it left.
func (b *Book) Wrote(r Written, now time.Time) (part Part, unasked evidence.What) {
	part = b.Part
	longest := time.Duration(0)
	if part == Data || part == Request && b.Undo == evidence.Anew { // others pass a printer that says busy
		for _, s := range r.Busy {
			d := s.To.Sub(s.From)
			b.Note(evidence.Entry{At: now, Kind: evidence.Stood, Left: s.From, Busy: d})
			longest = max(longest, d)
		}
	}
	if part == Request && r.N == 0 {
		unasked = b.Undo
	}
	b.Part, b.Undo = None, 0
	if part == Data {
		b.Note(evidence.Entry{At: now, Kind: evidence.Taken, N: r.N, Busy: longest})
	}
	return part, unasked
}

// RealTime pairs the answer to a real-time question: with the open one, else with the first sign of life that is expected. It reports
// false for one that nobody asked for.
func (b *Book) RealTime(r escpos.Reply, expected int, at time.Time) (sign, ok bool) {
	switch {
	case b.Asked != 0:
		b.Got = r.Byte
		return false, true
	case expected > 0: // answers come in the order of questions
		b.Note(evidence.Entry{At: at, Kind: evidence.Answered, What: evidence.Sign})
		return true, true
	}
	return false, false
}

// InOrder pairs the answer to a GS r.
func (b *Book) InOrder(at time.Time) {
	b.Order--
	b.Note(evidence.Entry{At: at, Kind: evidence.Answered, What: evidence.Order})
}

// AskOrder notes that n more GS r went out outside a slip's bytes.
func (b *Book) AskOrder(n int) { b.Order = max(b.Order, 0) + n }

// Passed forgets the questions in order that stand before a fence which came back: what they did not answer by now is lost. Two
// stand behind it.
func (b *Book) Passed() { b.Order = min(b.Order, 2) }

// Begin starts the transcript of a slip.
func (b *Book) Begin(t *evidence.Transcript) {
	b.Order = max(b.Order, 0)
	t.Stale, b.T = b.Order, t
}
