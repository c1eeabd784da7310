package virtual

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
	feed    int    // how far paper moved after it, dots
	sheet   bool   // rows of a page mode sheet, which read as lines
	lines   []string
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

func (it *item) rows() int {
	if it.clip > 0 {
		return it.clip
	}
	return it.h
}
