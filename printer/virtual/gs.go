package virtual

// commandGS runs the commands that begin with GS (Epson programming guide).
func (ip *interpreter) commandGS(c []byte) {
	n := 0
	if len(c) > 2 {
		n = int(c[2])
	}
	switch c[1] {
	case '!', 'B', 'H', 'L', 'W', 'f', 'h', 'w':
		ip.page.formatGS(c, n)
	case '*':
		ip.expect(int64(c[2])*int64(c[3])*8, nil, nil)
	case 'I':
		ip.host.identify(c[2])
	case 'V':
		ip.cutCommand(c[2:])
	case 'a':
		ip.host.autoStatus(c[2])
	case 'k':
		ip.barcodeCommand(c[2:])
	case 'r':
		switch n % 48 {
		case 1:
			ip.host.paperStatus()
		case 2:
			ip.host.inOrder(bit(!ip.cond.sense.drawer, 1))
		}
	case 'v':
		ip.rasterCommand(c)
	case '(':
		fn := c[2]
		ip.collect(int64(word(c[3], c[4])), func(data []byte) { ip.extended(fn, data) })
	case '8':
		n := int64(c[3]) | int64(c[4])<<8 | int64(c[5])<<16 | int64(c[6])<<24
		ip.collect(n, func(data []byte) { ip.extended('L', data) })
	case '/', ':', '$', 'E', 'P', 'T', '\\', '^', 'b', 'c', 'j', 'z', 'g': // known, without effect on this paper
	default:
		ip.unknown()
	}
}

// extended runs GS ( X with its data; what the model does not know is skipped by its length.
func (ip *interpreter) extended(x byte, d []byte) {
	switch {
	case x == 'H' && !ip.model.NoGSH:
		ip.processID(d)
	case x == 'L' && !ip.model.NoGraphics:
		ip.page.graphics(d)
	case x == 'k' && ip.model.NoQR:
		ip.page.line.garbage = true
		for _, b := range d[min(3, len(d)):] {
			if b >= 0x20 {
				ip.page.text(b)
			}
		}
	case x == 'k':
		ip.page.symbolCommand(d)
	case x == 'D' && len(d) >= 1 && d[0] == 20:
		for n := 1; n+1 < len(d); n += 2 {
			switch d[n] {
			case 1:
				ip.pulseOff = d[n+1]%48 == 0
			case 2:
				ip.powerOffOn = d[n+1]%48 == 1
			}
		}
	}
}

// processID is GS ( H: 30 30 d1 d2 d3 d4 asks for an answer at the end of printing, 31 30 d for offline responses.
func (ip *interpreter) processID(d []byte) {
	switch {
	case len(d) == 6 && d[0] == 0x30 && d[1] == 0x30:
		id := [4]byte(d[2:])
		for _, b := range id {
			if b < 0x20 || b > 0x7E {
				return
			}
		}
		switch {
		case ip.model.FailID && ip.cond.sense.paperOut:
			ip.host.reply(kindID, 0x37, 0x33, id[0], id[1], id[2], id[3], 0)
		case ip.model.ProofAtParse:
			ip.count.Proofs++
			ip.host.reply(kindID, 0x37, 0x22, id[0], id[1], id[2], id[3], 0)
		default:
			ip.buffer.push(op{kind: opProof, id: id})
		}
	case len(d) == 3 && d[0] == 0x31 && d[1] == 0x30 && ip.model.OfflineResponse:
		ip.host.asb.offline = d[2] % 48
		ip.host.asb.wasOff = !ip.cond.online()
	}
}

// cutCommand is GS V m [n]. It works at the beginning of a line only.
func (ip *interpreter) cutCommand(c []byte) {
	if !ip.page.line.empty() {
		ip.page.line.garbage = true
		return
	}
	m, gap := c[0], ip.model.HeadToCut
	switch m {
	case 0, 48, 1, 49:
		ip.cutNow(m%48 == 1)
	case 65, 66:
		ip.buffer.push(op{kind: opFeed, dots: gap + int(c[1])})
		ip.cutNow(m == 66)
	case 97, 98:
		if !ip.model.NoCutter {
			ip.buffer.push(op{kind: opReserve, dots: 0, partial: m == 98, reserve: int(c[1])})
		}
	case 103, 104:
		ip.buffer.push(op{kind: opFeed, dots: gap + int(c[1])})
		ip.cutNow(m == 104)
		if !ip.model.NoCutter {
			ip.buffer.push(op{kind: opFeed, dots: -gap})
		}
	default:
		ip.unknown()
	}
}

func (ip *interpreter) cutNow(partial bool) {
	if !ip.model.NoCutter && ip.page.line.empty() {
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
	if last := ip.buffer.last(); last != nil && blank > 0 {
		last.ink.blank, last.kind = blank, opLine
	}
}
