package stream

import (
	"fmt"
	"strings"
)

// command does to the text what a kept command does on the paper.
func (t *text) command(c []byte) {
	n := 0
	if len(c) > 2 {
		n = int(c[2])
	}
	switch c[0] {
	case 0x1B:
		t.commandESC(c, n)
	case 0x1C:
		t.commandFS(c, n)
	default:
		t.commandGS(c, n)
	}
}

func (t *text) commandESC(c []byte, n int) {
	switch c[1] {
	case '@':
		t.reset()
	case ' ':
		t.st.space = n
	case '!':
		t.st.fontB, t.st.bold = n&1 != 0, n&8 != 0
		t.st.w, t.st.h = 1+n>>5&1, 1+n>>4&1
		if t.escCJK {
			t.st.kw, t.st.kh = t.st.w, t.st.h
		}
	case 'E', 'G':
		t.st.bold = n&1 == 1
	case 'M':
		t.st.fontB = n == 1 || n == '1' || n == 98
	case 'a':
		if t.line.empty() && n%48 <= 2 {
			t.align = n % 48
		}
	case 't':
		t.code = c[2]
	case '2':
		t.pitch = 30
	case '3':
		t.pitch = n / 2 // its unit is half a dot at some
	case 'D':
		t.tabs = []int{}
		for _, stop := range c[2:] {
			if stop > 0 {
				t.tabs = append(t.tabs, int(stop)*(12+t.st.space))
			}
		}
	default:
		t.moveESC(c, n)
	}
}

// moveESC runs those that move paper or the place of the next character, and pictures.
func (t *text) moveESC(c []byte, n int) {
	switch c[1] {
	case '$':
		t.line.x = word(c, 2)
	case '\\':
		t.line.x = max(t.line.x+int(int16(word(c, 2))), 0)
	case 'J':
		t.print(n / 2)
	case 'K':
		t.print(0)
	case 'd':
		t.print(n * t.pitch)
	case 'e':
		t.print(0)
	case 'L':
		t.page.on = t.page.on || t.line.empty() // at the beginning of a line only (Epson, ESC L)
	case 'S':
		if t.page.on { // what was not printed is lost
			t.page.on = false
			t.discard()
		}
	case 0x0C:
		if t.page.on {
			t.closePageStaying()
		}
	case 'T', 'W':
		if t.page.on { // another direction or area: what stands there is not beside what came before
			t.closePage()
		}
	case '*':
		w, h := word(c, 3), 8
		if c[2] >= 32 {
			h = 24
		}
		t.line.high = max(t.line.high, h)
		t.line.x += w
		t.line.image = fmt.Sprintf("[image %dx%d]", w, h)
	case 'Z':
		t.block(Line{Kind: Code, Text: "[QR " + string(c[7:]) + "]", Data: string(c[7:])}, 0)
	}
}

// closePageStaying is ESC FF: the page comes out and stays to be printed again.
func (t *text) closePageStaying() {
	parts, y := append([]part(nil), t.page.parts...), t.page.y
	t.closePage()
	t.page.parts, t.page.y = parts, y
}

func (t *text) commandFS(c []byte, n int) {
	switch c[1] {
	case '&':
		if t.cjk = off; t.cjkOn {
			t.cjk = on
		}
	case '.':
		t.cjk = off
	case '!':
		t.st.kw, t.st.kh = 1+n>>2&1, 1+n>>3&1
	case 'W':
		t.st.kw, t.st.kh = 1+n&1, 1+n&1
	case 'p':
		t.block(Line{Kind: Picture, Text: fmt.Sprintf("[NV logo %d]", n)}, 0)
	case '(':
		if d := body(c); c[2] == 'C' && len(d) == 2 && d[0] == 48 {
			t.utf8 = d[1]%48 == 2
		}
	}
}

func (t *text) commandGS(c []byte, n int) {
	switch c[1] {
	case '!':
		t.st.w, t.st.h = 1+n>>4&7, 1+n&7
		t.st.kw, t.st.kh = t.st.w, t.st.h
	case 'w':
		t.bar.module = n
	case '$':
		if t.page.on {
			t.page.take(t)
			t.page.y = word(c, 2)
		}
	case '\\':
		if t.page.on {
			t.page.take(t)
			t.page.y = max(t.page.y+int(int16(word(c, 2))), 0)
		}
	case 'T':
		switch {
		case t.line.empty() || t.page.on:
		case n%48 == 0:
			t.discard()
		default:
			t.print(t.pitch)
		}
	case 'v':
		t.image(8*word(c, 4), word(c, 6), 1+n2(c[3])>>1&1)
	case '/':
		t.block(Line{Kind: Picture, Text: "[logo]"}, 0)
	case 'k':
		t.barcode(c)
	case '(', '8':
		t.extended(c[2], body(c))
	}
}

// n2 reads a mode that may be a number or the character for it.
func n2(m byte) int { return int(m) % 48 }

// extended is GS ( c and GS 8 c.
func (t *text) extended(c byte, d []byte) {
	switch {
	case c == 'L' && len(d) >= 10 && (d[1] == 112 || d[1] == 113):
		t.picW, t.pic = word(d, 6), word(d, 8)*max(1, min(int(d[4]), 2))
		if t.page.on {
			t.image(t.picW, t.pic, 1)
		}
	case c == 'L' && len(d) >= 2 && (d[1] == 2 || d[1] == 50):
		if t.pic > 0 {
			t.image(t.picW, t.pic, 1)
		}
		t.pic = 0
	case c == 'L' && len(d) >= 4 && (d[1] == 69 || d[1] == 85):
		t.block(Line{Kind: Picture, Text: "[logo " + strings.ToValidUTF8(string(d[2:4]), "?") + "]"}, 0)
	case c == 'k' && len(d) >= 3:
		t.symbol(d)
	}
}

// symbols are the codes of GS ( k.
var symbols = map[byte]string{48: "PDF417", 49: "QR", 50: "MaxiCode", 51: "GS1", 52: "GS1", 53: "Aztec", 54: "DataMatrix"}

// symbol is GS ( k cn fn: 80 stores data, 81 prints them.
func (t *text) symbol(d []byte) {
	sort := symbols[d[0]]
	if sort == "" {
		sort = "code"
	}
	switch d[1] {
	case 80:
		data := readable(d[3:])
		t.lose(data)
		if t.bar.data == nil {
			t.bar.data = map[byte]string{}
		}
		t.bar.data[d[0]] = data
	case 81:
		if data := t.bar.data[d[0]]; data != "" {
			t.block(Line{Kind: Code, Text: "[" + sort + " " + data + "]", Data: data}, 24)
		}
	}
}

// barcodes are the codes of GS k, in the order of their numbers.
var barcodes = [...]string{"UPC-A", "UPC-E", "EAN13", "EAN8", "CODE39", "ITF", "CODABAR", "CODE93", "CODE128"}

func (t *text) barcode(c []byte) {
	m, data := int(c[2]), c[min(4, len(c)):]
	if m <= 6 {
		data = c[3 : len(c)-1]
	} else {
		m -= 65
	}
	if m < 0 || len(data) == 0 {
		return
	}
	sort := "barcode"
	if m < len(barcodes) {
		sort = barcodes[m]
	}
	if m == 8 {
		data = code128(data)
	}
	text := readable(data)
	t.block(Line{Kind: Code, Text: "[" + sort + " " + text + "]", Data: text}, 24)
}

// code128 reads the data of a CODE128: {A, {B and {C choose the set, in C each byte is two digits, {{ is a brace.
func code128(data []byte) []byte {
	var out []byte
	pairs := false
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case c == '{' && i+1 < len(data):
			i++
			switch c = data[i]; c {
			case 'A', 'B', 'C':
				pairs = c == 'C'
			case '{':
				out = append(out, c)
			}
		case pairs:
			out = append(out, '0'+c/10%10, '0'+c%10)
		default:
			out = append(out, c)
		}
	}
	return out
}

// readable gives data as text on one line.
func readable(d []byte) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7F {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(d), "\uFFFD"))
}

func word(c []byte, at int) int { return int(c[at]) | int(c[at+1])<<8 }
