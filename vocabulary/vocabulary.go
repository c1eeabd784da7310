package vocabulary

import "maps"

// A Text says the same in Chinese and in English.
type Text struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// A Kind says what a code is a code of. The same code may be of several kinds: a copy is held, and so is a printer.
type Kind string

// The kinds of codes.
const (
	KindState    Kind = "state"    // of a copy
	KindReason   Kind = "reason"   // why a copy or a printer is in its state; why somebody asked
	KindProof    Kind = "proof"    // what proved a copy
	KindTier     Kind = "tier"     // what a printer can prove
	KindOutcome  Kind = "outcome"  // of a request
	KindConflict Kind = "conflict" // why the outcome is conflict
	KindCopy     Kind = "copy"     // the name of a copy
	KindMark     Kind = "mark"     // what a copy says about itself
	KindJob      Kind = "kind"     // of a job
	KindType     Kind = "type"     // of a transaction, a settlement slip or an order
	KindMoney    Kind = "money"    // what the terminal said, and what became of it
	KindBatch    Kind = "batch"    // state of a batch
	KindReversal Kind = "reversal" // state of a reversal, and how a person ended it
	KindPrinter  Kind = "printer"  // state of a printer
	KindEvent    Kind = "event"    // type of an event
	KindSource   Kind = "source"   // which way a request came
	KindCommand  Kind = "command"  // what a command asks for
	KindNotice   Kind = "notice"   // what somebody outside is told about
	KindDrawer   Kind = "drawer"   // how a cash drawer stands
	KindOpening  Kind = "opening"  // what became of a wish to open it
)

// The forms that a code may have beside its word.
const (
	Long  = "long"  // a sentence's worth, for the page and for stories
	Step  = "step"  // what happened when it came to this state
	Help  = "help"  // what a person should know and do
	Slip  = "slip"  // as UnionPay terminals print it
	Total = "total" // as settlement slips print it, shorter
	Done  = "done"  // what is told once it was taken
	Over  = "over"  // that it is so no longer
	Low   = "low"   // that it will be so soon
	Full  = "full"  // that it is so now, where there is a Low
)

// Word gives the word of a code; a code that nobody has worded has an empty one.
func Word[C ~string](kind Kind, code C) Text { return table[string(kind)+":"+string(code)] }

// Form gives the first of the forms that the code has, else its word.
func Form[C ~string](kind Kind, code C, forms ...string) Text {
	for _, form := range forms {
		if text, ok := table[string(kind)+":"+string(code)+"/"+form]; ok {
			return text
		}
	}
	return Word(kind, code)
}

// Zh gives the Chinese word of a code; one that nobody has worded stays as it is.
func Zh[C ~string](kind Kind, code C) string {
	if text := Word(kind, code); text.Zh != "" {
		return text.Zh
	}
	return string(code)
}

// Table gives all words by their keys, for tests and generated documents.
func Table() map[string]Text { return maps.Clone(table) }
