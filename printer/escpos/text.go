package escpos

import (
	"strings"
	"unicode/utf8"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

var plain = receiptline.Style{Width: 1, Height: 1}

// textRow prints a row with the printer's own characters, from left to right.
func (e *encoder) textRow(i int) {
	r := &e.l.Rows[i]
	e.settle()
	e.setAlign(e.lineAlign[i])
	e.x, e.high, e.lift = 0, max(r.Height, 1), lifts(r)
	if e.align != 0 && len(r.Runs) > 0 { // the printer finds the place
		e.x = e.firstInk(r, &r.Runs[0])
	}
	bar := 0
	for k := range r.Runs {
		run := &r.Runs[k]
		for ; bar < len(r.Bars) && r.Bars[bar] <= run.X; bar++ {
			e.box('│', r.Bars[bar], max(r.Height, 1))
		}
		e.run(r, run)
	}
	for ; bar < len(r.Bars); bar++ {
		e.box('│', r.Bars[bar], max(r.Height, 1))
	}
	e.lineFeed(i)
}

// lifts reports a row that owes its height to spaces alone, which must then be printed.
func lifts(r *receiptline.Row) bool {
	if r.Height < 2 || len(r.Bars) > 0 {
		return false
	}
	for i := range r.Runs {
		run := &r.Runs[i]
		if run.Style.Height == r.Height && raster.Inked(run) {
			return false
		}
	}
	return true
}

// firstInk is where the first character that is not a bare space lies.
func (e *encoder) firstInk(r *receiptline.Row, run *receiptline.Run) int {
	text := run.Text
	if raster.Bare(run) {
		text = strings.TrimLeft(text, " ")
	}
	spaces := len(run.Text) - len(text)
	return raster.RunDots(r, run, e.p) + spaces*raster.CellDots(r, e.p)*max(run.Style.Width, 1)
}

// run prints a run. Spaces that show nothing only move on; the next character then finds the cheapest way there.
func (e *encoder) run(r *receiptline.Row, run *receiptline.Run) {
	s := run.Style
	s.Width, s.Height = max(s.Width, 1), max(s.Height, 1)
	cell := e.cell * s.Width
	bare := raster.Bare(run) && (!e.lift || s.Height != e.high)
	x := raster.RunDots(r, run, e.p)
	slots := profile.OwnSlots
	if !ascii(run.Text) {
		slots = e.chars.SlotsOf(run.Text, run.Cells/s.Width)
	}
	for k := 0; k < len(run.Text); {
		if n := asItIs(run.Text[k:], bare); n > 0 {
			e.moveTo(x, s, false)
			e.row = append(e.row, run.Text[k:k+n]...)
			x += n * cell
			e.x = x
			k += n
			continue
		}
		c, size := utf8.DecodeRuneInString(run.Text[k:])
		k += size
		if c < 0x80 { // a space; controls are no text, they move on like one
			x += cell
			continue
		}
		if code, ok := e.chars.Ideograph(c); ok {
			e.twoByteChar(x, s, code)
			x += 2 * cell
			continue
		}
		slot := e.chars.Slot(slots, c)
		c = e.chars.Substitute(c)
		switch e.chars.Find(c, slot) {
		case profile.TwoByte:
			code, _ := e.chars.Set.Code(c)
			e.twoByteChar(x, s, code)
		case profile.Page:
			e.pageChar(x, s, c, run.Text[k-size:])
		case profile.ASCII: // a substitute: the no-break space
			e.moveTo(x, s, false)
			e.row = append(e.row, byte(c))
			e.x = x + cell
		case profile.Dots:
			e.stopgap(r, x, s, c, slot)
		}
		x += slot * cell
		e.fill(x, s, bare)
	}
}

// fill writes the spaces that show when a character is narrower than its slot: underlined or inverted ones.
func (e *encoder) fill(x int, s receiptline.Style, bare bool) {
	if bare {
		return
	}
	for cell := e.cell * s.Width; e.x+cell <= x; e.x += cell {
		e.moveTo(e.x, s, false)
		e.row = append(e.row, ' ')
	}
}

// asItIs is how many bytes at the start of s are sent as they are: ASCII with ink, spaces too unless they show nothing.
func asItIs(s string, bare bool) int {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == ' ' && bare || s[i] >= 0x7F {
			return i
		}
	}
	return len(s)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func (e *encoder) twoByteChar(x int, s receiptline.Style, code uint16) {
	e.moveTo(x, s, true)
	if !e.twoByte {
		e.row = append(e.row, 0x1C, '&')
		e.twoByte = true
	}
	e.row = append(e.row, byte(code>>8), byte(code))
	e.x = x + 2*e.p.CellDots*s.Width
}

// pageChar prints c from a code page: the one in force if it has c, else the one that goes furthest in rest, which
// gives the fewest switches.
func (e *encoder) pageChar(x int, s receiptline.Style, c rune, rest string) {
	b, n := byte(0), -1
	for i := range e.chars.Pages {
		if pg := &e.chars.Pages[i]; int(pg.Number) == e.page {
			if got, ok := pg.Byte(c); ok {
				b, n = got, e.page
			}
		}
	}
	if n < 0 {
		b, n = e.bestPage(c, rest)
	}
	e.moveTo(x, s, false)
	e.usePage(n)
	e.row = append(e.row, b)
	e.x = x + e.p.CellDots*s.Width
}

func (e *encoder) bestPage(c rune, rest string) (byte, int) {
	best, number, code := -1, -1, byte(0)
	for i := range e.chars.Pages {
		pg := &e.chars.Pages[i]
		b, ok := pg.Byte(c)
		if !ok {
			continue
		}
		reach := len(rest)
		for k, r := range rest {
			if _, has := pg.Byte(e.chars.Substitute(r)); r >= 0x80 && !has {
				reach = k
				break
			}
		}
		if reach > best {
			best, number, code = reach, int(pg.Number), b
		}
	}
	return code, number
}

// usePage makes bytes from 80 on characters of code page n (FS . and ESC t n).
func (e *encoder) usePage(n int) {
	if e.twoByte {
		e.row = append(e.row, 0x1C, '.')
		e.twoByte = false
	}
	if e.page != n {
		e.row = append(e.row, 0x1B, 't', byte(n))
		e.page = n
	}
}

// moveTo puts the print position at x dots and brings the style into force, with the fewest bytes.
func (e *encoder) moveTo(x int, s receiptline.Style, two bool) {
	if x == e.x {
		e.setStyle(s, two)
		return
	}
	spaces := e.gap(x, s)
	e.setStyle(s, two)
	for range spaces {
		e.row = append(e.row, ' ')
	}
	e.x = x
}

// gap moves to x, or returns how many spaces in style next do it, to be written after the change of style.
func (e *encoder) gap(x int, next receiptline.Style) int {
	const absolute = 4 // bytes of ESC $
	d := x - e.x
	now, later, tabs, fine := absolute+1, absolute+1, absolute+1, 0
	if cell := e.cell * (int(e.size>>4) + 1); d > 0 && d%cell == 0 && e.small == e.font && !e.line1 && !e.invert && int(e.size&15) < e.high {
		now = d / cell
		if stop := x / (8 * e.p.CellDots) * 8 * e.p.CellDots; !e.font && stop > e.x && (x-stop)%cell == 0 {
			fine = (x - stop) / cell
			tabs = stop/(8*e.p.CellDots) - e.x/(8*e.p.CellDots) + fine
		}
	}
	if cell := e.cell * next.Width; d > 0 && d%cell == 0 && !next.Underline && !next.Invert {
		later = d / cell
	}
	switch {
	case e.align != 0: // only spaces keep an aligned line together
		return max(d/(e.cell*next.Width), 0)
	case later <= now && later <= min(absolute, tabs):
		return later
	case now <= min(absolute, tabs):
		e.spaces(now)
	case tabs < absolute:
		for range tabs - fine {
			e.row = append(e.row, '\t')
		}
		e.spaces(fine)
	default:
		e.row = append(e.row, 0x1B, '$', byte(x), byte(x>>8))
	}
	return 0
}

func (e *encoder) spaces(n int) {
	for range n {
		e.row = append(e.row, ' ')
	}
}

// setStyle sends what differs from the style in force, for one-byte or two-byte characters.
func (e *encoder) setStyle(s receiptline.Style, two bool) {
	if e.p.GSBangCJK {
		if e.small != e.font { // ESC M (Epson programming guide): 0 font A, 1 font B
			e.row = append(e.row, 0x1B, 'M', bit(e.font))
			e.small = e.font
		}
		e.setSize(s)
		if e.bold != s.Bold {
			e.row = append(e.row, 0x1B, 'E', bit(s.Bold))
			e.bold = s.Bold
		}
	} else {
		e.setMode(s)
	}
	e.setUnderline(s.Underline, two)
	if e.invert != s.Invert {
		e.row = append(e.row, 0x1D, 'B', bit(s.Invert))
		e.invert = s.Invert
	}
}

func (e *encoder) setSize(s receiptline.Style) {
	size := byte(min(s.Width, e.p.Magnify)-1)<<4 | byte(min(s.Height, e.p.Magnify)-1)
	if size != e.size {
		e.row = append(e.row, 0x1D, '!', size)
		e.size = size
	}
}

// setUnderline: ESC - underlines one-byte characters and on some models all, FS - two-byte ones; 2 is two dots thick.
// Each is switched on only for its own kind, but off at once.
func (e *encoder) setUnderline(on, two bool) {
	n := 2 * bit(on)
	if e.line1 != on && (!on || !two) {
		e.row = append(e.row, 0x1B, '-', n)
		e.line1 = on
	}
	if e.line2 != on && (!on || two) {
		e.row = append(e.row, 0x1C, '-', n)
		e.line2 = on
	}
}

// setMode sends ESC ! and FS ! together, for printers whose two-byte characters GS ! does not enlarge (TM-T88III
// specification p. 156): ESC ! b0 font B, b3 bold, b4 double height, b5 double width; FS ! b2 double width, b3 double height. Both
// end underlines.
func (e *encoder) setMode(s receiptline.Style) {
	wide, high := s.Width > 1, s.Height > 1
	size := bit(wide)<<4 | bit(high)
	if size == e.size && s.Bold == e.bold && e.small == e.font {
		return
	}
	e.row = append(e.row, 0x1B, '!', bit(e.font)|bit(s.Bold)<<3|bit(high)<<4|bit(wide)<<5)
	if e.p.TwoByte != "" {
		e.row = append(e.row, 0x1C, '!', bit(wide)<<2|bit(high)<<3)
	}
	e.small, e.size, e.bold, e.line1, e.line2 = e.font, size, s.Bold, false, false
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}
