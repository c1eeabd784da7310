package virtual

// commandESC runs the commands that begin with ESC (Epson programming guide; names as there).
func (ip *interpreter) commandESC(c []byte) {
	n := 0
	if len(c) > 2 {
		n = int(c[2])
	}
	switch c[1] {
	case ' ', '!', '-', '2', '3', 'E', 'G', 'M', 'a', 't', '{':
		ip.page.formatESC(c, n)
	case '$':
		ip.page.line.moveTo(word(c[2], c[3]), ip.page.area())
	case '\\':
		ip.page.line.moveTo(ip.page.line.x+int(int16(word(c[2], c[3]))), ip.page.area())
	case '*':
		ip.columnImage(c[2], word(c[3], c[4]))
	case 'D':
		ip.setTabs(c[2])
	case '=':
		ip.deaf = n&1 == 0
	case '@':
		ip.page.defaults()
		ip.host.asb.mask, ip.host.asb.offline = 0, 0
	case 'J':
		ip.page.printLine(n)
	case 'K':
		ip.page.printLine(-n)
	case 'd':
		ip.feedLines(n)
	case 'i', 'm':
		ip.cutNow(c[1] == 'm')
	case 'p':
		ip.count.Drawer++
	case 'u':
		ip.host.inOrder(bit(!ip.cond.sense.drawer, 1))
	case 'v':
		ip.host.paperStatus()
	case 'B':
		ip.count.Beeps += int64(n)
	case '&':
		ip.userGlyphs(int(c[2]), int(c[4])-int(c[3])+1)
	case '(':
		ip.expect(int64(word(c[3], c[4])), nil, func() { ip.count.Beeps++ })
	case '%', '?', 'L', 'R', 'S', 'T', 'V', 'W', 'c', 'e', 'r', 0x0C: // known, without effect on this paper
	default:
		ip.unknown()
	}
}

// setTabs reads ESC D n1 ... NUL; first is the byte after D.
func (ip *interpreter) setTabs(first byte) {
	ip.page.set.tabs = []int{}
	add := func(b byte) bool {
		if b == 0 || len(ip.page.set.tabs) == 32 {
			return false
		}
		ip.page.set.tabs = append(ip.page.set.tabs, int(b)*(12+ip.page.set.space))
		return true
	}
	if !add(first) {
		return
	}
	ip.expect(1, func(b []byte) {
		if add(b[0]) {
			ip.payload.left++
		}
	}, nil)
}

// userGlyphs swallows ESC & y c1 c2 [x d...]: the glyphs themselves are not kept.
func (ip *interpreter) userGlyphs(y, chars int) {
	if chars <= 0 {
		return
	}
	width := 0
	ip.expect(1, func(b []byte) { width = int(b[0]) }, func() {
		ip.expect(int64(width*y), nil, func() { ip.userGlyphs(y, chars-1) })
	})
}
