// Package rules reads facts off the text of a captured slip: what it is, of which terminal and batch, its voucher and amount. A file of
// rules belongs to one program's slips; rules are tried in order and the first that fits wins.
//
// Patterns are regular expressions of package regexp, whose time is linear in the text; their size, and the work done for one slip, are
// bounded besides. A fact that stands on the slip twice with different values is none. It keeps no state and reads no slip's card data:
// it is given the text that the card guard has gone over.
package rules
