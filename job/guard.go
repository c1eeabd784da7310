package job

import (
	"slices"
	"strconv"
	"strings"
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
	known []string // order numbers of this job, which it may repeat although they look like card numbers
	errs  []found
	warns []found
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
	g.errs = g.note(g.errs, code, off)
}

func (g *guard) warn(code string, off int) {
	g.warns = g.note(g.warns, code, off)
}

// note adds a problem while a file full of them may still be worth wording.
func (g *guard) note(list []found, code string, off int) []found {
	if len(list) >= 10*maxProblems {
		return list
	}
	return append(list, found{problem(code, g.pointer(), "", ""), off})
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
		if sh != nil && sh.guard == guardRow {
			g.row(n)
		}
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
			g.fail("card_data_key", m.off)
			m.val = node{kind: 's', off: m.val.off, hide: withheld}
			m.unknown = true
		case sh != nil && sh.props != nil && inner == nil:
			m.unknown = true
			g.warn("unknown_key", m.off)
			g.walk(&m.val, nil)
		case inner != nil && inner.guard == guardCode:
			withholdCode = g.code(&m.val) || withholdCode
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

// codeWithheld is printed where a code was; it holds nothing that is markup in ReceiptLine.
const codeWithheld = "条码含卡号 未打印 CODE WITHHELD: CARD NUMBER"

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
		g.card(n)
		return
	}
	if !mayHold(n.text) {
		return
	}
	if class == guardExempt && sh.pattern.MatchString(n.text) {
		return
	}
	if hasTrack(n.text) {
		g.fail("track_data", n.off)
		n.hide = withheld
		return
	}
	if class == guardMarkup {
		g.markup(n)
		return
	}
	if class == guardReject && sh.pattern != nil && sh.pattern.MatchString(n.text) {
		id := n.text
		for _, no := range g.known {
			id = strings.Replace(id, no, "x", 1)
		}
		jobID := len(g.path) == 1
		if jobID && isCardNumber(id) || !jobID && len(panSpans(id, reading{})) > 0 {
			n.hide = withheld
			g.fail("pan_in_identifier", n.off)
		}
		return
	}
	masked, count := maskPANs(n.text, reading{lines: class != guardLines, known: g.known})
	if count == 0 {
		return
	}
	switch class {
	case guardExempt, guardReject: // of a format that the schema refuses
		n.hide = masked
	default:
		n.text = masked
		g.warn("pan_masked", n.off)
	}
}

// row takes texts that are printed side by side: a number that stands in no single one of them may run through several.
func (g *guard) row(n *node) {
	var b strings.Builder
	for i := range n.arr {
		b.WriteString(n.arr[i].text)
		b.WriteByte('|')
	}
	hide := panSpans(b.String(), reading{lines: true, known: g.known})
	if len(hide) == 0 {
		return
	}
	at := 0
	for i := range n.arr {
		c := &n.arr[i]
		var own [][2]int
		for _, h := range hide {
			if at <= h[0] && h[1] <= at+len(c.text) {
				own = append(own, [2]int{h[0] - at, h[1] - at})
			}
		}
		at += len(c.text) + len("|")
		c.text = star(c.text, own)
	}
	g.warn("pan_masked", n.off)
}

// card takes the field that should hold a masked card number. A full one, or one that shows too much, is masked to its
// first six and last four digits.
func (g *guard) card(n *node) {
	if hasTrack(n.text) {
		g.fail("track_data", n.off)
		n.hide = withheld
		return
	}
	var b strings.Builder
	for _, r := range fold(n.text) {
		switch {
		case '0' <= r && r <= '9', r == '*':
			b.WriteRune(r)
		case r == 'x', r == 'X', r == '#', r == '•', r == '●', r == '·', r == '∗':
			b.WriteByte('*')
		case r == ' ', r == '-', r == '.', r == '_':
		default:
			n.hide = maskRuns(n.text, reading{lines: true, any: true})
			if n.hide == n.text {
				n.hide = ""
			}
			return // the schema says what is wrong
		}
	}
	s := b.String()
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
	g.warn("pan_masked", n.off)
}

// number hides a card number that was written as a JSON number. The schema refuses it where it knows the field.
func (g *guard) number(n *node, sh *shape) {
	if masked, count := maskPANs(n.text, reading{}); count > 0 {
		n.hide = masked
		if sh == nil {
			g.warn("pan_masked", n.off)
		}
	}
}

// code takes the content of a QR or bar code and reports whether the code must be withheld.
func (g *guard) code(n *node) bool {
	if n.kind != 's' {
		g.walk(n, nil)
		return false
	}
	if hasTrack(n.text) {
		g.fail("track_data", n.off)
		n.hide = withheld
		return false
	}
	if len(panSpans(n.text, reading{lines: true, known: g.known})) == 0 {
		return false
	}
	g.warn("code_withheld", n.off)
	return true
}

// markup takes ReceiptLine source line by line: a card number in text is masked, a line whose properties hold one (a
// code, that is) becomes a line of text that says so.
func (g *guard) markup(n *node) {
	lines := strings.SplitAfter(n.text, "\n")
	masked, codes := false, false
	for i, line := range lines {
		spans := panSpans(line, reading{})
		if len(spans) == 0 {
			continue
		}
		if brace := strings.IndexByte(line, '{'); brace >= 0 && brace < spans[len(spans)-1][1] {
			end := line[len(strings.TrimRight(line, "\r\n")):]
			lines[i], codes = codeWithheld+end, true
			continue
		}
		lines[i], _ = maskPANs(line, reading{})
		masked = true
	}
	if !masked && !codes {
		return
	}
	n.text = strings.Join(lines, "")
	if masked {
		g.warn("pan_masked", n.off)
	}
	if codes {
		g.warn("code_withheld", n.off)
	}
}
