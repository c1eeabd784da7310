package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// beat is how often a stream shows that it lives; the page calls the daemon lost after three without one.
const beat = time.Second

// Live is what goes on while the daemon runs: the feed of events for readers, and what is counted and remembered of it.
type live struct {
	events   *queue.Feed
	printers Printers
	meter    *meter
	moments  *moments
	feed     *queue.Subscription // what follow counts: all since the site was made
	log      *slog.Logger
}

func (l *live) routes(handle register) { handle("GET /v1/events", l.getEvents) }

// getEvents streams the journal's feed as server-sent events; Last-Event-ID goes on where a reader stopped. Events
// without an id tell what the journal does not hold: "printers" when a printer's state changed, "beat" each second.
func (l *live) getEvents(w http.ResponseWriter, r *http.Request) {
	after := int64(-1)
	if id, err := strconv.ParseInt(cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")), 10, 64); err == nil {
		after = id
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := stream{w: w, rc: http.NewResponseController(w)}
	changed := l.printers.Changed()
	feed := l.pump(r.Context(), l.events.Subscribe(after))
	tick := time.NewTicker(beat)
	defer tick.Stop()
	err := out.put("retry: 1000\n\n")
	for err == nil {
		select {
		case e, open := <-feed:
			if !open {
				return
			}
			err = out.event(e)
		case <-changed:
			changed = l.printers.Changed()
			err = out.put("event: printers\ndata: {}\n\n")
		case <-tick.C:
			err = out.put("event: beat\ndata: {}\n\n")
		}
	}
}

// A stream writes server-sent events.
type stream struct {
	w  io.Writer
	rc *http.ResponseController
}

func (s stream) event(e queue.Event) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return s.put(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Type, data))
}

func (s stream) put(text string) error {
	if _, err := io.WriteString(s.w, text); err != nil {
		return err
	}
	return s.rc.Flush()
}

// pump turns a subscription into a channel that closes with ctx or when the journal cannot be read. It starts one
// goroutine, which ends then.
func (l *live) pump(ctx context.Context, sub *queue.Subscription) <-chan queue.Event {
	ch := make(chan queue.Event)
	go func() {
		defer close(ch)
		for {
			e, err := sub.Next(ctx)
			if err != nil {
				if ctx.Err() == nil {
					l.log.Error("the feed cannot be read", "err", err)
				}
				return
			}
			select {
			case ch <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	return ch
}

// follow follows printers and journal until ctx ends, for the printers' stories and the metrics. It returns nil.
func (l *live) follow(ctx context.Context) error {
	changed := l.printers.Changed()
	l.moments.note(l.printers.Printers())
	feed := l.pump(ctx, l.feed)
	for {
		select {
		case e, open := <-feed:
			if !open {
				return nil
			}
			l.meter.event(ctx, e)
		case <-changed:
			changed = l.printers.Changed()
			l.moments.note(l.printers.Printers())
		case <-ctx.Done():
			for range feed { // its goroutine ends with ctx
				continue
			}
			return nil
		}
	}
}
