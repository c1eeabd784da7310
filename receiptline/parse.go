package receiptline

// Options say how a document is parsed and set. The zero value is the strict profile at 48 cells.
type Options struct {
	Width    int              // cells per row, 24-96; 0 means 48
	Measure  func(r rune) int // cells a character takes, 0-2; nil means East Asian width for GB18030 printers
	Commands bool             // allow the command property (trusted template files only)
	Lax      bool             // be as silent as the reference implementation: diagnostics never drop content differently
}

// Severity of a diagnostic.
type Severity uint8

// A document with an Error is not printed; a Warning is shown beside it.
const (
	Warning Severity = iota
	Error
)

// A Diagnostic is what is wrong with a document, and where.
type Diagnostic struct {
	Severity     Severity
	Code         string // stable, snake_case: stray_brace, unknown_key, ...
	Line, Column int    // counted from 1; the column in characters
	Zh, En       string // what is wrong and what to do
}
