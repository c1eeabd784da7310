package receiptline

import "strings"

// The tables of the bar codes are those of their standards: ISO/IEC 15420 (EAN/UPC), 16388 (Code 39), AIM BC5 (Code 93),
// EN 798 (Codabar), ISO/IEC 16390 (ITF).

// eanLeft is the odd-parity (A) pattern of each digit, seven modules; the right-hand (C) one is its inverse, the
// even-parity (B) one the mirror of that.
var eanLeft = [10]int{0x0d, 0x19, 0x13, 0x3d, 0x23, 0x31, 0x2f, 0x3b, 0x37, 0x0b}

// eanParity says, by the first digit of EAN-13, which of six digits take pattern B; the first of them is the highest bit.
var eanParity = [10]int{0x00, 0x0b, 0x0d, 0x0e, 0x13, 0x19, 0x1c, 0x15, 0x16, 0x1a}

// upceParity says the same for UPC-E, by the check digit.
var upceParity = [10]int{0x38, 0x34, 0x32, 0x31, 0x2c, 0x26, 0x23, 0x2a, 0x29, 0x25}

// eanB is the even-parity pattern of a digit.
func eanB(d int) int {
	v := ^eanLeft[d] & 0x7f
	mirror := 0
	for range 7 {
		mirror = mirror<<1 | v&1
		v >>= 1
	}
	return mirror
}

// eanModules draws UPC-A, UPC-E, EAN-8 and EAN-13; data is checked and complete.
func eanModules(symbology, data string) []bool {
	digit := func(i int) int { return int(data[i] - '0') }
	half := func(m []bool, from int, parity int) []bool {
		for i := range 6 {
			if parity>>(5-i)&1 == 1 {
				m = appendBits(m, eanB(digit(from+i)), 7)
			} else {
				m = appendBits(m, eanLeft[digit(from+i)], 7)
			}
		}
		return m
	}
	m := appendBits(make([]bool, 0, 95), 0b101, 3)
	switch {
	case symbology == "upc" && len(data) == 8:
		m = half(m, 1, upceParity[digit(7)])
		return appendBits(m, 0b010101, 6)
	case len(data) == 8:
		for i := range 4 {
			m = appendBits(m, eanLeft[digit(i)], 7)
		}
	case symbology == "upc":
		data = "0" + data
		fallthrough
	default:
		m = half(m, 1, eanParity[digit(0)])
	}
	m = appendBits(m, 0b01010, 5)
	for i := (len(data) + 1) / 2; i < len(data); i++ {
		m = appendBits(m, ^eanLeft[digit(i)]&0x7f, 7)
	}
	return appendBits(m, 0b101, 3)
}

// code39Set lists the characters of Code 39 by their value; the star frames the symbol.
const code39Set = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*"

// code39Table has a bit for each of nine elements, set where the element is wide.
var code39Table = [44]int{
	0x034, 0x121, 0x061, 0x160, 0x031, 0x130, 0x070, 0x025, 0x124, 0x064, 0x109, 0x049, 0x148, 0x019, 0x118, 0x058,
	0x00d, 0x10c, 0x04c, 0x01c, 0x103, 0x043, 0x142, 0x013, 0x112, 0x052, 0x007, 0x106, 0x046, 0x016, 0x181, 0x0c1,
	0x1c0, 0x091, 0x190, 0x0d0, 0x085, 0x184, 0x0c4, 0x0a8, 0x0a2, 0x08a, 0x02a, 0x094,
}

// codabarSet lists the characters of Codabar.
const codabarSet = "0123456789-$:/.+ABCD"

// codabarTable has a bit for each of seven elements, set where the element is wide.
var codabarTable = [20]int{
	0x03, 0x06, 0x09, 0x60, 0x12, 0x42, 0x21, 0x24, 0x30, 0x48, 0x0c, 0x18, 0x45, 0x51, 0x54, 0x15, 0x1a, 0x29, 0x0b, 0x0e,
}

// twoWidths draws characters of n elements, with a narrow space between them.
func twoWidths(data, set string, table []int, n int) []byte {
	e := make([]byte, 0, len(data)*(n+1))
	for i := range len(data) {
		if i > 0 {
			e = append(e, 1)
		}
		v := table[strings.IndexByte(set, data[i])]
		for bit := n - 1; bit >= 0; bit-- {
			e = append(e, byte(1+v>>bit&1))
		}
	}
	return e
}

// itfTable has a bit for each of the five bars (or spaces) of a digit, set where it is wide.
var itfTable = [10]int{0x06, 0x11, 0x09, 0x18, 0x05, 0x14, 0x0c, 0x03, 0x12, 0x0a}

// itf draws pairs of digits: the first in the bars, the second in the spaces.
func itf(data string) []byte {
	e := append(make([]byte, 0, 5*len(data)+7), 1, 1, 1, 1)
	for i := 0; i < len(data); i += 2 {
		bars, spaces := itfTable[data[i]-'0'], itfTable[data[i+1]-'0']
		for bit := 4; bit >= 0; bit-- {
			e = append(e, byte(1+bars>>bit&1), byte(1+spaces>>bit&1))
		}
	}
	return append(e, 2, 1, 1)
}

// code93Set lists the plain characters of Code 93 by their value; 43 to 46 are the shifts ($), (%), (/), (+).
const code93Set = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"

// code93Table has nine modules for each value.
var code93Table = [47]int{
	0x114, 0x148, 0x144, 0x142, 0x128, 0x124, 0x122, 0x150, 0x112, 0x10a, 0x1a8, 0x1a4, 0x1a2, 0x194, 0x192, 0x18a,
	0x168, 0x164, 0x162, 0x134, 0x11a, 0x158, 0x14c, 0x146, 0x12c, 0x116, 0x1b4, 0x1b2, 0x1ac, 0x1a6, 0x196, 0x19a,
	0x16c, 0x166, 0x136, 0x13a, 0x12e, 0x1d4, 0x1d2, 0x1ca, 0x16e, 0x176, 0x1ae, 0x126, 0x1da, 0x1d6, 0x132,
}

const code93Frame = 0x15e // start and stop, nine modules

// code93Values gives the one or two values of an ASCII character.
func code93Values(c byte) []byte {
	const dollar, percent, slash, plus = 43, 44, 45, 46
	letter := func(shift, n byte) []byte { return []byte{shift, 10 + n} }
	if i := strings.IndexByte(code93Set, c); i >= 0 {
		return []byte{byte(i)}
	}
	switch {
	case c == 0:
		return letter(percent, 'U'-'A')
	case c <= 26:
		return letter(dollar, c-1)
	case c < ' ':
		return letter(percent, c-27)
	case c <= ',':
		return letter(slash, c-'!')
	case c == ':':
		return letter(slash, 'Z'-'A')
	case c <= '?':
		return letter(percent, 'F'-'A'+c-';')
	case c == '@':
		return letter(percent, 'V'-'A')
	case c <= '_':
		return letter(percent, 'K'-'A'+c-'[')
	case c == '`':
		return letter(percent, 'W'-'A')
	case c <= 'z':
		return letter(plus, c-'a')
	}
	return letter(percent, 'P'-'A'+c-'{')
}

// code93Modules draws Code 93 with its two check characters and the bar that ends it.
func code93Modules(data string) []bool {
	var values []byte
	for i := range len(data) {
		values = append(values, code93Values(data[i])...)
	}
	for _, most := range []int{20, 15} {
		sum := 0
		for i, v := range values {
			sum += int(v) * ((len(values)-1-i)%most + 1)
		}
		values = append(values, byte(sum%47))
	}
	m := appendBits(make([]bool, 0, 9*len(values)+19), code93Frame, 9)
	for _, v := range values {
		m = appendBits(m, code93Table[v], 9)
	}
	return append(appendBits(m, code93Frame, 9), true)
}
