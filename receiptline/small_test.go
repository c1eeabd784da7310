package receiptline_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/receiptline"
)

// Small text has more cells to a row; what the small font may lack, and what stands in a box, keeps the normal size.
func TestSmall(t *testing.T) {
	const doc = "{font:small}\n|" + `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nb` + " |\n| r\n|中 |\n\n{b:line}\n|x |\n{b:none}\n|y |\n---\n{font:normal}\n| z"
	for _, c := range []struct {
		o    receiptline.Options
		want []string
	}{
		{receiptline.Options{Width: 32, Small: 42}, []string{"small 0 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", "small 0 b",
			"small 41 r", "0 中", "", "rule", "1 x", "rule", "small 0 y", "rule", "31 z"}},
		{receiptline.Options{Width: 32}, []string{"0 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "0 aaaaaaaaaa", "0 b",
			"31 r", "0 中", "", "rule", "1 x", "rule", "0 y", "rule", "31 z"}},
	} {
		l, diags := receiptline.Set(doc, c.o)
		if len(diags) > 0 {
			t.Error(diags)
		}
		var got []string
		for _, r := range l.Rows {
			var words []string
			if r.Small {
				words = append(words, "small")
			}
			if r.Kind == receiptline.RuleRow {
				words = append(words, "rule")
			}
			for _, run := range r.Runs {
				words = append(words, strconv.Itoa(run.X/2), run.Text)
			}
			got = append(got, strings.Join(words, " "))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v:\n%q, want\n%q", c.o, got, c.want)
		}
	}
}

// The key is printed back, a wrong value is named, and the lax profile knows the key as little as the reference does.
func TestSmallKey(t *testing.T) {
	doc, diags := receiptline.Parse("{font:Small}\n|a |", receiptline.Options{})
	if len(diags) > 0 || doc.String() != "{font:Small}\n|a |" {
		t.Errorf("%q, %v", doc.String(), diags)
	}
	if l, _ := doc.Layout(receiptline.Options{Small: 64}); !l.Rows[0].Small {
		t.Error("not small")
	}
	if l, diags := receiptline.Set("{font:tiny}\n|a |", receiptline.Options{Small: 64}); l.Rows[0].Small || len(diags) != 1 || diags[0].Code != "unknown_value" {
		t.Errorf("%v", diags)
	}
	if l, diags := receiptline.Set("{font:small}\n|a |", receiptline.Options{Small: 64, Lax: true}); l.Rows[0].Small || len(diags) > 0 {
		t.Errorf("lax: small, %v", diags)
	}
}
