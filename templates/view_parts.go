package templates

import (
	"slices"
	"unicode/utf8"

	"github.com/receiptd/receiptd/job"
)

// writesNegative reports whether the shop wants this transaction's amounts written below zero.
func (s *Shop) writesNegative(t *job.Transaction) bool {
	return t.IsVoid() && slices.Contains(s.Negative, "void") || t.IsRefund() && slices.Contains(s.Negative, "refund")
}

// positive is the renderer for amounts that no policy turns round: balances and limits.
func (r *renderer) positive() *renderer {
	p := *r
	p.negative = false
	return &p
}

// DCC is a currency conversion that was offered to the cardholder.
type DCC struct {
	Accepted   bool
	Local      string // CNY: the shop's currency
	Currency   string // EUR: the cardholder's
	Chosen     string // one of the two
	Other      string // the other one
	Amount     *Money // in the cardholder's currency
	Rate       string // 1 CNY = 0.1301 EUR
	RateSource string
	RateAt     string
	Markup     string // 3.5%; empty: not said
	Provider   string
	Statement  string // the acquirer's own; empty: the built-in ones
}

// dcc fills the block that card schemes want on the slip of every conversion that was offered. What was declined has none.
func (r *renderer) dcc(t *job.Transaction) *DCC {
	d := t.DCC
	if d == nil || t.Result != job.Approved {
		return nil
	}
	out := &DCC{
		Accepted: d.Accepted(), Local: t.Amount.Currency, Currency: d.Currency, Chosen: t.Amount.Currency, Other: d.Currency,
		Amount: r.money(d.Amount, d.Currency), RateSource: clean(d.RateSource), RateAt: r.stamp(d.RateAt),
		Provider: clean(d.Provider), Statement: cleanLines(d.Statement),
	}
	if out.Accepted {
		out.Chosen, out.Other = out.Other, out.Chosen
	}
	one, of := t.Amount.Currency, d.Currency
	if d.RateOf == "cardholder" {
		one, of = of, one
	}
	out.Rate = "1 " + one + " = " + clean(d.Rate) + " " + of
	if d.Markup != "" {
		out.Markup = clean(d.Markup) + "%"
	}
	return out
}

// Taxes is a tax table. Its columns are given in cells of the slip's width.
type Taxes struct {
	Rows  []Tax
	Table bool // every figure fits the columns of a table; else each row is a list
	Wide  bool // 40 cells or more
}

// Tax is one row of it.
type Tax struct {
	Name, Rate      string // VAT, 13%
	Net, Tax, Gross *Money
}

// The columns of a tax table: rate, net, tax, and what is left for the gross. The built-in templates have the same numbers.
const (
	taxRate   = 6
	taxNarrow = 7  // the tax on 58 mm paper; net and gross have one more
	taxWide   = 11 // the others on 80 mm paper
)

func (r *renderer) taxes(list []job.Tax, currency string, width int) *Taxes {
	if len(list) == 0 {
		return nil
	}
	out := &Taxes{Table: width >= 32, Wide: width >= 40}
	limit := [3]int{taxNarrow + 1, taxNarrow, taxNarrow + 1}
	if out.Wide {
		limit = [3]int{taxWide, taxWide, taxWide}
	}
	for _, t := range list {
		row := Tax{Name: clean(t.Name), Net: r.said(t.Net, currency), Tax: r.money(t.Tax, currency), Gross: r.said(t.Gross, currency)}
		if t.Rate != "" {
			row.Rate = clean(t.Rate) + "%"
		}
		for i, m := range []*Money{row.Net, row.Tax, row.Gross} {
			out.Table = out.Table && utf8.RuneCountInString(m.Number()) <= limit[i]
		}
		out.Table = out.Table && len(row.Rate) <= taxRate
		out.Rows = append(out.Rows, row)
	}
	return out
}

// Tender is one of the means by which an order was paid.
type Tender struct {
	Line
	Reference string
}

func (r *renderer) tenders(t *job.Order) []Tender {
	var out []Tender
	for _, x := range t.Tenders {
		name := clean(x.Name)
		if name == "" {
			name = tenderWords[x.Type].in(r.lang)
		}
		out = append(out, Tender{Line{name, r.money(x.Amount, t.Currency)}, clean(x.Reference)})
	}
	return out
}

// shopLines fills what the shop puts on slips that a customer may get: payments, and the copies of an order that leave the kitchen.
// Only what was approved has the footer: nobody is thanked for a payment that failed.
func (r *renderer) shopLines(v *View, in *Input) {
	if in.Job.Reversal != nil { // somebody has to be called
		v.Hotline = clean(in.Shop.Hotline)
		return
	}
	t := in.Job.Transaction
	if t == nil && (in.Job.Order == nil || in.Copy.Base() == job.CopyKitchen) {
		return
	}
	v.Logo, v.Hotline = !in.Shop.Logo.empty(), clean(in.Shop.Hotline)
	v.EReceipt = eReceipt(in)
	if t == nil || t.Result == job.Approved {
		v.Footer = cleanAll(in.Shop.Footer)
	}
}

// eReceipt gives the link of a slip that a customer gets; other copies have none.
func eReceipt(in *Input) string {
	var link *job.EReceipt
	switch {
	case in.Job.Transaction != nil && in.Copy == job.CopyCardholder:
		link = in.Job.Transaction.EReceipt
	case in.Job.Order != nil && in.Copy == job.CopyCustomer:
		link = in.Job.Order.EReceipt
	}
	if link == nil {
		return ""
	}
	return clean(link.URL)
}
