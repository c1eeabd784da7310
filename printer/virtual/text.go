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

// A page sets what the interpreter reads into lines, and gives finished lines to the print buffer.
type page struct {
	model  *Model
	buffer *printBuffer

	set    settings
	line   line
	lead   byte   // first byte of a two-byte character, 0: none
	four   []byte // first three bytes of a four-byte character
	qr     symbol // what GS ( k stored
	pdf    symbol
	stored raster // what GS ( L fn 112 stored
}

// reset is what power-on does to the page.
func (p *page) reset() {
	*p = page{model: p.model, buffer: p.buffer}
	p.defaults()
}

// drop forgets the line that is being set; settings stay.
func (p *page) drop() {
	p.line.clear()
	p.lead = 0
}

// amidCharacter reports whether the next byte belongs to a character that has begun.
func (p *page) amidCharacter() bool { return p.lead != 0 || len(p.four) > 0 }

// idle reports an empty line buffer with no character begun.
func (p *page) idle() bool { return p.lead == 0 && p.line.empty() }

// area is the printable width of a line, dots.
func (p *page) area() int {
	right := p.model.Dots - p.set.left
	if w := p.set.width; w > 0 && w < right {
		return w
	}
	return right
}

// text takes one byte of text.
func (p *page) text(b byte) {
	if b < 0x80 || !p.set.cjk {
		p.put(p.single(b), false)
		return
	}
	if b == 0x80 || b == 0xFF { // no lead byte: GBK's euro is not in any printer
		p.put('\uFFFD', false)
		return
	}
	p.lead = b
}

// trail takes the byte after a lead byte, whatever it is: a request that was sent in between is eaten here.
func (p *page) trail(b byte) {
	if len(p.four) > 0 {
		p.four = append(p.four, b)
		if len(p.four) == 4 {
			out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(p.four)
			p.four = p.four[:0]
			ch := '\uFFFD'
			if err == nil {
				ch = []rune(string(out))[0]
			}
			p.put(ch, true)
		}
		return
	}
	lead := p.lead
	p.lead = 0
	if b >= 0x30 && b <= 0x39 && p.model.TwoByte == "gb18030" {
		p.four = append(p.four[:0], lead, b)
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
func (p *page) put(ch rune, wide bool) {
	st := p.set.st
	before, after := 0, p.set.space
	if wide {
		k := p.set.kanji
		st.w, st.h, st.fontB = k.w, k.h, false
		st.underline = k.underline
		before, after = p.set.kspace[0], p.set.kspace[1]
	}
	if ch == '\uFFFD' {
		p.line.garbage = true
	}
	cw, chh := st.cell(wide)
	w := (cw + before + after) * int(st.w)
	if p.line.x+w > p.area() && p.line.x > 0 {
		p.printLine(p.set.pitch)
	}
	l := &p.line
	l.cells = append(l.cells, cell{r: ch, x: int16(l.x + before*int(st.w)), st: st, wide: wide})
	l.x += w
	l.high = max(l.high, chh*int(st.h))
}

// tab is HT: to the next tab stop, by default every eight characters.
func (p *page) tab() {
	stops := p.set.tabs
	if stops == nil {
		step := 8 * (12 + p.set.space)
		p.line.moveTo((p.line.x/step+1)*step, p.area())
		return
	}
	for _, x := range stops {
		if x > p.line.x {
			p.line.moveTo(x, p.area())
			return
		}
	}
}

// printLine prints what the line buffer holds and feeds, at least as far as the line is high.
func (p *page) printLine(feed int) {
	l := &p.line
	it := item{h: l.high, flip: p.set.flip, garbage: l.garbage}
	if l.empty() {
		it.blank = 1
		p.buffer.push(op{kind: opLine, ink: it, dots: feed})
		l.clear()
		return
	}
	it.x = p.set.left
	if free := p.area() - l.x; free > 0 {
		it.x += free * p.set.align / 2
	}
	it.cells = append([]cell(nil), l.cells...)
	it.images = l.images
	l.images = nil
	p.buffer.push(op{kind: opLine, ink: it, dots: max(feed, l.high)})
	l.clear()
}
