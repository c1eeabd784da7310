// Package notices keeps in the journal what somebody outside is to be told, and how far each receiver was told. It decides nothing: the
// daemon says what stands, and this writes what is new and what is over. What a method changed is on disk when it returns, so a crash
// loses nothing and at worst a receiver is told twice. It starts no goroutine, and any goroutine may call it.
package notices

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Condition is something that stands now.
type Condition struct {
	Event   vocabulary.Notice
	Subject string // what it is about, among those of its event
	Facts   api.Facts
}

// Notices are the notices of a journal.
type Notices struct{ db *journal.DB }

// New gives the notices of a journal.
func New(db *journal.DB) *Notices { return &Notices{db} }

// standing is a condition that the journal has as standing.
type standing struct {
	Condition
	seq, at int64
}

func readStanding(s record.Source) ([]standing, error) {
	rows, err := s.Query("SELECT seq, at, event, subject, facts FROM notices WHERE (begun = 0 AND over = 0) ORDER BY seq")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []standing
	for rows.Next() {
		var x standing
		var facts string
		if err := rows.Scan(&x.seq, &x.at, &x.Event, &x.Subject, &facts); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(facts), &x.Facts); err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, rows.Err()
}

// Standing gives what the journal has as standing, the oldest first.
func (n *Notices) Standing(ctx context.Context) ([]Condition, error) {
	list, err := readStanding(n.db.Read(ctx))
	out := make([]Condition, len(list))
	for i, x := range list {
		out[i] = x.Condition
	}
	return out, err
}

// Set writes what is new among what stands now, and what of the journal's is over. end gives the facts that an end is told with; ok
// false: it cannot be said whether it is over, so it stands on. Set gives how many notices it wrote.
func (n *Notices) Set(ctx context.Context, now []Condition, end func(Condition) (facts api.Facts, ok bool)) (int, error) {
	before, err := readStanding(n.db.Read(ctx))
	if err != nil {
		return 0, err
	}
	key := func(c *Condition) string { return string(c.Event) + " " + c.Subject }
	known, stands := map[string]bool{}, map[string]bool{}
	for i := range now {
		stands[key(&now[i])] = true
	}
	var over []standing
	for i := range before {
		known[key(&before[i].Condition)] = true
		if stands[key(&before[i].Condition)] {
			continue
		}
		facts, ok := end(before[i].Condition)
		if ok {
			before[i].Facts = facts
			over = append(over, before[i])
		}
	}
	begun := slices.DeleteFunc(slices.Clone(now), func(c Condition) bool { return known[key(&c)] })
	if len(begun)+len(over) == 0 {
		return 0, nil
	}
	return len(begun) + len(over), n.db.Do(ctx, func(t *journal.Tx) error { return write(t, begun, over) })
}

// write gives each notice its number: behind every one there ever was, those that retention removed and somebody was told too.
func write(t *journal.Tx, begun []Condition, over []standing) error {
	var last int64
	if err := t.Row(`SELECT max(coalesce((SELECT max(seq) FROM notices), 0), coalesce((SELECT max(max(cursor, first)) FROM receivers), 0))`).Scan(&last); err != nil {
		return err
	}
	at := record.Millis(t.Now)
	for _, c := range begun {
		facts, err := json.Marshal(c.Facts)
		if err != nil {
			return err
		}
		last++
		if err := t.Exec("INSERT INTO notices (seq, at, event, subject, facts) VALUES (?, ?, ?, ?, ?)", last, at, string(c.Event), c.Subject, string(facts)); err != nil {
			return err
		}
	}
	for _, x := range over {
		facts, err := json.Marshal(x.Facts)
		if err != nil {
			return err
		}
		last++
		if err := t.Exec("INSERT INTO notices (seq, at, event, subject, begun, since, facts) VALUES (?, ?, ?, ?, ?, ?, ?)", last, at, string(x.Event), x.Subject,
			x.seq, x.at, string(facts)); err != nil {
			return err
		}
		if err := t.Exec("UPDATE notices SET over = ? WHERE seq = ?", last, x.seq); err != nil {
			return err
		}
	}
	return nil
}

// Begin makes the cursors of these receivers, where they have none yet, and forgets all others. Who is new is told what stands, and not
// what was over before.
func (n *Notices) Begin(ctx context.Context, receivers []string) error {
	have, err := record.Column[string](n.db.Read(ctx), "SELECT name FROM receivers ORDER BY name")
	if err != nil {
		return err
	}
	wanted := slices.Sorted(slices.Values(receivers))
	if slices.Equal(have, wanted) {
		return nil
	}
	return n.db.Do(ctx, func(t *journal.Tx) error {
		for _, name := range have {
			if !slices.Contains(wanted, name) {
				if err := t.Exec("DELETE FROM receivers WHERE name = ?", name); err != nil {
					return err
				}
			}
		}
		for _, name := range wanted {
			if slices.Contains(have, name) {
				continue
			}
			if err := t.Exec("INSERT INTO receivers (name, first, cursor) SELECT ?, coalesce(max(seq), 0), 0 FROM notices", name); err != nil {
				return err
			}
		}
		return nil
	})
}

// untold is the condition of what receiver ?1, who wants the events in ?2, was not told.
const untold = `FROM receivers r CROSS JOIN notices n WHERE r.name = ?1 AND n.seq > r.cursor AND instr(?2, ' ' || n.event || ' ') > 0
	AND (n.seq > r.first OR n.begun = 0 AND (n.over = 0 OR n.over > r.first))`

func wanted(events []vocabulary.Notice) string {
	var b strings.Builder
	b.WriteByte(' ')
	for _, e := range events {
		b.WriteString(string(e) + " ")
	}
	return b.String()
}

// Pending gives what a receiver of these events has not been told yet, the first ones with their content.
func (n *Notices) Pending(ctx context.Context, receiver string, events []vocabulary.Notice, most int) (p api.PendingNotices, err error) {
	s := n.db.Read(ctx)
	counts, err := s.Query("SELECT n.event, n.begun <> 0, count(*), max(n.seq) "+untold+" GROUP BY 1, 2 ORDER BY min(n.seq)", receiver, wanted(events))
	if err != nil {
		return p, err
	}
	defer counts.Close()
	for counts.Next() {
		var c api.NoticeCount
		var last int64
		if err := counts.Scan(&c.Event, &c.Over, &c.Count, &last); err != nil {
			return p, err
		}
		p.Counts, p.Total, p.Last = append(p.Counts, c), p.Total+c.Count, max(p.Last, last)
	}
	if err := counts.Err(); err != nil || p.Total == 0 {
		return p, err
	}
	rows, err := s.Query("SELECT n.seq, n.at, n.event, n.begun <> 0, n.since, n.facts "+untold+" AND n.seq <= ?3 ORDER BY n.seq LIMIT ?4", receiver, wanted(events), p.Last, most)
	if err != nil {
		return p, err
	}
	defer rows.Close()
	for rows.Next() {
		var x api.Notice
		var at, since int64
		var facts string
		if err := rows.Scan(&x.ID, &at, &x.Event, &x.Over, &since, &facts); err != nil {
			return p, err
		}
		if err := json.Unmarshal([]byte(facts), &x.Facts); err != nil {
			return p, err
		}
		if x.At = record.FromMillis(at); since != 0 {
			x.Since = record.FromMillis(since)
		}
		p.Notices = append(p.Notices, x)
	}
	if err := rows.Err(); err != nil || len(p.Notices) > 0 {
		return p, err
	}
	return api.PendingNotices{}, nil // retention took them between
}

// Told notes that a receiver took everything up to the notice with number last.
func (n *Notices) Told(ctx context.Context, receiver string, last int64, _ int) error {
	return n.db.Do(ctx, func(t *journal.Tx) error {
		return t.Exec("UPDATE receivers SET cursor = max(cursor, ?), told_at = ? WHERE name = ?", last, record.Millis(t.Now), receiver)
	})
}

// GiveUp passes over what a receiver was not told before a time, and gives how many these were.
func (n *Notices) GiveUp(ctx context.Context, receiver string, events []vocabulary.Notice, before time.Time) (count int, err error) {
	err = n.db.Do(ctx, func(t *journal.Tx) error {
		var last int64
		err := t.Row("SELECT count(*), coalesce(max(n.seq), 0) "+untold+" AND n.at < ?3 AND n.seq < coalesce((SELECT min(m.seq) FROM notices m WHERE m.seq > r.cursor AND m.at >= ?3), n.seq + 1)",
			receiver, wanted(events), record.Millis(before)).Scan(&count, &last)
		if err != nil || count == 0 {
			return err
		}
		return t.Exec("UPDATE receivers SET cursor = max(cursor, ?), given_up = given_up + ?, given_up_at = ? WHERE name = ?", last, count, record.Millis(t.Now), receiver)
	})
	return count, err
}

// Receiver gives what the journal knows of a receiver.
func (n *Notices) Receiver(ctx context.Context, receiver string, events []vocabulary.Notice) (r api.Receiver, err error) {
	s := n.db.Read(ctx)
	var oldest, told, given int64
	err = s.Row("SELECT count(*), coalesce(min(n.at), 0) "+untold, receiver, wanted(events)).Scan(&r.Pending, &oldest)
	if err != nil {
		return r, err
	}
	err = s.Row("SELECT coalesce(max(told_at), 0), coalesce(max(given_up), 0), coalesce(max(given_up_at), 0) FROM receivers WHERE name = ?", receiver).Scan(&told, &r.GivenUp, &given)
	for _, x := range []struct {
		ms int64
		to *time.Time
	}{{oldest, &r.Oldest}, {told, &r.LastTold}, {given, &r.GivenUpAt}} {
		if x.ms != 0 {
			*x.to = record.FromMillis(x.ms)
		}
	}
	return r, err
}
