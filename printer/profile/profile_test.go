package profile_test

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/receiptd/receiptd/printer/profile"
)

// Every model that the documentation names is there, loads and passes its own checks.
func TestEveryModelLoads(t *testing.T) {
	want := []string{"bixolon-srp", "citizen-ct", "epson-tm-m30", "epson-tm-t20", "epson-tm-t82", "epson-tm-t88",
		"epson-tm-u220", "generic-58", "generic-80", "gprinter-80", "hprt-80", "rongta-80", "star-escpos", "sunmi-58",
		"sunmi-80", "western-58", "western-80", "xprinter-58", "xprinter-80", "zj-5890"}
	if got := profile.Names(); !slices.Equal(got, want) {
		t.Errorf("Names() = %q, want %q", got, want)
	}
	for _, name := range profile.Names() {
		p, err := profile.Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Name != name || p.Notes == "" || !hasHan(p.NotesZh) || hasHan(p.Notes) || p.Vendor == "" {
			t.Errorf("%s: name %q, vendor %q, notes %q, %q", name, p.Name, p.Vendor, p.Notes, p.NotesZh)
		}
		if _, ok := p.CodePages["cp437"]; !ok {
			t.Errorf("%s: has no page 0", name)
		}
	}
}

// hasHan reports whether a text has a Chinese character.
func hasHan(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func TestUnknownModel(t *testing.T) {
	for _, name := range []string{"", "epson", "../profile", "models/generic-80"} {
		_, err := profile.Load(name)
		if !errors.Is(err, profile.ErrUnknown) || !strings.Contains(err.Error(), "generic-58") {
			t.Errorf("Load(%q): %v; want ErrUnknown with the known names", name, err)
		}
	}
}

func TestWithColumns(t *testing.T) {
	p := load(t, "generic-58")
	for n, most := range map[int]int{0: 0, 24: 0, 32: 0, 33: 32, 48: 32, 23: 32} {
		q, err := p.WithColumns(n)
		var bad *profile.WidthError
		if errors.As(err, &bad) != (most > 0) || most > 0 && bad.Most != most {
			t.Errorf("%d cells: %v", n, err)
		}
		if most == 0 && q.Columns != cmp.Or(n, 32) {
			t.Errorf("%d cells: %d", n, q.Columns)
		}
	}
	if p.Columns != 32 {
		t.Errorf("the shared profile now has %d columns", p.Columns)
	}
}

func TestFacts(t *testing.T) {
	t88, zj, u220 := load(t, "epson-tm-t88"), load(t, "zj-5890"), load(t, "epson-tm-u220")
	if t88.WidthDots != 512 || t88.Columns != 42 || t88.DPI != 180 || t88.PaperOut != "restart" {
		t.Errorf("TM-T88: %+v", t88)
	}
	if zj.FenceGSH || zj.FenceGSR || zj.StatusDLE || zj.StatusASB || zj.Cutter != "" {
		t.Errorf("ZJ-5890 is mute and has no cutter: %+v", zj)
	}
	if u220.GSBangCJK || u220.Magnify != 2 || u220.RasterRows != 0 {
		t.Errorf("TM-U220: %+v", u220)
	}
	if !load(t, "hprt-80").GSRInverted || load(t, "generic-80").GSRInverted {
		t.Error("only HPRT turns the bits of GS r round")
	}
}

func load(t *testing.T, name string) *profile.Profile {
	t.Helper()
	p, err := profile.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The characters on which printers and the Go library differ.
func TestTwoByteCodes(t *testing.T) {
	for _, c := range []struct {
		set  string
		r    rune
		code uint16 // 0: not in the font
	}{
		{"gbk", '中', 0xD6D0}, {"gbk", '─', 0xA9A4}, {"gbk", '￥', 0xA3A4}, {"gbk", '¥', 0},
		{"gbk", '€', 0}, {"gb18030", '€', 0xA2E3}, {"gb18030", '¥', 0}, {"gb18030", '😀', 0},
		{"gb2312", '國', 0}, {"gbk", '國', 0x87F8}, {"gb2312", '中', 0xD6D0}, {"gbk", 'é', 0xA8A6}, {"gbk", 'ñ', 0},
		{"gbk", 'Ж', 0xA7A8}, {"gbk", 'あ', 0xA4A2}, {"gbk", '가', 0}, {"ks", '가', 0xB0A1}, {"big5", '國', 0xB0EA},
		{"shift_jis", 'あ', 0x82A0}, {"gbk", 'A', 0}, {"gbk", 0xE000, 0},
	} {
		got, ok := profile.TwoByteSetOf(c.set).Code(c.r)
		if got != c.code || ok != (c.code != 0) {
			t.Errorf("%s %q: %04X, want %04X", c.set, c.r, got, c.code)
		}
	}
	if profile.TwoByteSetOf("") != nil || profile.TwoByteSetOf("utf-8") != nil {
		t.Error("a set that no printer has")
	}
}

// Every code of the GB sets lies in the two-byte range, so no printer can read one byte of it as a command.
func TestTwoByteRange(t *testing.T) {
	for _, name := range []string{"gb2312", "gbk", "gb18030", "big5", "ks", "shift_jis"} {
		n := 0
		for r := rune(0x80); r <= 0xFFFF; r++ {
			if c, ok := profile.TwoByteSetOf(name).Code(r); ok {
				n++
				if lead, trail := c>>8, c&0xFF; lead < 0x81 || lead > 0xFE || trail < 0x40 || trail == 0x7F || trail > 0xFE {
					t.Errorf("%s %q: %04X is outside the two-byte range", name, r, c)
				}
			}
		}
		if n < 6000 {
			t.Errorf("%s has only %d characters", name, n)
		}
	}
}

func TestMeasureAndFind(t *testing.T) {
	gbk := load(t, "generic-80")
	if t88 := load(t, "epson-tm-t88"); t88.Measure('Ж') != 1 || t88.Measure('Ω') != 1 || t88.Measure('°') != 2 {
		t.Error("a TM-T88 prints Russian and Greek by code pages, symbols by its two-byte font")
	}
	for _, c := range []struct {
		r     rune
		cells int
		way   profile.Way
	}{
		{'A', 1, profile.ASCII}, {'中', 2, profile.TwoByte}, {'¥', 2, profile.TwoByte}, {'é', 1, profile.Page}, {'ā', 2, profile.TwoByte}, {'Ж', 2, profile.TwoByte},

		{'ñ', 1, profile.Page}, {'ท', 1, profile.Dots}, {'가', 2, profile.Dots}, {'א', 1, profile.Dots},
		{'€', 1, profile.Dots}, {0x0301, 0, profile.Dots}, {0x200D, 0, profile.Blank}, {0xAD, 0, profile.Blank}, {'😀', 2, profile.Dots},
		{0x2009, 1, profile.ASCII}, {0x202F, 1, profile.ASCII}, {0x205F, 1, profile.ASCII}, {0x2060, 0, profile.Blank}, {0xFEFF, 0, profile.Blank},
	} {
		r := gbk.Chars().Substitute(c.r)
		if n, way := gbk.Measure(c.r), gbk.Chars().Find(r, c.cells); n != c.cells || way != c.way {
			t.Errorf("%q: %d cells by way %d, want %d by %d", c.r, n, way, c.cells, c.way)
		}
	}
}

// What is taken for common needs no closer look: no substitute, two cells by every rule, and the two-byte font.
func TestCommon(t *testing.T) {
	for _, name := range profile.Names() {
		p, err := profile.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		c, n := p.Chars(), 0
		for r := rune(0x80); r < 0x10000; r++ {
			code, ok := c.Ideograph(r)
			if !ok {
				continue
			}
			n++
			if want, _ := c.Set.Code(r); code != want || !c.Common("a"+string(r)) {
				t.Errorf("%s: %U has code %x, want %x", name, r, code, want)
			}
			for _, s := range []profile.Slotting{profile.OwnSlots, profile.ReferenceSlots, profile.EastAsianSlots} {
				if c.Slot(s, r) != 2 {
					t.Errorf("%s: %U takes %d cells by rule %d", name, r, c.Slot(s, r), s)
				}
			}
			if profile.Reference(r) != 2 || profile.EastAsian(r) != 2 || c.Substitute(r) != r || c.Find(r, 2) != profile.TwoByte {
				t.Errorf("%s: %U is not like its neighbours", name, r)
			}
		}
		if (n == 0) != (p.TwoByte == "") {
			t.Errorf("%s: %d ideographs", name, n)
		}
		if c.Common("a€") || c.Common("あ") {
			t.Errorf("%s: too much is common", name)
		}
	}
}
