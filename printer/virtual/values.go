package virtual

// values are the commands whose parameter has few values (Epson programming guide, "range"). Another one is without effect, as on a printer,
// and is counted, since its sender meant something by it.
var values = map[[2]byte]func(n byte) bool{
	{0x1B, '-'}: upTo(2), {0x1B, 'V'}: upTo(2), {0x1B, 'a'}: upTo(2), {0x1B, 'T'}: upTo(3), {0x1B, 'p'}: upTo(1), {0x1B, 'u'}: upTo(0),
	{0x1C, '-'}: upTo(2), {0x1C, 'p'}: between(1, 255), {0x1C, 'q'}: between(1, 255),
	{0x1D, '!'}: func(n byte) bool { return n&0x88 == 0 },
	{0x1D, 'H'}: upTo(3), {0x1D, 'T'}: upTo(1), {0x1D, 'h'}: between(1, 255), {0x1D, 'w'}: between(1, 6), {0x1D, '*'}: between(1, 255),
	{0x1D, 'f'}: func(n byte) bool { return upTo(1)(n) || n == 97 || n == 98 }, // smaller fonts are not here
	{0x1D, 'I'}: func(n byte) bool { return between(1, 3)(n) || between(49, 51)(n) || between(65, 69)(n) },
}

// upTo are the numbers from 0 to most, and their characters.
func upTo(most byte) func(byte) bool {
	return func(n byte) bool { return n <= most || n >= '0' && n <= '0'+most }
}

func between(least, most byte) func(byte) bool {
	return func(n byte) bool { return n >= least && n <= most }
}

// hasValue says whether a command's parameter is one that it has, and counts it otherwise.
func (ip *interpreter) hasValue(c []byte) bool {
	if ok := values[[2]byte{c[0], c[1]}]; ok == nil || ok(c[2]) {
		return true
	}
	ip.census.miss(nameOf(c) + " " + decimal(c[2]))
	return false
}

// atLineStart says whether a command that works at the beginning of a line only does so now; one that would have changed something is counted.
func (p *page) atLineStart(c []byte, changes bool) bool {
	if p.line.empty() {
		return true
	}
	if changes && !p.sheet.on { // in page mode the reference says that it is without effect
		p.census.miss(nameOf(c) + " within a line")
	}
	return false
}
