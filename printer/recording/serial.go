package recording

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// hideSerials replaces the serial numbers in what came back: the text of each block 5F ... 00 that came while an answer to GS I 68
// was due. When in doubt whether a block is that answer it is hashed too.
func hideSerials(events []event) []event {
	var secret [16]byte
	_, _ = rand.Read(secret[:]) // never fails
	out := make([]event, len(events))
	var h hider
	for i, e := range events {
		e.data = append([]byte(nil), e.data...)
		out[i] = e
		if e.link != "" {
			h = hider{} // answers do not outlive their link
		}
		for k := range e.data {
			if e.out {
				h.sent(e.data[k])
			} else {
				h.came(&e.data[k], secret[:])
			}
		}
	}
	return out
}

// A hider follows the conversation byte by byte.
type hider struct {
	last    [2]byte // the two bytes sent before
	due     []byte  // n of each GS I whose answer is a block and has not come
	inBlock bool
	text    []*byte // of the block that is coming
}

// sent looks for GS I n.
func (h *hider) sent(b byte) {
	if h.last == [2]byte{0x1D, 'I'} && b >= 65 {
		h.due = append(h.due, b)
	}
	h.last = [2]byte{h.last[1], b}
}

// came looks for blocks, and hides one that may hold a serial number once it is whole.
func (h *hider) came(b *byte, secret []byte) {
	switch {
	case !h.inBlock:
		if *b == 0x5F {
			h.inBlock, h.text = true, nil
		}
	case *b != 0:
		if *b != 0x11 && *b != 0x13 { // XON and XOFF may stand within
			h.text = append(h.text, b)
		}
	default:
		h.inBlock = false
		if h.serialDue() {
			hide(h.text, secret)
		}
		if len(h.due) > 0 {
			h.due = h.due[1:]
		}
	}
}

func (h *hider) serialDue() bool {
	for _, n := range h.due {
		if n == 68 {
			return true
		}
	}
	return false
}

// hide writes the hash over the text, in its length.
func hide(text []*byte, secret []byte) {
	plain := append([]byte(nil), secret...)
	for _, b := range text {
		plain = append(plain, *b)
	}
	sum := sha256.Sum256(plain)
	digits := hex.EncodeToString(sum[:])
	for i, b := range text {
		*b = digits[i%len(digits)]
	}
}
