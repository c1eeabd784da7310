package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// Kind words what a slip is.
func (v *view) Kind(s queue.Summary) string {
	if text := v.Text(value(vocabulary.KindType, s.Type)); text != "" {
		return text
	}
	return v.V("kind", s.Kind)
}

// Key names a request for one more print of a slip as this page shows it. Whoever asks for the same from the same view -
// the second click, another browser - has the same key, so only one print comes of it; once something has changed the key
// is another.
func (v *view) Key(s queue.Summary, what any) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s|%s|%v|", s.JobID, s.BatchState, what)
	for _, c := range s.Copies {
		fmt.Fprintf(h, "%s %s %d|", c.CopyID, c.State, c.PrintNo)
	}
	return "page-" + hex.EncodeToString(h.Sum(nil))[:20]
}

// State words a copy's state with its proof and reason.
func (v *view) State(c queue.CopyStatus) string {
	text := v.V("state", c.State)
	if c.State == queue.Printed && c.Proof == queue.ProofPerson {
		text = v.Text(vocabulary.Form(vocabulary.KindState, c.State, "person"))
	}
	if c.Reason != "" && (c.State != queue.Printed || c.Pieces > 0) {
		text += v.join(v.Why(c.Reason))
	}
	return text
}

// copyNames lists the copies of a slip, each once.
func copyNames(slip queue.Summary) []job.CopyName {
	var list []job.CopyName
	for _, c := range slip.Copies {
		if !slices.Contains(list, c.Name()) {
			list = append(list, c.Name())
		}
	}
	return list
}

// latest gives the newest copy of each name: the state that counts in a list.
func latest(slip queue.Summary) []queue.CopyStatus {
	var list []queue.CopyStatus
	for _, name := range copyNames(slip) {
		for _, c := range slices.Backward(slip.Copies) {
			if c.Name() == name {
				list = append(list, c)
				break
			}
		}
	}
	return list
}

// When is the time that people know a slip by: the terminal's, as its paper says it, else ours. A terminal's time that ends in Z (the
// journal keeps it as an offset of nought) tells no clock: its paper has the shop's, and so has the page.
func (v *view) When(slip queue.Summary) string {
	at := slip.TransactedAt
	if at.IsZero() {
		return v.Clock(slip.AcceptedAt)
	}
	if _, offset := at.Zone(); offset == 0 {
		return v.Clock(at)
	}
	return v.clock(at)
}

// waits tells whether something of a slip can still be cancelled.
func waits(slip queue.Summary) bool {
	return slices.ContainsFunc(slip.Copies, func(c queue.CopyStatus) bool { return c.State == queue.Queued || c.State == queue.Held })
}

// onPaper gives the copies that may be reported as blank.
func onPaper(slip queue.Summary) []queue.CopyStatus {
	return slices.DeleteFunc(latest(slip), func(c queue.CopyStatus) bool {
		return c.State != queue.Printed && c.State != queue.Processed && c.State != queue.Sent
	})
}

// Tier words a tier of proof.
func (v *view) Tier(p api.Printer) job.Text {
	if p.Early && p.Tier == vocabulary.TierA {
		return value(vocabulary.KindTier, "early")
	}
	if p.LastProof.IsZero() && (p.Tier == vocabulary.TierA || p.Tier == vocabulary.TierB) {
		return value(vocabulary.KindTier, "unmeasured")
	}
	return value(vocabulary.KindTier, p.Tier)
}

// Line words one event of a slip's story from its codes, so that no language mixes into the other; names are those of the copies, by
// their ids.
func (v *view) Line(e queue.Event, names map[string]job.CopyName) string {
	text := v.V("event", e.Type)
	switch e.Type {
	case queue.EventCopy:
		text = v.V("state", e.State)
	case queue.EventConflict:
		code, _, _ := strings.Cut(e.Detail, " ")
		text = cmp.Or(v.Text(value(vocabulary.KindConflict, code)), text)
	case queue.EventReversal:
		text = v.V("reversal", e.State)
	case queue.EventBatch:
		text = v.V("event", e.Type) + " " + v.V("batch", e.State)
	case queue.EventPersonSaid:
		text = v.T("doubt.yes")
		switch e.Detail {
		case "did not come out":
			text = v.V("reason", "not_out")
		case "keeps the two pieces":
			text = v.T("pieces.yes")
		case "wants a whole one":
			text = v.T("pieces.no")
		}
	}
	if name := names[e.CopyID]; name != "" {
		text = v.V("copy", name) + " · " + text
	}
	why := v.Why(e.Reason)
	if e.Type == queue.EventReversal && e.Reason != "" { // how a person ended it
		why = v.V("reversal", e.Reason)
	}
	for _, part := range []string{why, v.Printer(e.Printer)} {
		if part != "" {
			text += " · " + part
		}
	}
	if e.Operator != "" {
		text += " · " + v.T("operator") + " " + e.Operator
	}
	return text
}
