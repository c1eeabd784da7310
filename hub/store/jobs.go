package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/vocabulary"
)

// A JobState is where a job of the centre stands.
type JobState string

// The states. The last three are ends.
const (
	Waiting   JobState = "waiting"                            // it never left the hub
	Published JobState = "published"                          // it left; the shop has not answered
	Accepted           = JobState(vocabulary.OutcomeAccepted) // the shop has it on disk and answers for it
	Expired            = JobState(vocabulary.OutcomeExpired)  // its time was over; it is never paper
	Rejected           = JobState(vocabulary.OutcomeRejected) // the shop would not take it, and Outcome and Errors say why
)

// JobStates lists them.
func JobStates() []JobState { return []JobState{Waiting, Published, Accepted, Expired, Rejected} }

func stateOf(o vocabulary.Outcome) JobState {
	switch o {
	case vocabulary.OutcomeAccepted, vocabulary.OutcomeDuplicate:
		return Accepted
	case vocabulary.OutcomeExpired:
		return Expired
	}
	return Rejected
}

// A Job is one job of the centre.
type Job struct {
	Shop    string             `json:"shop"`
	JobID   string             `json:"job_id"`
	Kind    string             `json:"kind"`
	State   JobState           `json:"state"`
	Outcome vocabulary.Outcome `json:"outcome,omitempty"` // the shop's word
	Errors  []wire.Error       `json:"errors,omitempty"`
	Source  string             `json:"source"`
	Created time.Time          `json:"created"`
	Expires time.Time          `json:"expires,omitzero"`
	Sent    int                `json:"sent"` // how often it left
	SentAt  time.Time          `json:"sent_at,omitzero"`
	Done    time.Time          `json:"done,omitzero"`
	Copies  []wire.Copy        `json:"copies,omitempty"` // as far as the shop has told; only of one job
}

// A New is a job that is to reach a shop.
type New struct {
	Shop, JobID, Kind, Hash, Source string
	Content                         []byte
	Expires                         time.Time // zero: never
}

// An Added is what became of a New.
type Added int

// What became of it.
const (
	AddedNew      Added = iota
	AddedKnown          // the same job for the same shop is here already
	AddedConflict       // another job with that name is
)

// Add takes a job: it is on disk when Add returns nil.
func (s *Store) Add(ctx context.Context, n New) (Job, Added, error) {
	var added Added
	shops := map[string]*Shop{}
	err := s.w.do(ctx, func(t *tx) error {
		x, err := s.made(t, n.Shop)
		if err != nil {
			return err
		}
		var hash string
		err = t.row("SELECT hash FROM jobs WHERE shop = ? AND job_id = ?", x.id, n.JobID).Scan(&hash)
		switch {
		case err == nil && hash == n.Hash:
			added = AddedKnown
			return nil
		case err == nil:
			added = AddedConflict
			return nil
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		shops[n.Shop] = x
		now := ms(s.o.Now())
		_, err = t.exec("INSERT INTO jobs(shop, job_id, kind, hash, content, source, created, expires, state, open, next_at) VALUES(?,?,?,?,?,?,?,?,?,1,?)",
			x.id, n.JobID, n.Kind, n.Hash, n.Content, n.Source, now, ms(n.Expires), string(Waiting), now)
		return err
	})
	if err != nil {
		return Job{}, added, err
	}
	s.mu.Lock()
	for name, x := range shops {
		if s.shops[name] == nil {
			s.shops[name] = x
		}
	}
	s.mu.Unlock()
	j, err := s.Job(ctx, n.Shop, n.JobID)
	return j, added, err
}

// An Outgoing is a job that is to leave now.
type Outgoing struct {
	Shop, JobID string
	Content     []byte
	Expires     time.Time
	Over        bool // its time is over: the shop is asked what became of it

	id          int64
	sent, tries int
}

// Window is how many jobs one shop is sent before it has answered for the first of them: a broker drops what is beyond its queue.
const Window = 64

// mostAtOnce is how much of jobs' content is in memory at once: what is beyond it leaves with the next Claim.
const mostAtOnce = 8 << 20

// parked is when a job is looked at that waits for its shop to come.
const parked = math.MaxInt64

// Claim gives the jobs that are to leave now, of many the first: who sends them asks again until there are none. That they may have left is on disk when it returns. Jobs of shops that said they are off wait
// until these come; what never left and whose time is over is left to Expire.
func (s *Store) Claim(ctx context.Context, pause func(tries int) time.Duration) (out []Outgoing, err error) {
	now := s.o.Now()
	err = s.w.do(ctx, func(t *tx) error {
		out = nil
		due, whole, err := s.due(t, ms(now))
		if err != nil {
			return err
		}
		for _, j := range due {
			x := s.known(j.Shop)
			j.Over = !j.Expires.IsZero() && !now.Before(j.Expires)
			if j.Over && j.sent == 0 {
				if _, err := t.exec("UPDATE jobs SET next_at = ? WHERE id = ?", ms(now.Add(time.Second)), j.id); err != nil {
					return err
				}
				continue
			}
			if x != nil && x.Known && !x.State.Online {
				if _, err := t.exec("UPDATE jobs SET next_at = ? WHERE id = ?", int64(parked), j.id); err != nil {
					return err
				}
				continue
			}
			next := now.Add(pause(j.tries))
			if !j.Over && !j.Expires.IsZero() && j.Expires.Before(next) {
				next = j.Expires
			}
			if _, err := t.exec("UPDATE jobs SET state = ?, sent = sent + 1, tries = tries + 1, sent_at = ?, next_at = ? WHERE id = ?", string(Published), ms(now), ms(next), j.id); err != nil {
				return err
			}
			out = append(out, j)
		}
		return later(t, whole, now)
	})
	return out, err
}

// Refused notes that the broker did not take a job that Claim gave: this time it did not leave.
func (s *Store) Refused(ctx context.Context, j *Outgoing) error {
	state := Published
	if j.sent == 0 {
		state = Waiting
	}
	return s.w.do(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE jobs SET state = ?, sent = ? WHERE id = ? AND open = 1 AND sent = ?", string(state), j.sent, j.id, j.sent+1)
		return err
	})
}

// due reads the jobs that are due, of each shop within its window, and names the shops of which all were read.
func (s *Store) due(t *tx, now int64) (out []Outgoing, whole []int64, err error) {
	shops, err := dueShops(t, now)
	if err != nil {
		return nil, nil, err
	}
	left := mostAtOnce
	for _, shop := range shops {
		list, all, err := s.window(t, shop, now, left)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, list...)
		for i := range list {
			left -= len(list[i].Content)
		}
		if !all {
			break
		}
		whole = append(whole, shop)
	}
	return out, whole, nil
}

func dueShops(t *tx, now int64) (shops []int64, err error) {
	rows, err := t.query("SELECT DISTINCT shop FROM jobs WHERE open = 1 AND next_at <= ? LIMIT 200", now)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		shops = append(shops, id)
	}
	return shops, rows.Err()
}

// window reads a shop's due jobs until there are most bytes of them; all: these are all.
func (s *Store) window(t *tx, shop, now int64, most int) (out []Outgoing, all bool, err error) {
	rows, err := t.query(`SELECT w.id, s.name, w.job_id, w.content, w.expires, w.sent, w.tries FROM
		(SELECT * FROM jobs WHERE shop = ? AND open = 1 ORDER BY id LIMIT ?) w JOIN shops s ON s.id = w.shop WHERE w.next_at <= ? ORDER BY w.id`, shop, Window, now)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for rows.Next() {
		if most <= 0 {
			return out, false, nil
		}
		var j Outgoing
		var expires int64
		if err := rows.Scan(&j.id, &j.Shop, &j.JobID, &j.Content, &expires, &j.sent, &j.tries); err != nil {
			return nil, false, err
		}
		most -= len(j.Content)
		j.Expires = moment(expires)
		out = append(out, j)
	}
	return out, true, rows.Err()
}

// later lets what is due and beyond a shop's window wait a moment, or it would be looked at without end.
func later(t *tx, shops []int64, now time.Time) error {
	for _, shop := range shops {
		if _, err := t.exec("UPDATE jobs SET next_at = ? WHERE shop = ? AND open = 1 AND next_at <= ?", ms(now.Add(time.Second)), shop, ms(now)); err != nil {
			return err
		}
	}
	return nil
}

// Expire ends the jobs whose time is over and that never left: no copy of them is anywhere, so they are never paper.
func (s *Store) Expire(ctx context.Context) (ended int, err error) {
	now := ms(s.o.Now())
	err = s.w.do(ctx, func(t *tx) error {
		n, err := t.exec("UPDATE jobs SET state = ?, open = 0, done = ?, content = NULL WHERE open = 1 AND sent = 0 AND expires > 0 AND expires <= ?", string(Expired), now, now)
		ended = int(n)
		return err
	})
	return ended, err
}

// Again makes the open jobs of shops due now, since a shop came or, with no names, since the line did: what was on the way may be lost.
func (s *Store) Again(ctx context.Context, shops ...string) error {
	now := ms(s.o.Now())
	return s.w.do(ctx, func(t *tx) error {
		if len(shops) == 0 {
			_, err := t.exec("UPDATE jobs SET next_at = ?, tries = 0 WHERE open = 1", now)
			return err
		}
		for _, name := range shops {
			if _, err := t.exec("UPDATE jobs SET next_at = ?, tries = 0 WHERE shop = ? AND open = 1", now, s.idOf(name)); err != nil {
				return err
			}
		}
		return nil
	})
}

// A Filter chooses jobs.
type Filter struct {
	Shop, JobID string
	State       JobState
	Open        bool
	Limit       int // 0 is 100
}

const jobColumns = "SELECT s.name, j.job_id, j.kind, j.state, j.outcome, j.errors, j.source, j.created, j.expires, j.sent, j.sent_at, j.done FROM jobs j JOIN shops s ON s.id = j.shop"

// Jobs lists jobs, the newest first.
func (s *Store) Jobs(ctx context.Context, f Filter) ([]Job, error) {
	where, args := []string{"1"}, []any{}
	if f.Shop != "" {
		where, args = append(where, "j.shop = ?"), append(args, s.idOf(f.Shop))
	}
	if f.JobID != "" {
		where, args = append(where, "j.job_id = ?"), append(args, f.JobID)
	}
	if f.State != "" {
		where, args = append(where, "j.state = ?"), append(args, string(f.State))
	}
	if f.Open {
		where = append(where, "j.open = 1")
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	rows, err := s.pool.QueryContext(ctx, jobColumns+" WHERE "+strings.Join(where, " AND ")+" ORDER BY j.id DESC LIMIT ?", append(args, f.Limit)...)
	if err != nil {
		return nil, sorted(err)
	}
	defer rows.Close()
	out := []Job{}
	for rows.Next() {
		j, err := scanJob(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, j)
	}
	return out, rows.Err()
}

func scanJob(rows interface{ Scan(...any) error }) (j Job, err error) {
	var created, expires, sentAt, done int64
	var errs []byte
	if err := rows.Scan(&j.Shop, &j.JobID, &j.Kind, &j.State, &j.Outcome, &errs, &j.Source, &created, &expires, &j.Sent, &sentAt, &done); err != nil {
		return j, sorted(err)
	}
	j.Created, j.Expires, j.SentAt, j.Done = moment(created), moment(expires), moment(sentAt), moment(done)
	if len(errs) > 0 {
		err = json.Unmarshal(errs, &j.Errors)
	}
	return j, err
}

// Job gives one with what its shop told of its paper; ErrNotFound.
func (s *Store) Job(ctx context.Context, shop, jobID string) (Job, error) {
	j, err := scanJob(s.pool.QueryRowContext(ctx, jobColumns+" WHERE j.shop = ? AND j.job_id = ?", s.idOf(shop), jobID))
	if err != nil {
		return j, err
	}
	slips, err := s.Slips(ctx, shop, jobID, 1)
	if len(slips) > 0 {
		j.Copies = slips[0].Copies
	}
	return j, err
}

// Counts are the outbox in numbers.
type Counts struct {
	States map[JobState]int
	Oldest time.Time // of the jobs without an answer
}

// Counts counts.
func (s *Store) Counts(ctx context.Context) (Counts, error) {
	c := Counts{States: map[JobState]int{}}
	rows, err := s.pool.QueryContext(ctx, "SELECT state, count(*), min(created), open FROM jobs GROUP BY open, state")
	if err != nil {
		return c, sorted(err)
	}
	defer rows.Close()
	for rows.Next() {
		var state JobState
		var n int
		var oldest int64
		var open bool
		if err := rows.Scan(&state, &n, &oldest, &open); err != nil {
			return c, err
		}
		c.States[state] = n
		if t := moment(oldest); open && (c.Oldest.IsZero() || t.Before(c.Oldest)) {
			c.Oldest = t
		}
	}
	return c, rows.Err()
}

// Again tells whether it had left before.
func (j *Outgoing) Again() bool { return j.sent > 0 }
