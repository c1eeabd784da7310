package capture

import (
	"context"
	"encoding/json"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

const (
	// pulseAlone is how long nothing follows a pulse that belongs to no slip.
	pulseAlone = 300 * time.Millisecond
	// pulseAgain is how long the same pulse over another connection is a retry, and one behind a slip that came again belongs to that: a
	// drawer that has just been opened stands open.
	pulseAgain = 3 * time.Second
)

// pulsed notes that the program wants the drawer open. However often it says so within a slip, that is one wish.
func (x *conn) pulsed() {
	if x.c.o.Drawer == DrawerNever {
		x.c.told.say(x.c.log, x.c.o.Now(), "a pulse for the drawer is not passed on: drawer = \"never\"")
		return
	}
	x.pulse = true
}

// wish is what becomes of the pulse that has come.
func (x *conn) wish() queue.Wish {
	switch {
	case !x.pulse:
		return queue.WishNone
	case x.c.o.Drawer == DrawerPass:
		return queue.WishPass
	}
	return queue.WishAsk
}

// takePulse takes a pulse that stands in no slip. One behind a slip that had come before came with it.
func (x *conn) takePulse(ctx context.Context) error {
	if !x.pulse {
		return nil
	}
	w := x.wish()
	x.pulse = false
	again := x.again
	x.again = time.Time{}
	if !again.IsZero() && x.c.o.Now().Sub(again) < pulseAgain {
		x.c.log.Info("a pulse for the drawer came once more with its slip: it opens nothing")
		return nil
	}
	return x.c.takePulse(context.WithoutCancel(ctx), w, x.n)
}

// takePulse puts the wish to open the drawer into the journal. It is on disk when takePulse returns.
func (c *Capture) takePulse(ctx context.Context, w queue.Wish, conn int64) error {
	now := c.o.Now()
	data, err := json.Marshal(map[string]any{"job_id": jobID(c.o.Name, now), "kind": "command", "created_at": now.Format(time.RFC3339), "printer": c.o.Printer,
		"payload": map[string]string{"command": string(job.DrawerOpen), "reason": c.o.Name}})
	if err != nil {
		return err
	}
	r := job.Parse(data)
	c.retries.mu.Lock()
	defer c.retries.mu.Unlock()
	c.retries.tidy(now)
	if r.Job != nil {
		if before, ok := c.retries.recent[r.Job.Hash]; ok && before.conn != conn && (before.conn == 0 || now.Sub(before.at) < pulseAgain) {
			c.log.Info("a pulse for the drawer came once more: it is one", "job", before.job)
			return nil
		}
	}
	ans, err := c.o.Requests.Accept(ctx, queue.Arrival{Parsed: r, Source: queue.SourceCapture, Wish: w})
	if err != nil {
		return err
	}
	if ans.Outcome != vocabulary.OutcomeAccepted { // sent again it would fare no better
		c.told.say(c.log, now, "a pulse for the drawer cannot be passed on", "errors", ans.Errors)
		return nil
	}
	c.retries.recent[r.Job.Hash] = taken{ans.JobID, conn, now}
	return nil
}
