package virtual

// settings are what ESC @ puts back.
type settings struct {
	st       style
	kanji    style
	cjk      bool // two-byte mode
	page     byte // ESC t
	align    int  // 0 left, 1 centre, 2 right
	left     int  // GS L
	width    int  // GS W; 0: up to the right end
	pitch    int  // line spacing, dots
	space    int  // ESC SP
	kspace   [2]int
	tabs     []int // columns in dots
	flip     bool
	barH     int
	barW     int
	hri      byte
	hriFontB bool
}

// defaults is the state after power-on and ESC @.
func (r *parser) defaults(m *Model) {
	r.settings = settings{
		st: style{w: 1, h: 1}, kanji: style{w: 1, h: 1}, cjk: m.CJKAfterReset && m.TwoByte != "",
		pitch: 30, barH: 162, barW: 3,
	}
	r.line.clear()
}

// commandESC runs the commands that begin with ESC (Epson programming guide; names as there).
func (p *Printer) commandESC(c []byte) {
	r := &p.pr
	n := 0
	if len(c) > 2 {
		n = int(c[2])
	}
	switch c[1] {
	case ' ', '!', '-', '2', '3', 'D', 'E', 'G', 'M', 'a', 't', '{':
		p.formatESC(c, n)
	case '$':
		r.line.moveTo(word(c[2], c[3]), p.area())
	case '\\':
		r.line.moveTo(r.line.x+int(int16(word(c[2], c[3]))), p.area())
	case '*':
		p.columnImage(c[2], word(c[3], c[4]))
	case '=':
		r.deaf = n&1 == 0
	case '@':
		r.defaults(&p.model)
		p.asb.mask, p.asb.offline = 0, 0
	case 'J':
		p.printLine(n)
	case 'K':
		p.printLine(-n)
	case 'd':
		p.feedLines(n)
	case 'i', 'm':
		p.cutNow(c[1] == 'm')
	case 'p':
		p.count.Drawer++
	case 'u':
		p.inOrder(bit(!p.sense.drawer, 1))
	case 'v':
		p.paperStatus()
	case 'B':
		p.count.Beeps += int64(n)
	case '&':
		p.userGlyphs(int(c[2]), int(c[4])-int(c[3])+1)
	case '(':
		p.expect(int64(word(c[3], c[4])), nil, func(p *Printer) { p.count.Beeps++ })
	case '%', '?', 'L', 'R', 'S', 'T', 'V', 'W', 'c', 'e', 'r', 0x0C: // known, without effect on this paper
	default:
		p.unknown()
	}
}

// formatESC runs those that change how characters and lines look.
func (p *Printer) formatESC(c []byte, n int) {
	r := &p.pr
	switch c[1] {
	case ' ':
		r.space = n
	case '!':
		p.printMode(c[2])
	case '-':
		r.st.underline = uint8(min(n%48, 2))
	case '2':
		r.pitch = 30
	case '3':
		r.pitch = n
	case 'D':
		p.setTabs(c[2])
	case 'E', 'G':
		r.st.bold = n&1 == 1
	case 'M':
		r.st.fontB = n%48 == 1
	case 'a':
		if r.line.empty() && n%48 <= 2 {
			r.align = n % 48
		}
	case 't':
		r.page = c[2]
	case '{':
		if r.line.empty() {
			r.flip = n&1 == 1
		}
	}
}

// printMode is ESC ! n. It does not enlarge two-byte characters, except on clones.
func (p *Printer) printMode(n byte) {
	r := &p.pr
	r.st.fontB = n&0x01 != 0
	r.st.bold = n&0x08 != 0
	r.st.underline = n >> 7
	r.st.w, r.st.h = 1+n>>5&1, 1+n>>4&1
	if p.model.EscBangCJK {
		r.kanji.w, r.kanji.h = r.st.w, r.st.h
	}
}

// setTabs reads ESC D n1 ... NUL; first is the byte after D.
func (p *Printer) setTabs(first byte) {
	r := &p.pr
	r.tabs = []int{}
	add := func(b byte) bool {
		if b == 0 || len(r.tabs) == 32 {
			return false
		}
		r.tabs = append(r.tabs, int(b)*(12+r.space))
		return true
	}
	if !add(first) {
		return
	}
	p.expect(1, func(p *Printer, b []byte) {
		if add(b[0]) {
			p.pr.payload.left++
		}
	}, nil)
}

// userGlyphs swallows ESC & y c1 c2 [x d...]: the glyphs themselves are not kept.
func (p *Printer) userGlyphs(y, chars int) {
	if chars <= 0 {
		return
	}
	width := 0
	p.expect(1, func(_ *Printer, b []byte) { width = int(b[0]) }, func(p *Printer) {
		p.expect(int64(width*y), nil, func(p *Printer) { p.userGlyphs(y, chars-1) })
	})
}
