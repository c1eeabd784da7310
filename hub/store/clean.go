package store

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// Bounds of what one message may hold: a shop is not trusted to keep to what it should tell.
const (
	mostPrinters = 64
	mostCopies   = 64
	mostName     = 64
	mostText     = 400
	mostFound    = 100
)

// name lets a name out of a configuration through: one line, short, no card number.
func name(s string) string { return line(s, mostName) }

func line(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || !unicode.IsPrint(r) && r != ' ' {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	if _, hit := job.MaskCardNumbers(s); hit {
		return ""
	}
	return s
}

// cleanEvent keeps of an event what a shop may tell.
func cleanEvent(e wire.Event) wire.Event {
	e.Birth, e.JobID, e.Request, e.CopyID = wire.Identifier(e.Birth), wire.Identifier(e.JobID), wire.Identifier(e.Request), wire.Identifier(e.CopyID)
	e.Type, e.Outcome = vocabulary.EventType(wire.Code(string(e.Type))), vocabulary.Outcome(wire.Code(string(e.Outcome)))
	e.Copy, e.Station, e.Printer, e.State = name(e.Copy), name(e.Station), name(e.Printer), wire.Code(e.State)
	e.Proof, e.Mark, e.Reason = vocabulary.Proof(wire.Code(string(e.Proof))), vocabulary.MarkKind(wire.Code(string(e.Mark))), wire.Reason(e.Reason)
	return e
}

func cleanState(s wire.State) wire.State {
	s.Birth, s.Why, s.Version = wire.Identifier(s.Birth), wire.Code(s.Why), name(s.Version)
	s.Printers = s.Printers[:min(len(s.Printers), mostPrinters)]
	for i := range s.Printers {
		p := &s.Printers[i]
		p.Name, p.State, p.Reason, p.Tier = name(p.Name), vocabulary.Readiness(wire.Code(string(p.State))), wire.Reason(p.Reason), vocabulary.Tier(name(string(p.Tier)))
		p.Waiting = max(p.Waiting, 0)
	}
	s.Uncertain, s.Reversals = max(s.Uncertain, 0), max(s.Reversals, 0)
	return s
}

func cleanCopies(list []wire.Copy) []wire.Copy {
	list = list[:min(len(list), mostCopies)]
	for i := range list {
		c := &list[i]
		c.CopyID, c.Copy, c.Station, c.Printer = wire.Identifier(c.CopyID), name(c.Copy), name(c.Station), name(c.Printer)
		c.State, c.Proof, c.Mark, c.Reason = vocabulary.State(wire.Code(string(c.State))), vocabulary.Proof(wire.Code(string(c.Proof))), vocabulary.MarkKind(wire.Code(string(c.Mark))), wire.Reason(c.Reason)
	}
	return list
}

func cleanErrors(list []wire.Error) []wire.Error {
	list = list[:min(len(list), mostCopies)]
	for i := range list {
		list[i].Code, list[i].Pointer = wire.Code(list[i].Code), line(list[i].Pointer, mostText)
	}
	return list
}

func cleanAnswer(a *wire.Answer) *wire.Answer {
	if a == nil {
		return nil
	}
	return &wire.Answer{JobID: wire.Identifier(a.JobID), Outcome: vocabulary.Outcome(wire.Code(string(a.Outcome))), Target: wire.Identifier(a.Target), Copies: cleanCopies(a.Copies), Errors: cleanErrors(a.Errors)}
}

func cleanReply(r wire.Reply) wire.Reply {
	r.Answer = cleanAnswer(r.Answer)
	if p := r.Problem; p != nil {
		r.Problem = &wire.Problem{Code: wire.Code(p.Code), Message: vocabulary.Text{Zh: line(p.Message.Zh, mostText), En: line(p.Message.En, mostText)},
			Fix: vocabulary.Text{Zh: line(p.Fix.Zh, mostText), En: line(p.Fix.En, mostText)}}
	}
	if r.State != nil {
		s := cleanState(*r.State)
		r.State = &s
	}
	r.Found = r.Found[:min(len(r.Found), mostFound)]
	for i := range r.Found {
		f := &r.Found[i]
		f.JobID, f.VoucherNo, f.Terminal, f.BatchNo = wire.Identifier(f.JobID), wire.Identifier(f.VoucherNo), wire.Identifier(f.Terminal), wire.Identifier(f.BatchNo)
		f.Kind, f.Money, f.Currency, f.Copies = vocabulary.JobKind(wire.Code(string(f.Kind))), vocabulary.Money(wire.Code(string(f.Money))), name(f.Currency), cleanCopies(f.Copies)
	}
	r.Batches = r.Batches[:min(len(r.Batches), mostFound)]
	for i := range r.Batches {
		b := &r.Batches[i]
		b.BatchNo, b.Terminal, b.State = wire.Identifier(b.BatchNo), wire.Identifier(b.Terminal), vocabulary.BatchState(wire.Code(string(b.State)))
		b.Sums = b.Sums[:min(len(b.Sums), mostFound)]
		for k := range b.Sums {
			b.Sums[k].Currency = name(b.Sums[k].Currency)
		}
	}
	if r.Probe != nil {
		r.Probe = &wire.Probe{Printer: name(r.Probe.Printer), Tier: vocabulary.Tier(name(string(r.Probe.Tier))), Early: r.Probe.Early}
	}
	return r
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // no type here can fail
		panic(err)
	}
	return b
}
