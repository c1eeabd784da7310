package escpos

// Kind says what a reply is.
type Kind uint8

// The kinds of replies.
const (
	RealTime   Kind = iota + 1 // one byte, the answer to a DLE EOT question; which one is for the asker to know
	Auto                       // four bytes of automatic status: a full snapshot
	InOrder                    // one byte, the answer to GS r (or to GS I with a small n)
	Done                       // the printer got as far as the fence with this ID
	Failed                     // the printer dropped what came before the fence with this ID: no paper
	Cleared                    // the buffers are empty, as asked with ClearBuffers
	WentOff                    // the printer went offline (GS ( H fn 49)
	Words                      // a text (GS I)
	PoweredOff                 // the printer switches itself off
	Block                      // any other complete block
)

// A Reply is one thing a printer said.
type Reply struct {
	Kind  Kind
	Byte  byte    // of RealTime and InOrder
	Frame [4]byte // of Auto
	ID    [4]byte // of Done and Failed
	Text  string  // of Words, WentOff and Block: what stands between header and NUL
}

// maxBlock bounds a block reply: maker texts have up to 80 bytes.
const maxBlock = 96

// A Demux takes the stream that comes back from a printer apart. Nothing in the stream says where a reply begins but
// the fixed bits of its bytes (Epson TM-T88III specification, appendix G), so it is strict: what breaks a rule is
// dropped, and the byte that broke it is looked at afresh. The zero value is ready. Not for concurrent use.
type Demux struct {
	part [maxBlock]byte
	n    int // bytes of an unfinished frame or block in part
	torn int // bytes that may still come of a status frame that a stray byte or a pause tore
}

// Feed takes the next bytes and gives the replies they complete. Unfinished replies are kept for the next call; the
// memory used is bounded.
func (d *Demux) Feed(b []byte) []Reply {
	var out []Reply
	for _, c := range b {
		if c == 0x11 || c == 0x13 { // XON, XOFF: may stand anywhere, and are never part of a reply
			continue
		}
		r, used := d.next(c)
		if !used {
			if d.part[0]&0x93 == 0x10 {
				d.torn = len(Reply{}.Frame) - d.n
			}
			d.n = 0
			r, _ = d.next(c)
		}
		if r.Kind != 0 {
			out = append(out, r)
		}
	}
	return out
}

// Gap tells that the line was silent for longer than a reply may pause: what is unfinished counts as lost. Its bytes are
// dropped and not read as something else, nor is its rest, should that come yet: the rest of a torn status frame looks like
// answers to GS r.
func (d *Demux) Gap() {
	torn := 0
	if d.n > 0 && d.part[0]&0x93 == 0x10 {
		torn = len(Reply{}.Frame) - d.n
	}
	d.n, d.torn = 0, torn
}

// Partial says whether a reply has begun that is not complete.
func (d *Demux) Partial() bool { return d.n > 0 }

// next takes one byte in the present state; used is false when the byte does not fit what had begun.
func (d *Demux) next(c byte) (r Reply, used bool) {
	if d.n == 0 {
		return d.begin(c), true
	}
	head := d.part[0]
	if head&0x93 == 0x10 {
		return d.frame(c)
	}
	if !d.fits(head, c) {
		return Reply{}, false
	}
	if c != 0 {
		d.part[d.n] = c
		d.n++
		return Reply{}, true
	}
	r = d.block()
	d.n = 0
	return r, true
}

// begin looks at a byte that stands on its own.
func (d *Demux) begin(c byte) Reply {
	switch {
	case c&0x93 == 0x12:
		return Reply{Kind: RealTime, Byte: c}
	case c&0x93 == 0x10:
		d.part[0] = c
		d.n, d.torn = 1, 0
	case c == 0x37, c == 0x3b, c == 0x5f, c == 0x35, c == 0x39, c == 0x3d: // or the stray byte that tore a frame
		d.part[0] = c
		d.n = 1
	case c&0x90 == 0 && d.torn > 0: // the rest of a torn frame looks like answers to GS r: a lost answer is asked for again
		d.torn--
	case c&0x90 == 0:
		return Reply{Kind: InOrder, Byte: c}
	}
	return Reply{} // no ESC/POS reply begins like this
}

// frame takes the second to fourth byte of an automatic status.
func (d *Demux) frame(c byte) (Reply, bool) {
	if c&0x90 != 0 {
		return Reply{}, false
	}
	d.part[d.n] = c
	d.n++
	if d.n < 4 {
		return Reply{}, true
	}
	d.n = 0
	return Reply{Kind: Auto, Frame: [4]byte(d.part[:4])}, true
}

// fits says whether c can stand at this place of the block that head began.
func (d *Demux) fits(head, c byte) bool {
	if d.n >= maxBlock-1 && c != 0 {
		return false
	}
	printable := c >= 0x20 && c <= 0x7e
	switch head {
	case 0x37:
		if d.n == 1 {
			return c == 0x22 || c == 0x33 || c == 0x23 || c == 0x25 || c == 0x72 || c == 0x73
		}
		switch d.part[1] {
		case 0x22, 0x33: // four printable bytes, then NUL
			return d.n < 6 && printable || d.n == 6 && c == 0
		case 0x25:
			return c == 0
		case 0x23: // up to ten cause bytes
			return c == 0 || d.n < 12 && c >= 0x40 && c <= 0x7f
		}
		return c == 0 || printable
	case 0x3b: // 3B 30 00
		return d.n == 1 && c == 0x30 || d.n == 2 && c == 0
	case 0x5f: // maker texts may be Chinese
		return c == 0 || printable || c >= 0x80
	}
	return c == 0 && d.n > 1 || c >= 0x20 && c <= 0x7f
}

// block names a finished block.
func (d *Demux) block() Reply {
	body := d.part[1:d.n]
	switch d.part[0] {
	case 0x3b:
		return Reply{Kind: PoweredOff}
	case 0x5f:
		return Reply{Kind: Words, Text: string(body)}
	case 0x37:
		switch body[0] {
		case 0x22:
			return Reply{Kind: Done, ID: [4]byte(body[1:5])}
		case 0x33:
			return Reply{Kind: Failed, ID: [4]byte(body[1:5])}
		case 0x25:
			return Reply{Kind: Cleared}
		case 0x23:
			return Reply{Kind: WentOff, Text: string(body[1:])}
		}
	}
	return Reply{Kind: Block, Text: string(d.part[:d.n])}
}
