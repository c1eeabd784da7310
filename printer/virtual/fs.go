package virtual

import "fmt"

// commandFS runs the commands that begin with FS. A model without a two-byte font ignores those about it.
func (ip *interpreter) commandFS(c []byte) {
	n := 0
	if len(c) > 2 {
		n = int(c[2])
	}
	if ip.model.TwoByte == "" && (c[1] == '&' || c[1] == '!' || c[1] == 'W') {
		return
	}
	switch c[1] {
	case '!':
		ip.page.set.kanji.w, ip.page.set.kanji.h = uint8(1+n>>2&1), uint8(1+n>>3&1)
		ip.page.set.kanji.underline = uint8(n >> 7)
	case '&':
		ip.page.set.cjk = true
	case '.':
		ip.page.set.cjk = false
	case '-':
		ip.page.set.kanji.underline = uint8(min(n%48, 2))
	case 'S':
		ip.page.set.kspace = [2]int{int(c[2]), int(c[3])}
	case 'W':
		ip.page.set.kanji.w, ip.page.set.kanji.h = uint8(1+n&1), uint8(1+n&1)
	case 'p':
		ip.page.logo(fmt.Sprintf("NV logo %d", n))
	case 'q':
		ip.defineNV(n)
	case '(':
		ip.expect(int64(word(c[3], c[4])), nil, nil)
	case '2', '?', 'C': // known, without effect on this paper
	default:
		ip.unknown()
	}
}

// defineNV swallows FS q n [xL xH yL yH d...]: the flash is busy, the pictures are not kept.
func (ip *interpreter) defineNV(images int) {
	if images <= 0 {
		ip.buffer.push(op{kind: opNV})
		return
	}
	var head []byte
	ip.expect(4, func(b []byte) { head = append(head, b...) }, func() {
		size := int64(word(head[0], head[1])) * int64(word(head[2], head[3])) * 8
		ip.expect(size, nil, func() { ip.defineNV(images - 1) })
	})
}
