package escpos

// Size gives the length of the command that b begins with, ESC, FS or GS, as far as b tells: more than len(b) means that it goes on, for
// at least so long. known is false for one that is in none of the makers' lists here: a printer takes its two bytes for nothing and what
// follows for text. Lengths are from the Epson programming guide, where not said otherwise.
func Size(b []byte) (n int, known bool) {
	if len(b) < 2 {
		return 2, true
	}
	if n := int(sizes[b[0]&3][b[1]]); n > 0 {
		return n, true
	}
	switch b[0] {
	case 0x1B:
		return sizeESC(b)
	case 0x1C:
		return sizeFS(b)
	}
	return sizeGS(b)
}

// sizes are the commands without data, by the last two bits of their first byte: FS 1C, GS 1D, ESC 1B.
var sizes = [4][256]uint8{
	0x1B & 3: {
		' ': 3, '!': 3, '$': 4, '%': 3, '-': 3, '2': 2, '3': 3, '9': 3, '<': 2, '=': 3, '?': 3, '@': 2, 'B': 4, 'E': 3, 'G': 3, 'J': 3, 'K': 3,
		'L': 2, 'M': 3, 'R': 3, 'S': 2, 'T': 3, 'U': 3, 'V': 3, 'W': 10, '\\': 4, 'a': 3, 'c': 4, 'd': 3, 'e': 3, 'f': 4, 'i': 2, 'm': 2,
		'p': 5, 'r': 3, 't': 3, 'u': 3, 'v': 2, '{': 3, 0x0C: 2,
	},
	0x1C & 3: {'!': 3, '&': 2, '.': 2, '-': 3, '2': 76, '?': 4, 'C': 3, 'S': 4, 'W': 3, 'p': 4},
	0x1D & 3: {
		'!': 3, '$': 4, '/': 3, ':': 2, 'B': 3, 'E': 3, 'H': 3, 'I': 3, 'L': 4, 'P': 4, 'T': 3, 'W': 4, 'Z': 3, '\\': 4, '^': 5, 'a': 3, 'b': 3,
		'c': 2, 'f': 3, 'g': 6, 'h': 3, 'j': 3, 'r': 3, 'w': 3, 'z': 5,
	},
}

func sizeESC(b []byte) (int, bool) {
	switch b[1] {
	case '(': // ESC ( c pL pH data
		return 5 + le(b, 3), true
	case '*': // ESC * m nL nH data
		return 5 + le(b, 3)*columns(b), true
	case 'D': // ESC D n... NUL, at most 32
		for i := 2; i < len(b); i++ {
			if b[i] == 0 || i == 2+32 {
				return i + 1, true
			}
		}
		return len(b) + 1, true
	case '&':
		return sizeGlyphs(b), true
	case 'Z': // ESC Z m n k dL dH data: QR codes of some Chinese makers
		return 7 + le(b, 5), true
	}
	return 2, false
}

// sizeGlyphs is ESC & y c1 c2 [x d...]...: for each code a width and x columns of y bytes.
func sizeGlyphs(b []byte) int {
	n := 5
	if len(b) < n {
		return n
	}
	for code := int(b[3]); code <= int(b[4]); code++ {
		if len(b) <= n {
			return n + 1
		}
		n += 1 + int(b[n])*int(b[2])
	}
	return n
}

func sizeFS(b []byte) (int, bool) {
	switch b[1] {
	case '(': // FS ( c pL pH data
		return 5 + le(b, 3), true
	case 'q': // FS q n [xL xH yL yH d...]...: columns of y bytes, 8 x of them
		if len(b) < 3 {
			return 3, true
		}
		n := 3
		for range b[2] {
			if len(b) < n+4 {
				return n + 4, true
			}
			n = bounded(int64(n) + 4 + int64(le(b, n))*int64(le(b, n+2))*8)
		}
		return n, true
	case 'g': // FS g 1, FS g 2 m a1 a2 a3 a4 nL nH: user memory; 1 writes what follows
		if len(b) > 2 && b[2]%48 == 1 {
			return 10 + le(b, 8), true
		}
		return 10, true
	}
	return 2, false
}

func sizeGS(b []byte) (int, bool) {
	switch b[1] {
	case '(': // GS ( c pL pH data
		return 5 + le(b, 3), true
	case '8': // GS 8 c p1 p2 p3 p4 data
		return bounded(7 + int64(le(b, 3)) + int64(le(b, 5))<<16), true
	case 'v': // GS v 0 m xL xH yL yH data
		return bounded(8 + int64(le(b, 4))*int64(le(b, 6))), true
	case '*': // GS * x y data
		if len(b) < 4 {
			return 4, true
		}
		return 4 + 8*int(b[2])*int(b[3]), true
	case 'k':
		return barcode(b), true
	case 'V':
		if len(b) > 2 && b[2] >= 65 {
			return 4, true
		}
		return 3, true
	}
	return 2, false
}

// bounded keeps a length that somebody else wrote within an int of any machine.
func bounded(n int64) int { return int(min(n, 1<<30)) }
