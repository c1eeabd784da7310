package job

import "time"

// The cardholder's answer to the offer of a conversion.
const (
	DCCCardholder = "cardholder_currency" // accepted: the card is charged in its own currency
	DCCLocal      = "local_currency"      // declined: the card is charged in the shop's
)

// DCC is a currency conversion that the terminal offered to the cardholder (dynamic currency conversion). Amount.Total stays in
// the shop's currency.
type DCC struct {
	Choice     string    `json:"choice"`            // cardholder_currency, local_currency
	Amount     int64     `json:"amount"`            // minor units of Currency: the total in the cardholder's currency
	Currency   string    `json:"currency"`          // of the card
	Rate       string    `json:"rate"`              // a decimal: how much of one currency one unit of the other is, mark-up included
	RateOf     string    `json:"rate_of,omitempty"` // local (or empty): of one unit of the shop's currency; cardholder: of one unit of the card's
	RateSource string    `json:"rate_source,omitempty"`
	RateAt     time.Time `json:"rate_at,omitzero"`
	Markup     string    `json:"markup_percent,omitempty"` // a decimal; empty: not said
	Provider   string    `json:"provider,omitempty"`       // who converts; empty: not said
	Statement  string    `json:"statement,omitempty"`      // the acquirer's words instead of the built-in ones
}

// Accepted reports whether the card is charged in its own currency.
func (d *DCC) Accepted() bool { return d.Choice == DCCCardholder }

// Tax is one row of a tax table. Amounts are minor units of the job's currency.
type Tax struct {
	Name  string `json:"name,omitempty"`
	Rate  string `json:"rate,omitempty"` // percent, a decimal
	Net   *int64 `json:"net,omitempty"`  // nil: not said
	Tax   int64  `json:"tax"`
	Gross *int64 `json:"gross,omitempty"` // nil: not said
}

// Tender is one of the ways in which an order was paid; of cash it is what the guest handed over.
type Tender struct {
	Type      string `json:"type"`           // cash, card, voucher ...
	Name      string `json:"name,omitempty"` // as printed, else by type
	Amount    int64  `json:"amount"`         // minor units; below zero for what was given back
	Reference string `json:"reference,omitempty"`
}
