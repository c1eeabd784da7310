package queue

import (
	"context"
	"errors"
	"time"

	"github.com/receiptd/receiptd/queue/dispatch"
	"github.com/receiptd/receiptd/queue/history"
	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/notices"
	"github.com/receiptd/receiptd/queue/outbox"
	"github.com/receiptd/receiptd/queue/rules"
	"github.com/receiptd/receiptd/vocabulary"
)

// Open opens the journal at path, making it when there is none, and settles what a crash left: attempts that had begun
// become uncertain. It takes the lock file "lock" in the same folder. Errors: ErrLocked, ErrCorrupt, ErrNewer.
func Open(ctx context.Context, path string, o Options) (*Queue, error) {
	o.fill()
	var d *dispatch.Dispatcher
	var drawers *dispatch.Drawers
	r := rules.New(rules.Options{
		Logger: o.Logger, Now: o.Now, Route: o.Route, Known: o.Known, Label: o.Label, Check: o.Check, Notes: o.Notes, DefaultCopies: o.DefaultCopies,
		StaleAfter: o.StaleAfter, LateAfter: o.LateAfter, RetentionMonths: o.RetentionMonths, PersonalDays: o.PersonalDays, Allow: o.Allow,
		Wake: func(printer string) { d.Wake(printer) }, Drawer: o.Drawer,
		Open: func(seq int64, printer string, state vocabulary.Opening, within time.Duration) {
			drawers.Wanted(seq, printer, state, within)
		},
	})
	drawers = dispatch.NewDrawers(r, o.Logger)
	d = dispatch.New(r, dispatch.Options{Logger: o.Logger, Now: o.Now, CopyPause: o.CopyPause, Prepare: o.Prepare})
	db, err := journal.Open(ctx, path, journal.Options{
		Logger: o.Logger, Now: o.Now, ReplaceCorrupt: o.ReplaceCorrupt, Traces: o.Traces, Ballast: o.Ballast, Home: o.Home,
		AfterCrash: r.AfterCrash, Offer: d.Offer,
	})
	if err != nil {
		return nil, err
	}
	r.Use(db)
	d.Use(db)
	drawers.Use(db)
	paused, err := rules.Paused(db.Read(ctx))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for printer, since := range paused {
		d.Pause(printer, true, since)
	}
	files := &Files{db: db, answers: history.NewFiles(db, o.Now), written: rules.NewWritten(db, o.Logger)}
	return &Queue{
		Requests: rules.NewRequests(r), Decisions: rules.NewDecisions(r), Alarms: rules.NewAlarms(r), Retention: rules.NewRetention(r),
		Printing: &Printing{rules: r, dispatch: d}, Drawers: &Drawers{rules: r, dispatch: drawers, told: history.NewDrawers(db)},
		Jobs: history.NewJobs(db, o.Now, o.Label), Batches: history.NewBatches(db, o.Label),
		Reports: history.NewReports(db, o.Now), Waiting: history.NewWaiting(db), Files: files, Journal: &Journal{db}, Events: db.Feed(), Notices: notices.New(db), Outbox: outbox.New(db),
	}, nil
}
