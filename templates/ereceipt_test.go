package templates_test

import (
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
)

// The link of an electronic receipt is a code on what the customer gets, and on nothing else.
func TestElectronicReceipt(t *testing.T) {
	all, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	link := &job.EReceipt{URL: "https://example.com/r?a=1;b={2}&c=3"}
	for _, sample := range []string{"sale", "refund", "void", "scan-pay", "order", "declined"} {
		j, err := templates.Sample(sample)
		if err != nil {
			t.Fatal(err)
		}
		if j.Transaction != nil {
			j.Transaction.EReceipt = link
		} else {
			j.Order.EReceipt = link
		}
		for _, c := range j.Tickets(j.AllowedCopies()) {
			for _, width := range []int{32, 48} {
				for _, locale := range []string{"zh-CN", "en"} {
					slip, err := all.Render(templates.Input{Job: j, Copy: c, Locale: locale, Width: width, Mark: job.Mark{PrintNo: 1}})
					if err != nil {
						t.Fatal(sample, err)
					}
					want := 0
					if c == job.CopyCardholder || c == job.CopyCustomer {
						want = 1
					}
					if n := links(slip.Layout, link.URL); n != want {
						t.Errorf("%s %s %s %d: %d codes, want %d\n%s", sample, c, locale, width, n, want, slip.Source)
					}
				}
			}
		}
	}
}

func links(l *receiptline.Layout, url string) (n int) {
	for i := range l.Rows {
		if c := l.Rows[i].Code; c != nil && c.Symbology == "qrcode" && c.Data == url {
			n++
		}
	}
	return n
}
