package stream

import "github.com/receiptd/receiptd/printer/escpos"

// overlap is how many lines behind a portion must have been read before it can be had: a card number that begins in it has ended there. In
// columns a number is 40 lines at most. Where few lines are long, they are pictures: as many bytes as a portion has do, too.
const overlap = 64

// A row is a place in a slip between two rows of dots, where no line, page or picture has begun. Where it is depends on what came alone, not
// on how it came.
type row struct {
	out, lines, dots, cutAt int
	sets                    []byte // the settings that are in force there
}

// atRow notes where the portion may end, and reports whether enough came behind it.
func (r *Reader) atRow() bool {
	t := &r.text
	if r.row == nil && len(r.out)-r.start >= r.portion && r.between() {
		r.row = &row{len(r.out), len(t.lines), t.dots, r.cutAt, r.sets.append(nil)}
	}
	return r.row != nil && (len(t.lines)-r.row.lines >= overlap || len(r.out)-r.row.out >= r.portion)
}

// between reports whether a printer that is reset here, and given the settings that are in force, has forgotten nothing.
func (r *Reader) between() bool {
	t := &r.text
	return !t.amid() && t.line.empty() && t.line.x == 0 && !t.page.on && t.pic == 0 && !t.bar.stored && !r.sets.over
}

// Ahead gives the lines that were read behind the portion that can be had.
func (r *Reader) Ahead() []Line { return r.text.lines[r.row.lines:] }

// Portion gives what can be had when Next told of a Portion, without taking it.
func (r *Reader) Portion() Slip {
	s := Slip{Stream: r.out[:r.row.out:r.row.out], Lines: r.text.lines[:r.row.lines:r.row.lines], Dots: r.row.dots, LastCut: r.row.out, Dropped: r.dropped}
	if r.row.cutAt >= 0 {
		s.LastCut = r.row.cutAt
	}
	if s.Seen = seen(s.Lines); string(s.Stream[r.start:min(r.start+2, len(s.Stream))]) == escpos.Reset {
		s.Stream, s.LastCut = s.Stream[r.start:], s.LastCut-r.start
	}
	return s
}

// TakePortion takes it. What follows begins in the settings that are in force there.
func (r *Reader) TakePortion() Slip {
	s := r.Portion()
	at := r.row
	r.out = append(at.sets[:len(at.sets):len(at.sets)], r.out[at.out:]...)
	if r.cutAt >= 0 {
		r.cutAt = max(r.cutAt-at.out+len(at.sets), -1)
	}
	if r.cutAt >= 0 && r.cutAt < len(at.sets) { // the cut went with the portion
		r.cutAt = -1
	}
	r.start, r.dropped, r.row = len(at.sets), nil, nil
	r.text.lines, r.text.dots = r.text.lines[at.lines:], r.text.dots-at.dots
	r.text.seen = seen(r.text.lines)
	return s
}

// Whole lets the rest of the slip be had only when it is whole.
func (r *Reader) Whole() { r.whole, r.row = true, nil }

// seen reports whether there is anything to see.
func seen(lines []Line) bool {
	for _, l := range lines {
		if l.Kind != Feed && l.Kind != CutLine && l.Kind != Unseen {
			return true
		}
	}
	return false
}
