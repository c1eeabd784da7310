package virtual

import (
	"sync"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// A style is how a character looks.
type style struct {
	w, h      uint8 // magnification 1 to 8
	underline uint8 // dots thick
	fontB     bool
	bold      bool
	invert    bool
}

// cell size of one character, before magnification, in dots.
func (s style) cell(wide bool) (w, h int) {
	switch {
	case wide:
		return 24, 24
	case s.fontB:
		return 9, 17
	}
	return 12, 24
}

// A cell is one character in the line buffer.
type cell struct {
	r    rune
	x    int16 // left edge in the line, dots
	y    int16 // top within its item, of readable lines under bar codes
	st   style
	wide bool
}

// A line is the line buffer.
type line struct {
	cells   []cell
	images  []raster
	x       int // where the next character goes
	high    int // dots of the tallest thing
	garbage bool
}

func (l *line) empty() bool { return len(l.cells) == 0 && len(l.images) == 0 }

func (l *line) clear() { *l = line{cells: l.cells[:0]} }

func (l *line) moveTo(x, area int) {
	if x >= 0 && x <= area {
		l.x = x
	}
}

// area is the printable width of a line, dots.
func (p *Printer) area() int {
	right := p.model.Dots - p.pr.left
	if w := p.pr.width; w > 0 && w < right {
		return w
	}
	return right
}

// text takes one byte of text.
func (p *Printer) text(b byte) {
	r := &p.pr
	if b < 0x80 || !r.cjk {
		p.put(p.single(b), false)
		return
	}
	if b == 0x80 || b == 0xFF { // no lead byte: GBK's euro is not in any printer
		p.put('\uFFFD', false)
		return
	}
	r.lead = b
}

// trail takes the byte after a lead byte, whatever it is: a request that was sent in between is eaten here.
func (p *Printer) trail(b byte) {
	r := &p.pr
	if len(r.four) > 0 {
		r.four = append(r.four, b)
		if len(r.four) == 4 {
			out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(r.four)
			r.four = r.four[:0]
			ch := '\uFFFD'
			if err == nil {
				ch = []rune(string(out))[0]
			}
			p.put(ch, true)
		}
		return
	}
	lead := r.lead
	r.lead = 0
	if b >= 0x30 && b <= 0x39 && p.model.TwoByte == "gb18030" {
		r.four = append(r.four[:0], lead, b)
		return
	}
	p.put(twoByte(lead, b), true)
}

var gbk = sync.OnceValue(func() []rune {
	table := make([]rune, 126*192)
	dec := simplifiedchinese.GBK.NewDecoder()
	for i := range table {
		table[i] = '\uFFFD'
		if out, err := dec.Bytes([]byte{byte(0x81 + i/192), byte(0x40 + i%192)}); err == nil {
			if rs := []rune(string(out)); len(rs) == 1 {
				table[i] = rs[0]
			}
		}
	}
	return table
})

func twoByte(lead, b byte) rune {
	if b < 0x40 || b == 0x7F || b == 0xFF {
		return '\uFFFD'
	}
	return gbk()[int(lead-0x81)*192+int(b-0x40)]
}

// put places one character; a line that is full is printed first.
func (p *Printer) put(ch rune, wide bool) {
	r := &p.pr
	st := r.st
	before, after := 0, r.space
	if wide {
		k := r.kanji
		st.w, st.h, st.fontB = k.w, k.h, false
		st.underline = k.underline
		before, after = r.kspace[0], r.kspace[1]
	}
	if ch == '\uFFFD' {
		r.line.garbage = true
	}
	cw, chh := st.cell(wide)
	w := (cw + before + after) * int(st.w)
	if r.line.x+w > p.area() && r.line.x > 0 {
		p.printLine(r.pitch)
	}
	l := &p.pr.line
	l.cells = append(l.cells, cell{r: ch, x: int16(l.x + before*int(st.w)), st: st, wide: wide})
	l.x += w
	l.high = max(l.high, chh*int(st.h))
}

// tab is HT: to the next tab stop, by default every eight characters.
func (p *Printer) tab() {
	r := &p.pr
	stops := r.tabs
	if stops == nil {
		step := 8 * (12 + r.space)
		r.line.moveTo((r.line.x/step+1)*step, p.area())
		return
	}
	for _, x := range stops {
		if x > r.line.x {
			r.line.moveTo(x, p.area())
			return
		}
	}
}

// printLine prints what the line buffer holds and feeds, at least as far as the line is high.
func (p *Printer) printLine(feed int) {
	r := &p.pr
	l := &r.line
	it := item{h: l.high, flip: r.flip, garbage: l.garbage}
	if l.empty() {
		it.blank = 1
		p.mech.push(op{kind: opLine, ink: it, dots: feed})
		l.clear()
		return
	}
	it.x = r.left
	if free := p.area() - l.x; free > 0 {
		it.x += free * r.align / 2
	}
	it.cells = append([]cell(nil), l.cells...)
	it.images = l.images
	l.images = nil
	p.mech.push(op{kind: opLine, ink: it, dots: max(feed, l.high)})
	l.clear()
}
