package receiptline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/receiptline"
)

// Section 12: what the reference drops in silence is reported, with its place; what is printed stays the same.
func TestDiagnostics(t *testing.T) {
	long := strings.Repeat("|x", 40)
	for _, test := range []struct{ src, want, text string }{
		// 12.1 errors
		{"a{b", "1:2 error stray_brace", ""},
		{"中文 {x}", "1:4 error stray_brace", ""},
		{"a | x} | b", "1:6 error stray_brace", ""},
		{"a | {w:3}", "1:5 error property_in_columns", ""},
		{"{w:3}|{a:left}", "1:1 error property_in_columns, 1:7 error property_in_columns", ""},
		{"{w}", "1:2 error malformed_member", ""},
		{"{w:}", "1:2 error malformed_member", ""},
		{"{1a:b; w:3,*}\n|A |B |", "1:2 error malformed_member", "A   B\n"},
		{"{a b:c}", "1:2 error malformed_member", ""},
		{long, "1:26 error too_many_columns, 1:28 error too_many_columns", ""},
		{"{w:3,0}\n|a |b |", "2:5 error column_hidden", "          a\n"},
		{"{w:3}\n|a |b |", "2:5 error column_hidden", "          a\n"},
		{"{w:3,}\n|a |", "1:4 warning width_gap", "          a\n"},
		{"{w:3,x,*}\n|a | |b |", "1:4 error bad_width", "a   b\n"},
		{"{w:3;a:left}\n|^^^^中A |", "2:6 error character_too_wide", ""},
		{"{w:5;a:left}\n|^^^^中A |", "2:6 error character_too_wide", "A\n"},
		{`|a\qb |`, "1:3 error unknown_escape", "ab\n"},
		{`|a\xZZb |`, "1:3 error unknown_escape", "ab\n"},
		{`|a\x4 b |`, "1:3 error unknown_escape", "ab\n"},
		{"|中\\", "1:3 error unknown_escape", "中\n"},
		{`{c:1\q}`, "1:5 error unknown_escape", ""},
		{"{c:x;o:ean}", "1:4 error code_invalid", ""},
		{"{c:" + `\x00` + ";o:upc}", "1:4 error code_invalid", ""},
		{`{c:\x}`, "1:4 error unknown_escape, 1:4 error code_empty", ""},
		{"{c:" + strings.Repeat("a", 60) + "}", "1:4 error code_too_wide", ""},
		{"{o:qrcode,h}\n{c:" + strings.Repeat("a", 3000) + "}", "2:4 error code_invalid", ""},
		{"{i:AAAA}", "1:4 error image_invalid", ""},
		{strings.Repeat("|^^^^^^^x|\n", 5000), "2667:1 error too_long", ""},
		{strings.Repeat("=\n", 10_000), "834:1 error too_long", ""},
		{strings.Repeat("{_:x}\n", 25_000), "10000:1 error too_many_lines", ""},
		// 12.2 warnings
		{"{W:3}", "1:2 warning unknown_key", ""},
		{"{w:3, *}\n|a ||b |", "1:4 warning width_gap", "a   b\n"},
		{"{t:nowrap;w:2;a:left}\n|abc |", "2:2 warning nowrap_cut", "ab\n"},
		{"{t:nowrap}\n" + `|a\nb |`, "2:2 warning nowrap_cut", "a\n"},
		{"{c:2012345678900;o:ean}", "1:4 error check_digit", ""},
		{"{a:middle;b:3;t:no}", "1:4 warning unknown_value, 1:13 warning unknown_value, 1:17 warning unknown_value", ""},
		{"{o:qr,4}", "1:4 warning unknown_option", ""},
		{"|a\tb\u0085c\u202e |", "1:3 warning control_character, 1:5 warning control_character, 1:7 warning control_character", "abc\n"},
		{`|a\x1b\x9b |`, "1:3 warning control_character, 1:7 warning control_character", "a\n"},
		// 12.3
		{"{x:\\x1b@}", "1:2 error command_refused", ""},
		{"{command:a;w:1}\n|A|", "1:2 error command_refused", "           A\n"},
	} {
		l, diags := receiptline.Set(test.src, receiptline.Options{Width: 24})
		var got []string
		for _, d := range diags {
			severity := "warning"
			if d.Severity == receiptline.Error {
				severity = "error"
			}
			got = append(got, fmt.Sprintf("%d:%d %s %s", d.Line, d.Column, severity, d.Code))
			if d.Zh == "" || d.En == "" || strings.Contains(d.Zh+d.En, "%!") {
				t.Errorf("%q: %q %q", test.src, d.Zh, d.En)
			}
		}
		if s := strings.Join(got, ", "); s != test.want && (test.src != long || !strings.HasPrefix(s, test.want)) {
			t.Errorf("%q\n got %s\nwant %s", test.src, s, test.want)
		}
		if test.text != "" && l.Text() != test.text {
			t.Errorf("%q prints\n%s", test.src, l.Text())
		}
		lax, silent := receiptline.Set(test.src, receiptline.Options{Width: 24, Lax: true})
		if len(silent) > 0 {
			t.Errorf("%q: lax, yet %v", test.src, silent)
		}
		if !strings.Contains(test.src, "\u0085") && !strings.Contains(test.src, "x9b") && len(test.src) < 9000 && lax.Text() != l.Text() {
			t.Errorf("%q: lax prints\n%sstrict\n%s", test.src, lax.Text(), l.Text())
		}
	}
}

// A command needs permission, and is bytes then.
func TestCommands(t *testing.T) {
	l, diags := receiptline.Set(`{x:\x1b\x70\x00\xff}`, receiptline.Options{Commands: true})
	if len(diags) > 0 || len(l.Rows) != 1 || l.Rows[0].Kind != receiptline.CommandRow || string(l.Rows[0].Raw) != "\x1bp\x00\xff" {
		t.Errorf("%+v %v", l.Rows, diags)
	}
	for _, lax := range []bool{false, true} {
		l, diags = receiptline.Set(`{x:\x1b\x70}`, receiptline.Options{Lax: lax})
		if receiptline.HasError(diags) == lax || len(l.Rows) != 0 {
			t.Errorf("lax %v: %+v %v", lax, l.Rows, diags)
		}
	}
}

// However wrong a document is, it is reported in bounded space and time.
func TestDiagnosticsAreBounded(t *testing.T) {
	for _, src := range []string{
		strings.Repeat(`\q`, 100_000), strings.Repeat("{w:3}|", 40_000), strings.Repeat("|", 250_000),
		"{" + strings.Repeat("ab:c;", 50_000) + "}", "{w:" + strings.Repeat("0,", 100_000) + "1}" + strings.Repeat("\na", 20_000),
		strings.Repeat("{\n", 100_000), strings.Repeat("{b:line}\nx\n{b:0}\n", 10_000), "{w:" + strings.Repeat("9,", 100_000) + "*}\na|b",
		"{c:" + strings.Repeat("\u1161", 80_000) + "}", strings.Repeat("\u0301", 100_000), strings.Repeat("^\u0301_", 50_000),
	} {
		doc, _ := receiptline.Parse(src, receiptline.Options{})
		_, diags := receiptline.Set(doc.String(), receiptline.Options{})
		receiptline.Set("{c:"+receiptline.EscapeValue(src)+"}\n|"+receiptline.Escape(src)+"|", receiptline.Options{})
		if len(diags) > 400 {
			t.Errorf("%.20q: %d diagnostics", src, len(diags))
		}
	}
}
