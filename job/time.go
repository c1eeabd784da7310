package job

import "time"

// At gives the time that a job is about: when its transaction was made, its notice written, its batch settled, its order placed;
// when a document was made. It is zero where the job does not say.
func (j *Job) At() time.Time {
	switch {
	case j.Transaction != nil:
		return j.Transaction.TransactedAt
	case j.Reversal != nil:
		return j.Reversal.UpdatedAt
	case j.Settlement != nil:
		return j.Settlement.SettledAt
	case j.Order != nil:
		return j.Order.PlacedAt
	}
	return j.CreatedAt
}

// Clockless gives the warning that a job's time ends in Z, when nobody knows the shop's clock; nil for others.
func (j *Job) Clockless() []Problem {
	if j.At().IsZero() || j.TellsOffset() {
		return nil
	}
	pointer := "/created_at"
	switch {
	case j.Transaction != nil:
		pointer = "/payload/transacted_at"
	case j.Reversal != nil:
		pointer = "/payload/updated_at"
	case j.Settlement != nil:
		pointer = "/payload/settled_at"
	case j.Order != nil:
		pointer = "/payload/placed_at"
	case j.Command != nil, j.Document != nil:
		return nil // no slip shows it
	}
	return []Problem{problem("time_utc", pointer, "", "")}
}

// TellsOffset reports whether the job's time tells the clock of the place: one that ends in Z is a time of nowhere. +00:00 is London's.
func (j *Job) TellsOffset() bool {
	at := j.At()
	return !at.IsZero() && at.Location() != time.UTC
}
