package daemon

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/archive"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// An archivist is the archive as the page sees it: the folder, and who fills it.
type archivist struct {
	*archive.Keeper
	store *archive.Store
}

// ArchiveDir is the folder of the archive.
func ArchiveDir(c *config.Config) string { return filepath.Join(c.Data.Dir, "archive") }

func newArchivist(now *inForce, q *queue.Queue, v *previews, filedAll func(), log *slog.Logger) *archivist {
	store := archive.Open(ArchiveDir(now.Load().cfg))
	return &archivist{store: store, Keeper: archive.New(archive.Options{Store: store, Journal: filed{q.Journal, q.Jobs, q.Events, q.Retention}, Draw: v.file, Room: room, Filed: filedAll, Logger: log,
		Config: func() archive.Config {
			c := now.Load().cfg
			return archive.Config{On: c.Archive.On, Months: c.Archive.Months, MinFree: int64(c.Archive.MinFreeMB) << 20, Zone: c.Shop.Zone()}
		}})}
}

// Lines gives the lines of a day. Error: queue.ErrNotFound.
func (a *archivist) Lines(day string) ([]api.FiledSlip, error) {
	list, err := a.store.Lines(day)
	return list, notFiled(err)
}

// File gives a file. Error: queue.ErrNotFound.
func (a *archivist) File(day, name string) ([]byte, error) {
	data, err := a.store.File(day, name)
	return data, notFiled(err)
}

func notFiled(err error) error {
	if errors.Is(err, archive.ErrNotFound) {
		return queue.ErrNotFound
	}
	return err
}

// filed is the journal as the archive follows it.
type filed struct {
	journal   *queue.Journal
	jobs      *queue.Jobs
	events    *queue.Feed
	retention *queue.Retention
}

// ID names the journal.
func (f filed) ID() string { return f.journal.ID() }

// Printed gives copies that came out; see queue.Jobs.
func (f filed) Printed(ctx context.Context, after int64, most int) (list []api.PrintedCopy, upTo int64, err error) {
	return f.jobs.Printed(ctx, after, most)
}

// AgreedTime is the time by which old records are removed; see queue.Retention.
func (f filed) AgreedTime(ctx context.Context) (time.Time, error) { return f.retention.AgreedTime(ctx) }

// Await blocks until there is an event behind after, or ctx ends.
func (f filed) Await(ctx context.Context, after int64) error {
	_, err := f.events.Subscribe(after).Next(ctx)
	return err
}

// file draws a copy as its paper shows it, marked as a file of the archive, for the printer that it came out of where that is still there.
func (v *previews) file(ctx context.Context, w io.Writer, c *api.PrintedCopy, came time.Time) error {
	j, err := job.FromJSON(c.Job)
	if err != nil {
		return err
	}
	now := v.now.Load()
	s := now.station(c.Printer)
	if s == nil {
		s = now.station(now.route(j, c.Name()))
	}
	if s == nil {
		return api.ErrNoPrinter
	}
	m := c.Marks
	m.Filed = came
	return v.draw(ctx, w, s, j, c.Name(), m, "pdf")
}
