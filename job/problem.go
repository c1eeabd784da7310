package job

import "github.com/receiptd/receiptd/vocabulary"

// Text is a sentence in both languages a shop reads.
type Text = vocabulary.Text

// A Problem is one thing wrong with a job or a request: the one JSON type of an error in answers, on the page and in
// the commands.
type Problem struct {
	Code    string `json:"code"`              // stable, snake_case
	Pointer string `json:"pointer,omitempty"` // RFC 6901, where in the job
	Line    int    `json:"line,omitempty"`    // counted from 1; 0 when there is no place in a file
	Column  int    `json:"column,omitempty"`  // counted from 1, in characters
	Message Text   `json:"message"`           // what is wrong
	Fix     Text   `json:"fix"`               // the next step to take
	Span    *Span  `json:"span,omitempty"`    // of card data: where in the text of the field
	Rule    string `json:"rule,omitempty"`    // of card data: why it was taken for that (Rules)
}

// A Span is a part of a text, first and last character, counted from 1.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Error gives the message in English, with its place.
func (p Problem) Error() string {
	return p.Code + ": " + p.Message.En
}
