package receiptline_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/receiptd/receiptd/receiptline"
)

// nasty are the pieces that strings in a job are made of at worst.
var nasty = []string{"\\", "|", "{", "}", "-", "=", "~", "_", `"`, "`", "^", "^^^", "\n", "\r\n", "\r", "\t", " ", "  ", "\x00", "\x1b@",
	"\x1bp\x00\x19\xfa", "\x10\x14\x01", "\x7f", "\u0085", "\u009b", "\u202e", "\u2066", "\u200f", "\u061c", "\u2028", "\ufeff", "\u1fef", "\u037e",
	"e\u0301", "\u0301", "\u0338", "\u0327", "\u3099", "\u1161", "\u11a8", "ー", "１２３", "中文", "﷽", "😀", "\xff", "\xc3", "{x:\\x1bp\\x00}", "\\x41", "\\n", "\\", "x00",
	"===", "---", "{w:*}", ";", ":", "a", "n", "Z", "1.00", "\u034f", "\u200d"}

// anything makes strings out of them, and of any other characters.
func anything() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(nasty), rapid.String()), 0, 6).Draw(t, "parts")
		return strings.Join(parts, "")
	})
}

// frames are the places where a template may put a value.
var frames = []string{
	"%s", "|%s|", "|%s |", "| %s|", "%s|x", "x|%s", "%s | 1.00", "a|%s|b", "a %s b", "\"%s\"", "^^%s^^ | x", "a\\n%s", "=%s", "-%s", "--%s-", "_%s",
	"\\x4%s", "n%s", "{w:*,8;b:line}\n%s | y\n---\n%s | z\n{b:space}\n=", "%s%s | %s",
}

// shape describes the tree of a document without its text: lines, their kinds, columns, alignments and properties.
func shape(doc *receiptline.Document) string {
	var b strings.Builder
	for _, l := range doc.Lines {
		fmt.Fprintf(&b, "%d:%d:%d", l.Number, l.Kind, l.Align)
		for _, c := range l.Columns {
			fmt.Fprintf(&b, " c%d", c.Align)
		}
		for _, p := range l.Properties {
			fmt.Fprintf(&b, " %s=%s", p.Key, p.Value)
		}
		b.WriteString(l.Source + "\n")
	}
	return b.String()
}

// Whatever a value is, the tree has the shape it has with a harmless one, and the styles are those of the template.
func TestEscapeKeepsShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		frame := rapid.SampledFrom(frames).Draw(t, "frame")
		value := anything().Draw(t, "value")
		harmless, _ := receiptline.Parse(strings.ReplaceAll(frame, "%s", "ok"), receiptline.Options{})
		src := strings.ReplaceAll(frame, "%s", receiptline.Escape(value))
		got, _ := receiptline.Parse(src, receiptline.Options{})
		a, b := shape(harmless), shape(got)
		if frame == "%s" || frame == "|%s|" || !hasInk(got) {
			// An empty column has no side to be drawn to.
			a, b = strings.ReplaceAll(a, "c0", "c1"), strings.ReplaceAll(b, "c0", "c1")
			a, b = strings.ReplaceAll(a, "c2", "c1"), strings.ReplaceAll(b, "c2", "c1")
		}
		if a != b && frame != "\\x4%s" {
			t.Fatalf("source %q\nshape %q\nwant  %q", src, b, a)
		}
		for _, l := range got.Lines {
			for _, c := range l.Columns {
				for _, s := range c.Spans {
					if strings.ContainsFunc(s.Text, control) {
						t.Fatalf("source %q: control character in %q", src, s.Text)
					}
				}
			}
		}
	})
}

// hasInk says whether every column of the document holds text.
func hasInk(doc *receiptline.Document) bool {
	for _, l := range doc.Lines {
		for _, c := range l.Columns {
			if len(c.Spans) == 0 {
				return false
			}
		}
	}
	return true
}

// control says whether a character may never reach a printer as text.
func control(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x2028 && r <= 0x202e ||
		r >= 0x2066 && r <= 0x2069 || r == 0xfeff
}

// Escaped text prints as itself: no diagnostics, one style, the text unchanged but for line ends and controls.
func TestEscapePrintsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := anything().Draw(t, "value")
		doc, diags := receiptline.Parse("|"+receiptline.Escape(value)+"|", receiptline.Options{})
		if len(diags) > 0 {
			t.Fatalf("%q: %v", receiptline.Escape(value), diags)
		}
		var b strings.Builder
		for _, s := range doc.Lines[0].Columns[0].Spans {
			if s.Break {
				b.WriteByte('\n')
			}
			b.WriteString(s.Text)
			if s.Style != (receiptline.Style{Width: 1, Height: 1}) {
				t.Fatalf("%q: style %+v", receiptline.Escape(value), s.Style)
			}
		}
		want := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ").Replace(strings.ToValidUTF8(value, "\uFFFD"))
		want = norm.NFC.String(strings.Map(func(r rune) rune {
			if control(r) && r != '\n' {
				return -1
			}
			return r
		}, want))
		if b.String() != want {
			t.Fatalf("%q prints %q, want %q", value, b.String(), want)
		}
	})
}

// A value inside a property block stays one value.
func TestEscapeValueKeepsShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := anything().Draw(t, "value")
		for _, frame := range []string{"{_:%s}", "{w:3 ; code:%s ; a:left}", "{c: %s}", "|{c:%s;o:qrcode} |"} {
			src := strings.ReplaceAll(frame, "%s", receiptline.EscapeValue(value))
			harmless, _ := receiptline.Parse(strings.ReplaceAll(frame, "%s", "ok"), receiptline.Options{})
			got, diags := receiptline.Parse(src, receiptline.Options{})
			if receiptline.EscapeValue(value) == "" {
				if !receiptline.HasError(diags) {
					t.Fatalf("%q: an empty value went unnoticed", src)
				}
				continue
			}
			if len(diags) > 0 || len(got.Lines) != 1 || len(got.Lines[0].Properties) != len(harmless.Lines[0].Properties) {
				t.Fatalf("%q: %+v %v", src, got.Lines, diags)
			}
			for i, p := range got.Lines[0].Properties {
				if p.Key != harmless.Lines[0].Properties[i].Key {
					t.Fatalf("%q: %+v", src, got.Lines[0].Properties)
				}
				want := norm.NFC.String(strings.Map(func(r rune) rune {
					if r != '\n' && r != '\r' && r != '\t' && (r < 0x20 || r >= 0x7f && r < 0xa0) {
						return -1
					}
					return r
				}, strings.ToValidUTF8(value, "\uFFFD")))
				// A joiner may part a line end from a combining mark; see EscapeValue.
				join := strings.NewReplacer("\u034f", "")
				if harmless.Lines[0].Properties[i].Value == "ok" && norm.NFC.String(join.Replace(p.Value)) != norm.NFC.String(join.Replace(want)) {
					t.Fatalf("%q holds %q, want %q", src, p.Value, want)
				}
			}
		}
	})
}

func TestEscapeTable(t *testing.T) {
	for _, test := range [][2]string{
		{"", `\x00`}, {"\x1b", `\x00`}, {"Tea", "Tea"}, {" a b ", "~a b~"}, {"a\r\nb", `a\nb`}, {"no onions\n{x:\x1bp\x00}", `no onions\n\{x:p\}`},
		{"---", `\-\-\-`}, {"\u1fef", "\\`"}, {"a\n\u0301", `a\n\x00` + "\u0301"},
	} {
		if got := receiptline.Escape(test[0]); got != test[1] {
			t.Errorf("Escape(%q) = %q, want %q", test[0], got, test[1])
		}
	}
}
