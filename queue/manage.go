package queue

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
)

// Do gives a command that did not come as a job file: from the page or the command line. id is its idempotency key, ""
// makes one; counter and printer may be empty. permitted says that the asker may give commands that need a permission.
func (q *Queue) Do(ctx context.Context, id string, c job.Command, counter, printer string, permitted bool) (answer.Answer, error) {
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
	}{id, job.KindCommand, q.now().Truncate(time.Second), counter, printer, c})
	if err != nil {
		return answer.Answer{}, fmt.Errorf("command %s: %w", id, err)
	}
	return q.Accept(ctx, Arrival{Parsed: job.Parse(text), Source: SourceCLI, Permitted: permitted})
}

// Cancel stops the copies of a job, or one of them, of which nothing has left.
func (q *Queue) Cancel(ctx context.Context, jobID string, name job.CopyName, operator string) (answer.Answer, error) {
	return q.Do(ctx, "", job.Command{Name: job.Cancel, TargetJobID: jobID, Copy: name, OperatorNo: operator}, "", "", false)
}

// Defective notes that a copy came out blank or illegible and queues a marked one.
func (q *Queue) Defective(ctx context.Context, jobID string, name job.CopyName, reason, operator string, permitted bool) (answer.Answer, error) {
	c := job.Command{Name: job.MarkDefective, TargetJobID: jobID, Copy: name, Reason: reason, OperatorNo: operator}
	return q.Do(ctx, "", c, "", "", permitted)
}

// unbegunAt selects the copies that wait for a printer.
const unbegunAt = "printer = ? AND " + record.IsOpen + " AND state IN ('queued', 'held') AND print_no = 0 ORDER BY ord, seq"

// Rehome sends what waits for a printer that is no longer there, copy by copy, to where the routes send such a copy now. That is
// then the printer that should print it: no copy says that it comes from another. It gives the number of copies by printer.
func (q *Queue) Rehome(ctx context.Context, gone string) (map[string]int, error) {
	var moved map[string]int
	err := q.do(ctx, func(t *tx) error {
		moved = make(map[string]int)
		list, err := record.Copies(t, unbegunAt, gone)
		if err != nil {
			return err
		}
		for i := range list {
			j, err := t.Job(list[i].Job)
			if err != nil {
				return err
			}
			to := q.route(j, list[i].Name)
			if to == gone {
				continue
			}
			if err := t.moveCopy(&list[i], to, "", "to follow the routes"); err != nil {
				return err
			}
			moved[to]++
		}
		return nil
	})
	return moved, err
}

// Move sends what waits for a printer to another one. The copy that is at the printer now is given up: it becomes
// uncertain when something of it had left. It gives the number of copies moved.
func (q *Queue) Move(ctx context.Context, from, to, operator string) (int, error) {
	n := 0
	err := q.do(ctx, func(t *tx) error {
		n = 0
		list, err := record.Copies(t, unbegunAt, from)
		if err != nil {
			return err
		}
		for i := range list {
			if err := t.moveCopy(&list[i], to, from, "by "+operator); err != nil {
				return err
			}
			n++
		}
		t.wake(from)
		return nil
	})
	if err != nil {
		return n, err
	}
	q.mu.Lock()
	w := q.workers[from]
	q.mu.Unlock()
	if w != nil { // given up only now: else the next copy might begin here before it is moved
		w.mu.Lock()
		if w.now != nil && w.now.held == Held {
			w.now.cancel()
		}
		w.mu.Unlock()
	}
	return n, nil
}
