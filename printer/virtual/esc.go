package virtual

// commandESC runs the commands that begin with ESC (Epson programming guide; names as there).
func (ip *interpreter) commandESC(c []byte) {
	n := 0
	if len(c) > 2 {
		n = int(c[2])
	}
	switch c[1] {
	case ' ', '!', '-', '2', '3', 'E', 'G', 'M', 'R', 'V', 'a', 't', '{':
		ip.page.formatESC(c, n)
	case '$', '\\', 'J', 'K', 'd', 'e', 'L', 'S', 'T', 'W', 0x0C:
		ip.moveESC(c, n)
	case '%', '&', '?':
		ip.ownGlyphs(c, n)
	case '*':
		ip.columnImage(c[2], word(c[3], c[4]))
	case 'D':
		ip.setTabs(c[2])
	case '=':
		ip.deaf = n&1 == 0
	case '@':
		ip.page.defaults()
		ip.host.asb.mask, ip.host.asb.offline = 0, 0
	case 'i', 'm':
		ip.cutNow(c, c[1] == 'm')
	case 'p':
		ip.host.pulse(c[2])
	case 'u':
		ip.host.drawerStatus()
	case 'v':
		ip.host.paperStatus()
	case 'B':
		ip.count.Beeps += int64(n)
	case '(':
		ip.bracketESC(c)
	case 'r': // one colour: nothing to select
	case 'c':
		ip.census.miss(nameOf(c) + " " + symbolOf(c[2]))
	default:
		ip.unknown(c)
	}
}

// moveESC runs those that move paper or the place of the next character, and page mode.
func (ip *interpreter) moveESC(c []byte, n int) {
	p := ip.page
	switch c[1] {
	case '$':
		ip.placed(c, p.moveTo(word(c[2], c[3])))
	case '\\':
		ip.placed(c, p.moveBy(int(int16(word(c[2], c[3])))))
	case 'J':
		p.printLine(n)
	case 'K':
		p.printLine(-n)
	case 'd':
		ip.feedLines(n)
	case 'e':
		p.printLine(-n * p.set.pitch)
	case 'L':
		p.openSheet()
	case 'S':
		p.closeSheet()
	case 'T':
		p.setDirection(c[2])
	case 'W':
		p.setArea(c[2:])
	case 0x0C:
		ip.inSheet("ESC FF", p.printSheet)
	}
}

// moveTo is ESC $ in the mode in force.
func (p *page) moveTo(x int) bool {
	if p.sheet.on {
		return p.sheet.moveTo(x, p.sheet.y)
	}
	return p.line.moveTo(x, p.area())
}

// moveBy is ESC \ in the mode in force.
func (p *page) moveBy(dx int) bool {
	if p.sheet.on {
		return p.sheet.moveTo(p.sheet.x+dx, p.sheet.y)
	}
	return p.line.moveTo(p.line.x+dx, p.area())
}

// bracketESC is ESC ( X: A sounds the buzzer.
func (ip *interpreter) bracketESC(c []byte) {
	if c[2] != 'A' {
		ip.census.miss(nameOf(c))
		ip.expect(int64(word(c[3], c[4])), nil, nil)
		return
	}
	ip.expect(int64(word(c[3], c[4])), nil, func() { ip.count.Beeps++ })
}

// setTabs reads ESC D n1 ... NUL; first is the byte after D. A stop that is not behind the one before it, and a 33rd, end the command
// and are read as what follows (EREF, ESC D). A stop is so many characters of the size in force.
func (ip *interpreter) setTabs(first byte) {
	set := &ip.page.set
	set.tabs = []int{}
	w, _ := set.st.cell(false)
	before := byte(0)
	add := func(b byte) bool {
		if b <= before || len(set.tabs) == 32 {
			return false
		}
		before = b
		set.tabs = append(set.tabs, int(b)*(w+set.space)*int(set.st.w))
		return true
	}
	if !add(first) {
		return
	}
	last := byte(0)
	ip.expect(1, func(b []byte) {
		if last = b[0]; add(last) {
			ip.payload.left++
		}
	}, func() {
		if last != 0 {
			ip.begin(last)
		}
	})
}

// ownGlyphs is ESC %, which selects the glyphs that the host defined, ESC &, which defines them, and ESC ?, which gives one up.
func (ip *interpreter) ownGlyphs(c []byte, n int) {
	p := ip.page
	switch c[1] {
	case '%':
		p.set.own = n&1 == 1
	case '&':
		if c[2] < 1 || c[2] > 3 || c[3] < 0x20 || c[4] > 0x7E || c[3] > c[4] {
			ip.census.miss("ESC & " + decimal(c[2:5]...))
		}
		ip.defineGlyphs(int(c[2]), int(c[3]), int(c[4]))
	case '?':
		delete(ip.sets.mem.ram.narrow, narrowKey{p.set.st.fontB, c[2]})
	}
}

// defineGlyphs reads what follows ESC & y c1 c2: for each code a width x and x columns of y bytes.
func (ip *interpreter) defineGlyphs(y, code, last int) {
	if code > last {
		return
	}
	columns := 0
	ip.expect(1, func(b []byte) { columns = int(b[0]) }, func() {
		ip.collect(int64(columns*y), func(d []byte) {
			ip.sets.mem.ram.define(narrowKey{ip.page.set.st.fontB, byte(code)}, y, d)
			ip.defineGlyphs(y, code+1, last)
		})
	})
}
