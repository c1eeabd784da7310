package stream

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A run is characters side by side.
type run struct {
	x, end int // dots
	text   []rune
}

// A line is what a printer holds until it is told to print.
type line struct {
	runs  []run
	x     int // where the next character goes
	high  int // dots of the tallest
	image string
	set   bool // the style below is that of the first character
	st    style
}

func (l *line) empty() bool { return len(l.runs) == 0 && l.image == "" }

// maxRunes bounds the characters of one line; what a program sends beyond that without a line feed fills more lines of the paper.
const maxRunes = 4096

func (l *line) put(r rune, w, h int, t *text) {
	if !l.set {
		l.set, l.st = true, t.st
		if r >= 0x80 && wide(r) {
			l.st.w, l.st.h = t.st.kw, t.st.kh
		}
	}
	n := len(l.runs)
	if n == 0 || abs(l.x-l.runs[n-1].end) >= 6 {
		l.runs = append(l.runs, run{x: l.x, end: l.x})
		n++
	}
	last := &l.runs[n-1]
	last.text, last.end = append(last.text, r), l.x+w
	l.x += w
	l.high = max(l.high, h)
	if len(last.text) >= maxRunes {
		high := l.high
		t.dots += high
		t.add(l.take(t))
		*l = line{}
	}
}

func abs(n int) int { return max(n, -n) }

// take gives the line as a person reads it: from left to right, with blanks for what lies between.
func (l *line) take(t *text) Line {
	out := Line{Align: t.align, Scale: 1, Text: l.image}
	if l.empty() {
		out.Kind = Feed
		return out
	}
	slices.SortStableFunc(l.runs, func(a, b run) int { return a.x - b.x })
	var b strings.Builder
	cells, end := 0, 0
	for i, r := range l.runs {
		blanks := (r.x+6)/(12*max(l.st.w, 1)) - cells
		if i > 0 && r.x-end >= 6 {
			blanks = max(blanks, 1)
		}
		if r.x < end {
			blanks = 0
		}
		for range blanks {
			b.WriteByte(' ')
		}
		cells += max(blanks, 0)
		for _, c := range r.text {
			b.WriteRune(c)
			cells++
			if c >= 0x80 && wide(c) {
				cells++
			}
		}
		end = max(end, r.end)
	}
	out.Text = strings.TrimRight(b.String(), " ") + l.image
	if out.Text == "" {
		out.Kind = Feed
	} else if l.image != "" && len(l.runs) == 0 {
		out.Kind = Picture
	}
	out.Bold, out.Scale = l.st.bold, max(1, min(l.st.w, l.st.h))
	return out
}

// A page is page mode: things stand where they were put, and come out all at once.
type page struct {
	on    bool
	y     int
	parts []part
}

// A part is what was put on a page at a height.
type part struct {
	y    int
	runs []run
	line Line
}

// maxParts bounds a page.
const maxParts = 4096

// take puts the line on the page.
func (p *page) take(t *text) {
	switch {
	case t.line.empty():
	case len(p.parts) < maxParts:
		p.parts = append(p.parts, part{y: p.y, runs: t.line.runs, line: t.line.take(t)})
	default:
		t.lose(t.line.take(t).Text)
	}
	t.line = line{}
}

// add puts something else on the page.
func (p *page) add(l Line, t *text) {
	p.take(t)
	if len(p.parts) < maxParts {
		p.parts = append(p.parts, part{y: p.y, line: l})
	} else {
		t.lose(l.Text)
	}
}

// closePage reads the page from top to bottom; what stands at one height is one line.
func (t *text) closePage() {
	t.page.take(t)
	parts := t.page.parts
	slices.SortStableFunc(parts, func(a, b part) int { return a.y - b.y })
	for i := 0; i < len(parts); {
		k := i + 1
		for k < len(parts) && parts[k].y-parts[i].y < 12 && parts[k].line.Kind == Text && parts[i].line.Kind == Text {
			k++
		}
		l := parts[i].line
		if k > i+1 {
			all := line{st: style{w: 1, h: 1}, set: true}
			for _, p := range parts[i:k] {
				all.runs = append(all.runs, p.runs...)
			}
			l = all.take(t)
		}
		t.add(l)
		i = k
	}
	t.page.parts, t.page.y = nil, 0
}

// single is the character that one byte prints outside two-byte mode.
func (t *text) single(c byte) rune {
	if c < 0x80 {
		return rune(c)
	}
	if m := charmaps[t.pages[t.code]]; m != nil {
		return m.DecodeByte(c)
	}
	return utf8.RuneError
}
