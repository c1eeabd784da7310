package templates_test

import (
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
)

// A template may print a logo out of the printer's memory, a job may not, not even in its own document.
func TestLogoIsForTemplates(t *testing.T) {
	logos := func(set *templates.Set, j *job.Job) (n int, warned bool) {
		t.Helper()
		slip, err := set.Render(templates.Input{Job: j, Copy: j.DefaultCopies()[0], Width: 48})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range slip.Layout.Rows {
			if r.Kind == receiptline.LogoRow {
				n++
			}
		}
		return n, len(slip.Warnings) == 1 && slip.Warnings[0].Code == "logo_refused"
	}
	sale := sample(t, "sale")
	sale.Transaction.Merchant.Name = "}\n{logo:2}"
	if n, _ := logos(override(t, "sale.zh-CN", "{logo:1,384,96}\n[[.MerchantName]]\n="), sale); n != 1 {
		t.Errorf("%d logos on the slip of a template with one", n)
	}
	document := sample(t, "document")
	document.Document.ReceiptLine = "A\n{logo:2}\nB"
	if n, warned := logos(load(t), document); n != 0 || !warned {
		t.Errorf("a document printed %d logos; warned: %v", n, warned)
	}
	set := load(t)
	if diags := set.Lint("sale.zh-CN.receipt", "{logo:1}\n=\n"); len(diags) > 0 {
		t.Error(diags)
	}
	if diags := set.Lint("sale.zh-CN.receipt", "{logo:[[.VoucherNo]]}\n=\n"); !receiptline.HasError(diags) {
		t.Error("data may choose a logo")
	}
}
