package history

import (
	"context"
	"encoding/json"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
)

// A Story is everything the journal knows about one job.
type Story struct {
	Summary Summary         `json:"summary"`
	Answer  answer.Answer   `json:"answer"`
	Lines   []Line          `json:"lines"`
	Job     json.RawMessage `json:"job,omitempty"` // sanitised; empty when retention took it
}

// A Line is one thing that happened, in words.
type Line struct {
	At    time.Time    `json:"at"`
	Text  job.Text     `json:"text"`
	Event record.Event `json:"event"`
}

// Show tells a job's whole story, other contents that came under its id included. Error: ErrNotFound.
func (h *History) Show(ctx context.Context, jobID string) (Story, error) {
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
	st.Lines, err = lines(s, "job = ? OR job IN (SELECT seq FROM jobs WHERE "+record.HeldUnder+") ORDER BY seq LIMIT 1000",
		row.Seq, row.JobID+record.HeldMark, row.JobID+record.HeldMark+":")
	return st, err
}

// BatchLines tells what happened to a batch instance itself.
func (h *History) BatchLines(ctx context.Context, id int64) ([]Line, error) {
	return lines(h.db.Read(ctx), "batch = ? AND (type = 'batch' OR type = 'reversal' OR type = 'conflict') ORDER BY seq LIMIT 1000", id)
}

func lines(s record.View, where string, args ...any) ([]Line, error) {
	events, err := record.Events(s, "SELECT "+record.EventColumns+" FROM events WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	lines := []Line{}
	for i, e := range events {
		if i > 0 && e.CopyID != "" && e.CopyID == events[i-1].CopyID && e.State == events[i-1].State && e.At.Equal(events[i-1].At) && e.File != events[i-1].File {
			continue // the same, for another file
		}
		lines = append(lines, Line{At: e.At, Text: words(&e), Event: e})
	}
	return lines, nil
}
