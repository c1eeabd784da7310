// Package answer is what an asker is told about a job, as the journal's rows say it now: its outcome, its copies and how they stand, what
// is wrong with it and what to do. The rules answer with it in the transaction in which they decided; the history reads the same answer
// later. It only reads, keeps no state and starts no goroutine.
package answer
