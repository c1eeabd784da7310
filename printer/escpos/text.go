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
	r := &e.job.l.Rows[i]
	e.paper.settle()
	e.modes.setAlign(e.planner.lineAlign[i])
	e.pen.x, e.pen.high, e.pen.lift = 0, max(r.Height, 1), lifts(r)
	if e.modes.align != 0 && len(r.Runs) > 0 { // the printer finds the place
		e.pen.x = e.job.firstInk(r, &r.Runs[0])
	}
	bar := 0
	for k := range r.Runs {
		run := &r.Runs[k]
		for ; bar < len(r.Bars) && r.Bars[bar] <= run.X; bar++ {
			e.pen.box('│', r.Bars[bar], max(r.Height, 1))
		}
		e.run(r, run)
	}
	for ; bar < len(r.Bars); bar++ {
		e.pen.box('│', r.Bars[bar], max(r.Height, 1))
	}
	e.paper.lineFeed(i)
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
func (j *job) firstInk(r *receiptline.Row, run *receiptline.Run) int {
	text := run.Text
	if raster.Bare(run) {
		text = strings.TrimLeft(text, " ")
	}
	spaces := len(run.Text) - len(text)
	return raster.RunDots(r, run, j.p) + spaces*raster.CellDots(r, j.p)*max(run.Style.Width, 1)
}

// run prints a run. Spaces that show nothing only move on; the next character then finds the cheapest way there.
func (e *encoder) run(r *receiptline.Row, run *receiptline.Run) {
	s := run.Style
	s.Width, s.Height = max(s.Width, 1), max(s.Height, 1)
	cell := e.pen.cell * s.Width
	bare := raster.Bare(run) && (!e.pen.lift || s.Height != e.pen.high)
	x := raster.RunDots(r, run, e.job.p)
	slots := profile.OwnSlots
	if !ascii(run.Text) {
		slots = e.job.chars.SlotsOf(run.Text, run.Cells/s.Width)
	}
	for k := 0; k < len(run.Text); {
		if n := asItIs(run.Text[k:], bare); n > 0 {
			e.pen.moveTo(x, s, false)
			e.out.row = append(e.out.row, run.Text[k:k+n]...)
			x += n * cell
			e.pen.x = x
			k += n
			continue
		}
		c, size := utf8.DecodeRuneInString(run.Text[k:])
		k += size
		if c < 0x80 { // a space; controls are no text, they move on like one
			x += cell
			continue
		}
		if code, ok := e.job.chars.Ideograph(c); ok {
			e.pen.twoByteChar(x, s, code)
			x += 2 * cell
			continue
		}
		slot := e.job.chars.Slot(slots, c)
		c = e.job.chars.Substitute(c)
		switch e.job.chars.Find(c, slot) {
		case profile.TwoByte:
			code, _ := e.job.chars.Set.Code(c)
			e.pen.twoByteChar(x, s, code)
		case profile.Page:
			e.pen.pageChar(x, s, c, run.Text[k-size:])
		case profile.ASCII: // a substitute: the no-break space
			e.pen.moveTo(x, s, false)
			e.out.row = append(e.out.row, byte(c))
			e.pen.x = x + cell
		case profile.Dots:
			e.stopgap(r, x, s, c, slot)
		}
		x += slot * cell
		e.pen.fill(x, s, bare)
	}
}

// fill writes the spaces that show when a character is narrower than its slot: underlined or inverted ones.
func (w *pen) fill(x int, s receiptline.Style, bare bool) {
	if bare {
		return
	}
	for cell := w.cell * s.Width; w.x+cell <= x; w.x += cell {
		w.moveTo(w.x, s, false)
		w.out.row = append(w.out.row, ' ')
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

func (w *pen) twoByteChar(x int, s receiptline.Style, code uint16) {
	w.moveTo(x, s, true)
	if !w.modes.twoByte {
		w.out.row = append(w.out.row, 0x1C, '&')
		w.modes.twoByte = true
	}
	w.out.row = append(w.out.row, byte(code>>8), byte(code))
	w.x = x + 2*w.job.p.CellDots*s.Width
}

// pageChar prints c from a code page: the one in force if it has c, else the one that goes furthest in rest, which
// gives the fewest switches.
func (w *pen) pageChar(x int, s receiptline.Style, c rune, rest string) {
	b, n := byte(0), -1
	for i := range w.job.chars.Pages {
		if pg := &w.job.chars.Pages[i]; int(pg.Number) == w.modes.page {
			if got, ok := pg.Byte(c); ok {
				b, n = got, w.modes.page
			}
		}
	}
	if n < 0 {
		b, n = w.bestPage(c, rest)
	}
	w.moveTo(x, s, false)
	w.modes.usePage(n)
	w.out.row = append(w.out.row, b)
	w.x = x + w.job.p.CellDots*s.Width
}

func (w *pen) bestPage(c rune, rest string) (byte, int) {
	best, number, code := -1, -1, byte(0)
	for i := range w.job.chars.Pages {
		pg := &w.job.chars.Pages[i]
		b, ok := pg.Byte(c)
		if !ok {
			continue
		}
		reach := len(rest)
		for k, r := range rest {
			if _, has := pg.Byte(w.job.chars.Substitute(r)); r >= 0x80 && !has {
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
func (m *modes) usePage(n int) {
	if m.twoByte {
		m.out.row = append(m.out.row, 0x1C, '.')
		m.twoByte = false
	}
	if m.page != n {
		m.out.row = append(m.out.row, 0x1B, 't', byte(n))
		m.page = n
	}
}

// moveTo puts the print position at x dots and brings the style into force, with the fewest bytes.
func (w *pen) moveTo(x int, s receiptline.Style, two bool) {
	if x == w.x {
		w.modes.setStyle(w.font, s, two)
		return
	}
	spaces := w.gap(x, s)
	w.modes.setStyle(w.font, s, two)
	for range spaces {
		w.out.row = append(w.out.row, ' ')
	}
	w.x = x
}

// gap moves to x, or returns how many spaces in style next do it, to be written after the change of style.
func (w *pen) gap(x int, next receiptline.Style) int {
	const absolute = 4 // bytes of ESC $
	d := x - w.x
	now, later, tabs, fine := absolute+1, absolute+1, absolute+1, 0
	if cell := w.cell * (int(w.modes.size>>4) + 1); d > 0 && d%cell == 0 && w.modes.small == w.font && !w.modes.line1 && !w.modes.invert && int(w.modes.size&15) < w.high {
		now = d / cell
		if stop := x / (8 * w.job.p.CellDots) * 8 * w.job.p.CellDots; !w.font && stop > w.x && (x-stop)%cell == 0 {
			fine = (x - stop) / cell
			tabs = stop/(8*w.job.p.CellDots) - w.x/(8*w.job.p.CellDots) + fine
		}
	}
	if cell := w.cell * next.Width; d > 0 && d%cell == 0 && !next.Underline && !next.Invert {
		later = d / cell
	}
	switch {
	case w.modes.align != 0: // only spaces keep an aligned line together
		return max(d/(w.cell*next.Width), 0)
	case later <= now && later <= min(absolute, tabs):
		return later
	case now <= min(absolute, tabs):
		w.spaces(now)
	case tabs < absolute:
		for range tabs - fine {
			w.out.row = append(w.out.row, '\t')
		}
		w.spaces(fine)
	default:
		w.out.row = append(w.out.row, 0x1B, '$', byte(x), byte(x>>8))
	}
	return 0
}

func (w *pen) spaces(n int) {
	for range n {
		w.out.row = append(w.out.row, ' ')
	}
}

// setStyle sends what differs from the style in force, for one-byte or two-byte characters.
func (m *modes) setStyle(font bool, s receiptline.Style, two bool) {
	if m.job.p.GSBangCJK {
		if m.small != font { // ESC M (Epson programming guide): 0 font A, 1 font B
			m.out.row = append(m.out.row, 0x1B, 'M', bit(font))
			m.small = font
		}
		m.setSize(s)
		if m.bold != s.Bold {
			m.out.row = append(m.out.row, 0x1B, 'E', bit(s.Bold))
			m.bold = s.Bold
		}
	} else {
		m.setMode(font, s)
	}
	m.setUnderline(s.Underline, two)
	if m.invert != s.Invert {
		m.out.row = append(m.out.row, 0x1D, 'B', bit(s.Invert))
		m.invert = s.Invert
	}
}

func (m *modes) setSize(s receiptline.Style) {
	size := byte(min(s.Width, m.job.p.Magnify)-1)<<4 | byte(min(s.Height, m.job.p.Magnify)-1)
	if size != m.size {
		m.out.row = append(m.out.row, 0x1D, '!', size)
		m.size = size
	}
}

// setUnderline: ESC - underlines one-byte characters and on some models all, FS - two-byte ones; 2 is two dots thick.
// Each is switched on only for its own kind, but off at once.
func (m *modes) setUnderline(on, two bool) {
	n := 2 * bit(on)
	if m.line1 != on && (!on || !two) {
		m.out.row = append(m.out.row, 0x1B, '-', n)
		m.line1 = on
	}
	if m.line2 != on && (!on || two) {
		m.out.row = append(m.out.row, 0x1C, '-', n)
		m.line2 = on
	}
}

// setMode sends ESC ! and FS ! together, for printers whose two-byte characters GS ! does not enlarge (TM-T88III
// specification p. 156): ESC ! b0 font B, b3 bold, b4 double height, b5 double width; FS ! b2 double width, b3 double height. Both
// end underlines.
func (m *modes) setMode(font bool, s receiptline.Style) {
	wide, high := s.Width > 1, s.Height > 1
	size := bit(wide)<<4 | bit(high)
	if size == m.size && s.Bold == m.bold && m.small == font {
		return
	}
	m.out.row = append(m.out.row, 0x1B, '!', bit(font)|bit(s.Bold)<<3|bit(high)<<4|bit(wide)<<5)
	if m.job.p.TwoByte != "" {
		m.out.row = append(m.out.row, 0x1C, '!', bit(wide)<<2|bit(high)<<3)
	}
	m.small, m.size, m.bold, m.line1, m.line2 = font, size, s.Bold, false, false
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}
