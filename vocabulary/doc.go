// Package vocabulary owns the codes that travel between the parts of receiptd and to other programs, and the words that people read for
// them, in Chinese and in English: states of copies, reasons, proofs, outcomes of requests, names of copies, marks, states of printers,
// types of events, batches, reversals, and what the terminal said about the money.
//
// There is one table (words.go). A key is the kind of the code and the code, "state:held"; where a place needs more than the short
// word it has a form of its own, "state:sent/long". Command line, page, slips, stories, refusals and printer texts read from
// it; none keeps a table of its own. The package imports nothing of receiptd, holds no state and starts nothing.
package vocabulary
