package store

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
)

// mostJournals is how many journals of one shop are remembered.
const mostJournals = 16

// A Shop is one shop as the centre knows it.
type Shop struct {
	Name     string     `json:"shop"`
	State    wire.State `json:"state"`
	Known    bool       `json:"known"` // it has told a state
	Heard    time.Time  `json:"heard,omitzero"`
	Birth    string     `json:"birth,omitempty"`
	Seq      int64      `json:"seq"`                // stored up to, of that journal
	Missing  bool       `json:"missing,omitempty"`  // there is a hole behind Seq, which was asked for
	Replaced time.Time  `json:"replaced,omitzero"`  // when another journal took the place of one that was known
	Doubled  time.Time  `json:"doubled,omitzero"`   // when two daemons last spoke under its name
	Open     int        `json:"open"`               // jobs that it has not answered for
	Rejected int        `json:"rejected,omitempty"` // jobs of the last day that it would not take

	id       int64
	journals map[string]journal
}

type journal struct {
	seq   int64
	began int64
}

func (s *Shop) clone() *Shop {
	c := *s
	c.journals = maps.Clone(s.journals)
	return &c
}

// load reads what is kept in memory too.
func (s *Store) load(ctx context.Context) error {
	rows, err := s.pool.QueryContext(ctx, "SELECT id, name, state, heard, birth, replaced, doubled FROM shops")
	if err != nil {
		return err
	}
	defer rows.Close()
	byID := map[int64]*Shop{}
	for rows.Next() {
		x := &Shop{journals: map[string]journal{}}
		var state []byte
		var heard, replaced, doubled int64
		if err := rows.Scan(&x.id, &x.Name, &state, &heard, &x.Birth, &replaced, &doubled); err != nil {
			return err
		}
		if len(state) > 0 {
			if err := json.Unmarshal(state, &x.State); err != nil {
				return err
			}
			x.Known = true
		}
		x.Heard, x.Replaced, x.Doubled = moment(heard), moment(replaced), moment(doubled)
		s.shops[x.Name], byID[x.id] = x, x
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return s.loadJournals(ctx, byID)
}

func (s *Store) loadJournals(ctx context.Context, byID map[int64]*Shop) error {
	rows, err := s.pool.QueryContext(ctx, "SELECT shop, birth, seq, began FROM journals")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var birth string
		var j journal
		if err := rows.Scan(&id, &birth, &j.seq, &j.began); err != nil {
			return err
		}
		if x := byID[id]; x != nil {
			x.journals[birth] = j
			if birth == x.Birth {
				x.Seq = j.seq
			}
		}
	}
	return rows.Err()
}

// Shops gives all, by name, with how many jobs each has open.
func (s *Store) Shops(ctx context.Context) ([]Shop, error) {
	open, err := s.counts(ctx, "SELECT shop, count(*) FROM jobs WHERE open = 1 GROUP BY shop")
	if err != nil {
		return nil, err
	}
	rejected, err := s.counts(ctx, "SELECT shop, count(*) FROM jobs WHERE open = 0 AND state = 'rejected' AND done > ? GROUP BY shop", ms(s.o.Now().Add(-24*time.Hour)))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Shop, 0, len(s.shops))
	for _, x := range s.shops {
		c := *x
		c.Open, c.Rejected = open[x.id], rejected[x.id]
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Shop) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// Shop gives one; ErrNotFound.
func (s *Store) Shop(ctx context.Context, name string) (Shop, error) {
	x := s.known(name)
	if x == nil {
		return Shop{}, ErrNotFound
	}
	c := *x
	err := s.pool.QueryRowContext(ctx, "SELECT count(*), (SELECT count(*) FROM jobs WHERE shop = ?1 AND open = 0 AND state = 'rejected' AND done > ?2) FROM jobs WHERE shop = ?1 AND open = 1",
		c.id, ms(s.o.Now().Add(-24*time.Hour))).Scan(&c.Open, &c.Rejected)
	return c, sorted(err)
}

func (s *Store) counts(ctx context.Context, query string, args ...any) (map[int64]int, error) {
	rows, err := s.pool.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, sorted(err)
	}
	defer rows.Close()
	out := map[int64]int{}
	for rows.Next() {
		var id int64
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		out[id] = n
	}
	return out, rows.Err()
}

// known gives a shop, nil where it has never been heard of. It stays as it is: who changes one changes a clone.
func (s *Store) known(name string) *Shop {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shops[name]
}

// idOf gives the number of a shop, 0 where there is none.
func (s *Store) idOf(name string) int64 {
	if x := s.known(name); x != nil {
		return x.id
	}
	return 0
}

// made gives a shop that is to be changed, making it where there is none.
func (s *Store) made(t *tx, name string) (*Shop, error) {
	if x := s.known(name); x != nil {
		return x.clone(), nil
	}
	x := &Shop{Name: name, journals: map[string]journal{}}
	err := t.row("INSERT INTO shops(name) VALUES(?) ON CONFLICT(name) DO UPDATE SET name = name RETURNING id", name).Scan(&x.id)
	return x, err
}

// put makes changed shops the ones that are known, after their transaction.
func (s *Store) put(list map[string]*Shop) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.shops, list)
}

// Behind gives, of each shop that is there and told more than is stored, how far it is stored: it is to tell again what follows.
func (s *Store) Behind() map[string]wire.Ack {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]wire.Ack{}
	for name, x := range s.shops {
		birth, told := x.State.Birth, x.State.Seq
		if birth == "" {
			birth = x.Birth
		}
		if j := x.journals[birth]; birth != "" && x.State.Online && (told > j.seq || x.Missing) {
			out[name] = wire.Ack{Birth: birth, Seq: j.seq, Resend: true}
		}
	}
	return out
}
