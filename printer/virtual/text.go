package virtual

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/width"
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
	turn bool   // a quarter turn clockwise: ESC V
	own  *glyph // defined by the host; nil: of the printer's fonts
}

// size is what the cell takes on the paper, dots.
func (c *cell) size() (w, h int) {
	w, h = c.st.cell(c.wide)
	w, h = w*int(c.st.w), h*int(c.st.h)
	if c.turn {
		return h, w
	}
	return w, h
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

// moveTo goes to a place in the line; false when there is none.
func (l *line) moveTo(x, area int) bool {
	if x < 0 || x > area {
		return false
	}
	l.x = x
	return true
}

// A page sets what the interpreter reads into lines, and gives finished lines to the print buffer.
type page struct {
	model  *Model
	buffer *printBuffer
	census *census
	mem    *memory

	set   settings
	line  line
	sheet sheet // page mode
}

// characters makes bytes of text into characters of the page.
type characters struct {
	page *page
	mem  *memory

	lead byte   // first byte of a two-byte character, 0: none
	four []byte // what has come of a character of three or four bytes
}

// amidCharacter reports whether the next byte belongs to a character that has begun.
func (k *characters) amidCharacter() bool { return k.lead != 0 || len(k.four) > 0 }

// takes reports whether b is the rest of a character that has begun. In two-byte mode any byte is; in UTF-8 what cannot be
// breaks the character off.
func (k *characters) takes(b byte) bool {
	if k.page.set.utf8 && len(k.four) > 0 && b&0xC0 != 0x80 {
		k.four = k.four[:0]
		k.broken(false)
	}
	return k.amidCharacter()
}

// area is the printable width of a line, dots.
func (p *page) area() int {
	right := p.model.Dots - p.set.left
	if w := p.set.width; w > 0 && w < right {
		return w
	}
	return right
}

// text takes one byte of text.
func (k *characters) text(b byte) {
	switch {
	case b >= 0x20 && b < 0x7F && k.mem.ram.defined(k.page.set, b) != nil:
		k.page.put('\uFFFC', false, k.mem.ram.defined(k.page.set, b))
		return
	case k.page.set.utf8 && b >= 0x80:
		k.four = append(k.four[:0], b)
		k.utf8()
		return
	case b == 0x7F:
		k.broken(false)
		return
	case k.page.set.utf8:
		k.page.put(rune(b), false, nil)
		return
	case b < 0x80 || !k.page.set.cjk:
		k.page.put(k.single(b), false, nil)
		return
	}
	if b == 0x80 || b == 0xFF { // no lead byte: GBK's euro is not in any printer
		k.broken(false)
		return
	}
	k.lead = b
}

// broken prints a box for bytes that are no character, and counts it.
func (k *characters) broken(wide bool) {
	k.page.census.miss("no character")
	k.page.put('\uFFFD', wide, nil)
}

// utf8 prints the character that has come as soon as it is whole; a byte of it that does not fit begins another.
func (k *characters) utf8() {
	if !utf8.FullRune(k.four) {
		return
	}
	r, n := utf8.DecodeRune(k.four)
	rest := append([]byte(nil), k.four[n:]...)
	k.four = k.four[:0]
	if r == utf8.RuneError && n == 1 {
		k.broken(false)
	} else {
		k.page.put(r, wideRune(r), nil)
	}
	for _, b := range rest {
		k.text(b)
	}
}

// wideRune reports whether a character takes two columns (Unicode, East Asian Width).
func wideRune(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// trail takes the byte after a lead byte, whatever it is: a request that was sent in between is eaten here.
func (k *characters) trail(b byte) {
	if len(k.four) > 0 {
		k.four = append(k.four, b)
		if k.page.set.utf8 {
			k.utf8()
			return
		}
		if len(k.four) == 4 {
			out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(k.four)
			k.four = k.four[:0]
			if ch := []rune(string(out)); err == nil && ch[0] != '\uFFFD' {
				k.page.put(ch[0], true, nil)
				return
			}
			k.broken(true)
		}
		return
	}
	lead := k.lead
	k.lead = 0
	if b >= 0x30 && b <= 0x39 && k.page.model.TwoByte == "gb18030" {
		k.four = append(k.four[:0], lead, b)
		return
	}
	if g := k.mem.ram.wide[[2]byte{lead, b}]; g != nil {
		k.page.put('\uFFFC', true, g)
		return
	}
	if ch := twoByte(lead, b); ch != '\uFFFD' {
		k.page.put(ch, true, nil)
		return
	}
	k.broken(true)
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

// put places one character, drawn as own if that is not nil; a line that is full is printed first.
func (p *page) put(ch rune, wide bool, own *glyph) {
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
	} else if own == nil && ch >= 0x80 && !drawable(ch, wide) {
		p.census.miss("glyph " + string(ch))
	}
	c := cell{r: ch, st: st, wide: wide, turn: p.set.turn, own: own}
	before, after = before*int(st.w), after*int(st.w)
	if p.sheet.on {
		p.sheetCell(c, before, after)
		return
	}
	cw, chh := c.size()
	w := cw + before + after
	if p.line.x+w > p.area() && p.line.x > 0 {
		p.printLine(p.set.pitch)
	}
	l := &p.line
	c.x = int16(l.x + before)
	l.cells = append(l.cells, c)
	l.x += w
	l.high = max(l.high, chh)
}

// tab is HT: to the next tab stop, by default every eight characters. A stop behind the end of the line is the end (EREF, HT).
func (p *page) tab() {
	if p.sheet.on {
		p.sheetTab()
		return
	}
	p.line.moveTo(min(p.nextStop(p.line.x), p.area()), p.area())
}

// nextStop is the tab stop after x, and x when there is none.
func (p *page) nextStop(x int) int {
	if p.set.tabs == nil {
		step := 8 * (12 + p.set.space)
		return (x/step + 1) * step
	}
	for _, stop := range p.set.tabs {
		if stop > x {
			return stop
		}
	}
	p.census.miss("HT behind the last stop")
	return x
}

// printLine prints what the line buffer holds and feeds, at least as far as the line is high.
func (p *page) printLine(feed int) {
	if p.sheet.on {
		p.sheet.feed(max(feed, 0)) // ESC K and ESC e are ignored there
		return
	}
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
	if feed < 0 {
		p.buffer.push(op{kind: opFeed, dots: feed})
	}
	l.clear()
}
