// Package rules says what may be done with a journal, and does it: whether a request is taken and what becomes of it, which batch a slip
// belongs to and when one is settled, what the terminal said about money, who may have which copy again and how it must be marked, how a
// copy moves from state to state, what a person's word changes, what is too old to be kept. It knows no printer and no template.
//
// Each rule works in one transaction of the journal: it is kept whole or did not happen, and what was answered is on disk. An act is one
// transaction with the rules; they are grouped by what they are about. A copy's state changes only along the table of steps. After a crash
// AfterCrash makes what had begun uncertain; its late proof still settles it.
//
// Rules start no goroutine but the timer of Written. The dispatch asks them to begin and end attempts, the queue's door for everything
// else; any goroutine may.
package rules
