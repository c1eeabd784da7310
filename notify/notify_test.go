package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/vocabulary"
)

// A fakeJournal keeps notices in memory.
type fakeJournal struct {
	mu      sync.Mutex
	notices []api.Notice
	cursor  map[string]int64
	givenUp map[string]int
}

func newFake() *fakeJournal {
	return &fakeJournal{cursor: map[string]int64{}, givenUp: map[string]int{}}
}

func (j *fakeJournal) add(n *Notifier, count int) {
	j.mu.Lock()
	for range count {
		j.notices = append(j.notices, api.Notice{ID: int64(len(j.notices) + 1), Event: vocabulary.NoticePrinter, At: time.Now(), Facts: api.Facts{Printer: "front"}})
	}
	j.mu.Unlock()
	n.Wake()
}

func (j *fakeJournal) Begin(_ context.Context, list []string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for name := range j.cursor {
		if !slices.Contains(list, name) {
			delete(j.cursor, name)
		}
	}
	for _, name := range list {
		if _, ok := j.cursor[name]; !ok {
			j.cursor[name] = 0
		}
	}
	return nil
}

func (j *fakeJournal) Pending(_ context.Context, name string, _ []vocabulary.Notice, most int) (p api.PendingNotices, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	list := j.notices[j.cursor[name]:]
	p.Total, p.Last = len(list), int64(len(j.notices))
	p.Notices = slices.Clone(list[:min(most, len(list))])
	p.Counts = []api.NoticeCount{{Event: vocabulary.NoticePrinter, Count: len(list)}}
	return p, nil
}

func (j *fakeJournal) Told(_ context.Context, name string, last int64, _ int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cursor[name] = last
	return nil
}

func (j *fakeJournal) GiveUp(_ context.Context, name string, _ []vocabulary.Notice, before time.Time) (n int, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.cursor[name] < int64(len(j.notices)) && j.notices[j.cursor[name]].At.Before(before) {
		j.cursor[name]++
		n++
	}
	j.givenUp[name] += n
	return n, nil
}

func (j *fakeJournal) Receiver(_ context.Context, name string, _ []vocabulary.Notice) (api.Receiver, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return api.Receiver{Pending: len(j.notices) - int(j.cursor[name]), GivenUp: j.givenUp[name]}, nil
}

// Told is what a fake way out was told.
type told struct {
	mu   sync.Mutex
	all  map[string][]string // texts by receiver
	ids  []string
	fail func(name string) *Failure
	hang map[string]bool
}

func (s *told) send(ctx context.Context, to *Receiver, m *message) *Failure {
	s.mu.Lock()
	hang, failed := s.hang[to.Name], s.fail
	s.mu.Unlock()
	if hang {
		ctx, cancel := context.WithTimeout(ctx, sendTime)
		defer cancel()
		<-ctx.Done()
		return sorted(ctx.Err())
	}
	if failed != nil {
		if f := failed(to.Name); f != nil {
			return f
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[to.Name] = append(s.all[to.Name], m.text())
	s.ids = append(s.ids, m.id)
	return nil
}

func (s *told) of(name string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all[name])
}

func begin(t *testing.T, j *fakeJournal, s *told, names ...string) *Notifier {
	t.Helper()
	if s.all == nil {
		s.all = map[string][]string{}
	}
	n := New(Options{Journal: j, ID: "j", send: s.send, Logger: slog.New(slog.DiscardHandler)})
	var list []Receiver
	for _, name := range names {
		list = append(list, Receiver{Name: name, Form: "slack"})
	}
	if err := n.Use(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestStorm: what comes together is one message; a receiver that hangs holds up only itself, and is told all when it answers again.
func TestStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := newFake(), &told{hang: map[string]bool{"deaf": true}}
		n := begin(t, j, s, "owner", "deaf")
		defer n.Close()
		j.add(n, 1)
		time.Sleep(500 * time.Millisecond)
		j.add(n, 300)
		time.Sleep(time.Second)
		if got := s.of("owner"); len(got) != 1 || !strings.Contains(got[0], "301 messages") {
			t.Errorf("owner was told %q", got)
		}
		j.add(n, 1)
		time.Sleep(5 * time.Second)
		if got := s.of("owner"); len(got) != 2 || !strings.Contains(got[1], "printer not ready: front") {
			t.Errorf("owner was told %q", got)
		}
		if got := s.of("deaf"); got != nil {
			t.Errorf("deaf was told %q", got)
		}
		time.Sleep(time.Hour)
		st, _ := n.Receivers(t.Context())
		if st[1].Failure != "timeout" || st[1].Pending != 302 || st[0].Pending != 0 || st[0].Failure != "" {
			t.Errorf("%+v", st)
		}
		s.mu.Lock()
		s.hang = nil
		s.mu.Unlock()
		time.Sleep(20 * time.Minute)
		if got := s.of("deaf"); len(got) != 1 || !strings.Contains(got[0], "302 messages") {
			t.Errorf("deaf was told %q", got)
		}
	})
}

// TestGiveUp: what nobody took for a day is given up and counted, not before; a jump of the clock alone gives nothing up.
func TestGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int64
		j, s := newFake(), &told{fail: func(string) *Failure { tries.Add(1); return &Failure{Code: "status", Number: 500} }}
		n := begin(t, j, s, "owner")
		defer n.Close()
		j.add(n, 3)
		time.Sleep(time.Minute)
		few := tries.Load()
		time.Sleep(22 * time.Hour)
		if st, _ := n.Receivers(t.Context()); st[0].Pending != 3 || st[0].GivenUp != 0 || few < 3 || few > 8 {
			t.Errorf("%+v after %d tries in the first minute", st, few)
		}
		j.add(n, 1)
		time.Sleep(3 * time.Hour)
		if st, _ := n.Receivers(t.Context()); st[0].Pending != 1 || st[0].GivenUp != 3 || st[0].Failure != "status" || st[0].Failing.IsZero() {
			t.Errorf("%+v", st)
		}
		if tries.Load() > 25*6*4 {
			t.Errorf("%d tries in a day", tries.Load())
		}
	})
	synctest.Test(t, func(t *testing.T) {
		j, tries := newFake(), 0
		s := &told{fail: func(string) *Failure {
			if tries++; tries < 3 {
				return &Failure{Code: "refused"}
			}
			return nil
		}}
		n := begin(t, j, s, "owner")
		defer n.Close()
		j.add(n, 2)
		j.mu.Lock()
		for i := range j.notices {
			j.notices[i].At = time.Now().AddDate(-1, 0, 0) // as after a jump of a year
		}
		j.mu.Unlock()
		time.Sleep(time.Minute)
		if got := s.of("owner"); len(got) != 1 || j.givenUp["owner"] != 0 {
			t.Errorf("%q, %d given up", got, j.givenUp["owner"])
		}
	})
}

// TestPace: a pause that the receiver asks for is kept, and so is what its service allows.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var after atomic.Bool
		j, s := newFake(), &told{}
		s.fail = func(string) *Failure {
			if !after.Swap(true) {
				return &Failure{Code: "too_fast", Pause: 10 * time.Minute}
			}
			return nil
		}
		n := begin(t, j, s, "owner")
		defer n.Close()
		j.add(n, 1)
		time.Sleep(9 * time.Minute)
		if got := s.of("owner"); got != nil {
			t.Errorf("told too early: %q", got)
		}
		time.Sleep(2 * time.Minute)
		if got := s.of("owner"); len(got) != 1 {
			t.Errorf("%q", got)
		}
		for range 600 { // a notice every 100 ms for a minute
			j.add(n, 1)
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(5 * time.Second)
		if got := s.of("owner"); len(got) < 10 || len(got) > 35 {
			t.Errorf("%d messages in a minute", len(got))
		}
	})
}

// TestUse: a section that stays is not disturbed, one that goes is forgotten; without any nothing runs.
func TestUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := newFake(), &told{}
		n := begin(t, j, s, "a", "b")
		defer n.Close()
		kept := n.list()[0]
		if err := n.Use(t.Context(), []Receiver{{Name: "a", Form: "slack"}, {Name: "c", Form: "slack"}}); err != nil {
			t.Fatal(err)
		}
		if n.list()[0] != kept || len(n.list()) != 2 || len(j.cursor) != 2 {
			t.Error(n.list(), j.cursor)
		}
		j.add(n, 1)
		time.Sleep(3 * time.Second)
		if len(s.of("a")) != 1 || len(s.of("b")) != 0 || len(s.of("c")) != 1 {
			t.Error(s.all)
		}
		if err := n.Use(t.Context(), nil); err != nil || n.Any() || len(j.cursor) != 0 {
			t.Error(err, n.Any(), j.cursor)
		}
		if err := n.Test(t.Context(), "a"); !errors.Is(err, ErrNoReceiver) {
			t.Error(err)
		}
		if fmt.Sprint(s.ids) != "[j_1_1 j_1_1]" {
			t.Error(s.ids)
		}
	})
}
