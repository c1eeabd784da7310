package receiptline_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/receiptline"
)

// A logo is called by its number where that is allowed, with its size for previews if it is given.
func TestLogo(t *testing.T) {
	for _, test := range []struct {
		src  string
		want receiptline.Logo
		at   receiptline.Align
	}{
		{"{logo:1}", receiptline.Logo{Number: 1, Width: 240, Height: 48}, receiptline.AlignCenter},
		{"|{logo:255, 384, 96} |", receiptline.Logo{Number: 255, Width: 384, Height: 96}, receiptline.AlignLeft},
	} {
		doc, diags := receiptline.Parse(test.src, receiptline.Options{Logos: true})
		l, more := doc.Layout(receiptline.Options{Logos: true})
		if len(diags)+len(more) > 0 || len(l.Rows) != 1 {
			t.Fatalf("%s: %v %v %+v", test.src, diags, more, l.Rows)
		}
		if r := l.Rows[0]; r.Kind != receiptline.LogoRow || *r.Logo != test.want || r.Align != test.at || r.Cells != 48 {
			t.Errorf("%s: %+v %+v", test.src, r, r.Logo)
		}
		if again, _ := receiptline.Parse(doc.String(), receiptline.Options{Logos: true}); again.String() != doc.String() {
			t.Errorf("%s became %s", doc, again)
		}
	}
	for _, value := range []string{"0", "256", "x", "1,2", "1,0,9", "1,2049,9", "1,2,3,4", "-1"} {
		l, diags := receiptline.Set("{logo:"+value+"}", receiptline.Options{Logos: true})
		if !receiptline.HasError(diags) || diags[0].Code != "bad_logo" || len(l.Rows) != 0 {
			t.Errorf("%s: %v", value, diags)
		}
	}
}

// Where it is not allowed it is left out: with a warning, or in silence as the reference implementation does.
func TestLogoRefused(t *testing.T) {
	l, diags := receiptline.Set("A\n{logo:1;w:2}", receiptline.Options{})
	if len(diags) != 1 || diags[0].Code != "logo_refused" || diags[0].Severity != receiptline.Warning || len(l.Rows) != 1 {
		t.Errorf("%v, %d rows", diags, len(l.Rows))
	}
	if l, diags := receiptline.Set("{logo:1}", receiptline.Options{Lax: true}); len(l.Rows) > 0 || len(diags) > 0 {
		t.Errorf("%v, %d rows", diags, len(l.Rows))
	}
	if s := receiptline.EscapeValue("1;logo:1}{logo:1"); strings.ContainsAny(strings.NewReplacer(`\;`, "", `\{`, "", `\}`, "").Replace(s), ";{}") {
		t.Errorf("data in a value stays data: %s", s)
	}
}
