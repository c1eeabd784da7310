package virtual

// settings are what ESC @ puts back.
type settings struct {
	st       style
	strong   [2]bool // ESC E, ESC G: either makes bold
	kanji    style
	cjk      bool     // two-byte mode
	utf8     bool     // FS ( C fn 48
	page     byte     // ESC t
	national national // ESC R
	own      bool     // ESC %: the host's glyphs take the place of those it defined
	turn     bool     // ESC V
	align    int      // 0 left, 1 centre, 2 right
	left     int      // GS L
	width    int      // GS W; 0: up to the right end
	spacing           // of the mode in force
	tabs     []int    // columns in dots
	flip     bool
	bar      barStyle
}

// A barStyle is how bar codes look.
type barStyle struct {
	high, module int  // dots
	hri          byte // where the readable line stands: 1 above, 2 below
	fontB        bool // of the readable line
}

// defaults is the state after power-on and ESC @, which also forgets what the host defined, but for flash (PG, ESC @; GS ( L fn 84).
func (p *page) defaults() {
	p.set = settings{
		st: style{w: 1, h: 1}, kanji: style{w: 1, h: 1}, cjk: p.model.CJKAfterReset && p.model.TwoByte != "",
		spacing: spacing{pitch: 30}, bar: barStyle{high: 162, module: 3},
	}
	p.mem.ram = store{}
	p.sheet = sheet{area: p.wholeSheet(), away: spacing{pitch: p.set.pitch}}
	p.line.clear()
}

// digit reads a parameter that may be a number or the character for it: 1 and 49 are 1. What is neither is -1.
func digit(n byte) int {
	switch {
	case n <= 9:
		return int(n)
	case n >= '0' && n <= '9':
		return int(n - '0')
	}
	return -1
}

// formatESC runs those that change how characters and lines look.
func (p *page) formatESC(c []byte, n int) {
	switch c[1] {
	case ' ':
		p.set.space = n
	case '!':
		p.printMode(c[2])
	case '-':
		p.set.st.underline = uint8(n % 48)
	case '2':
		p.set.pitch = 30
	case '3':
		p.set.pitch = n
	case 'E', 'G':
		p.set.bold(c[1] == 'G', n&1 == 1)
	case 'M':
		p.selectFont(c[2])
	case 'R':
		if n >= len(nationalSets) {
			p.census.miss("ESC R " + decimal(c[2]))
			return
		}
		p.set.national = national(n)
	case 'V':
		p.set.turn = n%48 == 1 || n%48 == 2
	case 'a':
		if p.atLineStart(c, n%48 != p.set.align) {
			p.set.align = n % 48
		}
	case 't':
		p.set.page = c[2]
	case '{':
		if p.atLineStart(c, p.set.flip != (n&1 == 1)) {
			p.set.flip = n&1 == 1
		}
	}
}

// selectFont is ESC M n: 0 font A, 1 font B, 97 and 98 the special fonts of that size (EREF). Smaller ones are not here.
func (p *page) selectFont(n byte) {
	switch n {
	case 0, 48, 97:
		p.set.st.fontB = false
	case 1, 49, 98:
		p.set.st.fontB = true
	default:
		p.census.miss("ESC M " + decimal(n))
	}
}

// bold is ESC E and ESC G, which look alike; each goes on for itself.
func (s *settings) bold(twice, on bool) {
	if twice {
		s.strong[1] = on
	} else {
		s.strong[0] = on
	}
	s.st.bold = s.strong[0] || s.strong[1]
}

// printMode is ESC ! n. It does not enlarge two-byte characters, except on clones.
func (p *page) printMode(n byte) {
	if n&0x46 != 0 { // bits without a meaning
		p.census.miss("ESC ! " + decimal(n))
	}
	p.set.st.fontB = n&0x01 != 0
	p.set.bold(false, n&0x08 != 0)
	p.set.st.underline = n >> 7
	p.set.st.w, p.set.st.h = 1+n>>5&1, 1+n>>4&1
	if p.model.EscBangCJK {
		p.set.kanji.w, p.set.kanji.h = p.set.st.w, p.set.st.h
	}
}

// formatGS runs those that change how characters, lines and bar codes look.
func (p *page) formatGS(c []byte, n int) {
	switch c[1] {
	case '!':
		p.set.st.w, p.set.st.h = uint8(1+n>>4&7), uint8(1+n&7)
		if !p.model.NoGSBangCJK {
			p.set.kanji.w, p.set.kanji.h = p.set.st.w, p.set.st.h
		}
	case 'B':
		p.set.st.invert = n&1 == 1
	case 'H':
		p.set.bar.hri = byte(n % 48)
	case 'L':
		if word(c[2], c[3]) > p.model.Dots {
			p.census.miss("GS L outside the paper")
		}
		if left := min(word(c[2], c[3]), p.model.Dots-24); p.atLineStart(c, left != p.set.left) {
			p.set.left = left
		}
	case 'W':
		if width := word(c[2], c[3]); p.atLineStart(c, width != p.set.width) {
			p.set.width = width
		}
	case 'f':
		p.set.bar.fontB = n%48 == 1 && n != 97 || n == 98
	case 'h':
		p.set.bar.high = n
	case 'w':
		p.set.bar.module = n
	}
}
