package store

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
)

// A Heard is one message of a shop: one of the pointers is set.
type Heard struct {
	Shop   string
	Event  *wire.Event
	State  *wire.State
	Answer *wire.Answer // with the job_id that the centre asked with
	Reply  *wire.Reply
}

// A Taken tells what a batch of messages made of the store.
type Taken struct {
	Acks   map[string]wire.Ack // by shop: how far it is stored now; Resend where there is a hole
	Came   []string            // shops that came, or that spoke although they were thought gone
	Events int                 // new ones
	Again  int                 // those that were there already
	Holes  int
	Done   int // jobs that have their answer now
	// Replies are commands that have theirs.
	Replies int
}

// taking is one batch on its way.
type taking struct {
	s     *Store
	t     *tx
	now   time.Time
	shops map[string]*Shop
	out   Taken
}

// Take stores a batch of messages in one transaction. A nil error: all of it is on disk. ErrNever: one of them can never be stored.
func (s *Store) Take(ctx context.Context, batch []Heard) (Taken, error) {
	k := &taking{s: s}
	err := s.w.do(ctx, func(t *tx) error {
		*k = taking{s: s, t: t, now: s.o.Now(), shops: map[string]*Shop{}, out: Taken{Acks: map[string]wire.Ack{}}}
		for i := range batch {
			if err := k.one(&batch[i]); err != nil {
				return err
			}
		}
		for _, x := range k.shops {
			if err := k.write(x); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Taken{}, err
	}
	s.put(k.shops)
	if k.out.Events+k.out.Replies > 0 { // it is on disk: who waits finds it
		s.watched.tell()
	}
	return k.out, nil
}

// LeaveOut takes the place of a message that Take refuses with ErrNever. Of an event its place in the chain is stored and nothing else, so that those
// after it are not refused for want of it; of another message nothing.
func (s *Store) LeaveOut(ctx context.Context, h Heard) (Taken, error) {
	if h.Event == nil {
		return Taken{}, nil
	}
	e := h.Event
	return s.Take(ctx, []Heard{{Shop: h.Shop, Event: &wire.Event{Seq: e.Seq, Prev: e.Prev, Birth: e.Birth, At: e.At, Type: wire.EventLeftOut}}})
}

func (k *taking) shop(name string) (*Shop, error) {
	if x := k.shops[name]; x != nil {
		return x, nil
	}
	x, err := k.s.made(k.t, name)
	if err == nil {
		k.shops[name] = x
	}
	return x, err
}

func (k *taking) one(h *Heard) error {
	x, err := k.shop(h.Shop)
	if err != nil {
		return err
	}
	if h.State == nil {
		k.speaks(x)
	}
	switch {
	case h.Event != nil:
		return k.event(x, cleanEvent(*h.Event))
	case h.State != nil:
		return k.state(x, cleanState(*h.State))
	case h.Answer != nil:
		return k.answer(x, cleanAnswer(h.Answer))
	case h.Reply != nil:
		return k.reply(x, cleanReply(*h.Reply))
	}
	return nil
}

// speaks notes that a shop is there.
func (k *taking) speaks(x *Shop) {
	x.Heard = k.now
	if x.Known && !x.State.Online {
		x.State.Online, x.State.Why = true, ""
		k.out.Came = append(k.out.Came, x.Name)
	}
}

func (k *taking) state(x *Shop, s wire.State) error {
	came := s.Online && (!x.Known || !x.State.Online)
	if !s.Online && s.Birth == "" { // a will says nothing more: what was known of the printers is kept beside it
		s.Birth, s.Seq, s.Version, s.Printers, s.Uncertain, s.Reversals, s.DiskFull = x.State.Birth, x.State.Seq, x.State.Version, x.State.Printers, x.State.Uncertain, x.State.Reversals, x.State.DiskFull
		s.At = x.State.At
	}
	silent := x.Heard.Before(k.s.opened) || k.now.Sub(x.Heard) > time.Hour // an ack that this centre had not sent when it ended is sent now
	if s.Online {
		x.Heard = k.now
	}
	if s.TakenOver {
		x.Doubled = k.now
	}
	x.State, x.Known = s, true
	if came {
		k.out.Came = append(k.out.Came, x.Name)
	}
	if behind := s.Seq > x.journals[s.Birth].seq; s.Online && s.Birth != "" && (behind || came || silent) { // one that was silent is told that somebody listens
		k.ack(x, s.Birth, behind)
	}
	return nil
}

// ack notes how far a journal is stored.
func (k *taking) ack(x *Shop, birth string, behind bool) {
	a := k.out.Acks[x.Name]
	if a.Birth != birth {
		a = wire.Ack{Birth: birth}
	}
	a.Seq = x.journals[birth].seq
	a.Resend = behind
	k.out.Acks[x.Name] = a
}

// event takes an event in its place: each once, none before the one that it follows.
func (k *taking) event(x *Shop, e wire.Event) error {
	if e.Birth == "" || e.Seq <= 0 {
		return nil
	}
	j, known := x.journals[e.Birth]
	switch {
	case known && e.Seq <= j.seq:
		k.out.Again++
		k.ack(x, e.Birth, false)
		return nil
	case e.Prev > j.seq:
		k.out.Holes++
		x.Missing = true
		if !known {
			k.spoke(x, e.Birth, false) // it is the one that speaks now, although nothing of it is stored yet
			k.begin(x, e.Birth)
			x.Seq = 0
		}
		k.ack(x, e.Birth, true)
		return nil
	}
	k.spoke(x, e.Birth, known)
	if !known {
		j = k.begin(x, e.Birth)
	}
	j.seq = e.Seq
	x.journals[e.Birth], x.Seq, x.Missing = j, e.Seq, false
	var n int64
	if err := k.t.row("INSERT INTO events(shop, birth, seq, came, body) VALUES(?, ?, ?, ?, ?) ON CONFLICT(shop, birth, seq) DO UPDATE SET came = came RETURNING n", x.id, e.Birth, e.Seq, ms(k.now), encode(e)).Scan(&n); err != nil {
		return err
	}
	k.out.Events++
	k.ack(x, e.Birth, false)
	return k.follow(x, n, e)
}

// spoke notes which journal speaks: one that was not known is another one, one that was left speaking anew is a second daemon.
func (k *taking) spoke(x *Shop, birth string, known bool) {
	if x.Birth == birth {
		return
	}
	if x.Birth != "" {
		if known {
			x.Doubled = k.now
		} else {
			x.Replaced = k.now
		}
	}
	x.Birth = birth
}

// begin notes a journal that was not known; of many the oldest is forgotten.
func (k *taking) begin(x *Shop, birth string) journal {
	if len(x.journals) >= mostJournals {
		oldest := ""
		for b, j := range x.journals {
			if b != x.Birth && (oldest == "" || j.began < x.journals[oldest].began) {
				oldest = b
			}
		}
		delete(x.journals, oldest)
	}
	j := journal{began: ms(k.now)}
	x.journals[birth] = j
	return j
}

// follow draws what an event says about paper.
func (k *taking) follow(x *Shop, n int64, e wire.Event) error {
	if e.CopyID != "" {
		if _, err := k.t.exec(`INSERT INTO copies(shop, copy_id, job_id, at, n, copy, station, print_no, state, proof, mark, printer, reason) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)
			ON CONFLICT(shop, copy_id) DO UPDATE SET at = excluded.at, n = excluded.n, state = iif(excluded.state = '', state, excluded.state), reason = excluded.reason,
			proof = iif(excluded.proof = '', proof, excluded.proof), mark = iif(excluded.mark = '', mark, excluded.mark), printer = iif(excluded.printer = '', printer, excluded.printer),
			print_no = max(print_no, excluded.print_no), job_id = iif(excluded.job_id = '', job_id, excluded.job_id)`,
			x.id, e.CopyID, e.JobID, ms(k.now), n, e.Copy, e.Station, e.PrintNo, e.State, string(e.Proof), string(e.Mark), e.Printer, string(e.Reason)); err != nil {
			return err
		}
	}
	return nil
}

// answer ends a job. Only the shop's answer to that job does: an event of the same job_id may be of a job that the shop has from elsewhere.
func (k *taking) answer(x *Shop, a *wire.Answer) error {
	if a.JobID == "" || a.Outcome == "" {
		return nil
	}
	var errs []byte
	if len(a.Errors) > 0 {
		errs = encode(a.Errors)
	}
	n, err := k.t.exec("UPDATE jobs SET state = ?, open = 0, outcome = ?, errors = ?, done = ?, content = NULL WHERE shop = ? AND job_id = ? AND open = 1",
		string(stateOf(a.Outcome)), string(a.Outcome), errs, ms(k.now), x.id, a.JobID)
	k.out.Done += int(n)
	return err
}

func (k *taking) reply(x *Shop, r wire.Reply) error {
	n, err := k.t.exec("UPDATE commands SET open = 0, reply = ?, done = ? WHERE cmd_id = ? AND shop = ? AND reply IS NULL", encode(r), ms(k.now), r.CmdID, x.id)
	k.out.Replies += int(n)
	return err
}

// write brings a shop to disk.
func (k *taking) write(x *Shop) error {
	var state []byte
	if x.Known {
		state = encode(x.State)
	}
	if _, err := k.t.exec("UPDATE shops SET state = ?, heard = ?, birth = ?, replaced = ?, doubled = ? WHERE id = ?", state, ms(x.Heard), x.Birth, ms(x.Replaced), ms(x.Doubled), x.id); err != nil {
		return err
	}
	before := k.s.known(x.Name)
	for birth, j := range x.journals {
		if before != nil && before.journals[birth] == j {
			continue
		}
		if _, err := k.t.exec("INSERT INTO journals(shop, birth, seq, began) VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq", x.id, birth, j.seq, j.began); err != nil {
			return err
		}
	}
	if before == nil {
		return nil
	}
	for birth := range before.journals {
		if _, kept := x.journals[birth]; !kept {
			if _, err := k.t.exec("DELETE FROM journals WHERE shop = ? AND birth = ?", x.id, birth); err != nil {
				return err
			}
		}
	}
	return nil
}
