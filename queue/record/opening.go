package record

import (
	"github.com/receiptd/receiptd/vocabulary"
)

// An OpeningRow is a wish to open a cash drawer, and what became of it.
type OpeningRow struct {
	Job      int64 // the command, or the captured slip that held the pulse
	JobID    string
	File     string
	At       int64
	Printer  string
	Source   vocabulary.Source
	Operator string            // who wanted it, or answered for it
	Wanted   vocabulary.Reason // why it was wanted
	State    vocabulary.Opening
	Reason   vocabulary.Reason // why it is in its state
	Changed  int64
	Until    int64 // when it must have begun, or the question been answered; 0: nothing more becomes of it
	Seen     vocabulary.DrawerState
	Rev      int64
}

// IsStanding is the condition for openings of which something may become.
const IsStanding = "o.until > 0"

// Openings reads the openings that a condition on openings o and jobs j finds.
func Openings(s Source, where string, args ...any) ([]OpeningRow, error) {
	rows, err := s.Query(`SELECT o.job, j.job_id, j.file, o.at, o.printer, o.source, o.operator, o.wanted, o.state, o.reason, o.changed, o.until, o.seen, o.rev
		FROM openings o JOIN jobs j ON j.seq = o.job WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []OpeningRow
	for rows.Next() {
		var r OpeningRow
		err := rows.Scan(&r.Job, &r.JobID, &r.File, &r.At, &r.Printer, &r.Source, &r.Operator, &r.Wanted, &r.State, &r.Reason, &r.Changed, &r.Until, &r.Seen, &r.Rev)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// OpeningOf gives the opening of a job. Error: ErrNotFound.
func OpeningOf(s Source, job int64) (OpeningRow, error) {
	list, err := Openings(s, "o.job = ?", job)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return OpeningRow{}, err
	}
	return list[0], nil
}
