package receiptline

// A Document is a parsed ReceiptLine text: one Line for each line of the source.
type Document struct {
	Lines []Line
}

// LineKind says what a line of a document holds.
type LineKind uint8

// The kinds of lines.
const (
	TextLine     LineKind = iota // Columns, at least one
	RuleLine                     // only dashes: a horizontal rule, or a joint inside a box
	CutLine                      // only equals signs: cut the paper
	PropertyLine                 // Properties
	InvalidLine                  // stray braces, or properties beside other columns: prints nothing; Source keeps it
)

// A Line is one line of a document.
type Line struct {
	Number     int // counted from 1
	Kind       LineKind
	Columns    []Column
	Properties []Property
	Align      Align  // PropertyLine: of the image, code or command in it
	Source     string // InvalidLine: the line as it was written, trimmed

	src string // the whole line, to count characters for diagnostics
}

// A Column is one column of a text line. An empty column has no spans.
type Column struct {
	Align Align
	Spans []Span
	off   int32 // byte offset of its text in the line
}

// A Span is text of one style, or a break of the row inside its column.
type Span struct {
	Text  string // no mark-up, no escapes; empty for a break
	Style Style
	Break bool
	off   int32
}

// A Property is one member of a property block.
type Property struct {
	Key   string // the long form: image code option align width border text command comment logo font, or an unknown key
	Value string // without escapes; may hold control characters
	off   int32
}

// normal is undecorated text.
var normal = Style{Width: 1, Height: 1}

// sizes are the magnifications chosen by a run of one to seven carets.
var sizes = [8][2]int{{1, 1}, {2, 1}, {1, 2}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 6}}

// carets returns the length of the run of carets that gives the magnification of s, 0 for normal size.
func carets(s Style) int {
	for i, size := range sizes {
		if size == [2]int{s.Width, s.Height} {
			return i
		}
	}
	return 0
}

// blank says whether the column prints nothing.
func (c *Column) blank() bool {
	return len(c.Spans) == 0
}
