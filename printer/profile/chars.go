package profile

import (
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/width"
)

// A Way is how a character gets onto the paper.
type Way uint8

// The ways, the cheapest first.
const (
	ASCII   Way = iota // one byte, in every mode
	TwoByte            // the two-byte font, two cells wide
	Page               // a code page, one cell wide
	Dots               // drawn by us
	Blank              // invisible: it takes its cells and shows nothing
)

// A CodePage is a table of one-byte characters that the printer has.
type CodePage struct {
	Name   string
	Number byte // of ESC t
	table  *charmap.Charmap
}

// Byte returns the character's byte in the page; false if the page lacks it or the byte is below 80.
func (c *CodePage) Byte(r rune) (byte, bool) {
	b, ok := c.table.EncodeRune(r)
	return b, ok && b >= 0x80
}

// Chars answers which way each character goes on one printer.
type Chars struct {
	Set     *TwoByteSet // nil without a two-byte font
	Pages   []CodePage  // ordered by number: page 0 first, the one after ESC @
	chinese bool
}

// ownChars are the characters of one profile.
type ownChars struct {
	p *Profile
	c *Chars
}

var (
	charsCache sync.Map                 // *Profile -> *ownChars
	lastChars  atomic.Pointer[ownChars] // those asked for last: Measure asks for every character of a slip
)

// Chars returns the profile's characters. The answer is kept for as long as the process runs.
func (p *Profile) Chars() *Chars {
	if own := lastChars.Load(); own != nil && own.p == p {
		return own.c
	}
	own, ok := charsCache.Load(p)
	if !ok {
		own, _ = charsCache.LoadOrStore(p, &ownChars{p, p.newChars()})
	}
	lastChars.Store(own.(*ownChars))
	return own.(*ownChars).c
}

func (p *Profile) newChars() *Chars {
	c := &Chars{Set: TwoByteSetOf(p.TwoByte)}
	c.chinese = slices.Contains([]string{"gb2312", "gbk", "gb18030"}, p.TwoByte)
	for name, n := range p.CodePages {
		if t := codePage(name); t != nil {
			c.Pages = append(c.Pages, CodePage{Name: name, Number: byte(n), table: t})
		}
	}
	sort.Slice(c.Pages, func(i, j int) bool { return c.Pages[i].Number < c.Pages[j].Number })
	return c
}

// Substitute returns the character to print for r: r itself, or one that looks the same and that two-byte fonts have.
// U+00A5 becomes the full-width yen sign: GB fonts have no other.
func (c *Chars) Substitute(r rune) rune {
	if r < 0x80 {
		return r
	}
	if r == 0xA0 || r >= 0x2000 && r <= 0x200A || r == 0x202F || r == 0x205F { // spaces of all widths
		return ' '
	}
	if !c.chinese {
		return r
	}
	switch r {
	case 0x00A5:
		return 0xFFE5
	case 0x2212:
		return 0xFF0D
	case 0x301C:
		return 0xFF5E
	case 0x2022, 0x30FB:
		return 0x00B7
	}
	return r
}

// Find says how r, already substituted, is printed in a slot of that many cells. A two-byte character never goes into
// a slot of one cell, and what is written from right to left is always drawn.
func (c *Chars) Find(r rune, cells int) Way {
	if r < 0x80 {
		return ASCII
	}
	if cells >= 2 {
		if _, ok := c.Set.Code(r); ok {
			return TwoByte
		}
	}
	switch {
	case Invisible(r):
		return Blank
	case cells == 0 || RightToLeft(r):
		return Dots
	}
	for i := range c.Pages {
		if _, ok := c.Pages[i].Byte(r); ok {
			return Page
		}
	}
	return Dots
}

// Invisible reports characters that show nothing by themselves: joiners, variation selectors, direction marks.
func Invisible(r rune) bool {
	return r >= 0x80 && (unicode.Is(unicode.Cf, r) || r >= 0xFE00 && r <= 0xFE0F || r == 0x3000)
}

// RightToLeft reports letters of Hebrew, Arabic and their relatives.
func RightToLeft(r rune) bool {
	return r >= 0x0590 && r <= 0x08FF || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFC
}

// Measure is how many cells r takes on this printer, 0 to 2: what layouts for this profile should be set with. A
// character of the two-byte font takes two cells, unless it is a letter that a code page prints in one; a combining mark
// takes none, any other character follows its East Asian width.
func (p *Profile) Measure(r rune) int { return p.Chars().Slot(OwnSlots, r) }

// EastAsian is the width of r where no two-byte font makes it wide: ambiguous characters take one cell.
func EastAsian(r rune) int {
	if r < 0x80 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) || unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Reference is the width by which the reference implementation measures for GB18030, Big5 and KS printers: two cells
// for everything above U+007F but the no-break space (receiptline.md 9.7).
func Reference(r rune) int {
	if r < 0x80 || r == 0xA0 {
		return 1
	}
	return 2
}

// A Slotting is the rule by which a layout gave cells to characters.
type Slotting uint8

// The rules a layout may have been set with; SlotsOf finds out which.
const (
	OwnSlots       Slotting = iota // Profile.Measure
	ReferenceSlots                 // Reference
	EastAsianSlots                 // EastAsian
)

// SlotsOf finds the rule by which text takes that many cells at normal width. If none does, it is OwnSlots.
func (c *Chars) SlotsOf(text string, cells int) Slotting {
	if c.Common(text) {
		return OwnSlots // as good as any
	}
	for _, s := range [...]Slotting{OwnSlots, ReferenceSlots, EastAsianSlots} {
		n := 0
		for _, r := range text {
			n += c.Slot(s, r)
		}
		if n == cells {
			return s
		}
	}
	return OwnSlots
}

// Ideograph returns the code of an ideograph that the two-byte font has: every rule gives it two cells, and nothing is
// put in its place.
func (c *Chars) Ideograph(r rune) (uint16, bool) {
	if r < 0x4E00 || r > 0x9FFF {
		return 0, false
	}
	return c.Set.Code(r)
}

// Common reports a text of ASCII and ideographs that the two-byte font has.
func (c *Chars) Common(text string) bool {
	for _, r := range text {
		if r < 0x80 {
			continue
		}
		if _, ok := c.Ideograph(r); !ok {
			return false
		}
	}
	return true
}

// Slot is how many cells the rule gives to r, 0 to 2.
func (c *Chars) Slot(s Slotting, r rune) int {
	if r < 0x80 {
		return 1
	}
	if _, ok := c.Ideograph(r); ok {
		return 2
	}
	switch s {
	case ReferenceSlots:
		return Reference(r)
	case EastAsianSlots:
		return EastAsian(r)
	}
	if _, ok := c.Set.Code(c.Substitute(r)); ok && (r >= 0x0530 || !c.narrow(r)) {
		return 2
	}
	return EastAsian(r)
}

// narrow reports letters of European alphabets that a code page prints in one cell. Two-byte fonts have some of them
// too, two cells wide, which tears words apart. Greek and Cyrillic count only with a page that holds the whole alphabet.
func (c *Chars) narrow(r rune) bool {
	var pages []string
	switch {
	case unicode.Is(unicode.Latin, r):
	case unicode.Is(unicode.Cyrillic, r):
		pages = []string{"cp866", "cp1251", "cp855"}
	case unicode.Is(unicode.Greek, r):
		pages = []string{"cp1253", "iso8859-7"}
	default:
		return false
	}
	for i := range c.Pages {
		pg := &c.Pages[i]
		if _, ok := pg.Byte(r); ok && (pages == nil || slices.Contains(pages, pg.Name)) {
			return true
		}
	}
	return false
}
