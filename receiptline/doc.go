// Package receiptline is the ReceiptLine language: a small mark-up for receipts in which a text line is a row of
// columns and a property line, in braces, changes how what follows is set.
//
//	{width:*,8}
//	Milk tea | 18.00
//	---
//	"Total"  | ^18.00
//	=
//
// [Parse] reads a document into a tree, [Document.String] prints the tree back (parsing that again gives the same
// tree), [Document.Layout] sets it into rows of cells at one width, and [Set] does both. Every back end - paper, picture,
// plain text - draws the same [Layout], so wrap points are the same everywhere.
//
// The language is that of github.com/receiptline/receiptline (version 4). Its grammar is kept; what that
// implementation drops in silence is reported here as a [Diagnostic] with line and column, in Chinese and English. A
// document with an [Error] must not be printed. [Options].Lax switches the reports off.
//
// Data is never concatenated into a document as it is: [Escape] makes any string safe inside a column, [EscapeValue]
// inside a property block.
//
// The package holds no state, keeps nothing on disk and starts no goroutine. (The QR encoder underneath starts two
// while it draws one symbol and ends them before it returns.) Documents and layouts may be read from several goroutines.
package receiptline
