package font12

import (
	"strings"
	"testing"
)

func drawn(g Glyph) string {
	var b strings.Builder
	for _, row := range g.Rows {
		for x := range g.Width {
			b.WriteByte(" #"[row>>(15-x)&1])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestGlyph looks at some of them, and at what is not there.
func TestGlyph(t *testing.T) {
	for _, c := range []struct {
		face  Face
		r     rune
		width int
	}{{Chinese, 'A', 6}, {Chinese, '收', 12}, {Chinese, 'α', 6}, {ChineseWide, 'α', 12}, {Japanese, '直', 12}, {JapaneseWide, '※', 12}} {
		if g, ok := c.face.Glyph(c.r); !ok || g.Width != c.width || !strings.Contains(drawn(g), "#") {
			t.Errorf("%c: %v, %d dots\n%s", c.r, ok, g.Width, drawn(g))
		}
	}
	for _, r := range []rune{' ', -1, 0xFFFF, 0x10000, 0x20BB7} {
		if g, ok := Chinese.Glyph(r); ok {
			t.Errorf("%U is there:\n%s", r, drawn(g))
		}
	}
	zh, _ := Chinese.Glyph('直')
	ja, _ := Japanese.Glyph('直')
	if zh == ja {
		t.Errorf("the Japanese form is the Chinese one:\n%s", drawn(ja))
	}
	const one = "      \n  #   \n ##   \n# #   \n  #   \n  #   \n  #   \n  #   \n  #   \n##### \n      \n      \n"
	if g, _ := Chinese.Glyph('1'); drawn(g) != one {
		t.Errorf("1 is drawn\n%s\nwant\n%s", drawn(g), one)
	}
}

// TestUnpack: what is damaged is an error, never a wrong glyph.
func TestUnpack(t *testing.T) {
	for name, data := range map[string][]byte{"nothing": nil, "cut off": packed[:len(packed)/2], "no stream": []byte("receiptd")} {
		if _, err := unpack(data); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
