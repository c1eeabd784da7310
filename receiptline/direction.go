package receiptline

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// rightToLeft reports a column whose text runs from right to left: its first letter with a direction does (UAX #9, rules P2
// and P3). All rows that it is wrapped into do.
func (c *Column) rightToLeft() bool {
	for i := range c.Spans {
		text := c.Spans[i].Text
		for k := 0; k < len(text); {
			if b := text[k]; b < utf8.RuneSelf {
				if 'a' <= b|0x20 && b|0x20 <= 'z' {
					return false
				}
				k++
				continue
			}
			p, size := bidi.LookupString(text[k:])
			switch p.Class() {
			case bidi.L:
				return false
			case bidi.R, bidi.AL:
				return true
			}
			k += max(size, 1)
		}
	}
	return false
}
