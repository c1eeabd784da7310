package record

import (
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// IsOpen is the condition of the index copies_open; queries repeat it word by word so that SQLite sees that it may use it.
const IsOpen = "(state = 'queued' OR state = 'held' OR state = 'sending' OR state = 'uncertain')"

// IsRunnable is what a worker may take: nothing of it has left, and no person is asked about it.
const IsRunnable = IsOpen + " AND state IN ('queued', 'held') AND print_no = 0 AND reason <> '" + string(vocabulary.ReasonStale) +
	"' AND reason <> '" + string(vocabulary.ReasonHalf) + "'"

// IsOverdue asks whether it was told of copy c that it was not out in time. The condition is that of the index events_overdue.
const IsOverdue = "EXISTS (SELECT 1 FROM events e WHERE e.copy = c.seq AND (e.type = 'alarm' AND e.reason = 'overdue'))"

// A CopyRow is one row of copies.
type CopyRow struct {
	Seq, Job, Request int64
	Name              job.CopyName
	Printer, Moved    string
	Ord               int64
	PrintNo           int
	State             vocabulary.State
	Reason            vocabulary.Reason
	Proof             vocabulary.Proof
	Mark              job.MarkKind // as printed; before that as expected
	Base              job.MarkKind // why it exists: original, duplicate, recovery
	Operator          string
	Why               vocabulary.Reason // why somebody asked for it
	Archive           string
	Torn, Auto, Fresh bool // fresh: a person said that it is wanted although it is old
	Replaces          int64
	Attempt           int64
	Asked, At         int64
	Rev               int64

	Origin *Origin // when it was read with them
}

// CopyColumns are what CopyRow.Scan reads. Since schema 0014 a copy's usual words are empty in the journal: see Kept.
const CopyColumns = `seq, job, request, name, printer, moved, ord, print_no, state, reason, proof, mark, base, operator, why, archive,
	torn, auto, fresh, coalesce(replaces, 0), coalesce(attempt, 0), asked, at, rev`

// Scan reads a row of CopyColumns.
func (c *CopyRow) Scan(s Scanner) error {
	defer c.Spell()
	return s.Scan(&c.Seq, &c.Job, &c.Request, &c.Name, &c.Printer, &c.Moved, &c.Ord, &c.PrintNo, &c.State, &c.Reason, &c.Proof, &c.Mark,
		&c.Base, &c.Operator, &c.Why, &c.Archive, &c.Torn, &c.Auto, &c.Fresh, &c.Replaces, &c.Attempt, &c.Asked, &c.At, &c.Rev)
}

// Kept gives the words of a copy as the journal holds them: no base is an original's, no mark is that of its base, and no proof is
// what its state says.
func (c *CopyRow) Kept() (proof vocabulary.Proof, mark, base job.MarkKind) {
	proof, mark, base = c.Proof, c.Mark, c.Base
	if proof == proofOf(c.State) {
		proof = ""
	}
	if mark == base {
		mark = ""
	}
	if base == job.MarkOriginal {
		base = ""
	}
	return proof, mark, base
}

// Spell puts the words in that Kept leaves out.
func (c *CopyRow) Spell() {
	if c.Base == "" {
		c.Base = job.MarkOriginal
	}
	if c.Mark == "" {
		c.Mark = c.Base
	}
	if c.Proof == "" {
		c.Proof = proofOf(c.State)
	}
}

// proofOf is the proof that a state has unless a person gave it.
func proofOf(s vocabulary.State) vocabulary.Proof {
	if s == vocabulary.StatePrinted || s == vocabulary.StateProcessed || s == vocabulary.StateSent {
		return vocabulary.Proof(s)
	}
	return vocabulary.ProofNone
}

// Copies gives the copies that a condition selects.
func Copies(s Source, where string, args ...any) ([]CopyRow, error) {
	rows, err := s.Query("SELECT "+CopyColumns+" FROM copies WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []CopyRow
	for rows.Next() {
		var c CopyRow
		if err := c.Scan(rows); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// CopyBySeq gives one copy. Error: ErrNotFound.
func CopyBySeq(s Source, seq int64) (CopyRow, error) {
	var c CopyRow
	err := c.Scan(s.Row("SELECT "+CopyColumns+" FROM copies WHERE seq = ?", seq))
	return c, NoRow(err)
}

// Begun reports whether an attempt to print it is on disk: from then on a byte may have left.
func (c *CopyRow) Begun() bool { return c.PrintNo > 0 }

// Waiting reports whether the copy will still come out by itself or after a question, and nothing of it has left.
func (c *CopyRow) Waiting() bool {
	return !c.Begun() && (c.State == vocabulary.StateQueued || c.State == vocabulary.StateHeld)
}

// AsksFirst reports whether a person is asked before anything of the copy is printed.
func (c *CopyRow) AsksFirst() bool {
	return c.Reason == vocabulary.ReasonStale || c.Reason == vocabulary.ReasonHalf
}

// Pending reports whether the copy is on its way: a reprint now could come out beside it.
func (c *CopyRow) Pending() bool {
	return c.State == vocabulary.StateQueued || c.State == vocabulary.StateHeld || c.State == vocabulary.StateSending
}

// OnPaper reports whether the printer gave some proof of the copy, or a person did.
func (c *CopyRow) OnPaper() bool { return c.State.OnPaper() }

// AsksForWhole reports whether a person is asked about a slip that came out in two pieces.
func (c *CopyRow) AsksForWhole() bool { return c.OnPaper() && c.Reason == vocabulary.ReasonInPieces }

// Pieces is on how many pieces of paper a slip lies; 0 where nothing else than one is known.
func (c *CopyRow) Pieces() int {
	if c.Reason == vocabulary.ReasonInPieces || c.Reason == vocabulary.ReasonPieces {
		return 2
	}
	return 0
}

// Untouched reports whether a copy is as it was made with its job.
func (c *CopyRow) Untouched() bool {
	made := CopyRow{
		Seq: c.Seq, Job: c.Job, Request: c.Job, Name: c.Name, Printer: c.Printer, Ord: c.Seq, State: vocabulary.StateQueued, Proof: vocabulary.ProofNone, Mark: job.MarkOriginal,
		Base: job.MarkOriginal, Asked: c.Asked, At: c.Asked, Rev: c.Rev,
	}
	return *c == made
}

// Sum gives the digest of a copy's row.
func (c *CopyRow) Sum(d *Digest) int64 {
	c.addTo(d)
	return d.Sum()
}

// Is reports whether a copy is what an event has the digest of.
func (c *CopyRow) Is(about int64, d *Digest) bool {
	c.addTo(d)
	return d.Is(about)
}

func (c *CopyRow) addTo(d *Digest) {
	d.numbers(c.Seq, c.Job, c.Request, c.Ord, int64(c.PrintNo), one(c.Torn), one(c.Auto), one(c.Fresh), c.Replaces, c.Attempt, c.Asked, c.At, c.Rev)
	d.Strings(string(c.Name), c.Printer, c.Moved, string(c.State), string(c.Reason), string(c.Proof), string(c.Mark), string(c.Base), c.Operator, string(c.Why), c.Archive)
}

// Origin are what an event needs to know about a copy's job and request.
type Origin struct {
	JobID, Request, File string
	Aliases              int
	Batch                int64
}

// Age gives how long ago a time of the journal was.
func Age(now time.Time, ms int64) time.Duration { return now.Sub(FromMillis(ms)) }
