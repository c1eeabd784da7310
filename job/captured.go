package job

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Capture is what a program sent to a printer that receiptd stands in for. It is never part of a job that somebody drops: only
// Captured makes it.
type Capture struct {
	Name   string `json:"name"`             // of the capture in the configuration
	Stream []byte `json:"stream,omitempty"` // what the printer is to get; none where the text holds card data: then the blocks are printed
	// Unseen is all the text in the stream where some of it shows nowhere on the paper. It is not kept: the guard looks at it.
	Unseen []string `json:"-"`
	// Facts are what rules found on it; nil: none of them fits. They are no part of the content hash: the same bytes are the same slip
	// whatever the rules are.
	Facts *Lifted `json:"facts,omitempty"`
}

// Lifted are the facts that rules found on the text of a captured slip. None of them is card data: they are read behind the guard.
type Lifted struct {
	Rule      string    `json:"rule"`           // the one that fitted; "" for none: the configuration says what such slips are
	Kind      Kind      `json:"kind"`           // transaction, settlement, document, order
	Type      string    `json:"type,omitempty"` // of a transaction; a settlement's scope
	Copy      CopyName  `json:"copy,omitempty"` // which of a transaction's papers this is
	Merchant  string    `json:"merchant,omitempty"`
	Terminal  string    `json:"terminal,omitempty"`
	Batch     string    `json:"batch,omitempty"`    // six digits
	Voucher   string    `json:"voucher,omitempty"`  // six digits
	Original  string    `json:"original,omitempty"` // of a void: the voucher it takes back
	Order     string    `json:"order,omitempty"`
	Operator  string    `json:"operator,omitempty"`
	Last4     string    `json:"last4,omitempty"`
	Amount    *int64    `json:"amount,omitempty"` // minor units; of a settlement its total
	Currency  string    `json:"currency,omitempty"`
	At        time.Time `json:"at,omitzero"`         // what the slip says
	Duplicate bool      `json:"duplicate,omitempty"` // it says itself that it is a reprint
	Doubt     bool      `json:"doubt,omitempty"`     // of a settlement: its text says something else besides
	Settle    string    `json:"settle,omitempty"`    // what a settlement does: SettleAsk, SettleAuto, SettleNever
}

// What a captured settlement does with its batch.
const (
	SettleAsk   = "ask"
	SettleAuto  = "auto"
	SettleNever = "never"
)

// IsVoid reports whether the slip takes back an earlier one of its batch.
func (l *Lifted) IsVoid() bool { return isVoid(TransactionType(l.Type)) }

// Lifted gives what rules found on a captured slip, nil for none and for every other job.
func (j *Job) Lifted() *Lifted {
	if j.Document == nil || j.Document.Capture == nil {
		return nil
	}
	return j.Document.Capture.Facts
}

// Captured makes a document of what a program sent to a printer. lines are what a person reads on the slip, one block's text in each
// of blocks; the card guard looks at both, and at what stands below each other in columns. Where it finds anything the stream is not kept.
// find reads facts off the lines as the guard leaves them; nil finds none.
func (p Parser) Captured(j Job, c Capture, blocks []Block, find func(lines []string) *Lifted) Result {
	blocks, masked := maskLines(blocks)
	if _, found := maskText(strings.Join(c.Unseen, "\n")); found {
		masked = true
	}
	j.Kind = KindDocument
	data, err := json.Marshal(struct {
		Job
		Payload Document `json:"payload"`
	}{j, Document{Blocks: blocks}})
	if err != nil {
		return Result{Errors: []Problem{problem("invalid", "", "", "")}, ID: j.ID}
	}
	r := p.Parse(data)
	if r.Job == nil && len(r.Redacted) > 0 { // track data and the like: the slip comes out without them
		again := p.Parse(r.Redacted)
		again.Warnings = slices.Concat(r.Errors, again.Warnings)
		r, masked = again, true
	}
	if r.Job == nil {
		return r
	}
	if masked && !slices.ContainsFunc(r.Warnings, cardFound) {
		r.Warnings = append(r.Warnings, problem("pan_masked", "/payload", "", ""))
	}
	if slices.ContainsFunc(r.Warnings, cardFound) {
		c.Stream = nil
	}
	r = withCapture(r, c)
	if r.Job == nil || find == nil {
		return r
	}
	if c.Facts = find(r.Job.Lines()); c.Facts == nil {
		return r
	}
	hash := r.Job.Hash
	if r = withCapture(r, c); r.Job != nil {
		r.Job.Hash = hash
	}
	return r
}

func cardFound(p Problem) bool {
	return p.Code == "pan_masked" || p.Code == "code_withheld" || p.Code == "track_data"
}

// withCapture puts the capture into a job that was checked.
func withCapture(r Result, c Capture) Result {
	own, err := json.Marshal(c)
	if err != nil {
		return Result{Errors: []Problem{problem("invalid", "", "", "")}, ID: r.ID}
	}
	root, err1 := (&scanner{data: r.Job.JSON, build: true}).document()
	inner, err2 := (&scanner{data: own, build: true}).document()
	if err1 != nil || err2 != nil {
		return Result{Errors: []Problem{problem("invalid", "", "", "")}, ID: r.ID}
	}
	payload := root.get("payload")
	payload.mem = slices.DeleteFunc(payload.mem, func(m member) bool { return m.key == "capture" })
	payload.mem = append(payload.mem, member{key: "capture", val: inner})
	b, hash := journalForm(&root)
	r.Job, r.Errors = typed(KindDocument, b)
	if r.Job != nil {
		r.Job.Hash, r.Redacted = hash, b
	}
	return r
}

// maskLines hides card numbers that run through several blocks or stand below each other in columns. The blocks are changed.
func maskLines(blocks []Block) ([]Block, bool) {
	var lines []string
	for _, b := range blocks {
		lines = append(lines, strings.Split(b.Text, "\n")...)
	}
	all, found := maskText(strings.Join(lines, "\n"))
	lines = strings.Split(all, "\n")
	for range lines {
		hit := slices.ContainsFunc(columnsOf(lines), func(col column) bool {
			masked, hit := maskText(col.text(lines))
			if hit {
				col.put(lines, strings.Split(masked, "\n"))
			}
			return hit
		})
		if !hit {
			break
		}
		found = true // the lines are other ones now, and so are their columns
	}
	if !found {
		return blocks, false
	}
	out, at := slices.Clone(blocks), 0
	for i := range out {
		n := strings.Count(out[i].Text, "\n") + 1
		out[i].Text = strings.Join(lines[at:at+n], "\n")
		at += n
	}
	return out, true
}

func maskText(s string) (string, bool) {
	sights := search{labels: true, facts: &facts{}, tokens: &tokens{}}.search(s)
	return mask(s, sights), len(sights) > 0
}

// A column is cells below each other, in lines that follow each other.
type column []cellAt

// A cellAt is a piece of a line between double blanks: bytes of it, and the character it begins and ends at.
type cellAt struct{ line, from, to, left, right int }

func (c column) text(lines []string) string {
	var parts []string
	for _, x := range c {
		parts = append(parts, lines[x.line][x.from:x.to])
	}
	return strings.Join(parts, "\n")
}

// put writes masked cells back; a line has one cell of a column at most.
func (c column) put(lines, cells []string) {
	for i, x := range c {
		if i < len(cells) {
			lines[x.line] = lines[x.line][:x.from] + cells[i] + lines[x.line][x.to:]
		}
	}
}

// columnsOf finds the columns of a text: cells that begin, or end, at the same place as one in the line before.
func columnsOf(lines []string) []column {
	var all []column
	for _, right := range []bool{false, true} {
		open := map[int]column{}
		for n, l := range lines {
			next := map[int]column{}
			cells := cellsOf(n, l)
			if len(cells) > 1 || len(open) > 0 {
				for _, c := range cells {
					at := c.left
					if right {
						at = c.right
					}
					next[at] = append(open[at], c)
					delete(open, at)
				}
			}
			for _, done := range open {
				all = append(all, done)
			}
			open = next
		}
		for _, done := range open {
			all = append(all, done)
		}
	}
	return slices.DeleteFunc(all, func(c column) bool { return len(c) < 2 || len(c) > 40 })
}

// cellsOf divides a line at double blanks.
func cellsOf(n int, l string) []cellAt {
	var list []cellAt
	for from := 0; from < len(l); {
		rest := l[from:]
		skip := len(rest) - len(strings.TrimLeft(rest, " "))
		from += skip
		if from == len(l) {
			break
		}
		to := len(l)
		if i := strings.Index(l[from:], "  "); i >= 0 {
			to = from + i
		}
		left := utf8.RuneCountInString(l[:from])
		list = append(list, cellAt{n, from, to, left, left + utf8.RuneCountInString(l[from:to])})
		from = to
	}
	return list
}

// Lines are what a person reads on a captured slip.
func (j *Job) Lines() []string {
	if j.Document == nil {
		return nil
	}
	var lines []string
	for _, b := range j.Document.Blocks {
		lines = append(lines, strings.Split(b.Text, "\n")...)
	}
	return lines
}

// Captured reports whether a job holds what a program sent to a printer, word for word.
func (j *Job) Captured() bool {
	return j.Document != nil && j.Document.Capture != nil && len(bytes.TrimSpace(j.Document.Capture.Stream)) > 0
}
