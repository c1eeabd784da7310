package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
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
