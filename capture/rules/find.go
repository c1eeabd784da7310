package rules

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// What is looked at of one slip, and how much work that may be: characters times the instructions of patterns.
const (
	maxLines = 2000
	maxLine  = 512 // characters
	maxWork  = 100_000_000
)

// A Tried is what became of one rule on one slip.
type Tried struct {
	Rule    string      `json:"rule"`
	Fits    bool        `json:"fits"` // its when and unless
	Won     bool        `json:"won"`
	Line    int         `json:"unless_line,omitempty"` // where a pattern of unless stands, from 1; 0: none does
	Missing []string    `json:"missing,omitempty"`     // patterns of when that fit no line
	Found   []FoundFact `json:"found,omitempty"`       // in the order of their patterns
	Type    string      `json:"type,omitempty"`
	Copy    string      `json:"copy,omitempty"`
	Lacks   []string    `json:"lacks,omitempty"` // facts without which it cannot be what the rule says
}

// A FoundFact is what a pattern found.
type FoundFact struct {
	Fact    string `json:"fact"`
	Value   string `json:"value"`
	Line    int    `json:"line"`              // from 1
	Problem string `json:"problem,omitempty"` // "" good, BadForm: it cannot be that fact, Contradicts: it stands there with other values too
}

// Why a fact that was found is not used.
const (
	BadForm     = "form"  // it cannot be that fact
	Contradicts = "twice" // it stands on the slip with other values too
)

// A Result is what rules say about a slip.
type Result struct {
	Facts   *job.Lifted // nil: no rule won
	Tried   []Tried
	TooMuch bool // looking was given up: the text is too long for these rules
}

// Find looks at a slip's lines. at is when it came: a time on the slip far from that is not believed.
func (s *Set) Find(lines []string, at time.Time) Result {
	t := textOf(lines)
	var out Result
	for i := range s.rules {
		r := &s.rules[i]
		tried := r.try(t)
		if t.work > maxWork {
			return Result{TooMuch: true}
		}
		if tried.Fits && len(tried.Lacks) == 0 {
			if out.Facts == nil {
				tried.Won = true
				out.Facts = r.lifted(t, &tried, at)
			} else if r.Kind == job.KindTransaction && out.Facts.Kind == job.KindSettlement {
				out.Facts.Doubt = true // a sale's slip, too: whose text may hold anything
			}
		}
		out.Tried = append(out.Tried, tried)
	}
	if t.work > maxWork {
		return Result{TooMuch: true}
	}
	return out
}

// text is a slip as patterns see it.
type text struct {
	lines []string
	work  int
}

func textOf(lines []string) *text {
	t := &text{}
	for _, l := range lines {
		for part := range strings.SplitSeq(l, "\n") {
			if len(t.lines) == maxLines {
				return t
			}
			part = Fold(part)
			if len(part) > maxLine {
				part = strings.ToValidUTF8(part[:maxLine], "")
			}
			t.lines = append(t.lines, part)
		}
	}
	return t
}

// each calls fn with what p finds on each line, until it says false.
func (t *text) each(p *pattern, fn func(line int, window string, at []int) bool) {
	for i := range t.lines {
		window := t.lines[i]
		if p.lines > 1 {
			if i+p.lines > len(t.lines) {
				return
			}
			window = strings.Join(t.lines[i:i+p.lines], "\n")
		}
		if t.work += len(window) * p.steps; t.work > maxWork {
			return
		}
		for _, at := range p.FindAllStringSubmatchIndex(window, 8) {
			if !fn(i, window, at) {
				return
			}
		}
	}
}

// where gives the first line, from 1, that a pattern fits; 0: none.
func (t *text) where(p *pattern) (found int) {
	t.each(p, func(line int, _ string, _ []int) bool { found = line + 1; return false })
	return found
}

// first is where for the first of several patterns that fits.
func (t *text) first(list []pattern) int {
	for i := range list {
		if found := t.where(&list[i]); found > 0 {
			return found
		}
	}
	return 0
}

// try looks whether a rule fits, and what it finds.
func (r *rule) try(t *text) Tried {
	out := Tried{Rule: r.Name}
	for i := range r.when {
		if t.where(&r.when[i]) == 0 {
			out.Missing = append(out.Missing, r.When[i])
		}
	}
	out.Line = t.first(r.unless)
	out.Fits = len(out.Missing) == 0 && out.Line == 0
	for i := range r.facts {
		r.look(t, &r.facts[i], &out)
	}
	r.contradictions(out.Found)
	for _, name := range r.needs() {
		if good(out.Found, name) == "" && r.Set[name] == "" {
			out.Lacks = append(out.Lacks, name)
		}
	}
	if out.Type, out.Copy = t.choose(r.Types, r.Type), t.choose(r.Copies, string(r.Copy)); out.Type == "" && len(r.Types) > 0 {
		out.Lacks = append(out.Lacks, "type")
	}
	return out
}

// choose gives what the first choice says that stands on the slip.
func (t *text) choose(list []choice, otherwise string) string {
	for i := range list {
		if t.where(&list[i].pattern) > 0 {
			return list[i].Is
		}
	}
	return otherwise
}

// look notes what one pattern finds, where no pattern before it found the same fact.
func (r *rule) look(t *text, p *pattern, out *Tried) {
	before := len(out.Found)
	had := func(fact string) bool {
		return slices.ContainsFunc(out.Found[:before], func(f FoundFact) bool { return f.Fact == fact && f.Problem == "" })
	}
	t.each(p, func(line int, window string, at []int) bool {
		for g, name := range p.SubexpNames() {
			if name == "" || at[2*g] < 0 || had(name) {
				continue
			}
			raw := window[at[2*g]:at[2*g+1]]
			f := FoundFact{Fact: name, Line: line + 1 + strings.Count(window[:at[2*g]], "\n")}
			var ok bool
			if f.Value, ok = r.value(name, raw); !ok {
				f.Value, f.Problem = strings.TrimSpace(raw), BadForm
			}
			if len(out.Found) < 200 && !slices.Contains(out.Found, f) {
				out.Found = append(out.Found, f)
			}
		}
		return true
	})
}

// contradictions marks facts that were found with more than one value. A settlement may have several totals.
func (r *rule) contradictions(list []FoundFact) {
	for i := range list {
		for k := range list {
			if a, b := &list[i], &list[k]; a.Fact == b.Fact && (r.Kind != job.KindSettlement || a.Fact != factTotal) && a.Problem != BadForm && b.Problem != BadForm && a.Value != b.Value {
				a.Problem = Contradicts
			}
		}
	}
}

// good gives the value of a fact, "" when there is none to rely on.
func good(list []FoundFact, name string) string {
	for _, f := range list {
		if f.Fact == name && f.Problem == "" {
			return f.Value
		}
	}
	return ""
}

// needs gives the facts without which a slip is not what the rule says.
func (r *rule) needs() []string {
	switch r.Kind {
	case job.KindTransaction:
		return []string{factTerminal, factBatch, factVoucher, factAmount}
	case job.KindSettlement:
		return []string{factTerminal, factBatch}
	}
	return nil
}

// soon is how far a slip's own time may be from its arrival.
const soon = 36 * time.Hour

// lifted makes a slip's facts of what its rule found.
func (r *rule) lifted(t *text, tried *Tried, at time.Time) *job.Lifted {
	found := tried.Found
	get := func(name string) string {
		if v := good(found, name); v != "" {
			return v
		}
		return r.Set[name]
	}
	l := &job.Lifted{
		Rule: r.Name, Kind: r.Kind, Type: tried.Type, Copy: job.CopyName(tried.Copy), Currency: r.Currency, Terminal: get(factTerminal), Merchant: get(factMerchant),
		Batch: job.NormalVoucher(get(factBatch)), Voucher: get(factVoucher), Original: get(factOriginal), Order: get(factOrder), Operator: get(factOperator), Last4: get(factCard),
		Duplicate: t.first(r.duplicate) > 0,
	}
	if l.Currency == "" {
		l.Currency = "CNY"
	}
	amount := factAmount
	if r.Kind == job.KindSettlement {
		amount = factTotal
		if l.Type == "" {
			l.Type = string(vocabulary.ScopeSettlement)
		}
		for _, f := range found { // one for each sort of cards, say: a person looks
			l.Doubt = l.Doubt || f.Fact == factTotal && f.Problem == "" && f.Value != good(found, factTotal)
		}
	} else if r.Kind == job.KindTransaction && l.Type == "" {
		l.Type = string(vocabulary.TypeSale)
	}
	if n, err := strconv.ParseInt(get(amount), 10, 64); err == nil {
		l.Amount = &n
	}
	if when, ok := clock(get(factTime), at.Location()); ok && when.After(at.Add(-soon)) && when.Before(at.Add(10*time.Minute)) {
		l.At = when
	}
	return l
}
