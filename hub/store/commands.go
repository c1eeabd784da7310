package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
)

// A Command is what a person or a program at the centre asked of a shop.
type Command struct {
	Shop     string       `json:"shop"`
	Command  wire.Command `json:"command"`
	Operator string       `json:"operator,omitempty"`
	Created  time.Time    `json:"created"`
	Open     bool         `json:"open"` // it is asked again until its time is over
	Reply    *wire.Reply  `json:"reply,omitempty"`
	Done     time.Time    `json:"done,omitzero"`
}

// Ask writes a command down, to be sent now and again until life is over. One with the same CmdID is not written again.
func (s *Store) Ask(ctx context.Context, shop string, c wire.Command, operator string, life time.Duration) error {
	id := s.idOf(shop)
	if id == 0 {
		return ErrNotFound
	}
	now := s.o.Now()
	return s.w.do(ctx, func(t *tx) error {
		_, err := t.exec("INSERT INTO commands(cmd_id, shop, body, operator, created, until, next_at, open) VALUES(?,?,?,?,?,?,?,1) ON CONFLICT(cmd_id) DO NOTHING", c.CmdID, id, encode(c), name(operator),
			ms(now), ms(now.Add(life)), ms(now))
		return err
	})
}

// ClaimCommands gives the commands that are to leave now. Those whose time is over end without a reply.
func (s *Store) ClaimCommands(ctx context.Context, pause time.Duration) (out []Command, err error) {
	now, ended := s.o.Now(), int64(0)
	err = s.w.do(ctx, func(t *tx) (err error) {
		out = nil
		ended, err = t.exec("UPDATE commands SET open = 0, done = ? WHERE open = 1 AND until <= ?", ms(now), ms(now))
		if err != nil {
			return err
		}
		rows, err := t.query("SELECT s.name, c.body FROM commands c JOIN shops s ON s.id = c.shop WHERE c.open = 1 AND c.next_at <= ? ORDER BY c.n LIMIT 200", ms(now))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c Command
			var body []byte
			if err := rows.Scan(&c.Shop, &body); err != nil {
				return err
			}
			if err := json.Unmarshal(body, &c.Command); err != nil {
				return err
			}
			out = append(out, c)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		rows.Close()
		_, err = t.exec("UPDATE commands SET next_at = ? WHERE open = 1 AND next_at <= ?", ms(now.Add(pause)), ms(now))
		return err
	})
	if err == nil && ended > 0 { // on disk: who waits finds it
		s.watched.tell()
	}
	return out, err
}

// Command gives one; ErrNotFound.
func (s *Store) Command(ctx context.Context, cmdID string) (Command, error) {
	list, err := s.commands(ctx, "c.cmd_id = ?", 1, cmdID)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Command{}, err
	}
	return list[0], nil
}

// Commands lists those of a shop, the newest first.
func (s *Store) Commands(ctx context.Context, shop string, limit int) ([]Command, error) {
	return s.commands(ctx, "c.shop = ?", limit, s.idOf(shop))
}

func (s *Store) commands(ctx context.Context, where string, limit int, arg any) ([]Command, error) {
	rows, err := s.pool.QueryContext(ctx, "SELECT s.name, c.body, c.operator, c.created, c.open, c.reply, c.done FROM commands c JOIN shops s ON s.id = c.shop WHERE "+where+" ORDER BY c.n DESC LIMIT ?", arg, limit)
	if err != nil {
		return nil, sorted(err)
	}
	defer rows.Close()
	out := []Command{}
	for rows.Next() {
		var c Command
		var body, reply []byte
		var created, done int64
		if err := rows.Scan(&c.Shop, &body, &c.Operator, &created, &c.Open, &reply, &done); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &c.Command); err != nil {
			return nil, err
		}
		if len(reply) > 0 {
			c.Reply = &wire.Reply{}
			if err := json.Unmarshal(reply, c.Reply); err != nil {
				return nil, err
			}
		}
		c.Created, c.Done = moment(created), moment(done)
		out = append(out, c)
	}
	return out, rows.Err()
}
