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
// # The language in short
//
// A pipe parts columns, and text is drawn to the pipe it touches: "|left |", "| right|", "|centre|". In text, an
// underscore underlines, a double quote makes bold, a back quote inverts; carets magnify (one: wide, two: high, three: both,
// four to seven: three to six times) and the same run of them ends it; a tilde is a space that stays. A line of dashes is a
// rule, a line of equals signs cuts the paper. A backslash before a character of mark-up prints it, \n breaks the row inside
// its column, \xnn is the character U+00nn.
//
// A property line is {key:value; key:value}. The keys, with their short forms:
//
//	width  w   auto, or one entry for each column: * (a share of what is free) or cells; 0 hides a column
//	border b   line (boxes), space, none, 0, 1, 2: what stands between columns
//	align  a   left, center, right: where a line narrower than the paper stands
//	text   t   wrap, nowrap
//	option o   of codes: upc ean jan code39 itf codabar nw7 code93 code128 qrcode; hri nohri; numbers 2-4 for the module,
//	           24-240 for the height, 3-8 for the QR module, in dots; l m q h for the QR level
//	code   c   draws a bar code or QR code
//	image  i   a PNG or JPEG in base64
//	command x  raw bytes for the printer: only with [Options].Commands
//	logo       a picture in the printer's memory by its number: 1, or 1,384,96 with its size in dots for previews. Only
//	           with [Options].Logos. Other implementations know no such key and print nothing
//	font       small: the lines that follow are set in the printer's small font, [Options].Small cells to a row, until
//	           normal. A line that is not all printable ASCII, or stands in a box, keeps the normal size: small fonts have
//	           no Chinese. Other implementations know no such key and print all lines in one size
//	comment _  nothing
//
// # Strictness
//
// The language is that of github.com/receiptline/receiptline (version 4). Its grammar is kept; what that
// implementation drops in silence is reported here as a [Diagnostic] with line and column, in Chinese and English. A
// document with an [Error] must not be printed. [Options].Lax switches the reports off.
//
// Data is never concatenated into a document as it is: [Escape] makes any string safe inside a column, [EscapeValue]
// inside a property block.
//
// The package keeps nothing on disk and starts no goroutine. (The QR encoder underneath starts two while it draws one
// symbol and ends them before it returns.) In memory it keeps the last QR codes and pictures, 5 MB at most. Documents and layouts may be read from several goroutines.
package receiptline
