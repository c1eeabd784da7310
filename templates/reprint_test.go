package templates_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
)

// TestReprintIsMarkedOnBothHalves tears each reprinted voucher in the middle: each half says that it is one.
func TestReprintIsMarkedOnBothHalves(t *testing.T) {
	set := load(t)
	for _, name := range templates.Samples() {
		j := sample(t, name)
		if j.Order != nil || j.Document != nil {
			continue // no vouchers: their mark stands in the head
		}
		for locale, said := range map[string]string{"zh-CN": "重打印凭证/DUPLICATED", "en": "DUPLICATED"} {
			for _, width := range []int{32, 48} {
				slip, err := set.Render(templates.Input{
					Job: j, Copy: j.DefaultCopies()[0], Width: width, Small: small[width], Locale: locale,
					Mark: job.Mark{Kind: job.MarkRecovery, PrintNo: 2, At: reprinted, Operator: "02", TornPiece: true},
				})
				if err != nil {
					t.Fatal(name, err)
				}
				lines := strings.Split(slip.Layout.Text(), "\n")
				head, rest := strings.Join(lines[:6], "\n"), strings.Join(lines[6:], "\n")
				if !strings.Contains(head, said) || !strings.Contains(rest, said) {
					t.Errorf("%s %s %d: not in both\n%s", name, locale, width, slip.Layout.Text())
				}
			}
		}
	}
}
