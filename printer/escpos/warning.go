package escpos

import (
	"fmt"

	"github.com/receiptd/receiptd/receiptline"
)

// A Warning is something that does not come out as the document says.
type Warning struct {
	Row    int    // which row of the layout, counted from 0
	Line   int    // the source line it came from
	Code   string // stable: missing_glyph, unshaped, not_printable, code_shrunk, code_too_wide, bad_image, no_logo, command_dropped
	Rune   rune   // the character, if it is about one
	Zh, En string // what is wrong and what to do
}

// warn adds a warning about r, once for each character and code.
func (t *report) warn(r *receiptline.Row, code string, c rune, zh, en string) {
	for i := range t.warnings {
		if w := &t.warnings[i]; w.Code == code && w.Rune == c && (c != 0 || w.Line == r.Line) {
			return
		}
	}
	row := 0
	for i := range t.job.l.Rows {
		if &t.job.l.Rows[i] == r {
			row = i
		}
	}
	t.warnings = append(t.warnings, Warning{Row: row, Line: r.Line, Code: code, Rune: c, Zh: zh, En: en})
}

func (t *report) warnRune(r *receiptline.Row, code string, c rune, zh, en string) {
	t.warn(r, code, c, fmt.Sprintf("第%d行的字符“%c”(U+%04X)%s", r.Line, c, c, zh),
		fmt.Sprintf("Line %d: character %q (U+%04X) %s", r.Line, c, c, en))
}
