// Package outbox tells a fleet what the journal's events say, and remembers what the fleet must not ask for twice: how far each centre has
// stored the events, and which jobs came too late to be printed. Its rows are in the journal's file and are written through its writer.
// It knows no network. It starts no goroutine; a Feed costs nothing while nobody reads it.
package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// An Outbox is that of one journal. Its methods may be used by many goroutines.
type Outbox struct{ db *journal.DB }

// New gives the outbox of a journal.
func New(db *journal.DB) *Outbox { return &Outbox{db} }

// A Cursor is how far a centre has stored the events, and when it said so.
type Cursor struct {
	Seq int64
	At  time.Time
}

// Last is the number of the newest event.
func (o *Outbox) Last() int64 { return o.db.LastEvent() }

// Cursors gives those of the centres, and from where on there is somebody to tell: a journal that is asked for the first time has told
// nothing, and tells nothing of its past.
func (o *Outbox) Cursors(ctx context.Context) (cursors map[string]Cursor, base int64, err error) {
	rows, err := o.db.Read(ctx).Query("SELECT centre, seq, at FROM fleet_cursors ORDER BY centre")
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	cursors, base = map[string]Cursor{}, -1
	for rows.Next() {
		var name string
		var seq, at int64
		if err := rows.Scan(&name, &seq, &at); err != nil {
			return nil, 0, err
		}
		if name == "" {
			base = seq
		} else {
			cursors[name] = Cursor{Seq: seq, At: record.FromMillis(at)}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, 0, err
	}
	if base >= 0 {
		return cursors, base, nil
	}
	base = o.Last()
	return cursors, base, o.Keep(ctx, cursors, base)
}

// Keep writes the cursors down in the place of those that are there. They are on disk when it returns.
func (o *Outbox) Keep(ctx context.Context, cursors map[string]Cursor, base int64) error {
	return o.db.Do(ctx, func(t *journal.Tx) error {
		if err := t.Exec("DELETE FROM fleet_cursors"); err != nil {
			return err
		}
		const insert = "INSERT INTO fleet_cursors (centre, seq, at) VALUES (?, ?, ?)"
		if err := t.Exec(insert, "", base, record.Millis(t.Now)); err != nil {
			return err
		}
		for name, x := range cursors {
			if err := t.Exec(insert, name, x.Seq, record.Millis(x.At)); err != nil {
				return err
			}
		}
		return nil
	})
}

// expiredKept is how long a job that came too late is remembered: longer than any broker keeps a message.
const expiredKept = 60 * 24 * time.Hour

// Expire notes that a job is never to be printed, and tells of it. It is on disk when it returns.
func (o *Outbox) Expire(ctx context.Context, jobID string) error {
	return o.db.Do(ctx, func(t *journal.Tx) error {
		var known bool
		if err := t.Row("SELECT EXISTS (SELECT 1 FROM fleet_expired WHERE job_id = ?)", jobID).Scan(&known); err != nil || known {
			return err
		}
		if err := t.Exec("DELETE FROM fleet_expired WHERE at < ?", record.Millis(t.Now.Add(-expiredKept))); err != nil {
			return err
		}
		if err := t.Exec("INSERT INTO fleet_expired (job_id, at) VALUES (?, ?)", jobID, record.Millis(t.Now)); err != nil {
			return err
		}
		_, err := t.Emit(record.Event{Type: vocabulary.EventAnswered, Request: jobID, Detail: string(vocabulary.OutcomeExpired)})
		return err
	})
}

// Expired tells whether a job is never to be printed.
func (o *Outbox) Expired(ctx context.Context, jobID string) (expired bool, err error) {
	err = o.db.Read(ctx).Row("SELECT EXISTS (SELECT 1 FROM fleet_expired WHERE job_id = ?)", jobID).Scan(&expired)
	return expired, err
}

// An Event is one of the journal's, with what its copy says about itself.
type Event struct {
	record.Event
	Copy    job.CopyName
	PrintNo int
	Mark    job.MarkKind
	Proof   vocabulary.Proof // only of a copy that is still in the state that the event tells of
}

// A Feed reads events at its own pace.
type Feed struct {
	o   *Outbox
	sub *journal.Subscription
}

// From reads what follows the event with a number.
func (o *Outbox) From(after int64) *Feed {
	return &Feed{o, o.db.Feed().Subscribe(min(after, o.Last()))}
}

// Next gives the next event and blocks until there is one. Events are on disk before they are seen here.
func (f *Feed) Next(ctx context.Context) (Event, error) {
	e, err := f.sub.Next(ctx)
	if err != nil {
		return Event{}, err
	}
	out := Event{Event: e}
	if e.CopySeq == 0 {
		return out, nil
	}
	c, err := record.CopyBySeq(f.o.db.Read(ctx), e.CopySeq)
	if errors.Is(err, record.ErrNotFound) { // retention took it
		return out, nil
	} else if err != nil {
		return Event{}, err
	}
	out.Copy, out.PrintNo, out.Mark = c.Name, c.PrintNo, c.Mark
	if c.State == e.State {
		out.Proof = c.Proof
	}
	return out, nil
}
