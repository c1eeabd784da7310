// Package light is a shop without disk and printers: the fleet's own client on a journal in memory, with paper that counts. Tests and the
// benchmark of a thousand shops run many of them in one process. What a Shop holds outlives its client, as a disk does a daemon, so a kill
// is a client that ends without a word.
package light

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/receiptd/receiptd/fleet"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Slip is one piece of paper.
type Slip struct {
	JobID   string
	PrintNo int
	Mark    vocabulary.MarkKind
}

// A Shop is the journal and the paper of one shop. Its methods may be used by many goroutines.
type Shop struct {
	// Before is called before a job is answered, when it is in the journal; nil is fine. Tests kill the client there.
	Before func(jobID string)
	// Fail is asked before a job is taken; an error is a full disk.
	Fail func() error

	mu       sync.Mutex // guards what follows
	birth    string
	replaced time.Time // when this journal took another's place; zero: it is the first
	events   []wire.Event
	jobs     map[string]*taken // by job_id
	paper    []Slip
	cursors  map[string]fleet.Cursor
	base     int64
	more     chan struct{}
	alarms   int
}

type taken struct {
	hash    string
	expired bool
	copies  []wire.Copy
}

// New makes a shop.
func New(birth string) *Shop {
	return &Shop{birth: birth, jobs: map[string]*taken{}, cursors: map[string]fleet.Cursor{}, more: make(chan struct{})}
}

// Replace is what happens when the journal is lost: another one, with nothing in it. The paper stays. What was made before then may be on it, and
// comes marked, as at a real shop.
func (s *Shop) Replace(birth string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.birth, s.replaced, s.events, s.jobs, s.cursors, s.base = birth, time.Now(), nil, map[string]*taken{}, map[string]fleet.Cursor{}, 0
}

// Paper gives what came out.
func (s *Shop) Paper() []Slip {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Slip(nil), s.paper...)
}

// Alarms counts how often another daemon came under its identity.
func (s *Shop) Alarms() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.alarms
}

// Birth names the journal.
func (s *Shop) Birth() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.birth
}

// Last is the newest event's number.
func (s *Shop) Last() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last()
}

func (s *Shop) last() int64 {
	if len(s.events) == 0 {
		return 0
	}
	return s.events[len(s.events)-1].Seq
}

// emit appends an event; the caller holds the lock. Numbers have gaps, as in a journal.
func (s *Shop) emit(e wire.Event) {
	e.Seq, e.At = s.last()+1+int64(len(s.events)%3), time.Now().UTC()
	s.events = append(s.events, e)
	close(s.more)
	s.more = make(chan struct{})
}

// Accept takes a job and prints it.
func (s *Shop) Accept(_ context.Context, data []byte) (wire.Answer, error) {
	if s.Fail != nil {
		if err := s.Fail(); err != nil {
			return wire.Answer{}, err
		}
	}
	p := job.Parse(data)
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Job == nil {
		s.emit(wire.Event{Type: vocabulary.EventRejected, Request: p.ID, Outcome: vocabulary.OutcomeRejected})
		a := wire.Answer{JobID: p.ID, Outcome: vocabulary.OutcomeRejected}
		for _, e := range p.Errors {
			a.Errors = append(a.Errors, wire.Error{Code: e.Code})
		}
		return a, nil
	}
	id, hash := p.Job.ID, fmt.Sprint(p.Job.Hash)
	if old := s.jobs[id]; old != nil {
		return s.again(id, old, hash), nil
	}
	mark := vocabulary.MarkOriginal
	if p.Job.CreatedAt.Before(s.replaced) {
		mark = vocabulary.MarkRecovery
	}
	c := wire.Copy{CopyID: birthID(s.birth, len(s.jobs)), Copy: "kitchen", PrintNo: 1, State: vocabulary.StatePrinted, Proof: vocabulary.ProofPrinted, Mark: mark, Printer: "front"}
	s.jobs[id] = &taken{hash: hash, copies: []wire.Copy{c}}
	s.emit(wire.Event{Type: vocabulary.EventAccepted, JobID: id, Request: id, Outcome: vocabulary.OutcomeAccepted})
	s.emit(wire.Event{Type: vocabulary.EventCopy, JobID: id, CopyID: c.CopyID, Copy: c.Copy, State: string(vocabulary.StateSending), PrintNo: 1, Mark: c.Mark, Printer: c.Printer})
	s.paper = append(s.paper, Slip{JobID: id, PrintNo: 1, Mark: c.Mark})
	s.emit(wire.Event{Type: vocabulary.EventCopy, JobID: id, CopyID: c.CopyID, Copy: c.Copy, State: string(c.State), PrintNo: 1, Proof: c.Proof, Mark: c.Mark, Printer: c.Printer})
	if s.Before != nil {
		s.Before(id)
	}
	return wire.Answer{JobID: id, Outcome: vocabulary.OutcomeAccepted, Copies: []wire.Copy{c}}, nil
}

func birthID(birth string, n int) string { return birth + "-" + strconv.Itoa(n) }

// again answers a job that is known; the caller holds the lock.
func (s *Shop) again(id string, old *taken, hash string) wire.Answer {
	a := wire.Answer{JobID: id, Outcome: vocabulary.OutcomeDuplicate, Copies: old.copies}
	e := wire.Event{Type: vocabulary.EventAnswered, JobID: id, Request: id}
	switch {
	case old.expired:
		a.Outcome = vocabulary.OutcomeExpired
	case old.hash != hash:
		a.Outcome, e.Type = vocabulary.OutcomeConflict, vocabulary.EventConflict
	}
	e.Outcome = a.Outcome
	s.emit(e)
	return a
}

// Expire answers a job whose time is over.
func (s *Shop) Expire(_ context.Context, data []byte) (wire.Answer, error) {
	p := job.Parse(data)
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Job == nil {
		return wire.Answer{JobID: p.ID, Outcome: vocabulary.OutcomeRejected}, nil
	}
	id, hash := p.Job.ID, fmt.Sprint(p.Job.Hash)
	if old := s.jobs[id]; old != nil {
		return s.again(id, old, hash), nil
	}
	s.jobs[id] = &taken{hash: hash, expired: true}
	s.emit(wire.Event{Type: vocabulary.EventAnswered, Request: id, Outcome: vocabulary.OutcomeExpired})
	return wire.Answer{JobID: id, Outcome: vocabulary.OutcomeExpired}, nil
}

type feed struct {
	s     *Shop
	after int64
}

// From reads the events behind one.
func (s *Shop) From(after int64) fleet.Feed { return &feed{s, after} }

// Next gives the next event.
func (f *feed) Next(ctx context.Context) (wire.Event, error) {
	for {
		f.s.mu.Lock()
		more := f.s.more
		i := len(f.s.events)
		for i > 0 && f.s.events[i-1].Seq > f.after {
			i--
		}
		if i < len(f.s.events) {
			e := f.s.events[i]
			f.after = e.Seq
			f.s.mu.Unlock()
			return e, nil
		}
		f.s.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return wire.Event{}, ctx.Err()
		}
	}
}

// Cursors gives what Keep kept.
func (s *Shop) Cursors(context.Context) (map[string]fleet.Cursor, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.cursors), s.base, nil
}

// Keep keeps the cursors.
func (s *Shop) Keep(_ context.Context, cursors map[string]fleet.Cursor, base int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cursors, s.base = maps.Clone(cursors), base
	return nil
}

// State tells of its one printer.
func (s *Shop) State(context.Context) (wire.State, error) {
	return wire.State{Version: "light", Printers: []wire.Printer{{Name: "front", State: vocabulary.PrinterReady, Tier: vocabulary.TierA}}}, nil
}

// Changed gives a channel that is never closed.
func (s *Shop) Changed() <-chan struct{} { return nil }

// TakenOver counts.
func (s *Shop) TakenOver(context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alarms++
}

// Do reprints, marked, each command once.
func (s *Shop) Do(_ context.Context, _ string, c wire.Command) wire.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.jobs[c.JobID]
	if c.Cmd != wire.CmdReprint || t == nil || t.expired {
		return wire.Reply{Problem: &wire.Problem{Code: "not_found"}}
	}
	id := "cmd-" + c.CmdID
	if s.jobs[id] == nil {
		n := wire.Copy{CopyID: birthID(s.birth, len(s.jobs)), Copy: "kitchen", PrintNo: len(t.copies) + 1, State: vocabulary.StatePrinted, Proof: vocabulary.ProofPrinted,
			Mark: vocabulary.MarkDuplicate, Printer: "front"}
		t.copies = append(t.copies, n)
		s.jobs[id] = &taken{copies: []wire.Copy{n}}
		s.paper = append(s.paper, Slip{JobID: c.JobID, PrintNo: n.PrintNo, Mark: n.Mark})
		s.emit(wire.Event{Type: vocabulary.EventCopy, JobID: c.JobID, Request: id, CopyID: n.CopyID, Copy: n.Copy, State: string(n.State), PrintNo: n.PrintNo, Proof: n.Proof,
			Mark: n.Mark, Printer: n.Printer})
	}
	return wire.Reply{OK: true, Answer: &wire.Answer{JobID: id, Outcome: vocabulary.OutcomeAccepted, Target: c.JobID, Copies: s.jobs[id].copies}}
}
