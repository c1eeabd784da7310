package virtual

// cutCommand is GS V m [n]. It works at the beginning of a line only, and not in page mode.
func (ip *interpreter) cutCommand(c []byte) {
	if !ip.page.line.empty() {
		ip.census.miss("GS V within a line")
		ip.page.line.garbage = true
		return
	}
	m, gap := c[2], ip.model.HeadToCut
	if ip.page.sheet.on {
		ip.census.miss("GS V in page mode")
		return
	}
	switch m {
	case 0, 48, 1, 49:
		ip.cutNow(c, m%48 == 1)
	case 65, 66:
		ip.buffer.push(op{kind: opFeed, dots: gap + int(c[3])})
		ip.cutNow(c, m == 66)
	case 97, 98:
		if ip.model.NoCutter {
			ip.census.miss("GS V without a cutter")
			return
		}
		ip.buffer.push(op{kind: opReserve, dots: 0, partial: m == 98, reserve: int(c[3])})
	case 103, 104:
		ip.buffer.push(op{kind: opFeed, dots: gap + int(c[3])})
		ip.cutNow(c, m == 104)
		if !ip.model.NoCutter {
			ip.buffer.push(op{kind: opFeed, dots: -gap})
		}
	default:
		ip.unknown(c)
	}
}

// cutNow is a cut where the paper stands.
func (ip *interpreter) cutNow(c []byte, partial bool) {
	switch {
	case ip.model.NoCutter:
		ip.census.miss(nameOf(c) + " without a cutter")
	case ip.page.sheet.on:
		ip.census.miss(nameOf(c) + " in page mode")
	case !ip.page.line.empty():
		ip.census.miss(nameOf(c) + " within a line")
	default:
		ip.buffer.push(op{kind: opCut, partial: partial})
	}
}

// feedLines is ESC d n: prints the line and feeds n lines.
func (ip *interpreter) feedLines(n int) {
	blank := n
	if !ip.page.line.empty() {
		blank--
	}
	ip.page.printLine(n * ip.page.set.pitch)
	if last := ip.buffer.last(); last != nil && blank > 0 && !ip.page.sheet.on {
		last.ink.blank, last.kind = blank, opLine
	}
}
