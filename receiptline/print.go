package receiptline

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// String prints the document back as source. Parsed again with the same options it gives the same tree: the spelling may
// change (escapes, spaces, the long form of keys), what it says does not.
func (d *Document) String() string {
	var b []byte
	for i := range d.Lines {
		if i > 0 {
			b = append(b, '\n')
		}
		b = d.Lines[i].append(b)
	}
	return string(b)
}

// append prints one line.
func (l *Line) append(b []byte) []byte {
	switch l.Kind {
	case RuleLine:
		return append(b, "---"...)
	case CutLine:
		return append(b, '=')
	case InvalidLine:
		return append(b, l.Source...)
	case PropertyLine:
		if l.Align == AlignCenter {
			return l.appendProperties(b)
		}
		return append(aligned(append(b, '|'), l.Align, l.appendProperties), '|')
	}
	if len(l.Columns) == 1 && l.Columns[0].blank() {
		return b
	}
	b = append(b, '|')
	for i := range l.Columns {
		b = append(aligned(b, l.Columns[i].Align, l.Columns[i].appendText), '|')
	}
	return b
}

// aligned puts the white space around a column that pushes it to its side; the pipes are
// the caller's.
func aligned(b []byte, a Align, content func([]byte) []byte) []byte {
	if a == AlignRight {
		b = append(b, ' ')
	}
	b = content(b)
	if a == AlignLeft {
		b = append(b, ' ')
	}
	return b
}

// appendText prints the text of a column.
func (c *Column) appendText(b []byte) []byte {
	start := len(b)
	style := normal
	for i := range c.Spans {
		span := &c.Spans[i]
		if span.Break {
			b = append(b, `\n`...)
			continue
		}
		if i > 0 && !c.Spans[i-1].Break && span.Style == style {
			b = append(b, `""`...) // two spans of one style: the mark that parted them changed nothing
		}
		b = appendMarks(b, style, span.Style)
		style = span.Style
		b = appendEscaped(b, span.Text, len(b) == start)
	}
	if len(b) > start && b[start] == ' ' {
		b[start] = '~'
	}
	if len(b) > start && b[len(b)-1] == ' ' {
		b[len(b)-1] = '~'
	}
	return b
}

// appendMarks prints the marks that lead from one style to another.
func appendMarks(b []byte, from, to Style) []byte {
	if from.Underline != to.Underline {
		b = append(b, '_')
	}
	if from.Bold != to.Bold {
		b = append(b, '"')
	}
	if from.Invert != to.Invert {
		b = append(b, '`')
	}
	if old, size := carets(from), carets(to); old != size {
		if size == 0 {
			size = old // the same run again returns to normal
		}
		b = append(b, "^^^^^^^"[:size]...)
	}
	return b
}

// nothing is an escape that prints nothing and composes with nothing: it keeps a combining mark from becoming one character
// with what stands before it in the source.
const nothing = `\x00`

// appendEscaped prints text so that it stands for itself. A dash or equals sign needs an escape only at the start of the
// column, where it might make a rule or a cut.
func appendEscaped(b []byte, s string, start bool) []byte {
	composed := norm.NFC.IsNormalString(s)
	for i, r := range s {
		switch r {
		case '\\', '|', '{', '}', '~', '_', '"', '`', '^':
			b = append(b, '\\', byte(r))
			continue
		case '-', '=':
			if start && i == 0 {
				b = append(b, '\\')
			}
		}
		if (i == 0 || !composed) && joins(s[i:]) {
			b = append(b, nothing...)
		}
		b = utf8.AppendRune(b, r)
	}
	return b
}

// joins says whether the first character of s might become one with the character before it in normal form C.
func joins(s string) bool {
	return s != "" && s[0] >= utf8.RuneSelf && !norm.NFC.PropertiesString(s).BoundaryBefore()
}

// appendProperties prints a property block.
func (l *Line) appendProperties(b []byte) []byte {
	b = append(b, '{')
	for i := range l.Properties {
		if i > 0 {
			b = append(b, ';')
		}
		p := &l.Properties[i]
		b = append(append(b, p.Key...), ':')
		b = appendValue(b, p.Value, `\q`)
	}
	return append(b, '}')
}

// appendValue prints a property value. The joiner parts a character from a combining mark where nothing else can: in a
// document an escape that says nothing, since only one that has such an escape can need it.
func appendValue(b []byte, s, joiner string) []byte {
	if s == "" {
		return append(b, `\x`...) // a value must not be blank; half an escape stands for nothing
	}
	last := len(s) - 1
	for i, r := range s {
		next := s[i+utf8.RuneLen(r):]
		switch {
		case r < utf8.RuneSelf && strings.IndexByte(`\|{};`, byte(r)) >= 0:
			b = append(b, '\\', byte(r))
		case r == '\n' && fits(`\n`, next):
			b = append(b, `\n`...)
		case r < 0x20, r == 0x7f, r == ' ' && (i == 0 || i == last), r < 0x100 && !fits(string(r), next):
			b = appendHex(b, byte(r), next, joiner)
		default:
			b = utf8.AppendRune(b, r)
			if !fits(string(r), next) {
				b = append(b, joiner...)
			}
		}
	}
	return b
}

// maxMarks bounds how far ahead fits looks: normal form C itself breaks a run of marks after thirty.
const maxMarks = 32

// fits says whether s stays as it is when next follows it: combining marks might join it.
func fits(s, next string) bool {
	if !joins(next) {
		return true
	}
	n := 0
	for i := 0; i < maxMarks && joins(next[n:]); i++ {
		_, size := utf8.DecodeRuneInString(next[n:])
		n += size
	}
	return norm.NFC.IsNormalString(s + next[:n])
}

// appendHex prints a character in hexadecimal, with such letters as a combining mark after it does not join.
func appendHex(b []byte, v byte, next, joiner string) []byte {
	for _, digits := range []string{"0123456789abcdef", "0123456789ABCDEF"} {
		hex := string([]byte{'\\', 'x', digits[v>>4], digits[v&15]})
		if fits(hex, next) {
			return append(b, hex...)
		}
	}
	return append(append(b, fmt.Sprintf(`\x%02x`, v)...), joiner...)
}
