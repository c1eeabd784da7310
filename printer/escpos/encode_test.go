package escpos_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/receiptline"
)

func load(t testing.TB, name string) *profile.Profile {
	t.Helper()
	p, err := profile.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func withPages(p *profile.Profile, pages map[string]int) *profile.Profile {
	q := *p
	q.CodePages = pages
	return &q
}

func set(t testing.TB, p *profile.Profile, src string) *receiptline.Layout {
	t.Helper()
	l, diags := receiptline.Set(src, receiptline.Options{Width: p.Columns, Small: p.SmallColumns(), Measure: p.Measure, Commands: true})
	for _, d := range diags {
		if d.Severity == receiptline.Error {
			t.Fatalf("%d:%d: %s", d.Line, d.Column, d.En)
		}
	}
	return l
}

func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil { // into memory
		panic(err)
	}
	return b.Bytes()
}

// The bytes of small documents, behind the beginning that all share. Each row is one rule of economy or of the
// protocol; the paper they give is checked in package raster.
func TestBytes(t *testing.T) {
	long := "{c:" + strings.Repeat("a", 1037) + ";o:qrcode,3,l}"
	for _, c := range []struct {
		name, profile, doc, want string
		dots                     int
	}{
		{"empty line", "generic-80", "", "\n", 30},
		{"blank lines", "generic-80", "\n\n", "\n\n\n", 90},
		{"many blank lines", "generic-80", strings.Repeat("\n", 5), "\x1bd\x06", 180},
		{"ascii", "generic-80", "abc |", "abc\n", 30},
		{"Chinese", "generic-80", "合计 |", "\xba\xcf\xbc\xc6\n", 30},
		{"short gap by spaces", "generic-80", "{w:4,*}\n|ab |cd |", "ab   cd\n", 30},
		{"long gap by position", "generic-80", "{w:20,*}\n|ab |cd |", "ab\x1b$\xfc\x00cd\n", 30},
		{"gap by tabs", "generic-80", "{w:15,*}\n|ab |cd |", "ab\t\tcd\n", 30},
		{"gap by tab and space", "generic-80", "{w:16,*}\n|ab |cd |", "ab\t\t cd\n", 30},
		{"gap by wide spaces", "generic-80", "^cd | ", "\x1d!\x10cd\n", 30},
		{"no tall space in a low line", "generic-80", "^^^x |\n{w:3,*}\n||b |", "\x1d!\x11x\n" + "\x1dv0\x02\x01\x00\x03\x00\x00\x00\x00" + "\x1d!\x00    b\n", 84}, // six dots of white between
		{"right by alignment, once", "generic-80", "| abc", "\x1ba\x02abc\n", 30},
		{"right by alignment, twice", "generic-80", "| abc\n| de", "\x1ba\x02abc\nde\n", 60},
		{"centre, once", "generic-80", "abcd", "\x1ba\x01abcd\n", 30},
		{"centre, then left", "generic-80", "abcd\nx |", "\x1b$\x08\x01abcd\nx\n", 60},
		{"centre kept over a blank line", "generic-80", "abcd\n\nef", "\x1ba\x01abcd\n\nef\n", 90},
		{"centre on paper that is wider", "epson-tm-t88", "abcd", "\x1b$\xe4\x00abcd\n", 30},
		{"bold on change only", "generic-80", "a \"b\" \"c\" d |", "a\x1bE\x01 b c\x1bE\x00 d\n", 30},
		{"underline", "generic-80", "_a中_中 |", "\x1b-\x02a\x1c-\x02\xd6\xd0\x1b-\x00\x1c-\x00\xd6\xd0\n", 30},
		{"inverted spaces show", "generic-80", "` a ` |", "\x1dB\x01 a \n", 30},
		{"sizes", "generic-80", "^^a^^^^^中 |", "\x1d!\x01a\x1d!\x33\xd6\xd0\n", 96},
		{"size without GS !", "u220", "^^^a中 |", "\x1b!\x30\x1c!\x0ca\xd6\xd0\n", 48},
		{"three times without GS !", "no-gs-bang", "^^^^a |", "\x1dv0\x00\x04\x00\x48\x00", 72},
		{"three times without GS !, centred", "no-gs-bang", "^^^^a", "\x1dv0\x00\x26\x00\x48\x00", 72},
		{"Chinese without a Chinese font", "western", "中 |", "\x1dv0\x00\x03\x00\x18\x00", 30},
		{"rule", "generic-80", "---", "\x1d!\x70\xa9\xa4\xa9\xa4\xa9\xa4\n", 30},
		{"rule, 32 cells", "generic-58", "---", "\x1d!\x70\xa9\xa4\xa9\xa4\n", 30},
		{"rule, 42 cells", "epson-tm-t88", "---", "\x1d!\x60\xa9\xa4\xa9\xa4\xa9\xa4\n", 30},
		{"rule of odd width", "generic-80", "{w:5;a:left}\n---", "\xa9\xa4\xa9\xa4\x1b$\x24\x00\xa9\xa4\n", 30},
		{"rule by code page", "western", "---", "\x1d!\x70\xc4\xc4\xc4\xc4\xc4\xc4\n", 30},
		{"yen sign", "generic-80", "¥5 |", "\xa3\xa45\n", 30},
		{"no-break space", "generic-80", "a\u00a0b |", "a b\n", 30},
		{"euro of GB18030", "epson-tm-t88", "€5 |", "\xa2\xe35\n", 30},
		{"euro by code page", "bixolon-srp", "€5元 |", "\x1c.\x1bt\x10\x805\x1c&\xd4\xaa\n", 30},
		{"one page for all", "western", "Łódź ž |", "\x1bt\x12\x9d\xa2d\xab \xa7\n", 30},
		{"bar code in set C", "generic-80", "{c:12345678;o:code128,2,60}", "\x1ba\x01\x1dh\x3c\x1dw\x02\x1dkI\x06{C\x0c\x22\x38\x4e", 60},
		{"bar code in sets B and C", "generic-80", "| {c:A123456;o:code128,2,60,hri}", "\x1ba\x02\x1dH\x02\x1dh\x3c\x1dw\x02\x1dkI\x08{BA{C\x0c\x22\x38", 84},
		{"bar code with a brace", "generic-80", "{c:a\\{b;o:code128,3,60}", "\x1ba\x01\x1dh\x3c\x1dw\x03\x1dkI\x06{Ba{{b", 60},
		{"EAN-13", "generic-80", "{c:690123456789;o:ean,2,50}", "\x1ba\x01\x1dh\x32\x1dw\x02\x1dk\x43\x0d6901234567892", 50},
		{"EAN-8", "generic-80", "{c:0123456;o:jan,2,50}", "\x1ba\x01\x1dh\x32\x1dw\x02\x1dk\x44\x0801234565", 50},
		{"UPC-A", "generic-80", "{c:01234567890;o:upc,2,50,hri}", "\x1ba\x01\x1dH\x02\x1dh\x32\x1dw\x02\x1dk\x41\x0c012345678905", 74},
		{"UPC-E is drawn", "generic-80", "{c:0123456;o:upc,2,50}", "\x1ba\x01\x1dv0", 50},
		{"CODE93", "generic-80", "{c:Ab;o:code93,2,50}", "\x1ba\x01\x1dh\x32\x1dw\x02\x1dk\x48\x02Ab", 50},
		{"CODE39 is drawn", "generic-80", "{c:AB;o:code39,2,50}", "\x1ba\x01\x1dv0", 50},
		{"QR", "generic-80", "{c:hello;o:qrcode,4,q}", "\x1ba\x01\x1d(k\x03\x001C\x04\x1d(k\x03\x001E2\x1d(k\x08\x001P0hello\x1d(k\x03\x001Q0", 84},
		{"cut inside", "generic-80", "a |\n=\nb |", "a\n\x1dVB\x00b\n", 180},
		{"controls in text are not sent", "generic-80", "", "a b\n", 30},
		{"command", "generic-80", "{x:\\x1bp\\x00\\x19\\xfa}", "\x1bp\x00\x19\xfa\x1ba\x00\x1d!\x00\x1bE\x00\x1b-\x00\x1dB\x00\x1bM\x00\x1c-\x00\x1c&\x1b3\x00\x1b2", 0},
		{"small rows", "generic-80", "{font:small}\na |\nb |\n{font:normal}\nc |", "\x1bM\x01a\x1b3\x00\nb\x1b2\n\x1bM\x00c\n", 77},
		{"blank small row", "generic-80", "{font:small}\na |\n~\nb |", "\x1bM\x01a\x1b3\x00\n\x1b2\nb\n", 77},
		{"small by ESC !", "no-gs-bang", "{font:small}\na |\n{font:normal}\nc |", "\x1b!\x01\x1c!\x00a\n\x1b!\x00\x1c!\x00c\n", 60},
		{"no small font", "u220", "{font:small}\na |", "a\n", 0},
		{"QR whose length reads as a request", "generic-80", long, "\x1ba\x01\x1dv0", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := testProfile(t, c.profile)
			l := set(t, p, c.doc)
			if c.name == "controls in text are not sent" { // no layout of ours holds any
				l.Rows[0].Runs = []receiptline.Run{{Text: "a\x1bb\x7f\n\x10", Cells: 6, Style: receiptline.Style{Width: 1, Height: 1}}}
			}
			s, warnings := escpos.Encode(l, p, escpos.Options{Commands: true})
			begin := "\x1b@\x1bR\x00\x1c&\x1da\xff"
			if p.TwoByte == "" {
				begin = "\x1b@\x1bR\x00\x1c.\x1da\xff"
			}
			got, ok := strings.CutPrefix(string(s.Content), begin)
			if !ok {
				t.Errorf("%q does not begin with %q", s.Content, begin)
			}
			if strings.Contains(c.want, "\x1dv0") {
				got = got[:min(len(c.want), len(got))]
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if s.Dots != c.dots && c.dots > 0 || len(s.Cut) != 0 || len(warnings) != 0 {
				t.Errorf("%d dots, want %d; cut %q; %v", s.Dots, c.dots, s.Cut, warnings)
			}
		})
	}
}

func testProfile(t testing.TB, name string) *profile.Profile {
	switch name {
	case "u220":
		return load(t, "epson-tm-u220")
	case "no-gs-bang":
		q := *load(t, "generic-80")
		q.GSBangCJK, q.Magnify = false, 2
		return &q
	case "western":
		q := *load(t, "epson-tm-t20")
		q.TwoByte = ""
		return &q
	}
	return load(t, name)
}

// The last cut is not in Content, and what a final line end adds behind it is nothing.
func TestCut(t *testing.T) {
	full := *load(t, "generic-80")
	full.Cutter = "full"
	for _, c := range []struct {
		p         *profile.Profile
		doc, want string
	}{
		{load(t, "generic-80"), "a |\n=", "\x1dVB\x00"},
		{load(t, "generic-80"), "a |\n=\n", "\x1dVB\x00"},
		{load(t, "generic-80"), "a |", ""},
		{&full, "a |\n=", "\x1dVA\x00"},
		{load(t, "generic-58"), "a |\n=", "\x1bd\x04"},
	} {
		s, _ := escpos.Encode(set(t, c.p, c.doc), c.p, escpos.Options{})
		if string(s.Cut) != c.want || s.Dots != 30 || !bytes.HasSuffix(s.Content, []byte("a\n")) {
			t.Errorf("%s %q: content %q, cut %q, %d dots; want cut %q", c.p.Name, c.doc, s.Content, s.Cut, s.Dots, c.want)
		}
	}
}

func TestNoQuestionsToTheMute(t *testing.T) {
	p := load(t, "zj-5890")
	s, _ := escpos.Encode(set(t, p, "a |"), p, escpos.Options{})
	if want := "\x1b@\x1bR\x00\x1c&a\n"; string(s.Content) != want {
		t.Errorf("%q, want %q", s.Content, want)
	}
}

// What does not come out as written is named, with the character and the row; nothing is lost in silence.
func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		profile, doc, code string
		r                  rune
	}{
		{"generic-80", "ok\n😀", "missing_glyph", '😀'},
		{"generic-80", "ok\nሀለ", "missing_glyph", 'ሀ'},
		{"generic-80", "ok\nسلام", "unshaped", 'س'},
		{"u220", "ok\n가", "missing_glyph", '가'},
		{"u220", "ok\n{c:12;o:code128}", "not_printable", 0},
		{"generic-58", "ok\n{c:ABCDEFGHIJKLMNOPQRS;o:code128,4}", "code_shrunk", 0},
		{"generic-58", "ok\n{c:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz;o:code128,4}", "code_too_wide", 0},
		{"generic-80", "ok\n{x:abc}", "command_dropped", 0},
	} {
		p := testProfile(t, c.profile)
		l, _ := receiptline.Set(c.doc, receiptline.Options{Width: p.Columns, Measure: p.Measure, Commands: true, Lax: true})
		_, warnings := escpos.Encode(l, p, escpos.Options{})
		found := false
		for _, w := range warnings {
			if w.Code == c.code && w.Rune == c.r {
				found = w.Line == 2 && w.Row == 1 && w.Zh != "" && w.En != ""
			}
		}
		if !found {
			t.Errorf("%s %q: %+v, want %s %q in line 2", c.profile, c.doc, warnings, c.code, c.r)
		}
	}
}

// No printer of ours prints a question mark that the document does not hold.
func TestNeverAQuestionMarkInSilence(t *testing.T) {
	for _, name := range profile.Names() {
		p := load(t, name)
		for _, r := range "€¥éñЖΩאבก한漢あ😀\u0301′" {
			s, warnings := escpos.Encode(set(t, p, string(r)+" |"), p, escpos.Options{})
			if bytes.Contains(s.Content, []byte("?")) && !bytes.Contains(s.Content, []byte("\x1dv0")) && len(warnings) == 0 {
				t.Errorf("%s: %q becomes %q", name, r, s.Content)
			}
		}
	}
}

// One slip leaves nothing behind for the next, also when several are encoded at once.
func TestSlipsAreIndependent(t *testing.T) {
	p := load(t, "generic-80")
	docs := []string{"^^^\"_大_\"^^^\n{b:line}\na|b", "plain |\n한국 |", "{c:123456;o:code128,3,99,hri}\n`x`", "", "€ ñ |"}
	var layouts []*receiptline.Layout
	var want []escpos.Slip
	for _, d := range docs {
		l := set(t, p, d)
		s, _ := escpos.Encode(l, p, escpos.Options{})
		layouts, want = append(layouts, l), append(want, s)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				k := (i*7 + g) % len(layouts)
				s, _ := escpos.Encode(layouts[k], p, escpos.Options{})
				if !bytes.Equal(s.Content, want[k].Content) || s.Dots != want[k].Dots {
					t.Errorf("%q became %q after other slips", want[k].Content, s.Content)
					return
				}
			}
		})
	}
	wg.Wait()
}
