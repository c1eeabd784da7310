package notify

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Journal keeps what is to be told and how far each receiver was told. What a method changed is on disk when it returns.
type Journal interface {
	// Begin makes the cursors of these receivers, where they have none yet, and forgets all others.
	Begin(ctx context.Context, receivers []string) error
	// Pending gives what a receiver of these events has not been told yet, the first ones with their content.
	Pending(ctx context.Context, receiver string, events []vocabulary.Notice, most int) (api.PendingNotices, error)
	// Told notes that a receiver took everything up to the notice with number last: so many.
	Told(ctx context.Context, receiver string, last int64, count int) error
	// GiveUp passes over what a receiver was not told before a time, and gives how many these were.
	GiveUp(ctx context.Context, receiver string, events []vocabulary.Notice, before time.Time) (int, error)
	// Receiver gives what the journal knows of a receiver.
	Receiver(ctx context.Context, receiver string, events []vocabulary.Notice) (api.Receiver, error)
}

// Options are what a Notifier needs.
type Options struct {
	Journal Journal
	ID      string                      // of this journal: begins the ids of messages
	Label   func(printer string) string // what people call a printer; nil: its name
	Logger  *slog.Logger                // nil discards
	Now     func() time.Time            // nil is time.Now

	send func(ctx context.Context, to *Receiver, m *message) *Failure // nil is Receiver.send; tests
}

// A Notifier tells its receivers. Its methods may be used by many goroutines.
type Notifier struct {
	o Options

	mu      sync.Mutex // guards what follows
	workers []*worker
	stop    map[*worker]func() // ends one and waits for it
}

// New makes a Notifier without receivers: nothing runs.
func New(o Options) *Notifier {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Label == nil {
		o.Label = func(printer string) string { return printer }
	}
	if o.send == nil {
		now := o.Now
		o.send = func(ctx context.Context, to *Receiver, m *message) *Failure { return to.send(ctx, m, now()) }
	}
	return &Notifier{o: o, stop: map[*worker]func(){}}
}

// Use tells these receivers from now on. One that stays as it was goes on undisturbed; one that goes is forgotten. It blocks until what
// goes has ended, which a message under way does not hold up.
func (n *Notifier) Use(ctx context.Context, list []Receiver) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	var workers []*worker
	for _, w := range n.workers {
		if slices.Contains(list, w.to) {
			workers = append(workers, w)
		} else {
			n.stop[w]()
			delete(n.stop, w)
		}
	}
	n.workers = workers
	if err := n.o.Journal.Begin(ctx, names(list)); err != nil {
		return err
	}
	for _, to := range list {
		if !slices.ContainsFunc(n.workers, func(w *worker) bool { return w.to == to }) {
			n.start(to)
		}
	}
	return nil
}

func names(list []Receiver) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Name
	}
	return out
}

// start runs a worker; the caller holds the lock.
func (n *Notifier) start(to Receiver) {
	w := &worker{to: to, n: n, wake: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.run(ctx)
	}()
	n.workers = append(n.workers, w)
	n.stop[w] = func() { cancel(); <-done }
}

// Close ends everything. What is not told yet stays in the journal.
func (n *Notifier) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for w, stop := range n.stop {
		stop()
		delete(n.stop, w)
	}
	n.workers = nil
}

// Any reports whether there is anybody to tell.
func (n *Notifier) Any() bool { return len(n.list()) > 0 }

// Wake says that notices were written. It does not block.
func (n *Notifier) Wake() {
	for _, w := range n.list() {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

func (n *Notifier) list() []*worker {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.workers)
}

// Receivers tells how it stands with each receiver.
func (n *Notifier) Receivers(ctx context.Context) ([]api.Receiver, error) {
	out := []api.Receiver{}
	for _, w := range n.list() {
		r, err := n.o.Journal.Receiver(ctx, w.to.Name, w.to.events())
		if err != nil {
			return nil, err
		}
		st := w.status()
		r.Name, r.Form, r.Failing, r.Failure, r.Text = w.to.Name, w.to.Form, st.Failing, st.Failure, st.Text
		if st.LastTold.After(r.LastTold) {
			r.LastTold = st.LastTold
		}
		out = append(out, r)
	}
	return out, nil
}

// Test tells a receiver a message of its own, beside everything that is pending. It blocks until the receiver answered. Errors:
// ErrNoReceiver, *Failure.
func (n *Notifier) Test(ctx context.Context, name string) error {
	for _, w := range n.list() {
		if w.to.Name == name {
			to := w.to
			return Test(ctx, to, n.o.ID, n.o.Now())
		}
	}
	return ErrNoReceiver
}

// Test tells a receiver a message that asks for nothing. id begins the message's own. Error: *Failure.
func Test(ctx context.Context, to Receiver, id string, now time.Time) error {
	notice := api.Notice{Event: vocabulary.NoticeTest, At: now}
	m := &message{id: id + "_test_" + now.UTC().Format("20060102T150405.000"), to: &to, label: func(p string) string { return p },
		pending: api.PendingNotices{Notices: []api.Notice{notice}, Counts: []api.NoticeCount{{Event: notice.Event, Count: 1}}, Total: 1}}
	return asFailure(to.send(ctx, m, now))
}
