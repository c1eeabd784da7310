// Package escpos writes and reads the language of ESC/POS receipt printers: layouts become bytes, replies become facts.
//
// It owns nothing on disk, keeps no state between calls but buffers for reuse, starts no goroutine and sends nothing by
// itself; what it returns is sent by package printer. Encode writes through github.com/hennedo/escpos (hennedo.go). It
// sends only what changes - styles, sizes, code pages, alignment - and chooses the shortest way to each position, so
// that a slip is short on a slow line. Character by character it takes the printer's two-byte font, then a code page;
// a row with a character that the printer lacks is drawn as dots, and one that nothing can draw is named in a warning.
package escpos
