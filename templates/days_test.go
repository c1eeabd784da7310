package templates_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
)

// TestUnitPrices: what a unit costs is printed with its unit, and a line with nothing else has its price from it.
func TestUnitPrices(t *testing.T) {
	for _, locale := range []string{"zh-CN", "en"} {
		for _, width := range []int{32, 48} {
			j := sample(t, "order-3")
			j.Order.Bags[0].Items[1].Amount = nil
			got := text(t, templates.Input{Job: j, Copy: job.CopyCustomer, Width: width, Locale: locale})
			for _, want := range []string{"0.625 kg x 8.30", "x0.625 kg", "3 x 10.00", "30.00", "5.19"} {
				if !strings.Contains(got, want) {
					t.Errorf("%s %d: no %q\n%s", locale, width, want, got)
				}
			}
			if strings.Contains(got, "1 x 4.50") {
				t.Errorf("%s %d: the price of one thing stands there twice", locale, width)
			}
		}
	}
	if got := text(t, templates.Input{Job: sample(t, "order-3"), Copy: job.CopyKitchen, Width: 32, Locale: "en"}); !strings.Contains(got, "kg") || strings.Contains(got, "8.30") {
		t.Errorf("kitchen: %s", got)
	}
}

// TestWordsStayWhole looks for each word of a slip's names, fees, discounts and cells in one row, and for a Chinese mark at the
// head of a row.
func TestWordsStayWhole(t *testing.T) {
	order := sample(t, "order-3")
	sale := sample(t, "sale")
	sale.Transaction.Issuer.Name = "Landesbank Holsteinische International"
	cells := sample(t, "document")
	cells.Document = &job.Document{Blocks: []job.Block{{Type: job.BlockColumns, Weights: []int{1, 1}, Cells: []string{
		"Sparkling mineral water from Wilhelmsburg", "会员折扣，仅限周日，不与其他优惠同享"}}}}
	for _, row := range []struct {
		j     *job.Job
		copy  job.CopyName
		words string
	}{
		{order, job.CopyCustomer, "GST (incl.) food non-alcoholic beverages Delicatessen Wilhelmsburg Sparkling carbonic Reusable shopping recycled cotton"},
		{order, job.CopyKitchen, "Sparkling without carbonic"},
		{sale, job.CopyMerchant, "Landesbank Holsteinische International"},
		{cells, job.CopyDocument, "Sparkling mineral Wilhelmsburg"},
	} {
		for _, locale := range []string{"zh-CN", "en"} {
			for width := 32; width <= 48; width += 2 {
				got := rows(t, templates.Input{Job: row.j, Copy: row.copy, Width: width, Locale: locale})
				for word := range strings.FieldsSeq(row.words) {
					if !slices.ContainsFunc(got, func(l string) bool { return strings.Contains(l, word) }) {
						t.Errorf("%s %s %d: %q is broken\n%s", row.copy, locale, width, word, strings.Join(got, "\n"))
					}
				}
				for _, l := range got {
					if strings.HasPrefix(l, "，") || strings.Contains(l, " ，") {
						t.Errorf("%s %s %d: a row begins with a comma: %q", row.copy, locale, width, l)
					}
				}
			}
		}
	}
}

// TestTimesOfOneClock: a slip's times and its marks are on the clock of its own time; one that ends in Z is on the shop's.
func TestTimesOfOneClock(t *testing.T) {
	mark := job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: time.Date(2026, 8, 11, 6, 30, 0, 0, time.UTC), SameAs: time.Date(2026, 8, 11, 5, 0, 0, 0, time.UTC)}
	shanghai := time.FixedZone("", 8*3600)
	for _, row := range []struct {
		at   string
		shop *time.Location
		want []string
	}{
		{"2026-08-11T12:34:50+08:00", nil, []string{"2026/08/11 12:34:50", "2026/08/11 14:30:00", "08/11 13:00"}},
		{"2026-08-11T12:34:50-03:00", shanghai, []string{"2026/08/11 12:34:50", "2026/08/11 03:30:00", "08/11 02:00"}},
		{"2026-08-11T12:34:50Z", shanghai, []string{"2026/08/11 20:34:50", "2026/08/11 14:30:00", "08/11 13:00"}},
		{"2026-08-11T12:34:50Z", nil, []string{"2026/08/11 12:34:50", "2026/08/11 06:30:00", "08/11 05:00"}},
	} {
		j := sample(t, "sale")
		if err := j.Transaction.TransactedAt.UnmarshalText([]byte(row.at)); err != nil {
			t.Fatal(err)
		}
		got := text(t, templates.Input{Job: j, Copy: job.CopyMerchant, Mark: mark, Locale: "en", Shop: templates.Shop{Zone: row.shop}})
		for _, want := range row.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %s\n%s", row.at, want, got)
			}
		}
		if warned := len(j.Clockless()) > 0; warned != strings.HasSuffix(row.at, "Z") {
			t.Errorf("%s: warned %v", row.at, warned)
		}
	}
}

// TestBlanksOfTheWorld: spaces of any width print as one blank, what has no width takes none.
func TestBlanksOfTheWorld(t *testing.T) {
	j := sample(t, "document")
	j.Document = &job.Document{Blocks: []job.Block{{Type: job.BlockText, Text: "Total 1\u202f234,50\u2009\u20ac / 1\u2007234\u205fx\u200a|a\u00ad\u200bb\u200c\u200dc\u2060d\ufeff|"}}}
	got := text(t, templates.Input{Job: j, Copy: job.CopyDocument, Width: 48})
	got = strings.NewReplacer("\u00a0", " ", "\u200c", "", "\u200d", "").Replace(got)
	if !strings.Contains(got, "Total 1 234,50 € / 1 234 x |abcd|") {
		t.Errorf("%q", got)
	}
}

// TestCodesThatCannotBe: a code that cannot be drawn is an error when a job is checked, for the paper of its printer, and leaves a
// note on paper, with the rest, when it must be printed all the same.
func TestCodesThatCannotBe(t *testing.T) {
	set := load(t)
	for _, row := range []struct {
		d    job.Document
		code string
	}{
		{job.Document{ReceiptLine: "Total | 12.00\n{code:ORDER-2026-000123; option:code128,2,72,hri}"}, "document_code_too_wide"},
		{job.Document{Blocks: []job.Block{{Type: job.BlockText, Text: "Total 12.00"}, {Type: job.BlockBarcode, Data: "4006381333930", Symbology: "ean"}}}, "document_check_digit"},
		{job.Document{Blocks: []job.Block{{Type: job.BlockText, Text: "Total 12.00"}, {Type: job.BlockBarcode, Data: "é", Symbology: "code39"}}}, "document_code_invalid"},
		{job.Document{Blocks: []job.Block{{Type: job.BlockText, Text: "Total 12.00"}, {Type: job.BlockBarcode, Data: "4006381333931", Symbology: "ean"}}}, ""},
	} {
		j := sample(t, "document")
		j.Document = &row.d
		code := ""
		if list := set.Check(j, []templates.Paper{{Copy: job.CopyDocument, Width: 32}}); len(list) > 0 {
			code = list[0].Code
		}
		if code != row.code {
			t.Errorf("%+v: %q, want %q", row.d, code, row.code)
		}
		slip, err := set.Render(templates.Input{Job: j, Copy: job.CopyDocument, Width: 32})
		if err != nil {
			t.Fatal(err)
		}
		got := slip.Layout.Text()
		if noted := strings.Contains(strings.ReplaceAll(got, "\n", ""), "CODE NOT PRINTED"); noted != (row.code != "") || !strings.Contains(got, "12.00") {
			t.Errorf("%q: %s", row.code, got)
		}
	}
}
