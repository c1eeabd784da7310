package receiptline

import "unicode"

// GB18030Width is the default measure: the cells a character takes on a printer in two-byte Chinese mode. Everything
// from U+0080 on is a full-width glyph there, Latin letters with accents and the euro sign too, except the no-break
// space; combining marks take no cell of their own.
func GB18030Width(r rune) int {
	switch {
	case r < 0x80, r == 0xa0, blank(r):
		return 1
	case r == 0xad: // a soft hyphen shows where a word may be broken, and nothing else
		return 0
	case r < 0x300:
		return 2
	case r >= 0x2e80 && r < 0xfe00: // ideographs, kana, hangul: a short way past the tables
		if r >= 0x302a && r <= 0x302f || r == 0x3099 || r == 0x309a || r >= 0xa66f && r < 0xac00 && unicode.Is(unicode.Mn, r) {
			return 0
		}
		return 2
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	return 2
}

// blank says whether a character is a space of some width: on paper all are one cell wide and show nothing.
func blank(r rune) bool {
	return r >= 0x2000 && r <= 0x200a || r == 0x202f || r == 0x205f
}

// invisible says whether a character is a C1 control, or a formatting character that changes how its neighbours are
// shown without showing itself: bidirectional marks, line separators, a byte order mark.
func invisible(r rune) bool {
	switch {
	case r >= 0x80 && r < 0xa0, r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x2028 && r <= 0x202e,
		r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return false
}
