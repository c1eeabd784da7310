package escpos_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/receiptline"
)

// A logo goes out by the command that the printer knows, aligned by the printer, which alone knows how wide it is.
func TestLogo(t *testing.T) {
	for _, c := range []struct{ profile, doc, want, warning string }{
		{"generic-80", "{logo:7}", "\x1ba\x01\x1cp\x07\x00", ""},
		{"generic-80", "| {logo:200,576,96}", "\x1ba\x02\x1cp\xc8\x00", ""},
		{"generic-58", "|{logo:1} |", "\x1cp\x01\x00", ""},
		{"epson-tm-t88", "{logo:7}", "\x1ba\x01\x1d(L\x06\x000E07\x01\x01", ""},
		{"epson-tm-t88", "{logo:100}", "", "no_logo"},
		{"sunmi-58", "{logo:1}", "", "no_logo"},
	} {
		p := load(t, c.profile)
		o := receiptline.Options{Width: p.Columns, Measure: p.Measure, Logos: true}
		l, diags := receiptline.Set(c.doc, o)
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		slip, warnings := escpos.Encode(l, p, escpos.Options{})
		if c.warning != "" {
			if len(warnings) != 1 || warnings[0].Code != c.warning || strings.Contains(string(slip.Content), "E0") {
				t.Errorf("%s %s: %v %q", c.profile, c.doc, warnings, slip.Content)
			}
			continue
		}
		if len(warnings) > 0 || !strings.HasSuffix(string(slip.Content), c.want) || slip.Dots != l.Rows[0].Logo.Height {
			t.Errorf("%s %s: %q, %d dots, %v", c.profile, c.doc, slip.Content, slip.Dots, warnings)
		}
	}
}
