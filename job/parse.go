package job

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxProblems bounds how many errors, and how many warnings, one answer holds.
const maxProblems = 100

// A Result is what Parse made of a file.
type Result struct {
	Job      *Job      // nil when there are errors
	Errors   []Problem // all that is wrong, in the order of the file
	Warnings []Problem
	// Redacted is what may be kept of the file: card data masked, values that must not exist withheld. For a file
	// that is not JSON every run of 13 digits or more is masked.
	Redacted []byte
	ID       string // the job_id if one could be read, for the answer
}

// A Parser reads job files. The zero value trusts nothing.
type Parser struct {
	// Trust names the types of blocks ("qr", "barcode") whose codes the shop answers for: a bare number in them is no
	// card number. It never overrides track data, a number grouped as on a card, or the job's own masked_pan.
	Trust []string
}

// Parse is Parser.Parse without trust.
func Parse(data []byte) Result { return Parser{}.Parse(data) }

// Parse reads one job file: syntax, card guard, schema, and the rules between fields. It never panics, whatever the
// bytes, and holds no card data after its return. The first call compiles the schema (some milliseconds).
func (p Parser) Parse(data []byte) Result {
	if len(data) > MaxSize {
		return Result{
			Errors:   []Problem{placed("too_large", data, 0)},
			Redacted: redactRaw(data[:MaxSize]), ID: findID(data[:MaxSize]),
		}
	}
	s := scanner{data: data, build: true}
	root, err := s.document()
	if err != nil {
		code := syntaxCode(err)
		if len(bytes.TrimSpace(data)) == 0 {
			code = "empty"
		}
		return Result{
			Errors:   []Problem{placed(code, data, s.pos)},
			Redacted: redactRaw(data), ID: findID(data),
		}
	}
	return p.examine(data, &root)
}

func syntaxCode(err error) string {
	for _, c := range []struct {
		err  error
		code string
	}{
		{errEnd, "incomplete"}, {errUTF8, "invalid_utf8"}, {errDeep, "too_deep"}, {errTrailing, "trailing_data"}, {errObject, "not_object"},
	} {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return "not_json"
}

// examine takes a file that is JSON.
func (p Parser) examine(data []byte, root *node) Result {
	id := strings.Clone(root.str("job_id"))
	if !idPattern.MatchString(id) {
		id = ""
	}
	sh := shapeOf(root)
	g := guard{facts: factsOf(root, sh), trust: p.Trust}
	g.walk(root, sh)
	c := checker{}
	c.job(root)
	errs := slices.Concat(g.errs, c.errs)
	if rules := load(); len(errs) > 0 || !rules.demand.met(root) {
		errs = slices.Concat(g.errs, validate(rules.schema, root), c.errs)
	}
	if hidden := root.get("job_id"); hidden != nil && hidden.hide != "" {
		id = ""
	}
	r := Result{
		Errors: places(data, errs), Warnings: places(data, slices.Concat(g.warns, c.warns)), ID: id,
	}
	if len(r.Errors) == 0 {
		b, hash := journalForm(root)
		if r.Job, r.Errors = typed(Kind(root.str("kind")), b); r.Job != nil {
			r.Job.Hash, r.Redacted = hash, b
			return r
		}
	}
	r.Redacted = redacted(root)
	return r
}

// typed reads a job that passed every check; an error would be a gap between the schema and the types.
func typed(kind Kind, b []byte) (*Job, []Problem) {
	j, err := decode(kind, b)
	if err != nil {
		return nil, []Problem{problem("invalid", "", "", "")}
	}
	return j, nil
}

// places sorts by place, keeps one problem for each value, and finds lines and columns.
func places(data []byte, all []found) []Problem {
	if len(all) == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(x, y found) int { return cmp.Compare(x.off, y.off) })
	out := make([]Problem, 0, min(len(all), maxProblems))
	seen := map[string]bool{}
	c := newCursor(data)
	for _, f := range all {
		key := f.Pointer
		switch {
		case f.Code == "duplicate_key" || f.Code == "code_withheld":
			key += " " + f.Code
		case f.Code == "pan_masked" && f.Span != nil: // each number of a text
			key += " " + strconv.Itoa(f.Span.From)
		}
		if seen[key] || len(out) == maxProblems {
			continue
		}
		seen[key] = true
		out = append(out, c.place(f))
	}
	return out
}

var (
	idPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	idInRaw   = regexp.MustCompile(`"job_id"\s*:\s*"([A-Za-z0-9._-]{1,64})"`)
)

// findID looks for a job_id in a file that is not JSON.
func findID(data []byte) string {
	m := idInRaw.FindSubmatch(data)
	if m == nil {
		return ""
	}
	if _, hit := MaskCardNumbers(string(m[1])); hit {
		return ""
	}
	return string(m[1])
}

// FromJSON reads back what the journal kept (Job.JSON). It trusts it: nothing is checked again.
func FromJSON(canonical []byte) (*Job, error) {
	var parts struct {
		Kind    json.RawMessage `json:"kind"`
		Payload json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(canonical, &parts); err != nil {
		return nil, fmt.Errorf("read job: %w", err)
	}
	var kind Kind
	if err := json.Unmarshal(parts.Kind, &kind); err != nil {
		return nil, fmt.Errorf("read job's kind: %w", err)
	}
	if len(parts.Payload) == 0 {
		return nil, errors.New("read job: no payload")
	}
	j, err := decode(kind, canonical)
	if err != nil {
		return nil, err
	}
	j.Hash = hashParts(parts.Kind, parts.Payload)
	return j, nil
}

// decode fills the typed job of a kind; the hash is left to the caller.
func decode(kind Kind, b []byte) (*Job, error) {
	var raw struct {
		Job
		Payload any `json:"payload"` // points to the one of Job that the kind names
	}
	j := &raw.Job
	switch kind {
	case KindTransaction:
		j.Transaction = &Transaction{}
		raw.Payload = j.Transaction
	case KindReversal:
		j.Reversal = &Reversal{}
		raw.Payload = j.Reversal
	case KindSettlement:
		j.Settlement = &Settlement{}
		raw.Payload = j.Settlement
	case KindOrder:
		j.Order = &Order{}
		raw.Payload = j.Order
	case KindDocument:
		j.Document = &Document{}
		raw.Payload = j.Document
	case KindCommand:
		j.Command = &Command{}
		raw.Payload = j.Command
	default:
		return nil, fmt.Errorf("read job: unknown kind %s", kind)
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, fmt.Errorf("read job: %w", err)
	}
	j.JSON = slices.Clone(b)
	return j, nil
}
