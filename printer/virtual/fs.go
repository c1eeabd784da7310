package virtual

import "fmt"

// commandFS runs the commands that begin with FS. A model without a two-byte font ignores those about it.
func (p *Printer) commandFS(c []byte) {
	r := &p.pr
	n := 0
	if len(c) > 2 {
		n = int(c[2])
	}
	if p.model.TwoByte == "" && (c[1] == '&' || c[1] == '!' || c[1] == 'W') {
		return
	}
	switch c[1] {
	case '!':
		r.kanji.w, r.kanji.h = uint8(1+n>>2&1), uint8(1+n>>3&1)
		r.kanji.underline = uint8(n >> 7)
	case '&':
		r.cjk = true
	case '.':
		r.cjk = false
	case '-':
		r.kanji.underline = uint8(min(n%48, 2))
	case 'S':
		r.kspace = [2]int{int(c[2]), int(c[3])}
	case 'W':
		r.kanji.w, r.kanji.h = uint8(1+n&1), uint8(1+n&1)
	case 'p':
		p.logo(fmt.Sprintf("NV logo %d", n))
	case 'q':
		p.defineNV(n)
	case '(':
		p.expect(int64(word(c[3], c[4])), nil, nil)
	case '2', '?', 'C': // known, without effect on this paper
	default:
		p.unknown()
	}
}

// defineNV swallows FS q n [xL xH yL yH d...]: the flash is busy, the pictures are not kept.
func (p *Printer) defineNV(images int) {
	if images <= 0 {
		p.mech.push(op{kind: opNV})
		return
	}
	var head []byte
	p.expect(4, func(_ *Printer, b []byte) { head = append(head, b...) }, func(p *Printer) {
		size := int64(word(head[0], head[1])) * int64(word(head[2], head[3])) * 8
		p.expect(size, nil, func(p *Printer) { p.defineNV(images - 1) })
	})
}
