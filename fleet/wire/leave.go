package wire

import (
	"regexp"
	"slices"
	"strings"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

var (
	code       = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	identifier = regexp.MustCompile(`^[A-Za-z0-9._:#@~-]{1,80}$`)
	masked     = regexp.MustCompile(`(?:[xX]{4,}|[.#]{4,})[._-]?[0-9]{4}`) // a card number as slips show it, with its last four
)

// Code lets a code through, and nothing else: what people write themselves becomes "other".
func Code(s string) string {
	if s == "" || code.MatchString(s) {
		return s
	}
	return "other"
}

// Reason lets a reason through that this program knows; any other is told as "other": people may write what they like there.
func Reason(r vocabulary.Reason) vocabulary.Reason {
	if r == "" || vocabulary.Word(vocabulary.KindReason, string(r)) != (vocabulary.Text{}) {
		return r
	}
	return "other"
}

// Identifier lets an id or number through that software gave a job. What holds a card number is withheld: the guard refused it at the
// door, and this is a second wall.
func Identifier(s string) string {
	if !identifier.MatchString(s) {
		return ""
	}
	if _, hit := job.MaskCardNumbers(s); hit || masked.MatchString(s) {
		return ""
	}
	return s
}

// Stations tells which stations the configuration names. Any other came with a job, where a person may have written what they like.
type Stations func(name string) bool

// Tell lets a station through that the configuration names.
func (known Stations) Tell(name string) string {
	if name == "" || known == nil || !known(name) {
		return ""
	}
	return name
}

// AnswerOf tells what may be told of an answer.
func AnswerOf(a *api.Answer, known Stations) Answer {
	out := Answer{JobID: Identifier(a.JobID), Outcome: a.Outcome, Target: Identifier(a.TargetJobID), Copies: CopiesOf(a.Copies, known)}
	for i := range a.Errors {
		out.Errors = append(out.Errors, Error{Code: Code(a.Errors[i].Code), Pointer: pointer(a.Errors[i].Pointer)})
	}
	return out
}

// CopiesOf tells what may be told of copies.
func CopiesOf(list []api.CopyStatus, known Stations) []Copy {
	out := make([]Copy, len(list))
	for i := range list {
		c := &list[i]
		out[i] = Copy{CopyID: c.CopyID, Copy: string(c.Copy.Base()), Station: known.Tell(c.Station), PrintNo: c.PrintNo, State: c.State, Reason: Reason(c.Reason), Proof: c.Proof,
			Mark: c.Mark, Printer: c.Printer}
	}
	return out
}

var step = regexp.MustCompile(`^([a-z][a-z0-9_]{0,39}|[0-9]{1,4})$`)

// pointer tells where something is. The name of a member that no schema knows may be anything, so only what can be a member's name or a
// place in a list is told.
func pointer(p string) string {
	if p == "" {
		return ""
	}
	parts := strings.Split(strings.TrimPrefix(p, "/"), "/")
	for i, s := range parts {
		if !step.MatchString(s) {
			parts[i] = "-"
		}
	}
	return "/" + strings.Join(parts, "/")
}

// PrintersOf tells what may be told of printers: no device, no address, no text.
func PrintersOf(list []api.Printer) []Printer {
	out := make([]Printer, len(list))
	for i := range list {
		p := &list[i]
		out[i] = Printer{Name: p.Name, State: p.State, Reason: Reason(p.Reason), Tier: p.Tier, NearEnd: p.NearEnd, Waiting: p.Waiting, LastProof: p.LastProof}
	}
	return out
}

// Shares says what a shop shares beside what it always tells.
type Shares struct{ Amount bool }

// SharesOf reads [fleet] share.
func SharesOf(share []string) Shares {
	return Shares{Amount: slices.Contains(share, "amount")}
}
