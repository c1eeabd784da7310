package job

import (
	"slices"
	"strings"
	"unicode"
)

// A finding is one card number in a text.
type finding struct {
	rule   string // of rules
	scheme string // "" when only the job's masked_pan gave it away
	from   int    // tokens.digits[from:to]
	to     int
	keep   int  // how many of its last digits stay
	firm   bool // grouped as on a card, or the job's own card: nothing explains it away, and no shop's trust
}

// A finder looks for the card numbers of one text, by the rules of this package's documentation.
type finder struct {
	*tokens
	search search
	found  []finding // used again by the next text
}

// find gives all card numbers, in the order of the text; they do not overlap.
func (f *finder) find() []finding {
	switch {
	case len(f.digits) == 0:
		return nil
	case f.search.entries:
		f.lists()
	default:
		for i, g := range f.groups {
			if minPAN <= g.n && g.n <= maxPAN {
				f.single(i, g)
			}
		}
		f.sequences()
		if f.search.identifier {
			break
		}
		f.exponents()
		if !f.search.apart {
			f.lists()
		}
	}
	if len(f.found) < 2 {
		return f.found
	}
	slices.SortStableFunc(f.found, func(a, b finding) int { return a.from - b.from })
	out := f.found[:1]
	for _, x := range f.found[1:] {
		if k := len(out) - 1; x.from >= out[k].to {
			out = append(out, x)
		} else if x.to > out[k].to {
			out[k].to, out[k].keep, out[k].firm = x.to, x.keep, out[k].firm || x.firm
		}
	}
	return out
}

// card adds digits [from, to) if they are a card number.
func (f *finder) card(rule string, from, to int, firm bool) bool {
	d := f.digits[from:to]
	f.steps += len(d)
	if f.search.facts.owns(d) {
		f.found = append(f.found, finding{"own", schemeOf(d), from, to, 4, true})
		return true
	}
	if name := schemeOf(d); name != "" {
		f.found = append(f.found, finding{rule, name, from, to, 4, firm})
		return true
	}
	return false
}

// single takes one group that has the length of a card number.
func (f *finder) single(i int, g group) {
	if !f.card("bare", g.at, g.at+g.n, false) {
		return
	}
	last := len(f.found) - 1
	if f.found[last].rule == "own" {
		return
	}
	if f.search.identifier && g.n > 16 || f.explained(i, g) {
		f.found = f.found[:last]
	}
}

// sequences takes the longest rows of groups that one and the same separator divides.
func (f *finder) sequences() {
	for i := 1; i < len(f.groups); {
		c := f.groups[i].gap
		end := i + 1
		if c != gapBreak && !c.division() {
			for end < len(f.groups) && f.groups[end].gap == c {
				end++
			}
			f.sequence(i-1, end, c)
		}
		i = end
	}
}

// sequence takes groups [lo, hi). Blanks and dashes also stand between a number and what comes before or behind it, so
// there the number may be part of the row; any other separator must divide the number and nothing else.
func (f *finder) sequence(lo, hi int, c gap) {
	f.steps += hi - lo
	if f.whole(lo, hi) {
		return
	}
	if c&^(blankBefore|blankBehind) != gapBlank && c&^(blankBefore|blankBehind) != gapDash {
		return
	}
	if hi-lo > 2 && (f.odd(lo, lo+1) && f.whole(lo+1, hi) || f.odd(hi-1, hi-2) && f.whole(lo, hi-1)) {
		return
	}
	for p := lo; p < hi; {
		if fours := f.fours(p, hi); fours > 5 { // a long key, set in fours, or several cards
			if fours%4 == 0 && f.cards(p, p+fours) {
				f.several(p, p+fours)
			}
			p += fours
			continue
		}
		p = max(p+1, f.window(p, hi))
	}
}

// odd reports whether group i may be something else than its neighbour k, a group of a number that is spaced evenly.
// In a name there is no table beside it that could hold the same.
func (f *finder) odd(i, k int) bool {
	return f.groups[i].n != f.groups[k].n || f.groups[k].n == 1 || f.search.name
}

// whole takes groups [lo, hi) as one number, grouped as on a card or spaced evenly.
func (f *finder) whole(lo, hi int) bool {
	n := f.length(lo, hi)
	if n < minPAN || n > maxPAN || !f.grouped(lo, hi) && !f.uniform(lo, hi) {
		return false
	}
	return f.inIBAN(lo, hi) || f.card("groups", f.groups[lo].at, f.groups[lo].at+n, true)
}

// cards reports whether groups [lo, hi) of four digits are card numbers one after the other.
func (f *finder) cards(lo, hi int) bool {
	f.steps += 4 * (hi - lo)
	for ; lo < hi; lo += 4 {
		if at := f.groups[lo].at; schemeOf(f.digits[at:at+16]) == "" {
			return false
		}
	}
	return true
}

func (f *finder) several(lo, hi int) {
	for ; lo < hi; lo += 4 {
		f.card("groups", f.groups[lo].at, f.groups[lo].at+16, true)
	}
}

// window looks for a number that begins with group p and gives the group behind it, p for none.
func (f *finder) window(p, hi int) int {
	for n := maxPAN; n >= minPAN; n-- {
		for _, sizes := range groupings[n] {
			f.steps++
			end := p + len(sizes)
			if end > hi || sizes[len(sizes)-1] < 3 && end < hi || !f.sizes(p, end, sizes) {
				continue
			}
			if len(sizes) == 2 && gtin(f.of(f.groups[p+1])) || f.inIBAN(p, end) {
				continue
			}
			if f.card("groups", f.groups[p].at, f.groups[p].at+n, true) {
				return end
			}
		}
	}
	return p
}

// length is the number of digits of groups [lo, hi).
func (f *finder) length(lo, hi int) int {
	last := f.groups[hi-1]
	return last.at + last.n - f.groups[lo].at
}

// fours counts the groups of four digits from p on, where a row of them begins.
func (f *finder) fours(p, hi int) int {
	if p > 0 && f.groups[p-1].n == 4 && f.groups[p-1].at+4 == f.groups[p].at && f.groups[p].gap == f.groups[min(p+1, hi-1)].gap {
		return 0
	}
	n := 0
	for p+n < hi && f.groups[p+n].n == 4 {
		n++
	}
	f.steps += n
	return n
}

func (f *finder) sizes(lo, hi int, sizes []int) bool {
	for i, n := range sizes {
		if lo+i >= hi || f.groups[lo+i].n != n {
			return false
		}
	}
	return true
}

// grouped reports whether groups [lo, hi) are the groups of a card.
func (f *finder) grouped(lo, hi int) bool {
	for _, sizes := range groupings[f.length(lo, hi)] {
		if len(sizes) == hi-lo && f.sizes(lo, hi, sizes) {
			return true
		}
	}
	return false
}

// uniform reports whether digits are spaced out evenly, as people write them to be read aloud. Six times three digits are
// two telephone numbers, three times six a batch, a voucher and a code; a job_id is made of batch, voucher and a count.
func (f *finder) uniform(lo, hi int) bool {
	n := f.groups[lo].n
	if hi-lo < 3 || n > 6 || n%3 == 0 && f.length(lo, hi) == 18 && f.groups[lo+1].gap.usual() || n == 6 && f.search.jobID || n > 4 && f.length(lo, hi) == 13 {
		return false
	}
	for i := lo + 1; i < hi; i++ {
		if m := f.groups[i].n; m != n && (i < hi-1 || m > n) {
			return false
		}
	}
	return true
}

// lists takes what divisions part: entries of a list, cells of a row, lines of a text. One row of groups has divisions of
// one sort, and one separator within its parts.
func (f *finder) lists() {
	lo, sep, division := 0, gapBreak, gapBreak
	for i := 1; i <= len(f.groups); i++ {
		g := gapBreak
		if i < len(f.groups) {
			g = f.groups[i].gap
		}
		switch {
		case g.division() && (division == gapBreak || division == g):
			division = g
			continue
		case g != gapBreak && !g.division() && (sep == gapBreak || sep == g):
			sep = g
			continue
		}
		if division != gapBreak && f.length(lo, i) <= 4*maxPAN {
			f.list(lo, i)
		}
		lo, sep, division = i, gapBreak, gapBreak
		if g != gapBreak && !g.division() {
			lo, sep = i-1, g
		}
	}
}

// list takes a row of groups with divisions in it. The number is the whole row; text may stand before it in the first
// entry and behind it in the last, and then that entry may also be something else.
func (f *finder) list(lo, hi int) {
	starts, ends := []int{lo}, []int{hi}
	if !f.groups[lo].starts {
		starts = append(starts, f.entryAfter(lo, hi))
	}
	if !f.groups[hi-1].ends {
		ends = append(ends, f.entryOf(lo, hi))
	}
	if hi-lo == 5 && f.fours(lo, hi) == 5 { // one more short number beside it
		starts, ends = append(starts, lo+1), append(ends, hi-1)
	}
	for _, from := range starts {
		for _, to := range ends {
			if to > from && f.piece(from, to) {
				return
			}
		}
	}
}

// entryAfter is the first group of the second entry.
func (f *finder) entryAfter(lo, hi int) int {
	for i := lo + 1; i < hi; i++ {
		if f.groups[i].gap.division() {
			return i
		}
	}
	return hi
}

// entryOf is the first group of the last entry.
func (f *finder) entryOf(lo, hi int) int {
	for i := hi - 1; i > lo; i-- {
		if f.groups[i].gap.division() {
			return i
		}
	}
	return lo
}

// piece takes groups [lo, hi) as one number: in the groups of a card, or broken over two lines anywhere.
func (f *finder) piece(lo, hi int) bool {
	n := f.length(lo, hi)
	if n < minPAN || n > maxPAN {
		return false
	}
	divisions, at := 0, 0
	for i := lo + 1; i < hi; i++ {
		if f.groups[i].gap.division() {
			divisions, at = divisions+1, i
		}
	}
	if divisions == 0 {
		return false
	}
	from := f.groups[lo].at
	if f.groups[at].gap == gapLine && f.besideCells(lo, hi) {
		return false
	}
	if f.grouped(lo, hi) || f.uniform(lo, hi) && f.groups[lo].n == 1 {
		return !f.otherRow(lo, hi) && f.card("list", from, from+n, true)
	}
	if divisions > 1 || f.groups[at].gap != gapLine || !f.wrapped(lo, at, hi) {
		return false
	}
	return f.card("wrapped", from, from+n, true)
}

// wrapped reports whether groups [lo, hi) are one number, or the groups of one, that the line break before group at
// tears apart. The second line must hold nothing else; before the first part only a word for cards may stand.
func (f *finder) wrapped(lo, at, hi int) bool {
	first, second := f.groups[lo], f.groups[hi-1]
	if !second.ends || f.length(lo, at) < 4 || f.length(at, hi) < 4 || !first.starts && !f.cardWord(int(f.digits[first.at].from)) {
		return false
	}
	if gtin(f.of(first)) || gtin(f.of(second)) {
		return false
	}
	if hi-lo == 2 {
		return true
	}
	var sizes []int
	for i := lo; i < hi; i++ {
		if i == at {
			sizes[len(sizes)-1] += f.groups[i].n
		} else {
			sizes = append(sizes, f.groups[i].n)
		}
	}
	for _, want := range groupings[f.length(lo, hi)] {
		if slices.Equal(sizes, want) {
			return true
		}
	}
	return false
}

// besideCells reports whether the lines of groups [lo, hi) are rows of cells: what stands below each other there belongs to
// two rows of a table. A row that a word for cards begins may go on below in a row with nothing else.
func (f *finder) besideCells(lo, hi int) bool {
	if !f.search.markup {
		return false
	}
	head, part, tail := f.around(lo, hi)
	first := true
	for line := range strings.SplitSeq(head+part+tail, "\n") {
		if strings.Contains(strings.Trim(line, " |\r"), "|") && (!first || !hasCardWord(head)) {
			return true
		}
		first = false
	}
	return false
}

func hasCardWord(s string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc(cardWords, func(w string) bool { return strings.Contains(s, w) })
}

// around gives the bytes that groups [lo, hi) write, and what stands before and behind them in their lines.
func (f *finder) around(lo, hi int) (head, part, tail string) {
	const far = 200
	from, to := f.bytes(f.groups[lo].at, f.groups[lo].at+f.length(lo, hi))
	head = f.text[max(0, from-far):from]
	head = head[strings.LastIndexByte(head, '\n')+1:]
	tail, _, _ = strings.Cut(f.text[to:min(len(f.text), to+far)], "\n")
	f.steps += len(head) + len(tail)
	return head, f.text[from:to], tail
}

// otherRow reports whether groups [lo, hi) stand in cells beside others that hold words, none of them for a card: the
// amounts of a table, say.
func (f *finder) otherRow(lo, hi int) bool {
	cells := f.search.row
	for i := lo + 1; i < hi; i++ {
		cells = cells || f.groups[i].gap == gapCell
	}
	if !cells || schemeOf(f.digits[f.groups[lo].at:f.groups[lo].at+f.length(lo, hi)]) == "" {
		return false
	}
	head, _, tail := f.around(lo, hi)
	beside := head + " " + tail
	return strings.ContainsFunc(beside, unicode.IsLetter) && !hasCardWord(beside)
}

// exponents takes numbers such as 4.111110000007e15.
func (f *finder) exponents() {
	for i := 1; i < len(f.groups); i++ {
		if e := f.groups[i]; e.joint|0x20 == 'e' && e.n <= 2 {
			f.exponent(i-1, number(f.of(e)))
		}
	}
}

// exponent takes the number whose last written digits are group i.
func (f *finder) exponent(i, e int) {
	g := f.groups[i]
	from, fraction, before := g.at, 0, g.before
	if i > 0 && g.gap == '.' {
		from, fraction, before = f.groups[i-1].at, g.n, f.groups[i-1].before
	}
	n := g.at + g.n - from
	zeros := e - fraction
	if zeros < 0 || n+zeros < minPAN || n+zeros > maxPAN || latin(before) || latin(f.groups[i+1].after) {
		return
	}
	d := slices.Clone(f.digits[from : from+n])
	for range zeros {
		d = append(d, digit{from: d[n-1].to, to: d[n-1].to})
	}
	f.steps += len(d)
	if name := schemeOf(d); name != "" || f.search.facts.owns(d) {
		f.found = append(f.found, finding{"exponent", name, from, from + n, max(0, 4-zeros), false})
	}
}
