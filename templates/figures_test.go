package templates_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
	"pgregory.net/rapid"
)

// figures gives every word on the slip: what stands in one row between blanks.
func figures(l *receiptline.Layout) map[string]bool {
	out := map[string]bool{}
	for _, r := range l.Rows {
		for _, run := range r.Runs {
			for _, w := range strings.Fields(run.Text) {
				out[w] = true
			}
		}
	}
	return out
}

// wholeFigures fails when one of the figures is not on the slip in one piece.
func wholeFigures(t *rapid.T, set *templates.Set, in templates.Input, want []string) {
	t.Helper()
	slip, err := set.Render(in)
	if err != nil {
		t.Fatal(err)
	}
	got := figures(slip.Layout)
	for _, w := range want {
		if !got[w] {
			t.Fatalf("%s %s %d cells: %q is not there whole\n%s", in.Copy, in.Locale, in.Width, w, slip.Layout.Text())
		}
	}
}

// draws gives what the schema allows: amounts up to twelve digits, quantities of six digits and three decimals.
type draws struct{ *rapid.T }

func (d draws) amount(name string, low int64) int64 {
	size := rapid.SampledFrom([]int64{1e4, 1e6, 1e8, 1e10, 1e12 - 1}).Draw(d.T, name+" size")
	return rapid.Int64Range(max(low, -size), size).Draw(d.T, name)
}

func (d draws) currency() string {
	return rapid.SampledFrom([]string{"CNY", "GBP", "IDR", "JPY", "KWD"}).Draw(d.T, "currency")
}

func (d draws) qty() string {
	return rapid.StringMatching(`[1-9][0-9]{0,5}(\.[0-9]{1,3})?`).Draw(d.T, "qty")
}

func (d draws) input(j *job.Job) templates.Input {
	return templates.Input{
		Job: j, Locale: rapid.SampledFrom([]string{"zh-CN", "en"}).Draw(d.T, "locale"),
		Width: rapid.SampledFrom([]int{24, 32, 42, 48}).Draw(d.T, "width"),
	}
}

// printed is the last word of an amount as orders print it: ￥12.00, or 12.00 behind the currency.
func printed(minor int64, currency string) string {
	words := strings.Fields((&templates.Money{Minor: minor, Currency: currency}).Sign())
	return words[len(words)-1]
}

// TestFiguresStayWhole: no quantity, count or amount ever has a row break in it, whatever its size: a kitchen that reads
// x0.7 cooks for x0.75.
func TestFiguresStayWhole(t *testing.T) {
	set := load(t)
	for kind, check := range map[string]func(draws, *templates.Set){
		"order": orderFigures, "settlement": settlementFigures, "transaction": amountFigures,
	} {
		t.Run(kind, func(t *testing.T) { rapid.Check(t, func(t *rapid.T) { check(draws{t}, set) }) })
	}
}

func orderFigures(d draws, set *templates.Set) {
	original, paid := d.amount("original", 1), d.amount("paid", 1)
	o := &job.Order{
		OrderNo: "A1", Currency: d.currency(), OriginalTotal: &original, PaidTotal: &paid,
		Fees:      []job.Fee{{Type: "delivery", Amount: d.amount("fee", -1e12)}},
		Discounts: []job.OrderDiscount{{Name: "满100减40", Amount: -d.amount("discount", 0)}},
	}
	quantities, prices := []string{}, []string{
		printed(original, o.Currency), printed(paid, o.Currency), printed(o.Fees[0].Amount, o.Currency),
		printed(o.Discounts[0].Amount, o.Currency),
	}
	bag := job.Bag{}
	for _, name := range []string{"基围虾", "Fish & chips with everything on it", "红烧狮子头大份加菜加面加汤"} {
		amount := d.amount("price", -1e12)
		it := job.Item{Name: name, Qty: d.qty(), Amount: &amount, Options: []string{"少辣"}}
		bag.Items = append(bag.Items, it)
		quantities, prices = append(quantities, "x"+it.Qty), append(prices, printed(amount, o.Currency))
	}
	o.Bags = []job.Bag{bag}
	in := d.input(&job.Job{Kind: job.KindOrder, Order: o})
	in.Copy = job.CopyKitchen
	wholeFigures(d.T, set, in, quantities)
	in.Copy = job.CopyCustomer
	wholeFigures(d.T, set, in, append(quantities, prices...))
}

func settlementFigures(d draws, set *templates.Set) {
	s := &job.Settlement{Currency: d.currency(), Scope: job.ScopeSettlement}
	var want []string
	total := func() job.Total {
		m := job.Total{Count: rapid.IntRange(1, 999999).Draw(d.T, "count"), Amount: d.amount("amount", -1e12)}
		want = append(want, strconv.Itoa(m.Count), job.FormatAmount(m.Amount, s.Currency))
		return m
	}
	b := job.SettlementBlock{Scope: "domestic", Reconciliation: "balanced", Debit: total(), Credit: total()}
	for _, typ := range []job.TransactionType{job.Sale, job.PreAuthCompletionAdvice, job.ScanPayRefund} {
		m := total()
		b.Rows = append(b.Rows, job.SettlementRow{Type: typ, Count: m.Count, Amount: m.Amount})
	}
	s.Blocks = []job.SettlementBlock{b}
	detail := job.SettlementDetail{VoucherNo: "000001", TypeLetter: "S", AuthCode: "384928", MaskedPAN: "622202******6620", Amount: d.amount("detail", -1e12)}
	s.Details = []job.SettlementDetail{detail}
	want = append(want, job.FormatAmount(detail.Amount, s.Currency))
	in := d.input(&job.Job{Kind: job.KindSettlement, Settlement: s})
	in.Copy = job.CopyMerchant
	wholeFigures(d.T, set, in, want)
}

func amountFigures(d draws, set *templates.Set) {
	name := rapid.SampledFrom([]string{"sale", "scan-pay"}).Draw(d.T, "sample")
	j, err := templates.Sample(name)
	if err != nil {
		d.Fatal(err)
	}
	a := job.Amount{
		Tip: d.amount("tip", 0) / 4, CashBack: d.amount("cash back", 0) / 4, Discount: d.amount("discount", 0),
		Cumulative: d.amount("cumulative", 0), Currency: d.currency(),
	}
	a.Total = a.Tip + a.CashBack + d.amount("base", 1)/2
	paid := d.amount("paid", 0)
	if rapid.Bool().Draw(d.T, "is paid") {
		a.Paid = &paid
	}
	j.Transaction.Amount = a
	want := []string{job.FormatAmount(a.Total, a.Currency)}
	if a.Tip+a.CashBack != 0 {
		want = append(want, job.FormatAmount(a.Total-a.Tip-a.CashBack, a.Currency))
	}
	for _, m := range []int64{a.Tip, a.CashBack, a.Discount} {
		if m != 0 {
			want = append(want, job.FormatAmount(m, a.Currency))
		}
	}
	in := d.input(j)
	in.Copy = job.CopyMerchant
	wholeFigures(d.T, set, in, want)
}

// TestQuantityIsLarge: a quantity is as large as fits, and one of many digits has a row of its own.
func TestQuantityIsLarge(t *testing.T) {
	for qty, want := range map[string]receiptline.Style{
		"2": {Width: 2, Height: 2}, "0.75": {Width: 1, Height: 2}, "12345.6": {Width: 1, Height: 2}, "123456.789": {Width: 2, Height: 2},
	} {
		j := sample(t, "order")
		j.Order.Bags = []job.Bag{{Items: []job.Item{{Name: "基围虾", Qty: qty}}}}
		slip, err := load(t).Render(templates.Input{Job: j, Copy: job.CopyKitchen, Width: 32})
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint("not there\n", slip.Layout.Text())
		for _, r := range slip.Layout.Rows {
			for _, run := range r.Runs {
				if run.Text == "x"+qty {
					got = fmt.Sprint(run.Style)
				}
			}
		}
		if got != fmt.Sprint(want) {
			t.Errorf("x%s has style %s, want %v", qty, got, want)
		}
	}
}

// TestChipDataIsSmall: the chip data are in the small font where there is one. A name that it may lack sets the block in
// the normal size, and breaks no item.
func TestChipDataIsSmall(t *testing.T) {
	for _, locale := range []string{"zh-CN", "en"} {
		for _, c := range []struct {
			label string
			cells int
			small bool
		}{{"PBOC DEBIT", 42, true}, {"PBOC DEBIT", 0, false}, {"借记卡", 42, false}} {
			j := *sample(t, "sale")
			tx := *j.Transaction
			emv := *tx.EMV
			emv.ApplicationLabel = c.label
			tx.EMV, j.Transaction = &emv, &tx
			slip, err := load(t).Render(templates.Input{Job: &j, Copy: job.CopyMerchant, Width: 32, Small: c.cells, Locale: locale})
			if err != nil {
				t.Fatal(err)
			}
			small, text := 0, slip.Layout.Text()
			for _, r := range slip.Layout.Rows {
				if r.Small {
					small++
				}
			}
			if (small > 0) != c.small || small > 4 {
				t.Errorf("%s %s: %d small rows\n%s", locale, c.label, small, text)
			}
			for _, item := range []string{"ARQC:8F3A6C0A1B2C3D4E", "AID:A000000333010101", "UNPR NUM:1A2B3C4D", "APPLAB:" + c.label} {
				if !strings.Contains(text, item) {
					t.Errorf("%s %s: %s is missing or broken\n%s", locale, c.label, item, text)
				}
			}
		}
	}
}
