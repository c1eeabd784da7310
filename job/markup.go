package job

import (
	"strings"
)

// markup takes ReceiptLine source: card numbers in its text are masked, also where they run over two lines or several
// columns; a line whose properties hold one (a code, that is) becomes a line of text that says so.
func (g *guard) markup(n *node) {
	var out strings.Builder
	var sights, codes []sight // with their places in the whole source
	seen := []byte(n.text)    // as it prints: without the lines that print nothing
	option := ""
	text := 0 // where the lines of text begin that are not yet searched
	flush := func(to int) {
		found := g.search(search{markup: true, labels: true}, string(seen[text:to]))
		out.WriteString(mask(n.text[text:to], found))
		for _, x := range found {
			x.from, x.to = x.from+text, x.to+text
			sights = append(sights, x)
		}
	}
	at := 0
	for line := range strings.Lines(n.text) {
		end := at + len(line)
		if hasProperty(line) {
			found := g.property(line, &option)
			switch {
			case len(found) > 0:
				flush(at)
				text = end
				out.WriteString(codeWithheld + line[len(strings.TrimRight(line, "\r\n")):])
				found[0].from, found[0].to = found[0].from+at, found[0].to+at
				codes = append(codes, found[0])
			case silent(line): // a number goes on behind it
				for i := at; i < end; i++ {
					seen[i] = 1 // cannot be seen
				}
			default:
				flush(at)
				text = end
				out.WriteString(line)
			}
		}
		at = end
	}
	flush(at)
	g.card("pan_masked", n.text, sights, n.off, false)
	g.card("code_withheld", n.text, codes, n.off, false)
	n.text = out.String()
}

// silent reports a line of properties that prints nothing: it is nothing else, and there is no code, picture or command in it.
func silent(line string) bool {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "{") || strings.IndexByte(line, '}') != len(line)-1 || strings.Contains(line, "\\") {
		return false
	}
	for member := range strings.SplitSeq(line[1:len(line)-1], ";") {
		key, _, _ := strings.Cut(member, ":")
		switch strings.TrimSpace(strings.ToLower(key)) {
		case "align", "a", "width", "w", "border", "b", "text", "t", "option", "o", "comment", "_", "font":
		default:
			return false
		}
	}
	return true
}

// hasProperty reports whether a line holds a brace that is not escaped.
func hasProperty(line string) bool {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '{':
			return true
		}
	}
	return false
}

// property looks at a line with properties. What it says of the kind of codes holds for the lines behind it too.
func (g *guard) property(line string, option *string) []sight {
	code, at := "", 0
	members := line[strings.IndexByte(line, '{')+1:]
	off := len(line) - len(members)
	for len(members) > 0 {
		n := memberEnd(members)
		key, value, _ := strings.Cut(members[:n], ":")
		switch strings.TrimSpace(strings.ToLower(key)) {
		case "option", "o":
			*option = strings.ToLower(value)
		case "code", "c":
			code, at = value, off+len(key)+1
		}
		off += min(n+1, len(members))
		members = members[min(n+1, len(members)):]
	}
	if code == "" {
		return g.search(search{apart: true, labels: true}, line)
	}
	block, symbology := string(BlockBarcode), ""
	for _, word := range strings.FieldsFunc(*option, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		switch word {
		case "qrcode", "qr":
			block = string(BlockQR)
		case "ean", "jan", "upc", "itf":
			symbology = word
		}
	}
	out := g.inCode(strings.TrimSpace(code), block, symbology)
	lead := len(code) - len(strings.TrimLeft(code, " \t"))
	for i := range out {
		out[i].from, out[i].to = out[i].from+at+lead, out[i].to+at+lead
	}
	rest := line[:at] + strings.Repeat("\n", len(code)) + line[at+len(code):]
	return merge(out, g.search(search{apart: true, labels: true}, rest))
}

// memberEnd gives the length of the first member of a property block.
func memberEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ';', '}':
			return i
		}
	}
	return len(s)
}
