package virtual

// A parser takes commands in order out of the receive buffer. It keeps what an unfinished command has brought so far, so
// that any byte may be the last one for a while.
type parser struct {
	settings
	line    line
	cmd     []byte  // bytes of a command whose fixed part is not complete
	payload payload // rest of a command with data
	lead    byte    // first byte of a two-byte character, 0: none
	four    []byte  // first three bytes of a four-byte character
	deaf    bool    // deselected with ESC =

	qr, pdf    symbol // what GS ( k stored
	stored     raster // what GS ( L fn 112 stored
	pulseOff   bool   // GS ( D: DLE DC4 fn 1 disabled
	powerOffOn bool   // GS ( D: DLE DC4 fn 2 enabled
}

// A payload is data that a command announced.
type payload struct {
	left int64
	step int64                      // most bytes for one call of take; 0: any
	take func(p *Printer, b []byte) // called with parts in order
	done func(p *Printer)           // called after the last
}

// idle reports whether the parser stands between two commands with an empty line buffer.
func (r *parser) idle() bool {
	return len(r.cmd) == 0 && r.payload.left == 0 && r.lead == 0 && r.line.empty()
}

// parse takes bytes from b until one of them gave the mechanism something to do, and returns how many it took: at least one.
func (p *Printer) parse(b []byte) int {
	r := &p.pr
	used, waiting := 0, p.mech.waiting()
	for used < len(b) && p.mech.waiting() == waiting && len(p.due) == 0 {
		switch {
		case r.payload.left > 0:
			used += p.parsePayload(b[used:])
		case len(r.cmd) > 0:
			r.cmd = append(r.cmd, b[used])
			used++
			p.tryCommand()
		case r.lead != 0 || len(r.four) > 0:
			p.trail(b[used])
			used++
		case b[used] < 0x20:
			p.control(b[used])
			used++
		default:
			if !r.deaf {
				p.text(b[used])
			}
			used++
		}
	}
	return used
}

func (p *Printer) parsePayload(b []byte) int {
	pl := &p.pr.payload
	n := int(min(int64(len(b)), pl.left))
	if pl.step > 0 {
		n = min(n, int(pl.step))
	}
	pl.left -= int64(n)
	take, done := pl.take, pl.done
	if take != nil {
		take(p, b[:n])
	}
	if pl.left == 0 {
		*pl = payload{}
		if done != nil {
			done(p)
		}
	}
	return n
}

// expect announces n bytes of data; with n = 0 done is called at once.
func (p *Printer) expect(n int64, take func(*Printer, []byte), done func(*Printer)) {
	if n == 0 {
		if done != nil {
			done(p)
		}
		return
	}
	p.pr.payload = payload{left: n, take: take, done: done}
}

// maxBlock bounds what one command may make the printer store.
const maxBlock = 1 << 20

// collect announces n bytes and hands them over in one piece, cut off at maxBlock.
func (p *Printer) collect(n int64, done func(p *Printer, data []byte)) {
	data := make([]byte, 0, min(n, 64<<10))
	p.expect(n,
		func(_ *Printer, b []byte) { data = append(data, b[:min(len(b), maxBlock-len(data))]...) },
		func(p *Printer) { done(p, data) })
}

// control is a byte below 20 at the start of something.
func (p *Printer) control(c byte) {
	r := &p.pr
	if r.deaf && c != 0x1B && c != 0x10 {
		return
	}
	switch c {
	case 0x09:
		p.tab()
	case 0x0A:
		p.printLine(r.pitch)
	case 0x10, 0x1B, 0x1C, 0x1D:
		r.cmd = append(r.cmd[:0], c)
	case 0x0C, 0x0D, 0x18, 0x00: // page mode's FF and CAN, CR without effect, padding
	default:
		p.pr.line.garbage = true
	}
}

// tryCommand runs the command in cmd once its fixed part is complete.
func (p *Printer) tryCommand() {
	r := &p.pr
	if r.cmd[0] == 0x10 { // a real-time request was obeyed on arrival; in order it is thrown away
		want := realTimeLen(r.cmd)
		if want == 0 {
			again := r.cmd[len(r.cmd)-1]
			r.cmd = r.cmd[:0]
			p.parse([]byte{again})
		} else if want == len(r.cmd) {
			r.cmd = r.cmd[:0]
		}
		return
	}
	want := commandLen(r.cmd)
	if len(r.cmd) < want {
		return
	}
	cmd := r.cmd
	r.cmd = nil // the command may announce data or be followed by text
	if !r.deaf || cmd[0] == 0x1B && cmd[1] == '=' {
		p.command(cmd)
	}
	if r.cmd == nil {
		r.cmd = cmd[:0]
	}
}

// fixedLen gives the length of commands without data, prefix included.
var fixedLen = map[byte]map[byte]int{
	0x1B: {
		' ': 3, '!': 3, '$': 4, '%': 3, '-': 3, '2': 2, '3': 3, '=': 3, '?': 3, '@': 2, 'E': 3, 'G': 3, 'J': 3, 'K': 3,
		'L': 2, 'M': 3, 'R': 3, 'S': 2, 'T': 3, 'V': 3, 'W': 10, '\\': 4, 'a': 3, 'c': 4, 'd': 3, 'e': 3, 'i': 2, 'm': 2,
		'p': 5, 'r': 3, 't': 3, 'u': 3, 'v': 2, '{': 3, 0x0C: 2, '*': 5, '&': 5, 'D': 3, '(': 5, 'B': 4,
	},
	0x1C: {'!': 3, '&': 2, '.': 2, '-': 3, '2': 76, '?': 4, 'C': 3, 'S': 4, 'W': 3, 'p': 4, 'q': 3, '(': 5},
	0x1D: {
		'!': 3, '$': 4, '*': 4, '/': 3, ':': 2, 'B': 3, 'E': 3, 'H': 3, 'I': 3, 'L': 4, 'P': 4, 'T': 3, 'W': 4, '\\': 4,
		'^': 5, 'a': 3, 'b': 3, 'c': 2, 'f': 3, 'h': 3, 'j': 3, 'r': 3, 'w': 3, 'z': 5, 'v': 8, '(': 5, '8': 7,
		'k': 4, 'V': 3, 'g': 6,
	},
}

// commandLen is how many bytes of c make its fixed part. An unknown second byte ends the command there.
func commandLen(c []byte) int {
	if len(c) < 2 {
		return 2
	}
	n := fixedLen[c[0]][c[1]]
	switch {
	case n == 0:
		return 2
	case c[0] == 0x1D && c[1] == 'V' && len(c) >= 3 && c[2] >= 65:
		return 4
	case c[0] == 0x1D && c[1] == 'k' && len(c) >= 3 && c[2] <= 6:
		return 3
	}
	return n
}

// command runs one command whose fixed part is complete.
func (p *Printer) command(c []byte) {
	p.count.Commands++
	switch c[0] {
	case 0x1B:
		p.commandESC(c)
	case 0x1C:
		p.commandFS(c)
	case 0x1D:
		p.commandGS(c)
	}
}

// unknown is a command this printer does not have: its two bytes vanish, what follows prints as characters.
func (p *Printer) unknown() {
	p.count.Unknown++
	p.pr.line.garbage = true
}

func word(lo, hi byte) int { return int(lo) | int(hi)<<8 }
