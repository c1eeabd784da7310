package journal

import (
	"fmt"
	"slices"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// maxFound is how many contradictions of one kind are told.
const maxFound = 5

// checks are queries that give 0 in a sound journal.
var checks = []struct {
	what  job.Text
	query string
}{
	{job.Text{Zh: "缺最初的记录", En: "first records missing"}, "SELECT count(*) < 3 FROM meta WHERE key IN ('born', 'proof', 'nonce')"},
	{job.Text{Zh: "有联没有任务", En: "copies without their job"}, "SELECT count(*) FROM copies c WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.seq = c.job)"},
	{job.Text{Zh: "有联没有请求", En: "copies without their request"}, "SELECT count(*) FROM copies c WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.seq = c.request)"},
	{job.Text{Zh: "有打印记录没有联", En: "attempts without their copy"}, "SELECT count(*) FROM attempts a WHERE NOT EXISTS (SELECT 1 FROM copies c WHERE c.seq = a.copy)"},
	{job.Text{Zh: "有小票没有批次", En: "slips without their batch"}, "SELECT count(*) FROM jobs j WHERE j.batch IS NOT NULL AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.id = j.batch)"},
	{job.Text{Zh: "有冲正没有通知单", En: "reversals without their notice"}, "SELECT count(*) FROM reversals r WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.seq = r.job)"},
	{job.Text{Zh: "打印号给了两次", En: "print numbers given twice"}, "SELECT count(*) FROM (SELECT 1 FROM copies WHERE print_no > 0 GROUP BY job, name, print_no HAVING count(*) > 1)"},
	{job.Text{Zh: "第二张没有标记", En: "unmarked second copies"}, "SELECT count(*) FROM copies WHERE print_no > 1 AND (mark IN ('original', 'late') OR mark = '' AND base IN ('', 'original'))"},
	{job.Text{Zh: "打出的联没有打印记录", En: "printed copies without an attempt"}, "SELECT count(*) FROM copies c WHERE c.state IN ('printed', 'processed', 'sent') AND c.proof <> 'person' AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.proof = c.attempt AND a.copy = c.seq)"},
	{job.Text{Zh: "收下的任务不见了", En: "jobs that were taken and are gone"}, "SELECT count(*) FROM events e WHERE e.type = 'accepted' AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.seq = e.job)"},
	{job.Text{Zh: "批次和它最后的记录不一致", En: "batches that stand otherwise than their last event"}, "SELECT count(*) FROM batches b WHERE b.state <> coalesce((SELECT e.state FROM events e WHERE e.batch = b.id AND e.type = 'batch' ORDER BY e.seq DESC LIMIT 1), b.state)"},
}

var firstMissing = job.Text{Zh: "缺最初的记录", En: "its first records are missing"}

// contradictions reads the journal's content and gives what cannot be in a sound one: references that lead nowhere, what may
// never be, a chain of events that is broken, jobs and copies that are not what their events say. It looks at the newest last
// events and what goes with them, at everything when last is 0.
func contradictions(s record.Source, last int64) ([]job.Text, error) {
	var found []job.Text
	if last == 0 {
		for _, c := range checks {
			var n int
			if err := s.Row(c.query).Scan(&n); err != nil {
				return nil, fmt.Errorf("%s: %w", c.what.En, err)
			}
			if n > 0 {
				found = append(found, job.Text{Zh: fmt.Sprintf("%s：%d", c.what.Zh, n), En: fmt.Sprintf("%s: %d", c.what.En, n)})
			}
		}
	}
	var chained bool // not in a backup of an older version
	if err := s.Row("SELECT EXISTS (SELECT 1 FROM pragma_table_info('events') WHERE name = 'chain')").Scan(&chained); err != nil || !chained {
		return found, err
	}
	for _, look := range []func(s record.Source, last int64) ([]job.Text, error){brokenLinks, changedJobs, changedCopies} {
		list, err := look(s, last)
		if err != nil {
			return nil, err
		}
		if n := len(list); n > maxFound {
			list = append(list[:maxFound], wrong("还有 %d 处", "and %d more", n-maxFound))
		}
		found = append(found, list...)
	}
	return found, nil
}

// wrong words what is wrong with the record that has a number.
func wrong(zh, en string, n any) job.Text {
	return job.Text{Zh: fmt.Sprintf(zh, n), En: fmt.Sprintf(en, n)}
}

// newestRows gives the condition for the newest rows of a table, or for all.
func newestRows(table string, last int64) string {
	if last == 0 {
		return ""
	}
	return fmt.Sprintf(" WHERE seq > (SELECT max(seq) FROM %s) - %d", table, last)
}

// brokenLinks follows the chain of events.
func brokenLinks(s record.Source, last int64) (found []job.Text, err error) {
	columns := record.EventColumns
	var short bool // not in a backup of an older version
	if err := s.Row("SELECT EXISTS (SELECT 1 FROM pragma_table_info('events') WHERE name = 'same')").Scan(&short); err != nil {
		return nil, err
	} else if !short {
		columns = record.EventColumnsAsWritten
	}
	rows, err := s.Query("SELECT " + columns + `, about, chain, coalesce((SELECT g.chain FROM gaps g WHERE g.seq = events.seq - 1), -1)
		FROM events` + newestRows("events", last) + " ORDER BY seq")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var d record.Digest
	before, chain := int64(0), int64(0) // the event before
	begun := last != 0                  // where the first one is not the journal's first, what it goes on is not read
	for rows.Next() {
		var e record.Event
		var at, own, gap int64
		err := rows.Scan(&e.Seq, &at, &e.Type, &e.JobSeq, &e.JobID, &e.Request, &e.CopySeq, &e.File, &e.Printer, &e.State, &e.Reason,
			&e.Operator, &e.Batch, &e.Detail, &e.About, &own, &gap)
		if err != nil {
			return nil, err
		}
		e.At = record.FromMillis(at)
		switch {
		case begun:
			begun = false
		case own == 0 && chain == 0: // from before there was a chain
		case e.Seq != before+1 && gap < 0:
			found = append(found, wrong("记录 %d 之前缺记录", "events are missing before number %d", e.Seq))
		default:
			if e.Seq != before+1 {
				chain = gap
			}
			if !e.Follows(chain, own, &d) {
				found = append(found, wrong("记录 %d 不是写下的样子", "event %d is not what was written", e.Seq))
			}
		}
		before, chain = e.Seq, own
	}
	return found, rows.Err()
}

// changedJobs finds jobs that are not what was taken.
func changedJobs(s record.Source, last int64) (found []job.Text, err error) {
	rows, err := s.Query("SELECT " + record.TakenColumns + `, coalesce((SELECT iif(e.chain = 0, 0, e.about) FROM events e WHERE e.job = jobs.seq AND e.copy IS NULL
		AND (e.about <> 0 OR e.seq = jobs.rev) ORDER BY e.seq DESC LIMIT 1), -1) FROM jobs` + newestRows("jobs", last) + " ORDER BY seq")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var d record.Digest
	for rows.Next() {
		var said int64
		seq, err := record.AddTaken(rows, &d, &said)
		if err != nil {
			return nil, err
		}
		switch same := d.Is(said); {
		case said == 0: // from before there was a chain
		case said < 0:
			found = append(found, wrong("任务 %v 没有记录", "job %v has no event", seq))
		case !same:
			found = append(found, wrong("任务 %v 不是收下的样子", "job %v is not what was taken", seq))
		}
	}
	return found, rows.Err()
}

// changedCopies finds copies that are not what their last event says.
func changedCopies(s record.Source, last int64) (found []job.Text, err error) {
	const said = `coalesce((SELECT iif(e.chain = 0, 0, e.about) FROM events e WHERE e.job = copies.job AND e.copy = copies.seq AND (e.type = 'copy' OR e.type = 'alarm' AND e.reason = 'overdue')
		ORDER BY e.seq DESC LIMIT 1), -1)`
	const taken = "coalesce((SELECT e.chain FROM events e WHERE e.seq = copies.rev), -1)"
	rows, err := s.Query("SELECT " + record.CopyColumns + ", " + said + ", " + taken + " FROM copies" + newestRows("copies", last) + " ORDER BY seq")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var d record.Digest
	for rows.Next() {
		var c record.CopyRow
		var said, taken int64
		if err := c.Scan(with{rows, []any{&said, &taken}}); err != nil {
			return nil, err
		}
		switch same := c.Is(said, &d); {
		case taken == 0 || said == 0: // from before there was a chain
		case taken < 0:
			found = append(found, wrong("联 %d 没有记录", "copy %d has no event", c.Seq))
		case said < 0 && !c.Untouched(), said > 0 && !same:
			found = append(found, wrong("联 %d 和它最后的记录不一致", "copy %d is not what its last event says", c.Seq))
		}
	}
	return found, rows.Err()
}

// with scans further values behind those that are asked for.
type with struct {
	s    record.Scanner
	more []any
}

func (w with) Scan(dest ...any) error { return w.s.Scan(slices.Concat(dest, w.more)...) }
