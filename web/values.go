package web

import (
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// value words a code as the page has it, in its longer form where there is one; a code that nobody has worded comes back empty.
func value(kind, code string) job.Text {
	return vocabulary.Form(vocabulary.Kind(kind), code, vocabulary.Long)
}
