package job

import (
	"math/big"
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// OrderStatus says what happened to an order.
type OrderStatus = vocabulary.OrderStatus

// The states of an order.
const (
	OrderNew           = vocabulary.OrderNew
	OrderCancelled     = vocabulary.OrderCancelled
	OrderPartialRefund = vocabulary.OrderPartialRefund
	OrderReminder      = vocabulary.OrderReminder
)

// An Order is a takeaway or kitchen ticket. Amounts are minor units of Currency. Every text in it is a guest's or a
// platform's own words: data, never markup.
type Order struct {
	Platform           string          `json:"platform,omitempty"` // meituan, eleme, ...
	PlatformName       string          `json:"platform_name,omitempty"`
	DaySeq             int             `json:"day_seq,omitempty"`
	PickupNo           string          `json:"pickup_no,omitempty"`
	StoreName          string          `json:"store_name,omitempty"`
	OrderNo            string          `json:"order_no"`
	Status             OrderStatus     `json:"status"`
	PlacedAt           time.Time       `json:"placed_at"`
	ExpectedAt         time.Time       `json:"expected_at,omitzero"`
	DeliverImmediately bool            `json:"deliver_immediately,omitempty"`
	IsPreorder         bool            `json:"is_preorder,omitempty"`
	Fulfilment         string          `json:"fulfilment,omitempty"` // delivery, pickup, dine_in
	TableNo            string          `json:"table_no,omitempty"`
	Payment            OrderPayment    `json:"payment,omitzero"`
	Bags               []Bag           `json:"bags"`
	Fees               []Fee           `json:"fees,omitempty"`
	Discounts          []OrderDiscount `json:"discounts,omitempty"`
	Gifts              []string        `json:"gifts,omitempty"`
	OriginalTotal      *int64          `json:"original_total,omitempty"` // nil: not said
	PaidTotal          *int64          `json:"paid_total,omitempty"`     // what the guest pays, at once or later; nil: not said
	Tenders            []Tender        `json:"tenders,omitempty"`
	Change             *int64          `json:"change,omitempty"` // nil: not said
	Taxes              []Tax           `json:"taxes,omitempty"`
	Currency           string          `json:"currency,omitempty"`
	Remark             string          `json:"remark,omitempty"`
	EReceipt           *EReceipt       `json:"e_receipt,omitempty"`
	Tableware          *int            `json:"tableware,omitempty"` // sets; 0: none wanted; nil: not said
	Customer           OrderCustomer   `json:"customer,omitzero"`
	Invoice            OrderInvoice    `json:"invoice,omitzero"`
}

// OrderPayment says whether the guest has paid.
type OrderPayment struct {
	Status string `json:"status,omitempty"` // paid, cash_on_delivery, unpaid
	Text   string `json:"text,omitempty"`   // the platform's own words
}

// Bag is one bag of an order, packed on its own.
type Bag struct {
	Name  string `json:"name,omitempty"`
	Items []Item `json:"items"`
}

// Item is one dish.
type Item struct {
	Name      string   `json:"name"`
	Spec      string   `json:"spec,omitempty"`
	Options   []string `json:"options,omitempty"`
	Station   string   `json:"station,omitempty"`    // who makes it: bar, 凉菜; empty: the kitchen
	Qty       string   `json:"qty"`                  // a decimal, for goods by weight: 2, 0.5
	Unit      string   `json:"unit,omitempty"`       // what qty counts: kg, 份
	UnitPrice *int64   `json:"unit_price,omitempty"` // minor units; nil: not said
	Amount    *int64   `json:"amount,omitempty"`     // minor units; nil: not said
}

// Total gives the price of the line: what the job says, else quantity times unit price where that is a whole number of minor units;
// nil when nobody knows.
func (it *Item) Total() *int64 {
	if it.Amount != nil || it.UnitPrice == nil {
		return it.Amount
	}
	return lineTotal(it.Qty, *it.UnitPrice)
}

// lineTotal multiplies a decimal and an amount; nil when the result is no whole number, or too big for one.
func lineTotal(qty string, price int64) *int64 {
	n, ok := new(big.Rat).SetString(qty)
	if !ok {
		return nil
	}
	n.Mul(n, new(big.Rat).SetInt64(price))
	if !n.IsInt() || !n.Num().IsInt64() {
		return nil
	}
	total := n.Num().Int64()
	return &total
}

// Fee is an addition to an order.
type Fee struct {
	Type   string `json:"type"`           // packing, box, delivery, service, tax, tip, other
	Name   string `json:"name,omitempty"` // the platform's own words
	Amount int64  `json:"amount"`         // minor units
}

// OrderDiscount is a deduction; its amount is negative as the platform sends it.
type OrderDiscount struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"` // minor units
}

// OrderCustomer is who gets the order.
type OrderCustomer struct {
	Name        string `json:"name,omitempty"`
	PhoneMasked string `json:"phone_masked,omitempty"`
	Address     string `json:"address,omitempty"`
	PrivacyNo   string `json:"privacy_no,omitempty"`
}

// OrderInvoice is what the guest wants on the invoice.
type OrderInvoice struct {
	Title string `json:"title,omitempty"`
	TaxNo string `json:"tax_no,omitempty"`
}
