package virtual

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// An item is something on the paper: a line of characters, a band of a picture, a bar code.
type item struct {
	y       int // top, dots from the start of the log
	x, h    int
	clip    int // only so many rows were printed; 0: all
	cells   []cell
	images  []raster
	picture bool   // part of a raster picture: the text view joins such neighbours
	label   string // what the text view says instead of a picture
	hri     []cell // characters above or under a bar code
	blank   int    // empty lines fed
	flip    bool
	garbage bool
}

// paper is the strip between the last cut and the head. It survives everything.
type paper struct {
	items   []item
	y       int // paper position at the head, dots since the start
	top     int // where the hanging piece begins
	broken  bool
	reserve []int // places to cut when they reach the cutter
}

// maxHanging is how long a strip may grow before it falls off by itself, dots.
const maxHanging = 80_000

func (q *paper) add(it item) {
	it.y = q.y
	q.items = append(q.items, it)
}

func (q *paper) tooLong() bool { return q.y-q.top > maxHanging }

// interrupted marks that data of the hanging piece were lost.
func (q *paper) interrupted() {
	if q.y > q.top && len(q.items) > 0 {
		q.broken = true
	}
}

// dueCut gives the next reserved place that has reached the cutter.
func (q *paper) dueCut(gap int) (int, bool) {
	if len(q.reserve) == 0 || q.y-gap < q.reserve[0] {
		return 0, false
	}
	at := q.reserve[0]
	q.reserve = q.reserve[1:]
	return at, true
}

// cut ends the hanging piece at a place; what lies between it and the head stays on the next.
func (q *paper) cut(at int, partial bool) *Piece {
	c := q.split(at)
	c.Cut, c.Partial = true, partial
	return c
}

// tear is what a hand does at the edge of the printer.
func (q *paper) tear(at int) *Piece {
	c := q.split(at)
	c.Torn = true
	return c
}

func (q *paper) split(at int) *Piece {
	at = max(at, q.top)
	c := &Piece{DotsHigh: at - q.top, Interrupted: q.broken, strip: &strip{top: q.top, bottom: at}}
	rest := q.items[:0:0]
	for _, it := range q.items {
		if it.y < at {
			c.strip.items = append(c.strip.items, it)
			c.Garbage = c.Garbage || it.garbage
		}
		if it.y+max(it.h, 1) > at {
			rest = append(rest, it)
		}
	}
	q.items, q.top, q.broken = rest, at, false
	return c
}

// hanging is what would be torn off now.
func (q *paper) hanging() *strip {
	return &strip{top: q.top, bottom: q.y, items: append([]item(nil), q.items...)}
}

// text is what a person reads on a strip, line by line, columns kept.
func (s *strip) text() string {
	var lines []string
	pictureW, pictureH := 0, 0
	flush := func() {
		if pictureH > 0 {
			lines = append(lines, "[image "+strconv.Itoa(pictureW)+"x"+strconv.Itoa(pictureH)+"]")
		}
		pictureW, pictureH = 0, 0
	}
	for i := range s.items {
		it := &s.items[i]
		if it.picture {
			r := it.images[0]
			if pictureH == 0 && r.white() {
				continue // white dots are a feed
			}
			pictureW, pictureH = max(pictureW, r.w*r.sx), pictureH+it.rows()
			continue
		}
		flush()
		if mid := it.y + it.h/2; it.h > 0 && (mid < s.top || mid >= s.bottom) {
			continue // most of this line is on the neighbouring piece
		}
		if it.h > 0 {
			lines = append(lines, it.text())
		}
		for range it.blank {
			lines = append(lines, "")
		}
	}
	flush()
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

func (it *item) rows() int {
	if it.clip > 0 {
		return it.clip
	}
	return it.h
}

// text of one line: gaps become spaces of 12 dots.
func (it *item) text() string {
	if it.label != "" {
		return strings.Repeat(" ", max(it.x, 0)/12) + it.label
	}
	var b strings.Builder
	at := 0 // dots already written
	put := func(x, w int, s string) {
		if gap := x - at; gap >= 6 {
			b.WriteString(strings.Repeat(" ", (gap+6)/12))
		}
		b.WriteString(s)
		at = max(at, x+w)
	}
	var tmp [utf8.UTFMax]byte
	images := it.images
	picture := func() {
		r := images[0]
		images = images[1:]
		put(it.x+r.x, r.w*r.sx, "[image "+strconv.Itoa(r.w*r.sx)+"x"+strconv.Itoa(r.h*r.sy)+"]")
	}
	for _, c := range it.cells {
		for len(images) > 0 && images[0].x < int(c.x) {
			picture()
		}
		w, _ := c.st.cell(c.wide)
		n := utf8.EncodeRune(tmp[:], c.r)
		put(it.x+int(c.x), w*int(c.st.w), string(tmp[:n]))
	}
	for len(images) > 0 {
		picture()
	}
	return strings.TrimRight(b.String(), " ")
}
