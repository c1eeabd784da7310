package api

import "github.com/receiptd/receiptd/vocabulary"

// A Verified is the answer of POST /v1/journal/verify.
type Verified struct {
	OK      bool            `json:"ok"`
	Found   string          `json:"found"`         // what is wrong, in English; "" for nothing
	Text    vocabulary.Text `json:"text,omitzero"` // the same for people
	Seconds float64         `json:"seconds"`
}
