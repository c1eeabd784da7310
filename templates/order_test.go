package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
)

// rows gives the slip's rows of text, without blanks at their ends.
func rows(t *testing.T, in templates.Input) []string {
	t.Helper()
	lines := strings.Split(text(t, in), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return lines
}

// TestOptionsStayApart: the kitchen has a row for each option, other copies a mark between them. An option that runs into
// the next one may cost a guest with an allergy.
func TestOptionsStayApart(t *testing.T) {
	j := sample(t, "order")
	j.Order.Bags = []job.Bag{{Items: []job.Item{{Name: "Fish & chips", Qty: "1", Options: []string{"no salt", "extra vinegar"}}}}}
	for _, locale := range []string{"zh-CN", "en"} {
		got := rows(t, templates.Input{Job: j, Copy: job.CopyKitchen, Width: 32, Locale: locale})
		if !slices.Contains(got, "no salt") || !slices.Contains(got, "extra vinegar") {
			t.Errorf("%s, kitchen: %q", locale, got)
		}
	}
	if got := rows(t, templates.Input{Job: j, Copy: job.CopyCustomer, Width: 32, Locale: "en"}); !slices.Contains(got, "no salt, extra vinegar") {
		t.Errorf("customer: %q", got)
	}
}

// TestNamesBreakBetweenWords: the head of an order and the operator of a reprint are not broken inside a word.
func TestNamesBreakBetweenWords(t *testing.T) {
	j := sample(t, "order")
	j.Order.PickupNo, j.Order.PlatformName = "A7", "Harbour Kitchen"
	for _, locale := range []string{"zh-CN", "en"} {
		got := rows(t, templates.Input{Job: j, Copy: job.CopyKitchen, Width: 32, Locale: locale})
		if !slices.Contains(got, "#A7 Harbour") || !slices.Contains(got, "Kitchen") {
			t.Errorf("%s: %q", locale, got)
		}
		for operator, want := range map[string]string{"": "NOT GIVEN", "12345678901234567890": "12345678901234567890"} {
			got := text(t, templates.Input{Job: sample(t, "sale"), Copy: job.CopyMerchant, Width: 32, Locale: locale, Mark: job.Mark{PrintNo: 2, At: reprinted, Operator: operator}})
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is broken\n%s", locale, want, got)
			}
		}
	}
}

// TestOneRuleAtATime: no copy, whatever its mark, has two rules with nothing between them.
func TestOneRuleAtATime(t *testing.T) {
	set := load(t)
	for _, name := range templates.Samples() {
		j := sample(t, name)
		for _, m := range marks {
			for _, copy := range j.DefaultCopies() {
				for _, locale := range []string{"zh-CN", "en"} {
					slip, err := set.Render(templates.Input{Job: j, Copy: copy, Mark: m.mark, Width: 32, Locale: locale})
					if err != nil {
						t.Fatal(err)
					}
					before := receiptline.CutRow
					for _, r := range slip.Layout.Rows {
						if r.Kind == receiptline.RuleRow && before == receiptline.RuleRow {
							t.Errorf("%s %s %s %s: two rules in a row\n%s", name, copy, m.name, locale, slip.Layout.Text())
							break
						}
						before = r.Kind
					}
				}
			}
		}
	}
}
