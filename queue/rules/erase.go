package rules

import (
	"context"
	"errors"
	"slices"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// ErrNotOut says that a slip of an order is not out yet, or that nobody knows whether it is: its content is still needed.
var ErrNotOut = errors.New("a slip of it is not out yet")

// Erase removes what the journal holds of a person by the number of an order: from the contents of its jobs, their notes and electronic
// copies. Documents and captured slips whose text shows the number lose all they printed, where it is long enough to be nobody else's. The
// rows, their amounts and their stories stay: that there was such an order is a fact, and each job's change has an event with
// the digest of what is left, so the journal can be verified as before. Nothing of what was removed is left in the journal's files
// when it returns. It gives the ids of all of them. Errors: record.ErrNotFound, ErrNotOut.
func (x *Retention) Erase(ctx context.Context, orderNo, operator string) ([]string, error) {
	rows, err := x.ofOrder(ctx, orderNo)
	if err != nil {
		return nil, err
	}
	if len(orderNo) >= certain {
		shown, err := x.showing(ctx, orderNo)
		if err != nil {
			return nil, err
		}
		for i := range shown { // of a captured slip the order's number may be known, too
			if !slices.ContainsFunc(rows, func(r record.JobRow) bool { return r.Seq == shown[i].Seq }) {
				rows = append(rows, shown[i])
			}
		}
	}
	return x.eraseAll(ctx, rows, operator)
}

// certain is how long a number is that stands on no slip by chance.
const certain = 6

// EraseJob is Erase for one job, by its id. Errors: record.ErrNotFound, ErrNotOut.
func (x *Retention) EraseJob(ctx context.Context, id, operator string) ([]string, error) {
	row, err := record.JobByID(x.r.db.Read(ctx), id)
	if err != nil {
		return nil, err
	}
	return x.eraseAll(ctx, []record.JobRow{row}, operator)
}

// Showing gives the ids of documents and captured slips whose text shows a number that is too short for Erase to take it for an order's.
func (x *Retention) Showing(ctx context.Context, orderNo string) ([]string, error) {
	ids := []string{}
	if len(orderNo) >= certain {
		return ids, nil
	}
	rows, err := x.showing(ctx, orderNo)
	for i := range rows {
		ids = append(ids, rows[i].JobID)
	}
	return ids, err
}

// showing finds documents by what they print.
func (x *Retention) showing(ctx context.Context, number string) (rows []record.JobRow, err error) {
	s := x.r.db.Read(ctx)
	list, err := record.Column[int64](s, "SELECT seq FROM jobs WHERE kind <> ? OR terminal_no <> '' ORDER BY seq", job.KindOrder) // what programs printed is of any kind, and has no number
	if err != nil {
		return nil, err
	}
	for _, seq := range list {
		content, err := record.Content(s, seq)
		if errors.Is(err, record.ErrNotFound) {
			continue // retention was faster
		}
		if err != nil {
			return nil, err
		}
		if !job.Shows(content, number) {
			continue
		}
		row, err := record.OneJob(s, "seq = ?", seq)
		if err != nil && !errors.Is(err, record.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func (x *Retention) eraseAll(ctx context.Context, rows []record.JobRow, operator string) (ids []string, err error) {
	if len(rows) == 0 {
		return nil, record.ErrNotFound
	}
	err = x.r.do(ctx, func(t act) error {
		ids = nil
		for i := range rows {
			if err := t.erase(&rows[i], operator); err != nil {
				return err
			}
			ids = append(ids, rows[i].JobID)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ids, x.r.db.RenewLog(ctx)
}

// ofOrder finds the jobs of an order's number, and other contents that came under their ids.
func (x *Retention) ofOrder(ctx context.Context, orderNo string) ([]record.JobRow, error) {
	s := x.r.db.Read(ctx)
	rows, err := record.Jobs(s, "order_no = ? AND order_no <> '' ORDER BY seq", orderNo) // by readers: it looks at every job, and nobody shall wait
	if err != nil {
		return nil, err
	}
	seen := map[int64]bool{}
	for i := range rows {
		seen[rows[i].Seq] = true
	}
	for _, row := range rows[:len(rows):len(rows)] {
		held, err := record.Jobs(s, record.HeldUnder, row.JobID+record.HeldMark, row.JobID+record.HeldMark+":")
		if err != nil {
			return nil, err
		}
		for _, h := range held {
			if !seen[h.Seq] {
				seen[h.Seq] = true
				rows = append(rows, h)
			}
		}
	}
	return rows, nil
}

// erase takes a person out of one job.
func (t act) erase(row *record.JobRow, operator string) error {
	open, err := record.Copies(t, "job = ? AND "+record.IsOpen+" LIMIT 1", row.Seq)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		return ErrNotOut
	}
	content, err := record.Content(t, row.Seq)
	if errors.Is(err, record.ErrNotFound) {
		return nil // retention was faster
	}
	if err != nil {
		return err
	}
	left := content
	if len(content) > 0 {
		if left, _, err = job.WithoutPerson(content); err != nil {
			return err
		}
	}
	for _, q := range []struct {
		text string
		args []any
	}{
		{"UPDATE jobs SET json = ?, notes = NULL WHERE seq = ?", []any{record.Pack(left), row.Seq}},
		{"UPDATE files SET notes = NULL WHERE " + record.OwnFile, []any{row.Seq}},
		{"UPDATE files SET notes = NULL WHERE " + record.OtherFiles, []any{row.Seq}},
		{"UPDATE electronic SET file = NULL WHERE job = ?", []any{row.Seq}},
	} {
		if err := t.Exec(q.text, q.args...); err != nil {
			return err
		}
	}
	t.ForgetJobs([]int64{row.Seq})
	sum, err := t.JobSum(row.Seq)
	if err != nil {
		return err
	}
	_, err = t.Emit(record.Event{Type: vocabulary.EventErased, JobID: row.JobID, Request: row.JobID, Operator: operator, Batch: row.Batch, Detail: "on request", JobSeq: row.Seq, About: sum})
	return err
}
