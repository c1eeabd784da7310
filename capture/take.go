package capture

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/receiptd/receiptd/capture/stream"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// retries knows what came a moment ago. Programs and spoolers send a slip again when a connection broke before they heard that it was taken.
type retries struct {
	mu     sync.Mutex // held while a slip is taken, so that two connections with one slip take it once
	recent map[string]taken
}

type taken struct {
	job  string
	conn int64 // by which connection; 0: before this start
	at   time.Time
}

// tidy forgets what is too old to come again.
func (r *retries) tidy(now time.Time) {
	for hash, t := range r.recent {
		if now.Sub(t.at) > retryWindow {
			delete(r.recent, hash)
		}
	}
}

// take keeps a slip in the journal, and gives the job that it is, and whether it had come before. It is on disk when take returns. conn is
// the connection that brought it; half says that it broke off; wish is for the pulse in it.
func (c *Capture) take(ctx context.Context, s stream.Slip, conn int64, half bool, wish queue.Wish) (id string, again bool, err error) {
	now := c.o.Now()
	r := Job(c.o.Parser(), c.o.Name, jobID(c.o.Name, now), c.o.Printer, now, s, c.facts(now))
	if len(s.Dropped) > 0 {
		c.told.say(c.log, now, "commands that no printer gets from a program: "+strings.Join(s.Dropped, ", "))
	}
	a := queue.Arrival{Parsed: r, Source: queue.SourceCapture, Half: half, Wish: wish}
	c.retries.mu.Lock()
	defer c.retries.mu.Unlock()
	c.retries.tidy(now)
	if r.Job != nil {
		if before, ok := c.retries.recent[r.Job.Hash]; ok && before.conn != conn {
			if c.unfinished(ctx, before.job) {
				c.log.Info("the same slip came once more while it is not printed: it is one", "job", before.job)
				return before.job, true, nil
			}
			a.Again = true
		}
	}
	id, err = c.accept(ctx, a)
	if err != nil {
		return "", false, err
	}
	c.retries.recent[r.Job.Hash] = taken{id, conn, now}
	l := r.Job.Lifted()
	return id, a.Again || l != nil && l.Duplicate, nil
}

// errRefused is for what would fare no better if it came again.
var errRefused = errors.New("it cannot be taken")

// accept puts what came into the journal. What is not taken is an error: its program is to hear it.
func (c *Capture) accept(ctx context.Context, a queue.Arrival) (string, error) {
	ans, err := c.o.Requests.Accept(ctx, a)
	if err != nil {
		return "", err
	}
	if ans.Outcome != vocabulary.OutcomeAccepted {
		what := string(ans.Outcome)
		for _, p := range ans.Errors {
			what += "; " + p.Code + ": " + p.Message.En
		}
		return "", fmt.Errorf("%w: %s", errRefused, what)
	}
	return ans.JobID, nil
}

// facts gives what reads facts off a slip that came now.
func (c *Capture) facts(now time.Time) func([]string) *job.Lifted {
	var other *job.Lifted // a slip of which no rule says what it is
	if c.o.Kind == job.KindOrder {
		other = &job.Lifted{Kind: job.KindOrder}
	}
	if c.o.Rules == nil {
		return func([]string) *job.Lifted { return other }
	}
	return func(lines []string) *job.Lifted {
		found := c.o.Rules.Find(lines, now)
		if found.TooMuch {
			c.told.say(c.log, now, "a slip is too long for the rules: it is a document", "rules", c.o.Rules.Name)
		}
		if found.Facts != nil && found.Facts.Kind == job.KindSettlement {
			found.Facts.Settle = c.o.Settle
		}
		if found.Facts == nil {
			return other
		}
		return found.Facts
	}
}

// unfinished reports whether a slip is still to come out, and surely has not yet.
func (c *Capture) unfinished(ctx context.Context, id string) bool {
	a, err := c.o.Jobs.Answer(ctx, id)
	if err != nil || len(a.Copies) == 0 {
		return false
	}
	for _, x := range a.Copies {
		switch x.State {
		case vocabulary.StateQueued, vocabulary.StateSending, vocabulary.StateHeld:
			if x.Reason == vocabulary.ReasonHalf {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// jobID makes an id that no other slip has.
func jobID(name string, now time.Time) string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // it never fails
	return "cap-" + name + "-" + strconv.FormatInt(now.UnixMilli(), 36) + "-" + hex.EncodeToString(b[:])
}
