package virtual

// An interpreter takes commands in order out of the receive buffer. It keeps what an unfinished command has brought so far, so
// that any byte may be the last one for a while.
type interpreter struct {
	model  *Model
	cond   *condition
	host   *host
	buffer *printBuffer
	sets   *typesetter
	page   *page // of sets
	hooks  *hooks
	count  *Counters
	census *census
	taken  int64 // bytes parsed since New

	cmd     []byte  // bytes of a command whose fixed part is not complete
	payload payload // rest of a command with data
	deaf    bool    // deselected with ESC =
	off     switches
}

// switches are what GS ( D chose.
type switches struct {
	pulse bool // DLE DC4 fn 1 disabled
	power bool // DLE DC4 fn 2 enabled
}

// reset is what power-on does to the interpreter.
func (ip *interpreter) reset() {
	ip.cmd, ip.payload, ip.deaf, ip.off = nil, payload{}, false, switches{}
}

// A payload is data that a command announced.
type payload struct {
	left int64
	step int64          // most bytes for one call of take; 0: any
	take func(b []byte) // called with parts in order
	done func()         // called after the last
}

// idle reports whether the parser stands between two commands with an empty line buffer.
func (ip *interpreter) idle() bool {
	return len(ip.cmd) == 0 && ip.payload.left == 0 && ip.sets.idle()
}

// parse takes bytes from b until one of them gave the mechanism something to do, and returns how many it took: at least one.
func (ip *interpreter) parse(b []byte) int {
	used, waiting := 0, ip.buffer.waiting()
	for used < len(b) && ip.buffer.waiting() == waiting && len(ip.hooks.due) == 0 {
		switch {
		case ip.payload.left > 0:
			used += ip.parsePayload(b[used:])
		case len(ip.cmd) > 0:
			ip.cmd = append(ip.cmd, b[used])
			used++
			ip.tryCommand()
		case ip.sets.chars.takes(b[used]):
			ip.sets.chars.trail(b[used])
			used++
		default:
			ip.census.at = ip.taken + int64(used)
			ip.begin(b[used])
			used++
		}
	}
	ip.taken += int64(used)
	return used
}

// begin takes a byte that stands between commands and characters.
func (ip *interpreter) begin(b byte) {
	switch {
	case b < 0x20:
		ip.control(b)
	case !ip.deaf:
		ip.sets.chars.text(b)
	}
}

func (ip *interpreter) parsePayload(b []byte) int {
	pl := &ip.payload
	n := int(min(int64(len(b)), pl.left))
	if pl.step > 0 {
		n = min(n, int(pl.step))
	}
	pl.left -= int64(n)
	take, done := pl.take, pl.done
	if take != nil {
		take(b[:n])
	}
	if pl.left == 0 {
		*pl = payload{}
		if done != nil {
			done()
		}
	}
	return n
}

// expect announces n bytes of data; with n = 0 done is called at once.
func (ip *interpreter) expect(n int64, take func([]byte), done func()) {
	if n == 0 {
		if done != nil {
			done()
		}
		return
	}
	ip.payload = payload{left: n, take: take, done: done}
}

// maxBlock bounds what one command may make the printer store.
const maxBlock = 1 << 20

// collect announces n bytes and hands them over in one piece, cut off at maxBlock.
func (ip *interpreter) collect(n int64, done func(data []byte)) {
	data := make([]byte, 0, min(n, 64<<10))
	ip.expect(n,
		func(b []byte) { data = append(data, b[:min(len(b), maxBlock-len(data))]...) },
		func() { done(data) })
}

// control is a byte below 20 at the start of something.
func (ip *interpreter) control(c byte) {
	if ip.deaf && c != 0x1B && c != 0x10 {
		return
	}
	switch c {
	case 0x09:
		ip.page.tab()
	case 0x0A:
		ip.page.printLine(ip.page.set.pitch)
	case 0x10, 0x1B, 0x1C, 0x1D:
		ip.cmd = append(ip.cmd[:0], c)
	case 0x0C:
		ip.inSheet("FF", ip.page.formFeed)
	case 0x18:
		ip.inSheet("CAN", ip.page.erase)
	case 0x0D, 0x00: // CR without effect (automatic line feed is off), padding
	default:
		ip.census.miss("control " + symbolOf(c))
		ip.page.line.garbage = true
	}
}

// inSheet does what works in page mode only, and counts it elsewhere.
func (ip *interpreter) inSheet(name string, do func()) {
	if !ip.page.sheet.on {
		ip.census.miss(name + " outside page mode")
		return
	}
	do()
}

// placed counts a place that does not exist: the command has no effect.
func (ip *interpreter) placed(c []byte, ok bool) {
	if !ok {
		ip.census.miss(nameOf(c) + " outside the area")
	}
}

// tryCommand runs the command in cmd once its fixed part is complete.
func (ip *interpreter) tryCommand() {
	if ip.cmd[0] == 0x10 { // a real-time request was obeyed on arrival; in order it is thrown away
		want := realTimeLen(ip.cmd)
		if want == 0 {
			ip.census.miss("DLE " + symbolOf(ip.cmd[1]))
			again := ip.cmd[len(ip.cmd)-1]
			ip.cmd = ip.cmd[:0]
			ip.begin(again)
		} else if want == len(ip.cmd) {
			ip.cmd = ip.cmd[:0]
		}
		return
	}
	want := commandLen(ip.cmd)
	if len(ip.cmd) < want {
		return
	}
	cmd := ip.cmd
	ip.cmd = nil // the command may announce data or be followed by text
	if !ip.deaf || cmd[0] == 0x1B && cmd[1] == '=' {
		ip.command(cmd)
	}
	if ip.cmd == nil {
		ip.cmd = cmd[:0]
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
func (ip *interpreter) command(c []byte) {
	ip.count.Commands++
	if !ip.hasValue(c) {
		return
	}
	switch c[0] {
	case 0x1B:
		ip.commandESC(c)
	case 0x1C:
		ip.commandFS(c)
	case 0x1D:
		ip.commandGS(c)
	}
}

// unknown is a command this printer does not have: its two bytes vanish, what follows prints as characters.
func (ip *interpreter) unknown(c []byte) {
	ip.count.Unknown++
	ip.census.miss(nameOf(c))
	ip.page.line.garbage = true
}

func word(lo, hi byte) int { return int(lo) | int(hi)<<8 }
