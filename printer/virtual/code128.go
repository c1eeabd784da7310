package virtual

import "strings"

// code128Bars are the widths of bars and spaces of the 107 symbols of CODE128 (ISO/IEC 15417), start and stop included.
var code128Bars = strings.Fields(`
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 123221
223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321
112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131
311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114
122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141
214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112`)

// code128 reads the data of GS k 73: {A {B {C choose the set, {S shifts, {1 to {4 are functions, {{ is a brace (Epson
// programming guide, GS k). It returns the modules and what a person reads under them.
func code128(d []byte) (modules []bool, hri string, ok bool) {
	if len(d) < 2 || d[0] != '{' || d[1] < 'A' || d[1] > 'C' {
		return nil, "", false
	}
	c := coder128{set: d[1]}
	c.values = append(c.values, 103+int(d[1]-'A'))
	for i := 2; i < len(d); {
		n := 1
		if d[i] == '{' {
			if i+1 == len(d) {
				return nil, "", false
			}
			n, ok = 2, c.brace(d[i+1])
		} else {
			ok = c.char(d[i])
		}
		if !ok {
			return nil, "", false
		}
		i += n
	}
	sum := c.values[0]
	for i, v := range c.values[1:] {
		sum += (i + 1) * v
	}
	for _, v := range append(c.values, sum%103, 106) {
		modules = appendBars(modules, code128Bars[v])
	}
	return modules, c.hri.String(), true
}

// appendBars turns widths into modules, a bar first.
func appendBars(m []bool, widths string) []bool {
	for i, w := range widths {
		for range w - '0' {
			m = append(m, i%2 == 0)
		}
	}
	return m
}

type coder128 struct {
	set    byte
	shift  bool
	values []int
	hri    strings.Builder
}

// brace is the character after {.
func (c *coder128) brace(b byte) bool {
	switch b {
	case 'A', 'B', 'C':
		if b != c.set {
			c.values = append(c.values, map[byte]int{'A': 101, 'B': 100, 'C': 99}[b])
			c.set = b
		}
	case 'S':
		if c.set == 'C' {
			return false
		}
		c.values = append(c.values, 98)
		c.shift = true
	case '1':
		c.values = append(c.values, 102)
	case '2', '3':
		if c.set == 'C' {
			return false
		}
		c.values = append(c.values, map[byte]int{'2': 97, '3': 96}[b])
	case '4':
		if c.set == 'C' {
			return false
		}
		c.values = append(c.values, map[byte]int{'A': 101, 'B': 100}[c.set])
	case '{':
		return c.char('{')
	default:
		return false
	}
	return true
}

// char is one data byte; in set C it is a pair of digits as a number.
func (c *coder128) char(b byte) bool {
	set := c.set
	if c.shift {
		set, c.shift = 'A'+'B'-set, false
	}
	switch {
	case set == 'C' && b <= 99:
		c.values = append(c.values, int(b))
		c.hri.WriteByte('0' + b/10)
		c.hri.WriteByte('0' + b%10)
	case set == 'A' && b < 0x20:
		c.values = append(c.values, int(b)+64)
		c.hri.WriteByte(' ')
	case set == 'A' && b < 0x60, set == 'B' && b >= 0x20 && b <= 0x7F:
		if b < 0x20 {
			return false
		}
		c.values = append(c.values, int(b)-32)
		c.hri.WriteByte(b)
	default:
		return false
	}
	return true
}
