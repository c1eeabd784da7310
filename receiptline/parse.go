package receiptline

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Options say how a document is parsed and set. The zero value is the strict profile at 48 cells.
type Options struct {
	Width    int              // cells per row, 24-96; 0 means 48
	Small    int              // cells per row in the printer's small font, up to 160; 0: it has none, and font:small changes nothing
	Measure  func(r rune) int // cells a character takes, 0-2; nil means East Asian width for GB18030 printers
	Commands bool             // allow the command property (trusted template files only)
	Logos    bool             // allow the logo property (template files only)
	MaxDots  int              // the longest paper, in dots; 0: the constant MaxDots
	Words    bool             // break rows between words, and Chinese by its own rules, instead of between any two characters
	Notes    bool             // a code that cannot be drawn leaves a note on the paper and a Warning, instead of an Error
	TextOnly bool             // the printer draws neither dots nor codes: each code leaves a note on the paper and a Warning
	Lax      bool             // be as silent as the reference implementation: diagnostics never drop content differently
}

// Parse reads a document. It never fails: what is wrong is reported, and stands in the tree as an InvalidLine or is left
// out of it. The source is first brought to Unicode normal form C. Without o.Lax, control characters (C1 and
// bidirectional ones too) are taken out of text with a warning.
func Parse(src string, o Options) (*Document, []Diagnostic) {
	return new(parser).parse(src, o)
}

func (p *parser) parse(src string, o Options) (*Document, []Diagnostic) {
	src = composed(src)
	returns := strings.Count(src, "\r")
	n := min(strings.Count(src, "\n")+returns+1, slab)
	p.o, p.doc, p.number, p.reports = o, &Document{Lines: room(p.lines, n)}, 0, reports{}
	p.columns, p.spans, p.properties = room(p.columns, 2*n), room(p.spans, 2*n), room(p.properties, n)
	for more := true; more; {
		var line string
		if p.number == maxLines && !o.Lax {
			p.report(Error, "too_many_lines", 0, maxLines)
			break
		}
		line, src, more = cutLine(src, returns > 0)
		p.line(line)
	}
	p.lines = p.doc.Lines
	return p.doc, p.diags
}

// room gives an empty slice with room for n: s, if it is large enough.
func room[T any](s []T, n int) []T {
	if cap(s) >= n {
		return s[:0]
	}
	return make([]T, 0, n)
}

// fresh gives a slab with room for a line: s, or a new one when s is nearly full. Were s made larger, its old memory would
// stay too, in the hands of the lines before.
func fresh[T any](s []T) []T {
	const line = 32 // more than common lines need
	if cap(s)-len(s) >= line || len(s) < slab {
		return s
	}
	return make([]T, 0, slab)
}

// slab bounds what is allocated at once for the lines, columns, runs of a document before it is known to need them.
const slab = 512

// composed gives a source as it is read: UTF-8, without a byte order mark, in normal form C.
func composed(src string) string {
	valid := utf8.ValidString(src)
	if valid && isCommon(src) {
		return src
	}
	if !valid {
		src = strings.ToValidUTF8(src, "\uFFFD")
	}
	src = strings.TrimPrefix(src, "\uFEFF")
	if !norm.NFC.IsNormalString(src) {
		src = norm.NFC.String(src)
	}
	return src
}

// isCommon says whether valid UTF-8 holds nothing but characters below U+0300, those from U+4000 to U+9FFF, CJK punctuation
// (U+3000 to U+3011) and full-width forms (U+FF00 to U+FF7F): all of them are in normal form C whatever stands beside them.
func isCommon(s string) bool {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c < utf8.RuneSelf:
			i++
		case c < 0xcc: // below U+0300
			i += 2
		case c >= 0xe4 && c <= 0xe9:
			i += 3
		case c == 0xe3 && s[i+1] == 0x80 && s[i+2] <= 0x91, c == 0xef && (s[i+1] == 0xbc || s[i+1] == 0xbd):
			i += 3
		default:
			return false
		}
	}
	return true
}

// cutLine splits the first line off. LF, CR LF and a lone CR end a line; more says whether one was found. returns says
// that there may be a CR.
func cutLine(s string, returns bool) (line, rest string, more bool) {
	i := strings.IndexByte(s, '\n')
	if returns {
		i = strings.IndexAny(s, "\r\n")
	}
	if i < 0 {
		return s, "", false
	}
	end := i + 1
	if s[i] == '\r' && end < len(s) && s[end] == '\n' {
		end++
	}
	return s[:i], s[end:], true
}

// parser builds a document. Columns, spans and properties are cut from shared slabs: a slip has many, and all of them small.
type parser struct {
	o   Options
	doc *Document
	reports
	lines      []Line // those of doc, once it is done
	columns    []Column
	spans      []Span
	properties []Property
	pipes      []int  // scratch: unescaped pipes of the line
	buf        []byte // scratch: text that differs from the source

	number int // the line at hand, counted from 1
	src    string
}

// report notes a diagnostic at a byte offset of the line at hand, unless the profile is lax.
func (p *parser) report(s Severity, code string, off int, args ...any) {
	if !p.o.Lax {
		p.add(s, code, p.number, p.src, off, args...)
	}
}

// line parses one line of the source and appends it to the document.
func (p *parser) line(src string) {
	p.number++
	p.src = src
	p.columns, p.spans, p.properties = fresh(p.columns), fresh(p.spans), fresh(p.properties)
	text, base := trim(src)
	l := Line{Number: p.number, src: src}
	braces := p.mark(text)
	cells, first, last := p.split(text)
	switch {
	case crowded(text) && !p.o.Lax:
		p.report(Error, "too_many_parts", base, maxParts)
		l.Kind, l.Source = InvalidLine, text
	case braces && cells == 1 && isProperties(text[first:last]):
		el, off := trim(text[first:last])
		l.Kind = PropertyLine
		l.Align = p.part(text, first, first, last, new(int)).align
		l.Properties = p.members(el, base+first+off)
	case braces:
		p.invalid(text, base, first, last, cells)
		l.Kind, l.Source = InvalidLine, text
	case cells == 1 && isRun(text[first:last], '-'):
		l.Kind = RuleLine
	case cells == 1 && isRun(text[first:last], '='):
		l.Kind = CutLine
	default:
		l.Columns = p.textColumns(text, base, first, last)
	}
	p.doc.Lines = append(p.doc.Lines, l)
}

// crowded says whether a line holds more mark-up than anybody writes.
func crowded(text string) bool {
	if len(text) <= maxParts {
		return false
	}
	n := 0
	for i := range len(text) {
		switch text[i] {
		case '|', '_', '"', '`', '^', '\\', ';':
			n++
		}
	}
	return n > maxParts
}

// mark notes the unescaped pipes of a line and says whether it holds an unescaped brace.
func (p *parser) mark(s string) (braces bool) {
	p.pipes = p.pipes[:0]
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			// Only these four are taken as a pair before splitting; after any other character the next still counts.
			if i+1 < len(s) && strings.IndexByte(`\{|}`, s[i+1]) >= 0 {
				i++
			}
		case '|':
			p.pipes = append(p.pipes, i)
		case '{', '}':
			braces = true
		}
	}
	return braces
}

// split finds the part of a trimmed line between its outer pipes and counts the columns in it.
func (p *parser) split(s string) (cells, first, last int) {
	first, last = 0, len(s)
	inner := p.pipes
	if len(inner) > 0 && inner[0] == 0 {
		first = 1
		inner = inner[1:]
	}
	if len(inner) > 0 && inner[len(inner)-1] == last-1 {
		last--
		inner = inner[:len(inner)-1]
	}
	return len(inner) + 1, first, last
}

// A part is one column of the line at hand as it was written: the bytes from to before to.
type part struct {
	from, to int
	align    Align
}

// part returns the column that starts at from; pipe is the first pipe that may end it, and moves on. Text is drawn to the
// pipe it touches: white space on one side of it pushes it to the other.
func (p *parser) part(s string, from, first, last int, pipe *int) part {
	to := last
	for *pipe < len(p.pipes) && p.pipes[*pipe] < from {
		*pipe++
	}
	if *pipe < len(p.pipes) && p.pipes[*pipe] < last {
		to = p.pipes[*pipe]
	}
	var lead, trail bool
	if from < to {
		lead, trail = isBlank(s[from]), isBlank(s[to-1])
	}
	if n := len(p.pipes); n > 0 {
		// A first column without an outer pipe that touches the next pipe is drawn to it; so is such a last column.
		head, tail := p.pipes[0], p.pipes[n-1]
		lead = lead || from == first && head > 0 && !isBlank(s[head-1])
		trail = trail || to == last && tail < len(s)-1 && !isBlank(s[tail+1])
	}
	c := part{from, to, AlignCenter}
	if lead && !trail {
		c.align = AlignRight
	} else if trail && !lead {
		c.align = AlignLeft
	}
	return c
}

// textColumns parses the columns of a text line.
func (p *parser) textColumns(s string, base, first, last int) []Column {
	start, pipe := len(p.columns), 0
	for from := first; from <= last; {
		c := p.part(s, from, first, last, &pipe)
		el, off := trim(s[c.from:c.to])
		off += base + c.from
		spans := p.text(el, off)
		if len(spans) == 0 {
			c.align = AlignCenter
		}
		p.columns = append(p.columns, Column{Align: c.align, Spans: spans, off: int32(off)})
		from = c.to + 1
	}
	return p.columns[start:len(p.columns):len(p.columns)]
}

// invalid reports why a line with braces cannot be printed, for each offending column.
func (p *parser) invalid(s string, base, first, last, cells int) {
	pipe := 0
	for from := first; from <= last; {
		c := p.part(s, from, first, last, &pipe)
		el, off := trim(s[c.from:c.to])
		off += base + c.from
		if b := firstBrace(el); b >= 0 && cells > 1 && isProperties(el) {
			p.report(Error, "property_in_columns", off)
		} else if b >= 0 {
			p.report(Error, "stray_brace", off+b)
		}
		from = c.to + 1
	}
}
