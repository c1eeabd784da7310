package virtual

import (
	"errors"
	"strconv"
	"strings"
)

// PDF417 (ISO/IEC 15438) is drawn here and not by a library: those for Go know neither columns nor rows, and write row indicators
// that a reader refuses unless the number of rows divides by three.

const (
	pdfStart, pdfStop = 0x1FEA8, 0x3FA29
	pdfPad            = 900
	pdfMost           = 929 // code words of the largest symbol, and the modulus of its arithmetic
)

// pdf417 takes fn 65 columns, 66 rows, 68 row height, 69 error correction and 70 options: d is fn and its parameters.
func (s *symbol) pdf417(d []byte) bool {
	switch n := d[1]; {
	case d[0] == 65 && n <= 30:
		s.columns = n
	case d[0] == 66 && (n == 0 || n >= 3 && n <= 90):
		s.rows = n
	case d[0] == 68 && n >= 2 && n <= 8:
		s.tall = n
	case d[0] == 69 && len(d) == 3 && (n == 48 && between(48, 56)(d[2]) || n == 49 && between(1, 40)(d[2])):
		s.ratio, s.level = digit(n) == 1, d[2]
	case d[0] == 70 && n <= 1:
		s.options = n
	default:
		return false
	}
	return true
}

// drawPDF417 draws the data one dot to a module, one row to a row; room is how many modules may lie side by side.
func drawPDF417(s *symbol, room int) (raster, error) {
	words := pdfWords(s.data)
	level := s.pdfLevel(len(words))
	check := 2 << level
	columns, rows := s.pdfShape(len(words)+1+check, room)
	if columns == 0 {
		return raster{}, errors.New("the data do not fit")
	}
	all := append([]int{columns*rows - check}, words...)
	for len(all) < columns*rows-check {
		all = append(all, pdfPad)
	}
	all = append(all, pdfCheck(all, check)...)
	m := newBitmap(s.pdfWidth(columns), rows)
	for r := range rows {
		pen := pdfPen{m: m, y: r, cluster: r % 3}
		left, right := pdfIndicators(r, rows, columns, level)
		pen.bits(pdfStart, 17)
		pen.word(left)
		for _, w := range all[r*columns:][:columns] {
			pen.word(w)
		}
		if s.options == 1 {
			pen.bits(1, 1)
			continue
		}
		pen.word(right)
		pen.bits(pdfStop, 18)
	}
	return raster{w: m.w, h: m.h, sx: 1, sy: 1, bits: m.bits}, nil
}

// pdfWidth is how many modules a row has; a truncated symbol has no right indicator and one bar for its end.
func (s *symbol) pdfWidth(columns int) int {
	if s.options == 1 {
		return 17*columns + 35
	}
	return 17*columns + 69
}

// pdfLevel is the level of error correction that was chosen, or the one that the share asked for needs (EREF, GS ( k fn 069).
func (s *symbol) pdfLevel(words int) int {
	if s.level >= 48 && s.level <= 56 && !s.ratio {
		return int(s.level - 48)
	}
	tenths := 1
	if s.ratio && s.level >= 1 && s.level <= 40 {
		tenths = int(s.level)
	}
	level := 1
	for _, upTo := range []int{3, 10, 20, 45, 100, 200, 400} {
		if words*tenths > upTo*10 {
			level++
		}
	}
	return level
}

// pdfShape is columns and rows for so many code words: as set, or else nearest to three times as wide as high. 0 columns: none fits.
func (s *symbol) pdfShape(words, room int) (columns, rows int) {
	best := -1
	for c := 1; c <= 30; c++ {
		r := max((words+c-1)/c, 3)
		if s.rows != 0 {
			if r > int(s.rows) {
				continue
			}
			r = int(s.rows)
		}
		if s.columns != 0 && c != int(s.columns) || r > 90 || r*c >= pdfMost || s.pdfWidth(c) > room {
			continue
		}
		if off := abs(s.pdfWidth(c) - 3*r*s.pdfTall()); best < 0 || off < best {
			best, columns, rows = off, c, r
		}
	}
	return columns, rows
}

func abs(n int) int { return max(n, -n) }

// pdfTall is the height of a row in modules.
func (s *symbol) pdfTall() int {
	if s.tall == 0 {
		return 3
	}
	return int(s.tall)
}

// A pdfPen writes modules from left to right.
type pdfPen struct {
	m       *bitmap
	x, y    int
	cluster int
}

func (p *pdfPen) bits(v, n int) {
	for i := n - 1; i >= 0; i-- {
		if v>>i&1 != 0 {
			p.m.set(p.x, p.y)
		}
		p.x++
	}
}

func (p *pdfPen) word(w int) {
	v, _ := strconv.ParseUint(pdf417Patterns[p.cluster][w], 16, 16)
	p.bits(1<<16|int(v), 17)
}

// pdfIndicators are the words at both ends of a row: rows, columns and level, in turns.
func pdfIndicators(r, rows, columns, level int) (left, right int) {
	says := [3]int{(rows - 1) / 3, 3*level + (rows-1)%3, columns - 1}
	return 30*(r/3) + says[r%3], 30*(r/3) + says[(r+2)%3]
}

// pdfCheck is the Reed-Solomon remainder over the field of 929 with the generator 3.
func pdfCheck(words []int, k int) []int {
	g := []int{1} // the product of x - 3^i, highest power first
	for i, root := 0, 3; i < k; i, root = i+1, root*3%pdfMost {
		next := append(append([]int(nil), g...), 0)
		for j, c := range g {
			next[j+1] = (next[j+1] + c*(pdfMost-root)) % pdfMost
		}
		g = next
	}
	rest := make([]int, k)
	for _, w := range words {
		t := (w + rest[0]) % pdfMost
		rest = append(rest[1:], 0)
		for j := range rest {
			rest[j] = (rest[j] + (pdfMost-t)*g[j+1]) % pdfMost
		}
	}
	for j, c := range rest {
		rest[j] = (pdfMost - c) % pdfMost
	}
	return rest
}

// The characters of text compaction by value in each of its sub-modes; what has no character there switches.
const (
	pdfAlpha = "ABCDEFGHIJKLMNOPQRSTUVWXYZ "
	pdfLower = "abcdefghijklmnopqrstuvwxyz "
	pdfMixed = "0123456789&\r\t,:#-.$/+%*=^"
	pdfPunct = ";<>@[\\]_`~!\r\t,:\n-.$/\"|*()?{}'"
)

// pdfWords is the data as code words: text compaction where it can be, else bytes.
func pdfWords(data []byte) []int {
	values, mode := []int(nil), pdfAlpha
	for _, b := range data {
		i := strings.IndexByte(mode, b)
		if b == ' ' && mode == pdfMixed {
			i = 26
		}
		if i < 0 {
			var to []int
			if mode, to = pdfSwitch(mode, b); to == nil {
				return pdfBytes(data)
			}
			values = append(values, to...)
			i = strings.IndexByte(mode, b)
			if i < 0 {
				i = strings.IndexByte(pdfPunct, b)
			}
		}
		values = append(values, i)
	}
	if len(values)%2 == 1 {
		values = append(values, 29)
	}
	words := []int{900}
	for i := 0; i < len(values); i += 2 {
		words = append(words, 30*values[i]+values[i+1])
	}
	return words
}

// pdfSwitch goes to the sub-mode that has b, or shifts to punctuation for it alone; nil: none has it.
func pdfSwitch(mode string, b byte) (string, []int) {
	latch := map[string]map[string][]int{
		pdfAlpha: {pdfLower: {27}, pdfMixed: {28}},
		pdfLower: {pdfAlpha: {28, 28}, pdfMixed: {28}},
		pdfMixed: {pdfLower: {27}, pdfAlpha: {28}},
	}
	for _, to := range []string{pdfAlpha, pdfLower, pdfMixed} {
		if to != mode && strings.IndexByte(to, b) >= 0 {
			return to, latch[mode][to]
		}
	}
	if strings.IndexByte(pdfPunct, b) >= 0 {
		return mode, []int{29}
	}
	return mode, nil
}

// pdfBytes is byte compaction: six bytes are five words to the base of 900, the rest are words as they are.
func pdfBytes(data []byte) []int {
	words := []int{901}
	if len(data)%6 == 0 {
		words[0] = 924
	}
	for ; len(data) >= 6; data = data[6:] {
		v := uint64(0)
		for _, b := range data[:6] {
			v = v<<8 | uint64(b)
		}
		var five [5]int
		for i := 4; i >= 0; i-- {
			five[i] = int(v % 900)
			v /= 900
		}
		words = append(words, five[:]...)
	}
	for _, b := range data {
		words = append(words, int(b))
	}
	return words
}
