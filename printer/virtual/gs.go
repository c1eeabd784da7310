package virtual

// commandGS runs the commands that begin with GS (Epson programming guide).
func (p *Printer) commandGS(c []byte) {
	n := 0
	if len(c) > 2 {
		n = int(c[2])
	}
	switch c[1] {
	case '!', 'B', 'H', 'L', 'W', 'f', 'h', 'w':
		p.formatGS(c, n)
	case '*':
		p.expect(int64(c[2])*int64(c[3])*8, nil, nil)
	case 'I':
		p.identify(c[2])
	case 'V':
		p.cutCommand(c[2:])
	case 'a':
		p.autoStatus(c[2])
	case 'k':
		p.barcodeCommand(c[2:])
	case 'r':
		switch n % 48 {
		case 1:
			p.paperStatus()
		case 2:
			p.inOrder(bit(!p.sense.drawer, 1))
		}
	case 'v':
		p.rasterCommand(c)
	case '(':
		fn := c[2]
		p.collect(int64(word(c[3], c[4])), func(p *Printer, data []byte) { p.extended(fn, data) })
	case '8':
		n := int64(c[3]) | int64(c[4])<<8 | int64(c[5])<<16 | int64(c[6])<<24
		p.collect(n, func(p *Printer, data []byte) { p.extended('L', data) })
	case '/', ':', '$', 'E', 'P', 'T', '\\', '^', 'b', 'c', 'j', 'z', 'g': // known, without effect on this paper
	default:
		p.unknown()
	}
}

// formatGS runs those that change how characters, lines and bar codes look.
func (p *Printer) formatGS(c []byte, n int) {
	r := &p.pr
	switch c[1] {
	case '!':
		r.st.w, r.st.h = uint8(1+n>>4&7), uint8(1+n&7)
		if !p.model.NoGSBangCJK {
			r.kanji.w, r.kanji.h = r.st.w, r.st.h
		}
	case 'B':
		r.st.invert = n&1 == 1
	case 'H':
		r.hri = byte(n % 48)
	case 'L':
		if r.line.empty() {
			r.left = min(word(c[2], c[3]), p.model.Dots-24)
		}
	case 'W':
		if r.line.empty() {
			r.width = word(c[2], c[3])
		}
	case 'f':
		r.hriFontB = n%48 == 1
	case 'h':
		r.barH = max(n, 1)
	case 'w':
		if n >= 1 && n <= 6 {
			r.barW = n
		}
	}
}

// extended runs GS ( X with its data; what the model does not know is skipped by its length.
func (p *Printer) extended(x byte, d []byte) {
	switch {
	case x == 'H' && !p.model.NoGSH:
		p.processID(d)
	case x == 'L' && !p.model.NoGraphics:
		p.graphics(d)
	case x == 'k' && p.model.NoQR:
		p.pr.line.garbage = true
		for _, b := range d[min(3, len(d)):] {
			if b >= 0x20 {
				p.text(b)
			}
		}
	case x == 'k':
		p.symbolCommand(d)
	case x == 'D' && len(d) >= 1 && d[0] == 20:
		for i := 1; i+1 < len(d); i += 2 {
			switch d[i] {
			case 1:
				p.pr.pulseOff = d[i+1]%48 == 0
			case 2:
				p.pr.powerOffOn = d[i+1]%48 == 1
			}
		}
	}
}

// processID is GS ( H: 30 30 d1 d2 d3 d4 asks for an answer at the end of printing, 31 30 d for offline responses.
func (p *Printer) processID(d []byte) {
	switch {
	case len(d) == 6 && d[0] == 0x30 && d[1] == 0x30:
		id := [4]byte(d[2:])
		for _, b := range id {
			if b < 0x20 || b > 0x7E {
				return
			}
		}
		switch {
		case p.model.FailID && p.sense.paperOut:
			p.reply(kindID, 0x37, 0x33, id[0], id[1], id[2], id[3], 0)
		case p.model.ProofAtParse:
			p.count.Proofs++
			p.reply(kindID, 0x37, 0x22, id[0], id[1], id[2], id[3], 0)
		default:
			p.mech.push(op{kind: opProof, id: id})
		}
	case len(d) == 3 && d[0] == 0x31 && d[1] == 0x30 && p.model.OfflineResponse:
		p.asb.offline = d[2] % 48
		p.asb.wasOff = !p.online()
	}
}

// inOrder answers one byte of an in-order request (GS r, GS I, ESC u, ESC v).
func (p *Printer) inOrder(b byte) {
	if !p.model.NoGSR {
		p.reply(kindPlain, b)
	}
}

// paperStatus is GS r 1: b0-1 near end, b2-3 end. It proves that the parser came here, not that paper moved.
func (p *Printer) paperStatus() {
	if p.model.GSRInverted { // HPRT TP80K manual: 00 paper end, 03 paper present
		p.inOrder(bit(!p.sense.paperOut, 0x03))
		return
	}
	p.inOrder(bit(p.near(), 0x03) | bit(p.sense.paperOut, 0x0C))
}

// autoStatus is GS a n: the present frame at once, then one at each change of an enabled group.
func (p *Printer) autoStatus(n byte) {
	p.asb.mask = n
	if n == 0 || p.model.NoASB {
		return
	}
	f := p.asbFrame()
	p.asb.last = f
	p.reply(kindPlain, f[:]...)
}

// identify is GS I n. Clones claim to be an Epson.
func (p *Printer) identify(n byte) {
	switch n {
	case 1, 49:
		p.inOrder(0x20)
	case 2, 50:
		p.inOrder(bit(p.model.TwoByte != "", 1) | bit(!p.model.NoCutter, 2))
	case 3, 51:
		p.inOrder(0x03)
	case 65, 66, 67, 68, 69:
		font := "CHINA GB18030"
		if p.model.TwoByte == "" {
			font = ""
		}
		s := []string{"1.00 ESC/POS", p.model.Maker, p.model.Product, "VIRTUAL001", font}[n-65]
		p.reply(kindBlock, append(append([]byte{0x5F}, s...), 0)...)
	}
}

// cutCommand is GS V m [n]. It works at the beginning of a line only.
func (p *Printer) cutCommand(c []byte) {
	if !p.pr.line.empty() {
		p.pr.line.garbage = true
		return
	}
	m, gap := c[0], p.model.HeadToCut
	switch m {
	case 0, 48, 1, 49:
		p.cutNow(m%48 == 1)
	case 65, 66:
		p.mech.push(op{kind: opFeed, dots: gap + int(c[1])})
		p.cutNow(m == 66)
	case 97, 98:
		if !p.model.NoCutter {
			p.mech.push(op{kind: opReserve, dots: 0, partial: m == 98, reserve: int(c[1])})
		}
	case 103, 104:
		p.mech.push(op{kind: opFeed, dots: gap + int(c[1])})
		p.cutNow(m == 104)
		if !p.model.NoCutter {
			p.mech.push(op{kind: opFeed, dots: -gap})
		}
	default:
		p.unknown()
	}
}

func (p *Printer) cutNow(partial bool) {
	if !p.model.NoCutter && p.pr.line.empty() {
		p.mech.push(op{kind: opCut, partial: partial})
	}
}

// feedLines is ESC d n: prints the line and feeds n lines.
func (p *Printer) feedLines(n int) {
	blank := n
	if !p.pr.line.empty() {
		blank--
	}
	p.printLine(n * p.pr.pitch)
	if last := len(p.mech.queue) - 1; last >= p.mech.head && blank > 0 {
		p.mech.queue[last].ink.blank = blank
		p.mech.queue[last].kind = opLine
	}
}
