package store

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
)

// A Slip is what a shop told of one job's paper.
type Slip struct {
	JobID  string      `json:"job_id"`
	At     time.Time   `json:"at"` // of the newest word
	Copies []wire.Copy `json:"copies"`
}

// Slips gives a shop's newest slips, the newest first; with a job_id that one alone.
func (s *Store) Slips(ctx context.Context, shop, jobID string, limit int) ([]Slip, error) {
	id := s.idOf(shop)
	query, args := `SELECT c.job_id, c.copy_id, c.copy, c.station, c.print_no, c.state, c.reason, c.proof, c.mark, c.printer, c.at FROM
		(SELECT job_id, max(n) AS newest FROM (SELECT job_id, n FROM copies WHERE shop = ?1 ORDER BY n DESC LIMIT ?2 * 4) GROUP BY job_id ORDER BY newest DESC LIMIT ?2) w
		JOIN copies c ON c.shop = ?1 AND c.job_id = w.job_id ORDER BY w.newest DESC, c.print_no, c.copy_id`, []any{id, limit}
	if jobID != "" {
		query, args = "SELECT job_id, copy_id, copy, station, print_no, state, reason, proof, mark, printer, at FROM copies WHERE shop = ? AND job_id = ? ORDER BY print_no, copy_id", []any{id, jobID}
	}
	rows, err := s.pool.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, sorted(err)
	}
	defer rows.Close()
	out := []Slip{}
	for rows.Next() {
		var id string
		var c wire.Copy
		var at int64
		if err := rows.Scan(&id, &c.CopyID, &c.Copy, &c.Station, &c.PrintNo, &c.State, &c.Reason, &c.Proof, &c.Mark, &c.Printer, &at); err != nil {
			return nil, err
		}
		if len(out) == 0 || out[len(out)-1].JobID != id {
			out = append(out, Slip{JobID: id})
		}
		last := &out[len(out)-1]
		last.Copies = append(last.Copies, c)
		if t := moment(at); t.After(last.At) {
			last.At = t
		}
	}
	return out, rows.Err()
}

// A Line is one event of one shop.
type Line struct {
	N     int64      `json:"n"` // counts the events of all shops, as they came
	Shop  string     `json:"shop"`
	Came  time.Time  `json:"came"`
	Event wire.Event `json:"event"`
}

// Events gives what came after a line, of one shop or of all, the oldest first.
func (s *Store) Events(ctx context.Context, after int64, shop string, limit int) ([]Line, error) {
	query, args := "SELECT e.n, s.name, e.came, e.body FROM events e JOIN shops s ON s.id = e.shop WHERE e.n > ? ORDER BY e.n LIMIT ?", []any{after, limit}
	if shop != "" {
		query, args = "SELECT e.n, s.name, e.came, e.body FROM events e JOIN shops s ON s.id = e.shop WHERE e.n > ? AND e.shop = ? ORDER BY e.n LIMIT ?", []any{after, s.idOf(shop), limit}
	}
	rows, err := s.pool.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, sorted(err)
	}
	defer rows.Close()
	out := []Line{}
	for rows.Next() {
		var l Line
		var came int64
		var body []byte
		if err := rows.Scan(&l.N, &l.Shop, &came, &body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &l.Event); err != nil {
			return nil, err
		}
		l.Came = moment(came)
		out = append(out, l)
	}
	return out, rows.Err()
}

// Last is the number of the newest event.
func (s *Store) Last(ctx context.Context) (n int64, err error) {
	err = s.pool.QueryRowContext(ctx, "SELECT coalesce(max(n), 0) FROM events").Scan(&n)
	return n, sorted(err)
}

// Changed gives a channel that is closed when events or replies came.
func (s *Store) Changed() <-chan struct{} {
	s.watched.mu.Lock()
	defer s.watched.mu.Unlock()
	return s.watched.more
}

// watched wakes those who wait for something.
type watched struct {
	mu   sync.Mutex // guards what follows
	more chan struct{}
}

func (w *watched) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.more)
	w.more = make(chan struct{})
}

// portion is how much one transaction of Prune removes: others wait for it.
const portion = 2000

// Prune removes what is older: events and paper, jobs and commands that ended. It tells whether there is more to remove.
func (s *Store) Prune(ctx context.Context, before time.Time) (more bool, err error) {
	err = s.w.do(ctx, func(t *tx) error {
		more = false
		for _, q := range []string{
			"DELETE FROM events WHERE n IN (SELECT n FROM events WHERE came < ? ORDER BY came LIMIT ?)",
			"DELETE FROM copies WHERE (shop, copy_id) IN (SELECT shop, copy_id FROM copies WHERE at < ? ORDER BY at LIMIT ?)",
			"DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE open = 0 AND done < ? ORDER BY done LIMIT ?)",
			"DELETE FROM commands WHERE n IN (SELECT n FROM commands WHERE open = 0 AND created < ? LIMIT ?)",
		} {
			n, err := t.exec(q, ms(before), portion)
			if err != nil {
				return err
			}
			more = more || n == portion
		}
		return nil
	})
	return more, err
}
