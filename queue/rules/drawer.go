package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/answer"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// How long a wish to open a drawer lasts. A drawer must not spring open when nobody stands at it any more.
const (
	openWithin  = 10 * time.Second // the pulse must have begun
	askFor      = time.Minute      // a person must have answered
	maxOpenAge  = 30 * time.Second // of a file in the drop folder
	springAfter = 3 * time.Second  // behind a pulse: a drawer that opens within this opened by it
)

// open decides about a command that opens a drawer.
func (t drawers) open(a Arrival, j *job.Job) (decision, error) {
	state := vocabulary.OpeningWaiting
	switch a.Source {
	case vocabulary.SourceSpool:
		if !slices.Contains(t.r.o.Allow, string(job.DrawerOpen)) {
			return refuse(problemDrawerSpool()), nil
		}
		if a.Age > maxOpenAge {
			return refuse(problemStaleDrawer()), nil
		}
	case vocabulary.SourceHTTP, vocabulary.SourceCLI:
	case vocabulary.SourceCapture:
		if a.Wish == WishNone {
			return refuse(problemDrawerHere()), nil
		}
		if a.Wish == WishAsk {
			state = vocabulary.OpeningAsked
		}
	default:
		return refuse(problemDrawerHere()), nil
	}
	printer, p := t.printer(j)
	if p != nil {
		return refuse(*p), nil
	}
	c := j.Command
	return decision{then: func(seq int64) error {
		return t.add(record.OpeningRow{Job: seq, JobID: j.ID, File: a.File, Printer: printer, Source: a.Source, Operator: c.OperatorNo, Wanted: c.Reason, State: state})
	}}, nil
}

// within adds the wish that came in a slip which a program printed. What came again, broke off, or is the program's own reprint opens
// nothing by itself.
func (t drawers) within(a Arrival, j *job.Job, d decision) decision {
	l := j.Lifted()
	if a.Wish == WishNone || a.Again || l != nil && l.Duplicate {
		return d
	}
	printer, p := t.printer(j)
	if p != nil {
		d.warnings = append(d.warnings, *p)
		return d
	}
	state := vocabulary.OpeningWaiting
	if a.Wish == WishAsk || a.Half {
		state = vocabulary.OpeningAsked
	}
	before := d.then
	d.then = func(seq int64) error {
		if before != nil {
			if err := before(seq); err != nil {
				return err
			}
		}
		return t.add(record.OpeningRow{Job: seq, JobID: j.ID, File: a.File, Printer: printer, Source: a.Source, State: state})
	}
	return d
}

// printer gives the printer on which the drawer is that a job means.
func (t drawers) printer(j *job.Job) (string, *job.Problem) {
	if t.r.o.Drawer == nil {
		if j.Printer != "" {
			return j.Printer, nil
		}
		return "default", nil
	}
	name := t.r.o.Drawer(j)
	if name == "" {
		p := problemNoDrawer(j.Printer)
		return "", &p
	}
	return name, nil
}

// add writes a new opening.
func (t drawers) add(o record.OpeningRow) error {
	o.At, o.Until = record.Millis(t.Now), record.Millis(t.Now.Add(limitOf(o.State)))
	err := t.Exec(`INSERT INTO openings (job, at, printer, source, operator, wanted, state, changed, until, rev) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
		o.Job, o.At, o.Printer, string(o.Source), o.Operator, string(o.Wanted), string(o.State), o.At, o.Until)
	if err != nil {
		return err
	}
	if err := t.set(&o, o.State, ""); err != nil {
		return err
	}
	t.start(&o)
	return nil
}

// start lets the door for openings know of one that stands.
func (t drawers) start(o *record.OpeningRow) {
	seq, printer, state := o.Job, o.Printer, o.State
	t.OnCommit(func() { t.r.o.Open(seq, printer, state, limitOf(state)) })
}

func limitOf(s vocabulary.Opening) time.Duration {
	if s == vocabulary.OpeningAsked {
		return askFor
	}
	return openWithin
}

// set puts an opening into a state, and tells of it.
func (t drawers) set(o *record.OpeningRow, state vocabulary.Opening, why vocabulary.Reason) error {
	o.State, o.Reason, o.Changed, o.Rev = state, why, record.Millis(t.Now), t.LastEvent()+1
	if state.Over() {
		o.Until = 0
	}
	err := t.Exec("UPDATE openings SET state = ?, reason = ?, changed = ?, until = ?, operator = ?, seen = ?, rev = ? WHERE job = ?",
		string(state), string(why), o.Changed, o.Until, o.Operator, string(o.Seen), o.Rev, o.Job)
	if err != nil {
		return err
	}
	e := record.Event{Type: vocabulary.EventDrawer, JobID: o.JobID, Request: o.JobID, File: o.File, Printer: o.Printer, State: vocabulary.State(state),
		Reason: why, Operator: o.Operator, Detail: string(o.Source), JobSeq: o.Job, Same: sameAsJob(o.File)}
	if o.Seen != "" {
		e.Detail = "seen " + string(o.Seen)
	}
	_, err = t.Emit(e)
	return err
}

// afterCrash ends what stood when the process died. A pulse that had begun may have left: it is not repeated. What had not is over, too:
// who wanted it has gone.
func (t drawers) afterCrash() error {
	list, err := record.Openings(t, record.IsStanding)
	if err != nil {
		return err
	}
	for i := range list {
		state, why := vocabulary.OpeningNotSent, vocabulary.ReasonTooLate
		if list[i].State == vocabulary.OpeningBegun {
			state, why = vocabulary.OpeningUncertain, vocabulary.ReasonCrash
		}
		if err := t.set(&list[i], state, why); err != nil {
			return err
		}
	}
	return nil
}

// BeginOpening puts on disk that a pulse may leave now. ErrSkip: it must not, since it is too late or over.
func (r *Rules) BeginOpening(ctx context.Context, seq int64) error {
	return r.do(ctx, func(t act) error {
		o, err := record.OpeningOf(t, seq)
		if err != nil {
			return err
		}
		if o.State != vocabulary.OpeningWaiting || record.Millis(t.Now) > o.Until {
			return ErrSkip
		}
		return t.drawers().set(&o, vocabulary.OpeningBegun, "")
	})
}

// EndOpening notes what became of an opening that waited, was asked about or has begun. One that is over stays as it is.
func (r *Rules) EndOpening(t *journal.Tx, seq int64, state vocabulary.Opening, why vocabulary.Reason) error {
	o, err := record.OpeningOf(t, seq)
	if errors.Is(err, record.ErrNotFound) {
		return nil // retention took it
	}
	if err != nil || o.State.Over() {
		return err
	}
	return act{t, r}.drawers().set(&o, state, why)
}

// Expire ends an opening that nobody answered for in time.
func (r *Rules) Expire(t *journal.Tx, seq int64) error {
	o, err := record.OpeningOf(t, seq)
	if errors.Is(err, record.ErrNotFound) || err == nil && o.State != vocabulary.OpeningAsked {
		return nil
	}
	if err != nil {
		return err
	}
	return act{t, r}.drawers().set(&o, vocabulary.OpeningNotSent, vocabulary.ReasonTooLate)
}

// OpenDrawer takes a person's answer to the question whether a drawer is to be opened because a program wants it. Asked again it changes
// nothing. Error: record.ErrNotFound.
func (d *Decisions) OpenDrawer(ctx context.Context, jobID string, open bool, operator string) (answer.Answer, error) {
	var ans answer.Answer
	err := d.r.do(ctx, func(t act) error {
		row, err := record.JobByID(t, jobID)
		if err != nil {
			return err
		}
		o, err := record.OpeningOf(t, row.Seq)
		if err != nil {
			return err
		}
		if o.State == vocabulary.OpeningAsked {
			if err := t.drawers().answer(&o, open, operator); err != nil {
				return err
			}
		}
		ans, err = answer.For(t, row)
		return err
	})
	if err != nil {
		return ans, fmt.Errorf("answer for the drawer: %w", err)
	}
	return ans, nil
}

// answer does what a person says about an opening.
func (t drawers) answer(o *record.OpeningRow, open bool, operator string) error {
	switch {
	case record.Millis(t.Now) > o.Until:
		return t.set(o, vocabulary.OpeningNotSent, vocabulary.ReasonTooLate)
	case !open:
		o.Operator = operator
		return t.set(o, vocabulary.OpeningNotSent, vocabulary.ReasonNotWanted)
	}
	o.Operator, o.Until = operator, record.Millis(t.Now.Add(openWithin))
	if err := t.set(o, vocabulary.OpeningWaiting, ""); err != nil {
		return err
	}
	t.start(o)
	return nil
}

// DrawerSeen notes that a drawer opened or closed, as its sensor tells. One that opens just behind a pulse shows that the pulse came.
func (r *Rules) DrawerSeen(ctx context.Context, printer string, state vocabulary.DrawerState) error {
	err := r.do(ctx, func(t act) error {
		if state == vocabulary.DrawerOpen {
			list, err := record.Openings(t, "o.printer = ? AND o.changed >= ? AND o.seen = '' ORDER BY o.job DESC LIMIT 1", printer, record.Millis(t.Now.Add(-springAfter)))
			if err != nil {
				return err
			}
			if len(list) > 0 && list[0].State != vocabulary.OpeningNotSent && list[0].State != vocabulary.OpeningAsked && list[0].State != vocabulary.OpeningWaiting {
				o := &list[0]
				o.Seen = state
				to, why := o.State, o.Reason
				if to == vocabulary.OpeningUncertain {
					to, why = vocabulary.OpeningSent, ""
				}
				return t.drawers().set(o, to, why)
			}
		}
		_, err := t.Emit(record.Event{Type: vocabulary.EventDrawer, Printer: printer, State: vocabulary.State(state)})
		return err
	})
	if err != nil {
		return fmt.Errorf("note the drawer of %s: %w", printer, err)
	}
	return nil
}
