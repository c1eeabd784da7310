package rules

import (
	"errors"
	"slices"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// reprint finds the slip that a reprint command means and queues marked copies of it, or says why not.
func (t reprints) reprint(j *job.Job) (decision, error) {
	var (
		row record.JobRow
		p   *job.Problem
		err error
	)
	c := j.Command
	if c.Name == job.ReprintJob {
		row, p, err = t.reprintable(c.TargetJobID)
		if err != nil || p != nil {
			return refusal(p), err
		}
		return t.queueReprints(j, row, "")
	}
	terminal, p, err := t.terminalMeant(c.TerminalNo)
	if c.Name == job.ReprintLast && err == nil {
		row, p, err = t.last(terminal, c.TerminalNo, p)
	}
	if err != nil || p != nil {
		return refusal(p), err
	}
	switch c.Name {
	case job.ReprintLast:
	case job.ReprintByVoucher:
		row, p, err = t.slipByVoucher(terminal, c.BatchNo, record.VoucherNumber(c.VoucherNo))
	default:
		row, p, err = t.lastSettlement(terminal, c.BatchNo)
	}
	if err != nil || p != nil {
		return refusal(p), err
	}
	if want := record.VoucherNumber(c.ExpectVoucherNo); want != record.NoVoucher && want != row.Voucher {
		return refuse(problemVoucherChanged(want, row.Voucher)), nil
	}
	return t.queueReprints(j, row, "")
}

// reprintable gives a job by its id, when its rules let it be printed again.
func (t reprints) reprintable(id string) (record.JobRow, *job.Problem, error) {
	row, p, err := t.commands().targetOf(id)
	if err != nil || p != nil || !row.OfBatch() {
		return row, p, err
	}
	b, err := record.BatchByID(t, row.Batch)
	if err == nil && b.State == vocabulary.BatchSettled {
		p := problemBatchSettled(b.BatchNo)
		return row, &p, nil
	}
	return row, nil, err
}

// last gives the latest slip of the terminal that is meant, and else what a program printed last. why says why no terminal is.
func (t reprints) last(terminal, named string, why *job.Problem) (record.JobRow, *job.Problem, error) {
	if why == nil {
		row, p, err := t.lastSlip(terminal)
		if p == nil || p.Code != "no_slip" || err != nil {
			return row, p, err
		}
	} else if why.Code != "no_slip" {
		return record.JobRow{}, why, nil
	}
	return t.lifted().noTerminal(named)
}

// lastSlip gives the terminal's latest transaction slip by arrival, if its batch is not settled: an older batch that nobody settled
// does not become the last one by that.
func (t reprints) lastSlip(terminal string) (record.JobRow, *job.Problem, error) {
	b, err := record.LastBatch(t, terminal)
	switch {
	case err != nil:
		return record.JobRow{}, nil, err
	case b.ID == 0:
		p, err := t.nothingOpen(terminal)
		return record.JobRow{}, &p, err
	case b.State == vocabulary.BatchSettled:
		p := problemBatchSettled(b.BatchNo)
		return record.JobRow{}, &p, nil
	}
	row, err := record.JobBySeq(t, b.LastJob)
	return row, nil, err
}

// nothingOpen says why a terminal has no slip that could be reprinted.
func (t reprints) nothingOpen(terminal string) (job.Problem, error) {
	var no string
	err := record.NoRow(t.Row("SELECT batch_no FROM batches WHERE terminal_no = ? AND state = 'settled' ORDER BY closed_at DESC LIMIT 1", terminal).Scan(&no))
	if errors.Is(err, record.ErrNotFound) {
		return problemNoSlip(), nil
	}
	return problemBatchSettled(no), err
}

// slipByVoucher gives the slip of a voucher in the terminal's open batches.
func (t reprints) slipByVoucher(terminal, batchNo string, voucher int64) (record.JobRow, *job.Problem, error) {
	open, err := record.OpenBatches(t, terminal)
	if err != nil {
		return record.JobRow{}, nil, err
	}
	if batchNo != "" && batchNo != "current" {
		open = slices.DeleteFunc(open, func(b record.BatchRow) bool { return record.VoucherNumber(b.BatchNo) != record.VoucherNumber(batchNo) })
	}
	for _, b := range open {
		row, err := slipIn(t, b.ID, voucher)
		if !errors.Is(err, record.ErrNotFound) {
			return row, nil, err
		}
	}
	var no string
	err = record.NoRow(t.Row(`SELECT b.batch_no FROM batches b WHERE b.terminal_no = ? AND b.state = 'settled'
		AND EXISTS (SELECT 1 FROM jobs j WHERE j.batch = b.id AND j.voucher = ? AND j.kind = 'transaction' AND j.outcome = 'accepted')
		ORDER BY b.id DESC LIMIT 1`, terminal, voucher).Scan(&no))
	if err == nil {
		p := problemBatchSettled(no)
		return record.JobRow{}, &p, nil
	} else if !errors.Is(err, record.ErrNotFound) {
		return record.JobRow{}, nil, err
	}
	near, err := t.nearest(open, voucher)
	p := problemVoucherUnknown(voucher, near)
	return record.JobRow{}, &p, err
}

// slipIn gives a batch's slip with a voucher: the latest one that has paper.
func slipIn(s record.Source, batch, voucher int64) (record.JobRow, error) {
	var seq int64 // first, since most of a terminal's open batches have none
	err := s.Row(`SELECT seq FROM jobs WHERE batch = ? AND voucher = ? AND kind = 'transaction' AND outcome = 'accepted' AND copies <> ''
		ORDER BY seq DESC LIMIT 1`, batch, voucher).Scan(&seq)
	if err != nil {
		return record.JobRow{}, record.NoRow(err)
	}
	return record.JobBySeq(s, seq)
}

// nearest gives the vouchers beside one that does not exist. Gaps are normal: the terminal counts more than sales.
func (t reprints) nearest(open []record.BatchRow, voucher int64) ([]string, error) {
	var list []string
	for _, b := range open {
		for _, query := range []string{
			`SELECT max(voucher) FROM jobs WHERE batch = ? AND voucher < ? AND kind = 'transaction' AND outcome = 'accepted'`,
			`SELECT min(voucher) FROM jobs WHERE batch = ? AND voucher > ? AND kind = 'transaction' AND outcome = 'accepted'`,
		} {
			var n *int64
			if err := t.Row(query, b.ID, voucher).Scan(&n); err != nil {
				return nil, err
			}
			if n != nil {
				list = append(list, record.VoucherText(*n))
			}
		}
		if len(list) > 0 {
			break
		}
	}
	return list, nil
}

// lastSettlement gives the terminal's latest settlement slip, or that of one batch number.
func (t reprints) lastSettlement(terminal, batchNo string) (record.JobRow, *job.Problem, error) {
	row, err := record.OneJob(t, `terminal_no = ? AND kind = 'settlement' AND outcome = 'accepted' AND test = 0
		AND (? = '' OR batch_no = ?) AND type = 'settlement' ORDER BY seq DESC LIMIT 1`, terminal, batchNo, job.NormalVoucher(batchNo))
	if errors.Is(err, record.ErrNotFound) {
		p := problemNoSettlement()
		return row, &p, nil
	}
	return row, nil, err
}

// queueReprints queues marked copies of a slip. archive is the case number of a retrieval copy.
func (t reprints) queueReprints(j *job.Job, row record.JobRow, archive string) (decision, error) {
	c := j.Command
	list, err := record.Copies(t, "job = ? ORDER BY seq", row.Seq)
	if err != nil {
		return decision{}, err
	}
	content, err := t.Job(row.Seq)
	if err != nil {
		return decision{}, err
	}
	if content.Lifted() != nil {
		return t.lifted().reprints(j, row, archive)
	}
	want, firsts, p := copiesWanted(list, asked(content, list, c), t.r.o.Label)
	if p == nil && len(firsts) > 0 {
		if archive != "" {
			refused := problemNoSuchCopy(firsts[0], copyNamesOf(list))
			p = &refused
		} else if p, err = t.firsts().whyNotFirst(&row, content, firsts, copyNamesOf(list)); err != nil {
			return decision{}, err
		}
	}
	if p != nil {
		return refuse(*p), nil
	}
	d := decision{target: row.Seq, batch: row.Batch}
	st, err := record.StandingOf(t, &row)
	if err != nil {
		return d, err
	}
	if st.Pending {
		d.warnings = append(d.warnings, problemDoNotCharge(row.Voucher))
	}
	at := *content
	if j.Counter != "" {
		at.Counter = j.Counter // it comes out where it was asked for
	}
	d.then = func(seq int64) error {
		for _, n := range want {
			printer := j.Printer
			if printer == "" {
				printer = t.r.route(&at, n)
			}
			base := job.MarkDuplicate
			if slices.Contains(firsts, n) {
				base = job.MarkOriginal
			}
			_, err := t.copies().add(record.CopyRow{
				Job: row.Seq, Request: seq, Name: n, Printer: printer, Base: base, Operator: c.OperatorNo, Why: c.Reason, Archive: archive,
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	return d, nil
}

// asked gives the copies that a command names: a kitchen copy is its tickets, or that of the station that is named.
func asked(content *job.Job, list []record.CopyRow, c *job.Command) []job.CopyName {
	names := content.Tickets(c.Copies)
	if c.Station == "" {
		return names
	}
	if len(names) == 0 {
		names = copyNamesOf(list)
	}
	one := job.CopyKitchen.At(c.Station)
	names = slices.DeleteFunc(slices.Clone(names), func(n job.CopyName) bool {
		return n.Base() == job.CopyKitchen && n != one || len(c.Copies) == 0 && n != one
	})
	if !slices.Contains(names, one) {
		names = append(names, one) // there is none: the answer says which there are
	}
	return names
}

// archiveCopies queues retrieval copies of a slip in a settled batch.
func (t reprints) archiveCopies(j *job.Job) (decision, error) {
	c := j.Command
	terminal, p, err := t.terminalMeant(c.TerminalNo)
	if err != nil || p != nil {
		return refusal(p), err
	}
	list, err := record.BatchRows(t, "terminal_no = ? AND batch_no = ? ORDER BY id DESC", terminal, job.NormalVoucher(c.BatchNo))
	if err != nil {
		return decision{}, err
	}
	if len(list) == 0 {
		return refuse(problemArchiveUnknown(c.BatchNo)), nil
	}
	for _, b := range list {
		row, err := slipIn(t, b.ID, record.VoucherNumber(c.VoucherNo))
		switch {
		case errors.Is(err, record.ErrNotFound):
			continue
		case err != nil:
			return decision{}, err
		case b.State != vocabulary.BatchSettled:
			return refuse(problemBatchOpen(b.BatchNo)), nil
		}
		return t.queueReprints(j, row, c.CaseNo)
	}
	near, err := t.nearest(list, record.VoucherNumber(c.VoucherNo))
	return refuse(problemVoucherUnknown(record.VoucherNumber(c.VoucherNo), near)), err
}
