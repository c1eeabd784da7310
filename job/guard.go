package job

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	inwords "github.com/receiptd/receiptd/internal/plain"
)

// withheld stands in the redacted file for what must not be kept at all.
const withheld = "[withheld]"

// forbidden are the names that only card data has, in lower case without separators: magnetic tracks, card verification
// values, PINs, and the EMV tags of the same (EMV book 3, annex A: 56 and 57 track data, 5A PAN, 99 PIN, 9F1F and 9F20
// discretionary data, 9F6B track 2, 5F20 cardholder name).
var forbidden = map[string]bool{
	"track1": true, "track2": true, "track3": true, "track": true, "trackdata": true, "track1data": true,
	"track2data": true, "track3data": true, "magstripe": true, "cvv": true, "cvv2": true, "cvc": true, "cvc2": true,
	"cvn": true, "cvn2": true, "cav2": true, "cid": true, "pin": true, "pinblock": true, "ksnpin": true,
	"56": true, "57": true, "5a": true, "99": true, "9f1f": true, "9f20": true, "9f6b": true, "5f20": true,
}

// A found is a problem with the offset of its place.
type found struct {
	Problem
	off int
}

// A guard walks through a job before anything is kept of it. It hides card data in the tree and notes what it met.
type guard struct {
	path  []string
	facts *facts
	trust []string // types of blocks whose codes the shop answers for
	errs  []found
	warns []found
	room  tokens // to work in; its steps are the work done
}

func (g *guard) pointer() string {
	var b strings.Builder
	for _, p := range g.path {
		b.WriteByte('/')
		b.WriteString(pointerToken(p))
	}
	return b.String()
}

func (g *guard) fail(code string, off int) {
	g.errs = g.note(g.errs, problem(code, g.pointer(), "", ""), off)
}

// unknownKey warns of a key that the schema does not have, and asks whether another one of the same object was meant.
func (g *guard) unknownKey(m *member, sh *shape) {
	zh, en := "", ""
	if len(g.warns) < most && plain(m.key) {
		zh, en = inwords.Meant(m.key, slices.Sorted(maps.Keys(sh.props)))
	}
	g.warns = g.note(g.warns, problem("unknown_key", g.pointer(), zh, en), m.off)
}

// note adds a problem while a file full of them may still be worth wording.
func (g *guard) note(list []found, p Problem, off int) []found {
	if len(list) >= most {
		return list
	}
	return append(list, found{p, off})
}

// most is how many problems are worth wording; the answer shows the first of them.
const most = 10 * maxProblems

// card words what was found in a text; fatal says that the job is refused for it.
func (g *guard) card(code, text string, sights []sight, off int, fatal bool) {
	for i, at := range spans(text, sights[:min(len(sights), most)]) {
		if len(g.errs) >= most || len(g.warns) >= most {
			return
		}
		p := g.worded(code, &at, sights[i].rule, sights[i].scheme)
		if fatal {
			g.errs = g.note(g.errs, p, off)
			return
		}
		g.warns = g.note(g.warns, p, off)
	}
}

// worded gives a problem with its span and rule.
func (g *guard) worded(code string, at *Span, rule, scheme string) Problem {
	w := ruleText(rule, scheme)
	if at != nil {
		w.Zh = fmt.Sprintf("第 %d 到 %d 个字：%s", at.From, at.To, w.Zh)
		w.En = fmt.Sprintf("characters %d to %d: %s", at.From, at.To, w.En)
	}
	p := problem(code, g.pointer(), w.Zh, w.En)
	p.Span, p.Rule = at, rule
	return p
}

func (g *guard) search(q search, s string) []sight {
	q.facts, q.tokens = g.facts, &g.room
	return q.search(s)
}

// track refuses track data in a text.
func (g *guard) track(n *node) bool {
	x, ok := trackIn(n.text, &g.room)
	if !ok {
		return false
	}
	g.card("track_data", n.text, []sight{x}, n.off, true)
	n.hide = withheld
	return true
}

func (g *guard) walk(n *node, sh *shape) {
	switch n.kind {
	case 'o':
		g.object(n, sh)
	case 'a':
		for i := range n.arr {
			g.path = append(g.path, strconv.Itoa(i))
			g.walk(&n.arr[i], sh.item())
			g.path = g.path[:len(g.path)-1]
		}
		g.entries(n, sh != nil && sh.guard == guardRow)
	case 's':
		g.text(n, sh)
	case 'n':
		g.number(n, sh)
	}
}

func (g *guard) object(n *node, sh *shape) {
	withholdCode := false
	for i := range n.mem {
		m := &n.mem[i]
		inner := sh.prop(m.key)
		g.path = append(g.path, m.key)
		if m.twice {
			g.fail("duplicate_key", m.off)
		}
		switch {
		case (inner == nil || m.key == "pin") && g.forbidden(m):
			g.errs = g.note(g.errs, g.worded("card_data_key", nil, "name", ""), m.off)
			m.val = node{kind: 's', off: m.val.off, hide: withheld}
			m.unknown = true
		case sh != nil && sh.props != nil && inner == nil:
			m.unknown = true
			g.unknownKey(m, sh)
			g.walk(&m.val, nil)
		case inner != nil && inner.guard == guardCode:
			withholdCode = g.code(&m.val, n.str("type"), n.str("symbology")) || withholdCode
		default:
			g.walk(&m.val, inner)
		}
		g.path = g.path[:len(g.path)-1]
	}
	if withholdCode {
		n.mem = []member{
			{key: "type", off: n.off, val: node{kind: 's', off: n.off, text: string(BlockText)}},
			{key: "text", off: n.off, val: node{kind: 's', off: n.off, text: "[" + codeWithheld + "]"}},
			{key: "align", off: n.off, val: node{kind: 's', off: n.off, text: "center"}},
		}
	}
}

// forbidden reports whether a member may not be there at all. How the PIN was checked (payload.cvm.pin) may be said.
func (g *guard) forbidden(m *member) bool {
	name := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(fold(m.key)))
	if !forbidden[name] {
		return false
	}
	if slices.Equal(g.path, []string{"payload", "cvm", "pin"}) {
		switch {
		case m.val.kind == 'z', m.val.kind == 's' && slices.Contains([]string{"online", "offline", "none"}, m.val.text):
			return false
		}
	}
	return true
}

func (g *guard) text(n *node, sh *shape) {
	class := guardMask
	if sh != nil {
		class = sh.guard
		if sh.pad {
			n.text = NormalVoucher(n.text)
		}
	}
	if class == guardCard {
		g.masked(n)
		return
	}
	if !mayHold(n.text) || sh != nil && sh.time && shortTime(n.text) {
		return
	}
	if (class == guardExempt || class == guardReject) && sh.pattern != nil && sh.pattern.MatchString(n.text) {
		g.identifier(n, class)
		return
	}
	if g.track(n) {
		return
	}
	if class == guardMarkup {
		g.markup(n)
		return
	}
	sights := g.search(search{labels: sh == nil || sh.words}, n.text)
	if len(sights) == 0 {
		return
	}
	hidden := mask(n.text, sights)
	switch class {
	case guardExempt, guardReject: // of a format that the schema refuses
		n.hide = hidden
	default:
		g.card("pan_masked", n.text, sights, n.off, false)
		n.text = hidden
	}
}

// shortTime reports whether a text is a time without a fraction that could hold more than a time.
func shortTime(s string) bool {
	return len(s) <= len(time.RFC3339) && formats["date-time"](s) == nil
}

// identifier takes an identifier of valid format. It is never masked in part: it passes, or the job is refused. In one
// with a format of its own (exempt) only the job's own card is told apart.
func (g *guard) identifier(n *node, class string) {
	if class == guardReject && g.track(n) {
		return
	}
	if class == guardExempt && len(g.facts.own) == 0 {
		return
	}
	last := g.path[len(g.path)-1]
	sights := g.search(search{identifier: true, jobID: last == "job_id" || last == "target_job_id"}, n.text)
	if class == guardExempt {
		sights = slices.DeleteFunc(sights, func(x sight) bool { return x.rule != "own" })
	}
	if len(sights) > 0 {
		g.card("pan_in_identifier", n.text, sights, n.off, true)
		n.hide = withheld
	}
}

// entries takes the texts of a list, or the cells of a row, together: a number that stands in no single one of them may
// run through several.
func (g *guard) entries(n *node, row bool) {
	if len(n.arr) < 2 {
		return
	}
	var b strings.Builder
	for i := range n.arr {
		if c := &n.arr[i]; c.kind == 's' || c.kind == 'n' {
			b.WriteString(c.text)
		}
		b.WriteByte(entryEnd)
	}
	all := b.String()
	sights := g.search(search{entries: true, row: row}, all)
	if len(sights) == 0 {
		return
	}
	var hide [][2]int
	for _, x := range sights {
		hide = append(hide, x.hide...)
	}
	at := 0
	for i := range n.arr {
		c := &n.arr[i]
		if c.kind != 's' && c.kind != 'n' {
			at++
			continue
		}
		var own [][2]int
		for _, h := range hide {
			if at <= h[0] && h[1] <= at+len(c.text) {
				own = append(own, [2]int{h[0] - at, h[1] - at})
			}
		}
		at += len(c.text) + 1
		if len(own) == 0 {
			continue
		}
		if hidden := star(c.text, own); c.kind == 'n' {
			c.hide = hidden
		} else {
			c.text = hidden
		}
	}
	for _, x := range sights {
		g.warns = g.note(g.warns, g.worded("pan_masked", nil, x.rule, x.scheme), n.off)
	}
}

// masked takes the field that should hold a masked card number. A full one, or one that shows too much, is masked to its
// first six and last four digits; what is neither is withheld whole.
func (g *guard) masked(n *node) {
	if g.track(n) {
		return
	}
	s, ok := cleanMasked(n.text)
	if !ok {
		if strings.ContainsFunc(fold(n.text), func(r rune) bool { _, digit := decimal(r); return digit || enclosed(r) != "" || hanDigit(r) != "" }) {
			n.hide = withheld
		}
		return // the schema says what is wrong
	}
	if s == "" || isMasked(s) {
		n.text = s
		return
	}
	digits := len(s) - strings.Count(s, "*")
	if len(s) < 12 || len(s) > maxPAN || digits <= 10 && strings.Contains(s, "*") {
		n.hide = strings.Repeat("*", len(s))
		return // neither a masked nor a full number: the schema says so
	}
	n.text = strings.Repeat("*", len(s)-4) + s[len(s)-4:]
	if len(s) >= 15 && !strings.Contains(s[:6], "*") {
		n.text = s[:6] + n.text[6:]
	}
	g.warns = g.note(g.warns, g.worded("pan_masked", nil, "card_field", ""), n.off)
}

// number hides a card number that was written as a JSON number. The schema refuses it where it knows the field.
func (g *guard) number(n *node, sh *shape) {
	sights := g.search(search{}, n.text)
	if len(sights) == 0 {
		return
	}
	n.hide = mask(n.text, sights)
	if sh == nil {
		g.card("pan_masked", n.text, sights, n.off, false)
	}
}
