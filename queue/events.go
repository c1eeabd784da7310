package queue

import (
	"context"
	"sync"
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// EventType says what an event is about.
type EventType = vocabulary.EventType

// The types of events.
const (
	EventAccepted   = vocabulary.EventAccepted // a job was taken
	EventAnswered   = vocabulary.EventAnswered // a file or request got an answer that changed nothing else (see Detail: the outcome)
	EventRejected   = vocabulary.EventRejected // a file was invalid
	EventCopy       = vocabulary.EventCopy     // a copy changed its state
	EventBatch      = vocabulary.EventBatch    // a batch instance was opened, superseded, settled, reopened
	EventReversal   = vocabulary.EventReversal // a reversal's mirror changed
	EventConflict   = vocabulary.EventConflict // two stories about one voucher: a person should look
	EventAlarm      = vocabulary.EventAlarm    // something a person should see
	EventLateProof  = vocabulary.EventLateProof
	EventPersonSaid = vocabulary.EventPersonSaid // somebody answered a question
	EventRetention  = vocabulary.EventRetention  // old records were removed
)

// An Event is one line of the audit and one message of the feed. Empty fields do not apply. Several events may tell of
// one change when several files show it.
type Event struct {
	Seq      int64     `json:"seq"` // rising, with gaps; the id in the server-sent events
	At       time.Time `json:"at"`
	Type     EventType `json:"type"`
	JobID    string    `json:"job_id,omitempty"`  // the slip
	Request  string    `json:"request,omitempty"` // the job whose answer changed: the slip itself or a command about it
	CopyID   string    `json:"copy_id,omitempty"`
	File     string    `json:"file,omitempty"` // the drop file whose answer changed
	Printer  string    `json:"printer,omitempty"`
	State    State     `json:"state,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Operator string    `json:"operator,omitempty"`
	Batch    int64     `json:"batch,omitempty"` // batch instance
	Detail   string    `json:"detail,omitempty"`

	job, copy int64
	about     int64 // digest of the row that it tells of; see schema 0004
}

// emit appends an event to the transaction and gives its number.
func (t *tx) emit(e Event) (int64, error) {
	t.event++
	e.Seq, e.At = t.event, t.now
	t.events = append(t.events, e)
	t.chain = e.link(t.chain, &t.w.digest)
	if e.copy == 0 && e.JobID == e.Request && e.Printer == "" && e.State == "" && e.Reason == "" { // as most are when jobs come
		return e.Seq, t.exec(`INSERT INTO events (seq, at, type, job, job_id, request, file, operator, batch, detail, chain, about, printer, state, reason)
			VALUES (?, ?, ?, ?, ?5, ?5, ?, ?, ?, ?, ?, ?, '', '', '')`,
			e.Seq, millis(e.At), string(e.Type), unless(e.job, 0), e.JobID, e.File, e.Operator, unless(e.Batch, 0), e.Detail, t.chain, e.about)
	}
	return e.Seq, t.exec(`INSERT INTO events (seq, at, type, job, job_id, request, copy, file, printer, state, reason, operator, batch, detail, chain, about)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, millis(e.At), e.Type, unless(e.job, 0), e.JobID, e.Request, unless(e.copy, 0), e.File, e.Printer, e.State, e.Reason, e.Operator,
		unless(e.Batch, 0), e.Detail, t.chain, e.about)
}

const eventColumns = `seq, at, type, coalesce(job, 0), job_id, request, coalesce(copy, 0), file, printer, state, reason, operator,
	coalesce(batch, 0), detail`

func (q *Queue) scanEvents(s source, query string, args ...any) ([]Event, error) {
	rows, err := s.query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Event
	for rows.Next() {
		var e Event
		var at int64
		if err := rows.Scan(&e.Seq, &at, &e.Type, &e.job, &e.JobID, &e.Request, &e.copy, &e.File, &e.Printer, &e.State, &e.Reason,
			&e.Operator, &e.Batch, &e.Detail); err != nil {
			return nil, err
		}
		e.At = fromMillis(at)
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return list, q.nameCopies(s, list)
}

// nameCopies fills in copy ids, which are not stored.
func (q *Queue) nameCopies(s source, list []Event) error {
	for i := range list {
		if list[i].copy == 0 {
			continue
		}
		var asked int64
		if err := s.row("SELECT asked FROM copies WHERE seq = ?", list[i].copy).Scan(&asked); err != nil {
			continue // purged: the event stays, its copy has no id any more
		}
		list[i].CopyID = q.copyID(list[i].copy, asked)
	}
	return nil
}

// kept is how many events the feed holds in memory; who is further behind reads the journal.
const kept = 4096

// feed hands committed events to subscribers. It never waits for one.
type feed struct {
	mu   sync.Mutex
	ring []Event
	last int64
	next chan struct{} // closed when events arrive
}

func (f *feed) start(last int64) {
	f.last = last
	f.next = make(chan struct{})
}

func (f *feed) publish(list []Event) {
	if len(list) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.ring)+len(list) > 2*kept {
		f.ring = append(f.ring[:0:0], f.ring[max(0, len(f.ring)-kept):]...)
	}
	f.ring = append(f.ring, list...)
	f.last = list[len(list)-1].Seq
	close(f.next)
	f.next = make(chan struct{})
}

// after gives the events in memory that follow seq; ok is false when older ones must be read from the journal. wait is
// closed when there is more.
func (f *feed) after(seq int64) (list []Event, ok bool, wait <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if seq >= f.last {
		return nil, true, f.next
	}
	if len(f.ring) == 0 || f.ring[0].Seq > seq+1 {
		return nil, false, nil
	}
	i := len(f.ring)
	for i > 0 && f.ring[i-1].Seq > seq {
		i--
	}
	return f.ring[i:len(f.ring):len(f.ring)], true, nil
}

// floor is the number before the oldest event in memory.
func (f *feed) floor() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.ring) == 0 {
		return f.last
	}
	return f.ring[0].Seq - 1
}

// A Subscription reads the feed at its own pace.
type Subscription struct {
	q     *Queue
	after int64
	queue []Event
}

// Subscribe reads the events after the one with number after; a negative number begins with what comes next, and so does one
// that this journal has not reached: it is of a journal that was replaced. A subscription costs nothing while nobody reads it
// and needs no closing.
func (q *Queue) Subscribe(after int64) *Subscription {
	q.feed.mu.Lock()
	if after < 0 || after > q.feed.last {
		after = q.feed.last
	}
	q.feed.mu.Unlock()
	return &Subscription{q: q, after: after}
}

// Next gives the next event and blocks until there is one. Events are on disk before they are seen here.
func (s *Subscription) Next(ctx context.Context) (Event, error) {
	for len(s.queue) == 0 {
		list, ok, wait := s.q.feed.after(s.after)
		switch {
		case !ok:
			var err error
			list, err = s.q.scanEvents(s.q.reader(ctx),
				"SELECT "+eventColumns+" FROM events WHERE seq > ? ORDER BY seq LIMIT 256", s.after)
			if err != nil {
				return Event{}, err
			}
			if s.queue = list; len(list) == 0 { // retention took them
				s.after = s.q.feed.floor()
			}
		case list != nil:
			s.queue = list
		default:
			select {
			case <-wait:
			case <-ctx.Done():
				return Event{}, ctx.Err()
			}
		}
	}
	e := s.queue[0]
	s.queue = s.queue[1:]
	s.after = e.Seq
	return e, nil
}
