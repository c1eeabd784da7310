package daemon

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/notify"
	"github.com/receiptd/receiptd/queue"
)

// TestReloadWakesTheWatch: a time within which slips must be out counts also for what waits already, although the watch sleeps because
// there was no such time and nothing happens. The clock is the bubble's.
func TestReloadWakesTheWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := slog.New(slog.DiscardHandler)
		q, err := queue.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), queue.Options{Ballast: -1, Route: func(*job.Job, job.CopyName) string { return "front" }})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var now inForce
		var changed broadcast
		stations := []*station{{name: "front"}} // it stays, and nothing comes out of it
		now.Store(&setup{cfg: &config.Config{}, stations: stations})
		notifier := notify.New(notify.Options{Journal: q.Notices})
		began := time.Now()
		watch := &watcher{now: &now, queue: q, printers: &printers{&now, &changed, q.Printing}, notifier: notifier, log: log,
			clock: clockWatch{steady: func() time.Duration { return time.Since(began) }}}
		run := &running{now: &now, printing: &printing{queue: q.Printing, changed: &changed, log: log}, notifier: notifier, centre: &centre{}, above: ctx, stop: map[*station]func(){stations[0]: func() {}},
			homeless: &homeless{now: &now, waiting: q.Waiting, printing: q.Printing, events: q.Events, log: log}}
		ended := make(chan error, 1)
		go func() { ended <- watch.run(ctx) }()
		sale, err := os.ReadFile(filepath.Join("..", "..", "examples", "jobs", "01-sale-chip.json"))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := q.Requests.Accept(t.Context(), queue.Arrival{Parsed: job.Parse(sale), Source: queue.SourceHTTP})
		if err != nil || len(answer.Copies) == 0 || answer.Copies[0].Printer != "front" {
			t.Fatalf("%+v, %v", answer, err)
		}
		overdue := func() bool {
			t.Helper()
			a, err := q.Jobs.Answer(t.Context(), answer.JobID)
			if err != nil || len(a.Copies) == 0 {
				t.Fatalf("%+v, %v", a, err)
			}
			return a.Copies[0].Overdue
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if overdue() {
			t.Fatal("it is overdue although nobody says a time")
		}
		run.change(ctx, &setup{cfg: &config.Config{Watch: config.Watch{Transaction: config.Duration(5 * time.Second)}}, stations: stations})
		time.Sleep(time.Hour)
		synctest.Wait()
		if !overdue() {
			t.Error("the watch sleeps on")
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		notifier.Close()
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
}
