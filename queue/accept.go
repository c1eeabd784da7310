package queue

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// Source says which way a request came.
type Source = vocabulary.Source

// The sources.
const (
	SourceSpool = vocabulary.SourceSpool
	SourceHTTP  = vocabulary.SourceHTTP
	SourceCLI   = vocabulary.SourceCLI
)

// An Arrival is one request as it came in.
type Arrival struct {
	File      string // its name in the drop folder, "" when it is no file
	FileSeq   int64  // from NextFileSeq, when File is set: the same number is answered only once; 0: one is taken
	SHA256    string // hex, of the file
	Parsed    job.Result
	Source    Source
	Permitted bool          // the asker may give the commands that need a permission (a token with the supervisor's PIN)
	Age       time.Duration // how long ago it came, as far as is known; an old reprint command is refused
}

// maxCommandAge is the age from which a reprint command in the drop folder is refused: nobody waits for it any more.
const maxCommandAge = 60 * time.Second

// Accept takes one request and gives its answer, which is on disk when Accept returns, a refusal's too. It may be
// retried with the same arrival after any error: what was taken is not taken twice. Requests made at the same time
// share one fsync. Error: ErrFull, when nothing can be taken for now.
func (q *Queue) Accept(ctx context.Context, a Arrival) (Answer, error) {
	if err := q.admit(ctx, &a); err != nil {
		return Answer{}, err
	}
	return q.take(ctx, a)
}

// admit does what needs no transaction of its own: room, a number, a look at what the schema cannot see.
func (q *Queue) admit(ctx context.Context, a *Arrival) error {
	if q.full.Load() && !q.regainBallast() {
		return ErrFull
	}
	if a.File != "" && a.FileSeq == 0 {
		var err error
		if a.FileSeq, err = q.NextFileSeq(ctx); err != nil {
			return err
		}
	}
	q.examine(a)
	return nil
}

// take commits one admitted arrival.
func (q *Queue) take(ctx context.Context, a Arrival) (Answer, error) {
	var ans Answer
	err := q.w.do(ctx, func(t *tx) (err error) {
		ans, err = t.accept(a)
		return err
	})
	if err != nil {
		if q.w.noSpace(err) {
			err = errors.Join(ErrFull, err)
		}
		return Answer{}, err
	}
	return ans, nil
}

// examine turns a job that can never be printed into a rejection with its reasons, and adds what is to be known about another.
func (q *Queue) examine(a *Arrival) {
	j := a.Parsed.Job
	if j == nil {
		return
	}
	if q.o.Check != nil {
		if problems := q.o.Check(j); len(problems) > 0 {
			a.Parsed.Job, a.Parsed.ID, a.Parsed.Errors = nil, j.ID, problems
			return
		}
	}
	if q.o.Notes != nil {
		a.Parsed.Warnings = slices.Concat(a.Parsed.Warnings, q.o.Notes(j))
	}
}

// A decision is what becomes of one arrival.
type decision struct {
	outcome  Outcome
	errors   []job.Problem
	warnings []job.Problem
	batch    int64
	revision int
	names    []job.CopyName // originals to make
	target   int64          // the job that a duplicate or a command is about
	request  bool           // it is no slip of its own: it asks for first copies of target
	then     func(seq int64) error
}

func refuse(p job.Problem) decision   { return decision{outcome: Refused, errors: []job.Problem{p}} }
func conflict(p job.Problem) decision { return decision{outcome: Conflict, errors: []job.Problem{p}} }

// notes are the errors and warnings of an answer as they are kept.
type notes struct {
	Errors   []job.Problem `json:"errors,omitempty"`
	Warnings []job.Problem `json:"warnings,omitempty"`
}

func (n notes) text() any {
	if len(n.Errors)+len(n.Warnings) == 0 {
		return nil
	}
	b, _ := json.Marshal(n) // strings and integers only
	return string(b)
}

func readNotes(text string) (n notes) {
	if text != "" {
		_ = json.Unmarshal([]byte(text), &n) // it was written by text
	}
	return n
}

func (t *tx) accept(a Arrival) (Answer, error) {
	if known, err := t.met(&a); err != nil {
		return Answer{}, err
	} else if known && a.File != "" {
		ans, err := t.q.answerForSeq(t, a.FileSeq)
		if !errors.Is(err, ErrNotFound) {
			return ans, err
		}
	} else if !known && a.Parsed.Job != nil {
		return t.takeNew(a, 0)
	}
	if a.Parsed.Job == nil {
		return t.reject(a)
	}
	old, err := rowByID(t, a.Parsed.Job.ID)
	switch {
	case errors.Is(err, ErrNotFound):
		return t.takeNew(a, 0)
	case err != nil:
		return Answer{}, err
	case old.hash != a.Parsed.Job.Hash:
		return t.idReused(a, old)
	case old.outcome == Refused:
		return t.takeNew(a, old.seq)
	}
	outcome := Duplicate
	if old.outcome == Conflict {
		outcome = Conflict
	}
	first := old.seq
	if old.outcome == Duplicate {
		first = old.target
	}
	warnings, err := t.settleAgain(a.Parsed.Job, first)
	if err != nil {
		return Answer{}, err
	}
	return t.answered(a, outcome, old, notes{Errors: readNotes(old.notes).Errors, Warnings: append(warnings, a.Parsed.Warnings...)})
}

// met reports whether the journal has the arrival's file or its job id. Most often it has neither, and one narrow question
// costs less than two wide ones.
func (t *tx) met(a *Arrival) (known bool, err error) {
	var file int64 // no file has the number 0
	if a.File != "" {
		file = a.FileSeq
	}
	id := "" // nor a job this id
	if a.Parsed.Job != nil {
		id = a.Parsed.Job.ID
	}
	err = t.row("SELECT EXISTS (SELECT 1 FROM jobs WHERE job_id = ?) OR EXISTS (SELECT 1 FROM files WHERE seq = ?)", id, file).Scan(&known)
	return known, err
}

// idReused answers other content under an id that is taken. A slip is kept for people under an id of its own, and only
// once however often it comes: it may be a payment of which nothing else tells.
func (t *tx) idReused(a Arrival, old jobRow) (Answer, error) {
	n := notes{Errors: []job.Problem{problemIDReused(old.jobID)}, Warnings: a.Parsed.Warnings}
	own := *a.Parsed.Job
	var known bool
	var last int64
	err := t.row("SELECT coalesce(max(hash = ?), 0), coalesce(max(CAST(substr(job_id, ?) AS INTEGER)), 1) FROM jobs WHERE "+heldUnder,
		own.Hash, len(own.ID)+len(heldMark)+1, own.ID+heldMark, own.ID+heldMark+":").Scan(&known, &last)
	if err != nil {
		return Answer{}, err
	}
	if known || own.Command != nil {
		return t.answered(a, Conflict, old, n)
	}
	f := factsOf(&own)
	d := decision{outcome: Conflict, errors: n.Errors, warnings: n.Warnings}
	err = t.row("SELECT coalesce(max(id), 0) FROM batches WHERE terminal_no = ? AND batch_no = ?", f.terminal, f.batchNo).Scan(&d.batch)
	if err != nil {
		return Answer{}, err
	}
	own.ID += heldMark + strconv.FormatInt(last+1, 10)
	if _, err := t.storeJob(a, &own, &f, &d, 0); err != nil {
		return Answer{}, err
	}
	return t.show(a, Conflict, old, n)
}

// heldMark stands between a job id and the number of a further content that came under it: x~2 is the second. No job id
// holds one. heldUnder finds these by the two bounds of their ids.
const (
	heldMark  = "~"
	heldUnder = "job_id > ? AND job_id < ?"
)

// reject answers what cannot be a job.
func (t *tx) reject(a Arrival) (Answer, error) {
	n := notes{a.Parsed.Errors, a.Parsed.Warnings}
	e := Event{Type: EventRejected, Request: a.Parsed.ID, File: a.File, Detail: codes(n.Errors)}
	if _, err := t.emit(e); err != nil {
		return Answer{}, err
	}
	if err := t.file(a, Rejected, 0, n); err != nil {
		return Answer{}, err
	}
	return Answer{
		File: shownFile(a.File), JobID: a.Parsed.ID, Outcome: Rejected, Copies: []CopyStatus{}, Errors: some(n.Errors), Warnings: some(n.Warnings),
		UpdatedAt: t.now,
	}, nil
}

// answered answers a request that the journal knows already.
func (t *tx) answered(a Arrival, o Outcome, old jobRow, n notes) (Answer, error) {
	e := Event{Type: EventAnswered, JobID: old.jobID, Request: old.jobID, File: a.File, Detail: string(o), job: old.seq}
	if o == Conflict {
		e.Type, e.Detail = EventConflict, codes(n.Errors)
	}
	if _, err := t.emit(e); err != nil {
		return Answer{}, err
	}
	return t.show(a, o, old, n)
}

// show answers with what a known job has.
func (t *tx) show(a Arrival, o Outcome, old jobRow, n notes) (Answer, error) {
	shown := old.seq
	if old.outcome == Duplicate {
		shown = old.target
	}
	if err := t.alias(a.File, shown); err != nil {
		return Answer{}, err
	}
	if err := t.file(a, o, shown, n); err != nil {
		return Answer{}, err
	}
	ans, err := t.q.answerFor(t, old)
	ans.File, ans.Outcome, ans.Errors, ans.Warnings, ans.UpdatedAt = shownFile(a.File), o, some(n.Errors), some(n.Warnings), t.now
	if err == nil && o == Duplicate {
		ans.Fix, err = fixDuplicate(t, shown)
	}
	return ans, err
}

// alias remembers that one more file shows a job's copies.
func (t *tx) alias(file string, seq int64) error {
	if file == "" {
		return nil
	}
	return t.exec(`UPDATE jobs SET aliases = aliases + (file NOT IN ('', ?)), file = iif(file = '', ?, file)
		WHERE seq = ? AND file <> ?`, file, file, seq, file)
}

// takeNew decides about a job that is new, or was refused before (again is its row then).
func (t *tx) takeNew(a Arrival, again int64) (Answer, error) {
	j := a.Parsed.Job
	f := factsOf(j)
	d, err := t.decide(a, j, &f)
	if err != nil {
		return Answer{}, err
	}
	if d.outcome == "" {
		d.outcome = Accepted
	}
	d.warnings = append(d.warnings[:len(d.warnings):len(d.warnings)], a.Parsed.Warnings...)
	if d.request {
		j, f = asRequest(j, &f)
	}
	row, err := t.storeJob(a, j, &f, &d, again)
	if err != nil {
		return Answer{}, err
	}
	var made []copyRow
	if d.outcome == Accepted {
		if made, err = t.originals(row.seq, j, d.names); err != nil {
			return Answer{}, err
		}
		if len(made) > 0 && t.first == nil {
			t.first = &offer{made[0], &row, j}
		}
		if d.then != nil {
			if err := d.then(row.seq); err != nil {
				return Answer{}, err
			}
			made = nil
		}
	}
	shown := row.seq
	if d.outcome == Duplicate {
		shown = d.target
		if err := t.alias(a.File, shown); err != nil {
			return Answer{}, err
		}
	}
	if err := t.file(a, d.outcome, shown, notes{d.errors, d.warnings}); err != nil {
		return Answer{}, err
	}
	if made == nil {
		ans, err := t.q.answerFor(t, row)
		ans.File = shownFile(a.File)
		return ans, err
	}
	return t.q.answerOf(row, a.File, made), nil
}

// answerOf builds the answer of a job that was just taken, from what was just written.
func (q *Queue) answerOf(row jobRow, file string, made []copyRow) Answer {
	n := readNotes(row.notes)
	ans := Answer{
		File: shownFile(file), JobID: row.jobID, Outcome: row.outcome, Copies: make([]CopyStatus, len(made)), Errors: some(n.Errors),
		Warnings: some(n.Warnings), UpdatedAt: fromMillis(row.at),
	}
	for i := range made {
		ans.Copies[i] = q.status(&made[i], 1)
	}
	return ans
}

// decide applies the rules of the job's kind.
func (t *tx) decide(a Arrival, j *job.Job, f *facts) (d decision, err error) {
	if known := t.q.o.Known; known != nil && j.Printer != "" && !known(j.Printer) {
		p := problemPrinterUnknown(j.Printer)
		if j.Command != nil {
			return refuse(p), nil
		}
		defer func() { d.warnings = append(d.warnings, p) }()
	}
	switch {
	case j.Command != nil:
		return t.command(a, j)
	case j.Test:
		return decision{names: t.q.copyNames(j)}, nil
	case j.Transaction != nil:
		return t.transaction(j, f)
	}
	if first, err := t.sameContent(j); err != nil || first != 0 {
		if err != nil {
			return d, err
		}
		return t.knownContent(j, f, first)
	}
	if j.Order != nil {
		if d, err := t.ticketLacks(j, f); err != nil || d.request {
			return d, err
		}
	}
	switch {
	case j.Reversal != nil:
		return t.reversal(j, f)
	case j.Settlement != nil:
		return t.settlement(j, f)
	case j.Order != nil:
		return t.order(j, f)
	}
	return decision{names: t.q.copyNames(j)}, nil
}

// sameContent finds an accepted notice or settlement of exactly this content: a retry with a fresh id must not print a second
// original. Documents may say the same twice; for orders see sameOrder.
func (t *tx) sameContent(j *job.Job) (seq int64, err error) {
	switch j.Kind {
	case job.KindDocument:
		return 0, nil
	case job.KindOrder:
		return t.sameOrder(j)
	}
	err = noRow(t.row(`SELECT seq FROM jobs WHERE hash = ? AND `+isHashed+` AND kind = ?
		AND outcome = 'accepted' AND test = 0 ORDER BY seq LIMIT 1`, j.Hash, j.Kind).Scan(&seq))
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return seq, err
}

func joinNames(names []job.CopyName) string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = string(n)
	}
	return strings.Join(list, ",")
}

func codes(list []job.Problem) string {
	var s []string
	for _, p := range list {
		s = append(s, p.Code)
	}
	return strings.Join(s, " ")
}

// some gives an empty list for none, so that JSON shows [].
func some(list []job.Problem) []job.Problem {
	if list == nil {
		return []job.Problem{}
	}
	return list
}
