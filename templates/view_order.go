package templates

import (
	"slices"
	"strings"

	"github.com/receiptd/receiptd/job"
)

// Order is a takeaway or kitchen ticket.
type Order struct {
	No            string // #20
	Platform      string // 美团外卖
	Store         string
	OrderNo       string
	Cancelled     bool
	PartialRefund bool
	Reminder      bool
	Preorder      bool
	PlacedAt      string // 15:04, with the date when it is not the day of delivery
	ExpectedAt    string
	Now           bool   // deliver at once
	Fulfilment    string // 外送, 自取, 堂食
	TableNo       string
	Payment       string // the platform's own words, else ours
	Unpaid        bool   // money is still to be collected
	Station       string // whose ticket it is; empty: nobody's or the kitchen's
	Part, Parts   int    // the second of three tickets; Parts is 0 for a copy that is not divided
	Bags          []Bag
	Fees          []Line
	Discounts     []Line
	Gifts         []string
	OriginalTotal *Money
	PaidTotal     *Money // what the guest pays in the end: still to be collected when Unpaid
	Tenders       []Tender
	Change        *Money
	Taxes         *Taxes
	Remark        string
	Tableware     string // empty: not said
	Customer      string
	Phone         string
	PrivacyNo     string
	Address       string
	InvoiceTitle  string
	TaxNo         string
}

// Bag is one bag of an order.
type Bag struct {
	Name  string
	Items []Item
}

// Item is one dish.
type Item struct {
	Name    string
	Spec    string   // (大份)
	Options string   // 少辣、不要葱
	Notes   []string // spec and options, each for a row of its own: one read as part of another may be an allergy
	Qty     string   // x2, x0.5 kg
	Each    string   // 0.5 kg x 8.30, where there is a unit price to be told
	Amount  *Money
}

// Line is a named amount.
type Line struct {
	Name   string
	Amount *Money
}

func (r *renderer) order(v *View, in *Input, t *job.Order) {
	o := &Order{
		Platform: clean(t.PlatformName), Store: clean(t.StoreName), OrderNo: clean(t.OrderNo),
		Cancelled: t.Status == job.OrderCancelled, PartialRefund: t.Status == job.OrderPartialRefund,
		Reminder: t.Status == job.OrderReminder, Preorder: t.IsPreorder, Now: t.DeliverImmediately,
		Fulfilment: fulfilmentWords[t.Fulfilment].in(r.lang), TableNo: clean(t.TableNo),
		Unpaid: t.Payment.Status == "cash_on_delivery" || t.Payment.Status == "unpaid",
		Gifts:  cleanAll(t.Gifts), Remark: cleanLines(t.Remark),
		OriginalTotal: r.said(t.OriginalTotal, t.Currency), PaidTotal: r.said(t.PaidTotal, t.Currency),
		Customer: clean(t.Customer.Name), Phone: clean(t.Customer.PhoneMasked),
		PrivacyNo: clean(t.Customer.PrivacyNo), Address: cleanLines(t.Customer.Address),
		InvoiceTitle: clean(t.Invoice.Title), TaxNo: clean(t.Invoice.TaxNo),
		Payment: clean(t.Payment.Text),
	}
	if o.Payment == "" {
		o.Payment = paymentWords[t.Payment.Status].in(r.lang)
	}
	if o.Platform == "" {
		o.Platform = clean(t.Platform)
	}
	switch no := clean(t.PickupNo); {
	case no != "":
		o.No = "#" + no
	case t.DaySeq > 0:
		o.No = "#" + itoa(t.DaySeq)
	}
	if !t.PlacedAt.IsZero() {
		o.PlacedAt = t.PlacedAt.In(r.zone).Format(minuteLayout)
	}
	if !t.ExpectedAt.IsZero() {
		o.ExpectedAt = t.ExpectedAt.In(r.zone).Format(minuteLayout)
	}
	if t.Tableware != nil {
		o.Tableware = itoa(*t.Tableware)
	}
	if o.Unpaid && contradicted(t) {
		o.PaidTotal = nil
	}
	if o.Cancelled { // nothing is to be delivered
		o.Now, o.ExpectedAt = false, ""
	}
	ticket := r.ticket(o, in.Copy, t)
	o.Bags = r.bags(ticket)
	for _, f := range t.Fees {
		name := clean(f.Name)
		if name == "" {
			name = feeWords[f.Type].in(r.lang)
		}
		o.Fees = append(o.Fees, Line{name, r.money(f.Amount, t.Currency)})
	}
	for _, d := range t.Discounts {
		o.Discounts = append(o.Discounts, Line{clean(d.Name), r.money(d.Amount, t.Currency)})
	}
	o.Tenders, o.Change = r.tenders(t), r.said(t.Change, t.Currency)
	o.Taxes = r.taxes(t.Taxes, t.Currency, in.Width)
	v.Order = o
}

// contradicted reports a sum of nothing for an order that costs something: whoever wrote it meant what was paid so far. A
// rider who reads 0.00 to pay collects nothing, so the slip gives the total alone.
func contradicted(t *job.Order) bool {
	if t.PaidTotal == nil || *t.PaidTotal != 0 || t.OriginalTotal == nil {
		return false
	}
	rest := *t.OriginalTotal
	for _, d := range t.Discounts {
		rest += d.Amount
	}
	return rest > 0
}

// ticket gives the order as one station makes it: its items, and what concerns everybody. Gifts go with the first ticket, so that they
// are given once.
func (r *renderer) ticket(o *Order, c job.CopyName, t *job.Order) *job.Order {
	stations := t.Stations()
	at := slices.Index(stations, c.Station())
	if c.Base() != job.CopyKitchen || at < 0 {
		return t
	}
	o.Station, o.Part, o.Parts = clean(c.Station()), at+1, len(stations)
	if at > 0 {
		o.Gifts = nil
	}
	own := *t
	own.Bags = nil
	for _, b := range t.Bags {
		b.Items = slices.DeleteFunc(slices.Clone(b.Items), func(it job.Item) bool { return it.Station != c.Station() })
		if len(b.Items) > 0 {
			own.Bags = append(own.Bags, b)
		}
	}
	return &own
}

func (r *renderer) bags(t *job.Order) []Bag {
	out := make([]Bag, 0, len(t.Bags))
	and := word{"、", ", "}.in(r.lang)
	for _, b := range t.Bags {
		bag := Bag{Name: clean(b.Name)}
		for _, it := range b.Items {
			qty := strings.TrimSpace(clean(it.Qty) + " " + clean(it.Unit))
			item := Item{Name: clean(it.Name), Qty: "x" + qty, Amount: r.said(it.Total(), t.Currency)}
			if total := it.Total(); it.UnitPrice != nil && (total == nil || *total != *it.UnitPrice) {
				item.Each = qty + " x " + r.money(*it.UnitPrice, t.Currency).Number()
			}
			if spec := clean(it.Spec); spec != "" {
				item.Spec = "(" + spec + ")"
				item.Notes = append(item.Notes, item.Spec)
			}
			options := cleanAll(it.Options)
			item.Options = strings.Join(options, and)
			item.Notes = append(item.Notes, options...)
			bag.Items = append(bag.Items, item)
		}
		out = append(out, bag)
	}
	return out
}
