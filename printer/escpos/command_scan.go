package escpos

// next gives the length of the command, character or run of text that b begins with, as a printer's parser takes it.
// A command that b cuts short counts as all of b; one that is not known counts as its two bytes.
func next(b []byte) int {
	n := 1
	switch {
	case b[0] >= 0x1b && b[0] <= 0x1d:
		n, _ = Size(b)
	case b[0] >= 0x81:
		n = character(b)
	}
	return min(n, len(b))
}

// character gives the length of what begins with a high byte: in two-byte mode a character of two bytes, or of four (GB18030). In a code
// page it is several characters, which does no harm; what is no second byte of any set, a command most likely, is left alone.
func character(b []byte) int {
	switch {
	case len(b) < 2 || b[1] < 0x30:
		return 1
	case b[1] <= 0x39 && len(b) >= 4 && b[2] >= 0x81 && b[3] >= 0x30 && b[3] <= 0x39:
		return 4
	}
	return 2
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

// barcode gives the length of GS k in both its forms: m d... NUL, and m n d...
func barcode(b []byte) int {
	switch {
	case len(b) < 3:
		return 3
	case b[2] > 6 && len(b) < 4:
		return 4
	case b[2] >= 65:
		return 4 + int(b[3])
	case b[2] > 6:
		return 4
	}
	for i := 3; i < len(b); i++ {
		if b[i] == 0 {
			return i + 1
		}
	}
	return len(b) + 1
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
