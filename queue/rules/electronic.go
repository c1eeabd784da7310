package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// electronicCopy takes the wish for a slip as a file. It is free until the slip's batch is settled; from then on it is an
// archive copy, with a permission and a case number. What was voided, reversed or lost a journal since says so, as on paper.
func (t commands) electronicCopy(c *job.Command, permitted bool) (decision, error) {
	row, p, err := t.targetOf(c.TargetJobID)
	if err != nil || p != nil {
		return refusal(p), err
	}
	content, err := t.Job(row.Seq)
	if err != nil {
		return decision{}, err
	}
	name, p := fileOf(content, c)
	if p != nil {
		return refuse(*p), nil
	}
	open, closed, err := t.mayReplace(&row)
	if err != nil {
		return decision{}, err
	}
	archive := ""
	if !open {
		switch archive = c.CaseNo; {
		case archive == "":
			return refuse(problemElectronicSettled(closed)), nil
		case !permitted:
			return refuse(problemNotPermitted(string(c.Name))), nil
		}
	}
	st, err := record.StandingOf(t, &row)
	if err != nil {
		return decision{}, err
	}
	d := decision{target: row.Seq, batch: row.Batch}
	if st.Pending {
		d.warnings = append(d.warnings, problemDoNotCharge(row.Voucher))
	}
	m := job.Mark{
		Kind: job.MarkOriginal, PrintNo: 1, At: t.Now, Operator: c.OperatorNo, Reason: string(c.Reason), Archive: archive,
		Voided: st.Voided, Reversed: st.Reversed, Possible: t.r.mayPrecede(&row),
	}
	d.then = func(seq int64) error { return t.addElectronic(&row, seq, name, m) }
	return d, nil
}

// fileOf picks the copy whose layout the file has: the one that is asked for, else what the customer gets, else what there is.
func fileOf(content *job.Job, c *job.Command) (job.CopyName, *job.Problem) {
	wish := []job.CopyName{job.CopyCardholder, job.CopyCustomer, job.CopyDocument, job.CopyMerchant}
	if c.Copy != "" {
		wish = []job.CopyName{c.Copy.At(c.Station)}
	}
	if i := slices.IndexFunc(wish, content.AllowsCopy); i >= 0 {
		return wish[i], nil
	}
	p := problemNoSuchCopy(wish[0], content.AllowedCopies())
	if len(content.AllowedCopies()) == 0 {
		p = problemNoCopies()
	}
	return "", &p
}

// addElectronic gives the file its number and tells of it. The file itself is made later, from what stands here.
func (t commands) addElectronic(row *record.JobRow, request int64, name job.CopyName, m job.Mark) error {
	if err := t.Row("SELECT coalesce(max(no), 0) + 1 FROM electronic WHERE job = ?", row.Seq).Scan(&m.Electronic); err != nil {
		return err
	}
	mark, err := json.Marshal(m)
	if err != nil {
		return err
	}
	err = t.Exec("INSERT INTO electronic (job, no, request, name, mark, at) VALUES (?, ?, ?, ?, ?, ?)",
		row.Seq, m.Electronic, request, string(name), string(mark), record.Millis(t.Now))
	if err != nil {
		return err
	}
	_, err = t.Emit(record.Event{Type: vocabulary.EventElectronic, JobID: row.JobID, Operator: m.Operator, Batch: row.Batch, JobSeq: row.Seq,
		Detail: fmt.Sprintf("file %d of the %s copy", m.Electronic, name)})
	return err
}

// KeepElectronic stores the file of an electronic copy as it was made, unless there is one: what was given away once is given
// away the same. Error: record.ErrNotFound.
func (q *Requests) KeepElectronic(ctx context.Context, jobID string, no int, file []byte) error {
	return q.r.do(ctx, func(t act) error {
		row, err := record.JobByID(t, jobID)
		if err != nil {
			return err
		}
		return t.Exec("UPDATE electronic SET file = ? WHERE job = ? AND no = ? AND file IS NULL", file, row.Seq, no)
	})
}
