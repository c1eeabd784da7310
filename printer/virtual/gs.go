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
	case '$', '\\', 'T', 'P':
		ip.moveGS(c, n)
	case '*', '/', 'v':
		ip.pictureGS(c)
	case 'I':
		ip.host.identify(c[2])
	case 'V':
		ip.cutCommand(c)
	case 'a':
		ip.host.autoStatus(c[2])
	case 'k':
		ip.barcodeCommand(c)
	case 'r':
		ip.requestStatus(c)
	case '(':
		ip.collect(int64(word(c[3], c[4])), func(data []byte) { ip.extended(c, data) })
	case '8':
		n := int64(c[3]) | int64(c[4])<<8 | int64(c[5])<<16 | int64(c[6])<<24
		ip.collect(n, func(data []byte) { ip.extended([]byte{0x1D, '(', c[2]}, data) })
	case 'b': // smoothing: these characters have no slopes to smooth
	case ':', 'E', '^', 'c', 'j', 'z', 'g':
		ip.census.miss(nameOf(c))
	default:
		ip.unknown(c)
	}
}

// moveGS runs those about the place of what comes next.
func (ip *interpreter) moveGS(c []byte, n int) {
	s := &ip.page.sheet
	switch c[1] {
	case '$', '\\':
		y := word(c[2], c[3])
		if c[1] == '\\' {
			y = s.y + int(int16(y))
		}
		ip.inSheet(nameOf(c), func() { ip.placed(c, s.moveTo(s.x, y)) })
	case 'T': // to the beginning of the line: n = 0 throws away what is in it, else it is printed
		switch {
		case s.on || ip.page.line.empty():
		case n%48 == 0:
			ip.page.line.clear()
		default:
			ip.page.printLine(ip.page.set.pitch)
		}
	case 'P': // motion units: one dot is the only one here
		for _, unit := range c[2:4] {
			if unit != 0 && int(unit) != ip.model.DPI {
				ip.census.miss("GS P " + decimal(c[2], c[3]))
				return
			}
		}
	}
}

// requestStatus is GS r n: 1 paper, 2 drawer; 4 is ink, which is not here.
func (ip *interpreter) requestStatus(c []byte) {
	switch digit(c[2]) {
	case 1:
		ip.host.paperStatus()
	case 2:
		ip.host.drawerStatus()
	default:
		ip.census.miss("GS r " + decimal(c[2]))
	}
}

// extended runs GS ( X with its data; what the model does not know is skipped by its length.
func (ip *interpreter) extended(c, d []byte) {
	switch x := c[2]; {
	case x == 'H' && !ip.model.NoGSH:
		ip.processID(d)
	case x == 'L' && !ip.model.NoGraphics:
		ip.sets.pictures.graphics(d)
	case x == 'k' && ip.model.NoQR:
		ip.census.miss(nameOf(c))
		ip.page.line.garbage = true
		for _, b := range d[min(3, len(d)):] {
			if b >= 0x20 {
				ip.sets.chars.text(b)
			}
		}
	case x == 'k':
		ip.sets.symbols.symbolCommand(d)
	case x == 'D' && len(d) >= 1 && d[0] == 20:
		for n := 1; n+1 < len(d); n += 2 {
			switch d[n] {
			case 1:
				ip.off.pulse = d[n+1]%48 == 0
			case 2:
				ip.off.power = d[n+1]%48 == 1
			default:
				ip.census.miss("GS ( D 20 " + decimal(d[n]))
			}
		}
	default:
		ip.census.miss(nameOf(c))
	}
}

// processID is GS ( H: 30 30 d1 d2 d3 d4 asks for an answer at the end of printing, 31 30 d for offline responses.
func (ip *interpreter) processID(d []byte) {
	switch {
	case len(d) == 6 && d[0] == 0x30 && d[1] == 0x30:
		id := [4]byte(d[2:])
		for _, b := range id {
			if b < 0x20 || b > 0x7E {
				ip.census.miss("GS ( H " + decimal(d[:2]...))
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
	default:
		ip.census.miss("GS ( H " + decimal(d[:min(2, len(d))]...))
	}
}
