package history

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Story is everything the journal knows about one job.
type Story struct {
	Summary Summary         `json:"summary"`
	Answer  answer.Answer   `json:"answer"`
	Lines   []Line          `json:"lines"`
	Job     json.RawMessage `json:"job,omitempty"` // sanitised; empty when retention took it

	Firsts []job.CopyName `json:"-"` // copies that were never printed and may be, as the first of their name
}

// A Line is one thing that happened, in words.
type Line struct {
	At    time.Time    `json:"at"`
	Text  job.Text     `json:"text"`
	Event record.Event `json:"event"`
}

// Show tells a job's whole story, other contents that came under its id included. Error: ErrNotFound.
func (h *Jobs) Show(ctx context.Context, jobID string) (Story, error) {
	s := h.db.Read(ctx)
	row, err := record.JobByID(s, jobID)
	if err != nil {
		return Story{}, err
	}
	var st Story
	if st.Summary, err = summary(s, &row); err != nil {
		return st, err
	}
	if st.Answer, err = answer.For(s, row); err != nil {
		return st, err
	}
	if st.Job, err = record.Content(s, row.Seq); err != nil {
		return st, err
	}
	if st.Firsts, err = h.firsts(s, &row, &st); err != nil {
		return st, err
	}
	st.Lines, err = h.tell.lines(s, "job = ? OR job IN (SELECT seq FROM jobs WHERE "+record.HeldUnder+") ORDER BY seq LIMIT 1000",
		row.Seq, row.JobID+record.HeldMark, row.JobID+record.HeldMark+":")
	return st, err
}

// firsts gives the copies of which there never was one and that may be asked for. The rules decide by the same when they are.
func (h *Jobs) firsts(s record.View, row *record.JobRow, st *Story) ([]job.CopyName, error) {
	content, err := job.FromJSON(st.Job)
	if err != nil || row.Outcome != vocabulary.OutcomeAccepted || row.Kind == job.KindCommand {
		return nil, nil // it cannot be printed at all
	}
	var born time.Time
	if at, replaced := h.db.Born(); replaced {
		born = at
	}
	if no, err := record.WhyNoFirst(s, row, born); err != nil || no.Refused() {
		return nil, err
	}
	return slices.DeleteFunc(content.Tickets(content.AllowedCopies()), func(n job.CopyName) bool {
		return slices.ContainsFunc(st.Summary.Copies, func(c answer.CopyStatus) bool { return c.Name() == n })
	}), nil
}

// Lines tells what happened to a batch instance itself.
func (h *Batches) Lines(ctx context.Context, id int64) ([]Line, error) {
	return h.tell.lines(h.db.Read(ctx), "batch = ? AND (type = 'batch' OR type = 'reversal' OR type = 'conflict') ORDER BY seq LIMIT 1000", id)
}

func (t teller) lines(s record.View, where string, args ...any) ([]Line, error) {
	events, err := record.Events(s, "SELECT "+record.EventColumns+" FROM events WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	lines := []Line{}
	for i, e := range events {
		if i > 0 && e.CopyID != "" && e.CopyID == events[i-1].CopyID && e.State == events[i-1].State && e.At.Equal(events[i-1].At) && (e.File != events[i-1].File || e.Request != events[i-1].Request) {
			continue // the same, for another file or request
		}
		lines = append(lines, Line{At: e.At, Text: t.words(&e), Event: e})
	}
	return lines, nil
}
