package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Do gives a command that did not come as a job file: from the page or the command line. id is its idempotency key, ""
// makes one; counter and printer may be empty. permitted says that the asker may give commands that need a permission.
func (q *Requests) Do(ctx context.Context, id string, c job.Command, counter, printer string, permitted bool) (answer.Answer, error) {
	if id == "" {
		id = "cmd-" + strings.ToLower(ulid.Make().String())
	}
	text, err := json.Marshal(struct {
		ID      string      `json:"job_id"`
		Kind    job.Kind    `json:"kind"`
		Created time.Time   `json:"created_at"`
		Counter string      `json:"counter,omitempty"`
		Printer string      `json:"printer,omitempty"`
		Payload job.Command `json:"payload"`
	}{id, job.KindCommand, q.r.o.Now().Truncate(time.Second), counter, printer, c})
	if err != nil {
		return answer.Answer{}, fmt.Errorf("command %s: %w", id, err)
	}
	return q.Accept(ctx, Arrival{Parsed: job.Parse(text), Source: vocabulary.SourceCLI, Permitted: permitted})
}

// Cancel stops the copies of a job, or one of them, of which nothing has left.
func (q *Requests) Cancel(ctx context.Context, jobID string, name job.CopyName, operator string) (answer.Answer, error) {
	return q.Do(ctx, "", job.Command{Name: job.Cancel, TargetJobID: jobID, Copy: name, OperatorNo: operator}, "", "", false)
}

// Defective notes that a copy came out blank or illegible and queues a marked one.
func (q *Requests) Defective(ctx context.Context, jobID string, name job.CopyName, reason vocabulary.Reason, operator string, permitted bool) (answer.Answer, error) {
	c := job.Command{Name: job.MarkDefective, TargetJobID: jobID, Copy: name, Reason: reason, OperatorNo: operator}
	return q.Do(ctx, "", c, "", "", permitted)
}

// waitingAt selects the copies that wait for a printer.
const waitingAt = "printer = ? AND " + record.IsOpen + " AND state IN ('queued', 'held') AND print_no = 0 ORDER BY ord, seq"

// Rehome sends what waits for a printer that is no longer there, copy by copy, to where the routes send such a copy now. That is
// then the printer that should print it: no copy says that it comes from another. It gives the number of copies by printer.
func (r *Rules) Rehome(ctx context.Context, gone string) (map[string]int, error) {
	var moved map[string]int
	err := r.do(ctx, func(t act) error {
		moved = make(map[string]int)
		list, err := record.Copies(t, waitingAt, gone)
		if err != nil {
			return err
		}
		for i := range list {
			j, err := t.Job(list[i].Job)
			if err != nil {
				return err
			}
			to := r.route(j, list[i].Name)
			if to == gone {
				continue
			}
			if err := t.copies().move(&list[i], to, "", "to follow the routes"); err != nil {
				return err
			}
			moved[to]++
		}
		return nil
	})
	return moved, err
}

// Move sends what waits for a printer to another one. It gives the number of copies moved.
func (r *Rules) Move(ctx context.Context, from, to, operator string) (int, error) {
	n := 0
	err := r.do(ctx, func(t act) error {
		n = 0
		list, err := record.Copies(t, waitingAt, from)
		if err != nil {
			return err
		}
		for i := range list {
			if err := t.copies().move(&list[i], to, from, "by "+operator); err != nil {
				return err
			}
			n++
		}
		t.copies().wake(from)
		return nil
	})
	return n, err
}
