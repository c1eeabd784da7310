package escpos

// next gives the length of the command, character or run of text that b begins with, as a printer's parser takes it.
// A command that b cuts short counts as all of b; one that is not known counts as its two bytes.
func next(b []byte) int {
	n := 1
	switch {
	case b[0] == 0x1b || b[0] == 0x1c || b[0] == 0x1d:
		n = control(b)
	case b[0] >= 0x81: // a two-byte character; in a code page two characters, which does no harm
		n = 2
	}
	return min(n, len(b))
}

// control gives the length of a command with ESC, FS or GS in front.
func control(b []byte) int {
	if len(b) < 2 {
		return len(b)
	}
	if b[1] == '(' && b[0] != 0x1b || b[1] == '(' && len(b) > 2 { // X ( c pL pH data
		return 5 + le(b, 3)
	}
	switch string(b[:2]) {
	case "\x1b@", "\x1b2", "\x1bi", "\x1bm", "\x1c&", "\x1c.":
		return 2
	case "\x1b$", "\x1b\\", "\x1dL", "\x1dW", "\x1d$", "\x1d\\", "\x1dP", "\x1cS", "\x1cp":
		return 4
	case "\x1bp":
		return 5
	case "\x1b*":
		return 5 + le(b, 3)*columns(b)
	case "\x1dv": // GS v 0 m xL xH yL yH
		return 8 + le(b, 4)*le(b, 6)
	case "\x1d8": // GS 8 L p1 p2 p3 p4
		return 7 + le(b, 3) + le(b, 5)<<16
	case "\x1dk":
		return barcode(b)
	case "\x1dV":
		if len(b) > 2 && b[2] >= 65 {
			return 4
		}
		return 3
	}
	return 3 // all others of ours have one parameter
}

// le reads two bytes, low byte first.
func le(b []byte, at int) int {
	if len(b) < at+2 {
		return 0
	}
	return int(b[at]) | int(b[at+1])<<8
}

// columns is how many bytes a column of ESC * has.
func columns(b []byte) int {
	if len(b) > 2 && b[2] >= 32 {
		return 3
	}
	return 1
}

// barcode gives the length of GS k in both its forms.
func barcode(b []byte) int {
	if len(b) < 4 {
		return len(b)
	}
	if b[2] >= 65 {
		return 4 + int(b[3])
	}
	for i := 3; i < len(b); i++ {
		if b[i] == 0 {
			return i + 1
		}
	}
	return len(b)
}

// Portion gives how many bytes of b, which begins between commands, make up at most size bytes of complete commands
// and characters. A single command that is longer is not divided. The answer is at least 1 when b is not empty.
func Portion(b []byte, size int) int {
	at := 0
	for at < len(b) {
		n := next(b[at:])
		if at > 0 && at+n > size {
			break
		}
		at += n
	}
	return at
}

// Largest gives the length of the longest command in b: so many bytes end it wherever a printer stopped reading.
func Largest(b []byte) int {
	most := 0
	for at := 0; at < len(b); {
		n := next(b[at:])
		most = max(most, n)
		at += n
	}
	return most
}
