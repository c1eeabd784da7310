package job

import "unicode"

// minPAN and maxPAN bound the length of a card number (ISO/IEC 7812-1 in practice).
const (
	minPAN = 13
	maxPAN = 19
)

// entryEnd stands between the entries of a list where they are read as one text.
const entryEnd = '\x1e'

// A digit is one decimal digit of a text, in whatever way it is written there.
type digit struct {
	v        byte  // 0-9
	from, to int32 // the bytes that write it
}

// A group is digits between which nothing can be seen.
type group struct {
	at, n         int  // tokens.digits[at:at+n]
	gap           gap  // what stands between it and the group before
	joint         rune // the one character that stands there, letters too; 0 for none or several
	before, after rune // the characters that touch it; 0 at the ends of the text
	starts, ends  bool // nothing else stands before, or behind, it in its line, cell or entry
}

// A gap is what may stand between two groups of one number: one character, perhaps with a blank on each side. gapBreak
// is everything that ends a number.
type gap rune

const (
	gapBreak gap = 0
	gapBlank gap = ' '
	gapDash  gap = '-'
	gapLine  gap = '\n'
	gapEntry gap = entryEnd
	gapCell  gap = '|'

	blankBefore gap = 1 << 22
	blankBehind gap = 1 << 23
)

// division reports whether a gap is the end of a line, a cell or an entry.
func (g gap) division() bool { return g == gapLine || g == gapEntry || g == gapCell }

// usual reports whether a gap also stands between numbers that have nothing to do with each other.
func (g gap) usual() bool {
	switch g &^ (blankBefore | blankBehind) {
	case gapBlank, gapDash, '_', '/':
		return true
	}
	return false
}

// tokens are the digits of one text, in groups. steps counts the work: it grows with the text's length and nothing else.
type tokens struct {
	text   string
	digits []digit
	groups []group
	steps  int
}

// between collects what stands between two groups.
type between struct {
	pre, post int  // blanks before and behind the mark
	mark      rune // 0: none yet
	many      bool // several marks that are no division
	lines     int
}

// add takes a visible character that is no blank; division says that it ends a line, a cell or an entry.
func (b *between) add(r rune, division bool) {
	if r == '\n' {
		b.lines++
	}
	switch old := b.mark; {
	case old == 0:
		b.mark = r
	case old|0x20 == 'e' && r == '+': // 4.1e+15
	case division && gap(old).division(): // cells end where lines do
		if r == '\n' {
			b.mark = r
		}
	default:
		b.many = true
	}
}

// gap words what was collected. Double blanks, letters, asterisks, tabulators and the strokes of tables join nothing.
func (b *between) gap(markup bool) gap {
	division := gap(b.mark).division() && (b.mark != '|' || markup)
	switch {
	case b.many || b.lines > 1:
		return gapBreak
	case division:
		return gap(b.mark)
	case b.pre > 1 || b.post > 1:
		return gapBreak
	case b.mark == 0:
		return gapBlank
	case b.mark == '*' || b.mark == '\t' || b.mark == '|' || b.mark == '│' || unicode.IsLetter(b.mark) || unicode.IsNumber(b.mark):
		return gapBreak
	}
	g := gap(b.mark)
	if b.pre > 0 {
		g |= blankBefore
	}
	if b.post > 0 {
		g |= blankBehind
	}
	return g
}

// A tokenizer reads a text once, from front to end.
type tokenizer struct {
	*tokens
	rd    reading
	b     between
	last  rune // the visible character before, 0 at the start
	dirty bool // something stands in this line, cell or entry
	inner bool // the last glyph was a digit
	open  bool // nothing but blanks came since the last group, within its line, cell or entry
}

// read fills t with the digits of a text; what t held before is lost.
func (t *tokens) read(s string, rd reading) {
	t.text, t.digits, t.groups = s, t.digits[:0], t.groups[:0]
	k := tokenizer{tokens: t, rd: rd}
	for i := 0; i < len(s); {
		t.steps++
		if c := s[i]; '0' <= c && c <= '9' {
			k.begin()
			t.digits = append(t.digits, digit{c - '0', int32(i), int32(i + 1)})
			t.groups[len(t.groups)-1].n++
			i++
			continue
		}
		g := glyphAt(s[i:], rd)
		switch g.what {
		case isDigit:
			k.begin()
			for j := range len(g.value) {
				t.digits = append(t.digits, digit{g.value[j] - '0', int32(i), int32(i + g.n)})
			}
			t.groups[len(t.groups)-1].n += len(g.value)
		case isBlank:
			k.seen(' ')
			if k.b.mark == 0 {
				k.b.pre++
			} else {
				k.b.post++
			}
		case isMark:
			k.mark(g.r)
		}
		i += g.n
	}
}

// begin opens a group, unless the last glyph was a digit too.
func (t *tokenizer) begin() {
	if t.inner {
		return
	}
	t.closeLast(false)
	d := group{at: len(t.digits), before: t.last, joint: t.b.mark, starts: !t.dirty, ends: true}
	if t.b.many {
		d.joint = 0
	}
	if len(t.groups) > 0 {
		d.gap = t.b.gap(t.rd.markup)
	}
	t.groups = append(t.groups, d)
	t.last, t.inner, t.dirty, t.open = '0', true, true, true
}

// seen notes the first character behind a group.
func (t *tokenizer) seen(r rune) {
	if t.inner {
		t.groups[len(t.groups)-1].after = r
		t.b, t.inner = between{}, false
	}
	t.last = r
}

func (t *tokenizer) mark(r rune) {
	t.seen(r)
	division := r == '\n' || r == entryEnd || t.rd.markup && r == '|'
	t.b.add(r, division)
	t.closeLast(division)
	t.dirty = !division
}

// closeLast says what came first behind the last group: a division, or something else.
func (t *tokenizer) closeLast(division bool) {
	if t.open && !division {
		t.groups[len(t.groups)-1].ends = false
	}
	t.open = false
}

// bytes gives the bytes of the text that write digits [from, to).
func (t *tokens) bytes(from, to int) (int, int) {
	return int(t.digits[from].from), int(t.digits[to-1].to)
}

// of gives the digits of a group.
func (t *tokens) of(g group) []digit { return t.digits[g.at : g.at+g.n] }
