// Package record is the shape of the journal's rows: what stands in its tables, how it is read, and what follows from a row alone -
// whether a copy waits, what a slip is found by, what the mirror says about a sale. It knows no rule of who may do what, and writes
// nothing.
//
// Every query is asked of a Source: a transaction of the journal, or its readers. Digests say whether a row is what was written. The
// package keeps no state and starts no goroutine; the journal, the rules, the dispatch and the history use it.
package record
