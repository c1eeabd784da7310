package templates_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
)

// What is too long for any roll is refused at the door, and named; what was taken comes out with every mark, on narrow paper too.
func TestLongSlips(t *testing.T) {
	set, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	document := func(text string) *job.Job {
		return &job.Job{ID: "d", Kind: job.KindDocument, Document: &job.Document{ReceiptLine: text}}
	}
	order := func(items, options int) *job.Job {
		j, err := templates.Sample("order")
		if err != nil {
			t.Fatal(err)
		}
		dish := job.Item{Name: "鱼香肉丝盖饭", Qty: "1"}
		for i := range options {
			dish.Options = append(dish.Options, fmt.Sprintf("加 %d", i))
		}
		j.Order.Bags[0].Items = nil
		for range items {
			j.Order.Bags[0].Items = append(j.Order.Bags[0].Items, dish)
		}
		return j
	}
	for name, c := range map[string]struct {
		job  *job.Job
		want string
	}{
		"a document":             {document(strings.Repeat("a\n", 2600)), ""},
		"a long document":        {document(strings.Repeat("a\n", 2700)), "document_too_long"},
		"a document with cuts":   {document(strings.Repeat("a\n=\n", 150)), ""},
		"an order":               {order(10, 2), ""},
		"an order for a wedding": {order(300, 1), ""},
		"an order of metres":     {order(300, 40), "order_too_long"},
	} {
		bad := set.Check(c.job, nil)
		if got := code(bad); got != c.want {
			t.Errorf("%s: %q, want %q: %v", name, got, c.want, bad)
		}
		if c.want != "" && (!strings.Contains(bad[0].Message.Zh, "10 米") || !strings.Contains(bad[0].Message.En, "10 metres")) {
			t.Errorf("%s: the limit is not named: %v", name, bad[0].Message)
		}
		if c.want != "" {
			continue
		}
		for _, width := range []int{24, 32, 48} {
			for _, copy := range templates.DoubtfulCopies(c.job) {
				m := job.Mark{Kind: job.MarkRecovery, PrintNo: 9, At: time.Now(), Operator: "01"}
				if _, err := set.Render(templates.Input{Job: c.job, Copy: copy, Width: width, Mark: m}); err != nil {
					t.Errorf("%s was taken and cannot be printed at width %d: %v", name, width, err)
				}
			}
		}
	}
}

func code(bad []job.Problem) string {
	if len(bad) == 0 {
		return ""
	}
	return bad[0].Code
}

// A settlement lists as many slips as its schema lets it, and is printed: it is never refused for its length.
func TestLongestSettlement(t *testing.T) {
	set, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	j, err := templates.Sample("settlement")
	if err != nil {
		t.Fatal(err)
	}
	if len(j.Settlement.Details) == 0 {
		t.Fatal("the sample lists no slips")
	}
	for len(j.Settlement.Details) < 3000 {
		j.Settlement.Details = append(j.Settlement.Details, j.Settlement.Details[0])
	}
	for _, width := range []int{24, 32, 48} {
		if _, err := set.Render(templates.Input{Job: j, Copy: job.CopyMerchant, Width: width, Mark: job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: time.Now()}}); err != nil {
			t.Errorf("width %d: %v", width, err)
		}
	}
}

// A code that fits 80 mm paper and not that of the printer it goes to is refused at the door: nothing of it would come out.
func TestCheckAtTheWidthOfThePrinter(t *testing.T) {
	set, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	j := &job.Job{ID: "wide-1", Kind: job.KindDocument, Document: &job.Document{ReceiptLine: "Total | 12.00\n{code:ORDER-2026-000123; option:code128,2,72,hri}"}}
	if bad := set.Check(j, []templates.Paper{{Copy: job.CopyDocument, Width: 48}}); len(bad) > 0 {
		t.Error(bad)
	}
	if bad := set.Check(j, []templates.Paper{{Copy: job.CopyDocument, Width: 48}, {Copy: job.CopyDocument, Width: 32}}); code(bad) != "document_code_too_wide" {
		t.Errorf("%v", bad)
	}
}
