// Package notify tells somebody outside the shop's computer that something needs a person: a printer without paper, a slip in doubt, a
// full disk. It owns the ways out: the forms of messages, the check of each address, the pace, and when to try again.
//
// What is to be told stands in the journal, and so does how far each receiver was told: after a crash it goes on there, so each receiver
// is told at least once, or it is counted that it was given up after a day. New opens nothing; Use starts one goroutine for each
// receiver, and Close ends them. A receiver that hangs, fails or answers slowly holds up nobody but itself.
//
// Addresses and secrets are keys. No error, status or log line of this package holds any part of them, nor anything that a receiver
// answered but its number.
package notify
