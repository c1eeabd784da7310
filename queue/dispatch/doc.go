// Package dispatch brings copies to their printers: one worker for each printer, which takes its oldest copy that may come out, one at a
// time, has it delivered, and has the rules record how that went. It decides when a copy goes, never whether it may.
//
// It keeps in memory only what the journal says too, or will say again: after a crash a worker begins with the journal's oldest copy. No
// byte leaves before the start of its attempt is on disk, and nothing that has begun is sent again. A result that is proven may wait a
// moment to share the next start's commit; lost in a crash it is uncertain, which is true then.
//
// Run starts one goroutine for each printer and waits for them; a worker starts one that reads ahead while a copy is at the printer, and
// waits for it, and one for each report of a held copy, which waits for its commit only. Offer is called by the journal's writer. The
// queue's door is its caller.
package dispatch
