package journal

import (
	"context"
	"sync"

	"github.com/receiptd/receiptd/queue/record"
)

// kept is how many events the feed holds in memory; who is further behind reads the journal.
const kept = 4096

// A Feed hands committed events to subscribers. It never waits for one.
type Feed struct {
	read func(context.Context) record.View // the journal's readers; set before anybody subscribes

	mu   sync.Mutex     // guards what follows
	ring []record.Event // the newest
	last int64          // number of the newest
	next chan struct{}  // closed when events arrive
}

// start begins behind the last event that there is. It is called before another one happens.
func (f *Feed) start(last int64) {
	f.last = last
	f.next = make(chan struct{})
}

func (f *Feed) publish(list []record.Event) {
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
func (f *Feed) after(seq int64) (list []record.Event, ok bool, wait <-chan struct{}) {
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
func (f *Feed) floor() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.ring) == 0 {
		return f.last
	}
	return f.ring[0].Seq - 1
}

// A Subscription reads the feed at its own pace.
type Subscription struct {
	feed  *Feed
	after int64
	queue []record.Event
}

// Subscribe reads the events after the one with number after; a negative number begins with what comes next, and so does one
// that this journal has not reached: it is of a journal that was replaced. A subscription costs nothing while nobody reads it
// and needs no closing.
func (f *Feed) Subscribe(after int64) *Subscription {
	return &Subscription{feed: f, after: f.from(after)}
}

// from gives a number that the feed has reached: after, or the newest one when after is negative or beyond it.
func (f *Feed) from(after int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if after < 0 || after > f.last {
		return f.last
	}
	return after
}

// Next gives the next event and blocks until there is one. Events are on disk before they are seen here.
func (s *Subscription) Next(ctx context.Context) (record.Event, error) {
	for len(s.queue) == 0 {
		list, ok, wait := s.feed.after(s.after)
		switch {
		case !ok:
			var err error
			list, err = record.Events(s.feed.read(ctx),
				"SELECT "+record.EventColumns+" FROM events WHERE seq > ? ORDER BY seq LIMIT 256", s.after)
			if err != nil {
				return record.Event{}, err
			}
			if s.queue = list; len(list) == 0 { // retention took them
				s.after = s.feed.floor()
			}
		case list != nil:
			s.queue = list
		default:
			select {
			case <-wait:
			case <-ctx.Done():
				return record.Event{}, ctx.Err()
			}
		}
	}
	e := s.queue[0]
	s.queue = s.queue[1:]
	s.after = e.Seq
	return e, nil
}
