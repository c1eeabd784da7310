package printer

import "github.com/receiptd/receiptd/printer/escpos"

// A customer display that shares the printer's line takes what follows ESC = 2, and the printer drops it without a word: it
// answers real-time questions, and nothing else. So each attempt calls the printer back, and so does whatever else is to
// be read in order.

// selected appends the command that calls the printer back, where it understands it.
func (s *settings) selected(b []byte) []byte {
	if s.prof.Select {
		b = append(b, escpos.Select...)
	}
	return b
}

// handOver appends the command that gives the line to the display that shares it, if one does.
func (s *settings) handOver(b []byte) []byte {
	if s.prof.SelectAfter != 0 {
		b = escpos.AppendHandOver(b, s.prof.SelectAfter)
	}
	return b
}
