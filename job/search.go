package job

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A sight is card data in a text: where, by which rule, and which bytes to hide.
type sight struct {
	rule, scheme string
	from, to     int // bytes of the text
	firm         bool
	hide         [][2]int // one asterisk for each
}

// A search says how to look at a text.
type search struct {
	facts      *facts
	identifier bool
	jobID      bool // it is a job's
	name       bool // the text is the name of a file or a field
	markup     bool
	apart      bool    // lines are fields of their own
	entries    bool    // only what runs through several entries of a list
	row        bool    // the entries are cells, which stand side by side
	labels     bool    // a word before a bare number may say what it is
	tokens     *tokens // room to work in, which also counts the work
}

// search gives the card numbers of a text in its order. What looks like an escape is read both ways: it may be one for
// the printer and mere text for a person.
func (q search) search(s string) []sight {
	if !mayHold(s) {
		return nil
	}
	out := q.read(s, reading{markup: q.markup})
	if strings.ContainsAny(s, `\%`) {
		out = merge(out, q.read(s, reading{markup: q.markup, plain: true}))
	}
	if q.markup && strings.Contains(s, "_") {
		out = merge(out, q.read(s, reading{markup: true, lined: true}))
	}
	if q.markup && strings.ContainsAny(s, "\"^`~") {
		out = merge(out, q.read(s, reading{}))
	}
	if hanRow(s) {
		out = merge(out, q.read(s, reading{markup: q.markup, plain: true, han: true}))
	}
	if !q.identifier && !q.entries && (strings.Contains(s, "5A") || strings.Contains(s, "5a")) {
		out = merge(out, emvNumbers(s, &q.tokens.steps))
	}
	return out
}

// read looks at a text in one reading.
func (q search) read(s string, rd reading) []sight {
	q.tokens.read(s, rd)
	f := finder{tokens: q.tokens, search: q}
	var out []sight
	for _, x := range f.find() {
		d := f.digits[x.from:x.to]
		if rd.han && !spelled(s, d) {
			continue
		}
		from, to := f.bytes(x.from, x.to)
		g := sight{rule: x.rule, scheme: x.scheme, from: from, to: to, firm: x.firm}
		for _, one := range d[:len(d)-x.keep] {
			g.hide = append(g.hide, [2]int{int(one.from), int(one.to)})
		}
		out = append(out, g)
	}
	return out
}

// spelled reports whether digits are a number that somebody wrote in words, or partly so. Without words the other readings have judged it.
// One or two at its ends are a weekday, a table or a count beside a number in figures, and single digits apart, some in words and some
// in figures, are counts.
func spelled(s string, d []digit) bool {
	word := func(x digit) bool { r, _ := utf8.DecodeRuneInString(s[x.from:]); return hanDigit(r) != "" }
	n := 0
	for _, x := range d {
		if word(x) {
			n++
		}
	}
	if n == len(d) {
		return true
	}
	return d[0].to == d[1].from && (n > 2 || n > 0 && !word(d[0]) && !word(d[len(d)-1]))
}

// merge adds what a second reading found; both are in the order of the text.
func merge(a, b []sight) []sight {
	if len(b) == 0 {
		return a
	}
	all := append(a, b...)
	slices.SortStableFunc(all, func(x, y sight) int { return x.from - y.from })
	out := all[:1]
	for _, x := range all[1:] {
		last := &out[len(out)-1]
		if x.from >= last.to {
			out = append(out, x)
			continue
		}
		last.to, last.firm = max(last.to, x.to), last.firm || x.firm
		last.hide = append(last.hide, x.hide...)
	}
	return out
}

// mask puts an asterisk for each digit that must not stay.
func mask(s string, sights []sight) string {
	var hide [][2]int
	for _, x := range sights {
		hide = append(hide, x.hide...)
	}
	slices.SortFunc(hide, func(a, b [2]int) int { return a[0] - b[0] })
	return star(s, hide)
}

// star puts one asterisk for each span; of spans that overlap the first counts.
func star(s string, hide [][2]int) string {
	if len(hide) == 0 {
		return s
	}
	var b strings.Builder
	at := 0
	for _, h := range hide {
		if h[0] < at {
			continue
		}
		b.WriteString(s[at:h[0]])
		b.WriteByte('*')
		at = h[1]
	}
	b.WriteString(s[at:])
	return b.String()
}

// spans gives the places of sights, which come in order, in characters counted from 1.
func spans(s string, sights []sight) []Span {
	out := make([]Span, len(sights))
	at, chars := 0, 0
	for i, x := range sights {
		chars += utf8.RuneCountInString(s[at:x.from])
		n := utf8.RuneCountInString(s[x.from:x.to])
		out[i] = Span{chars + 1, chars + n}
		chars, at = chars+n, x.to
	}
	return out
}

// MaskCardNumbers hides all but the last four digits of each card number in a text that comes from outside and stays, a
// file name in a log say, and reports whether there was one.
func MaskCardNumbers(s string) (string, bool) {
	sights := search{labels: true, name: true, tokens: &tokens{}}.search(s)
	return mask(s, sights), len(sights) > 0
}
