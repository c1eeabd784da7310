package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/host"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// openJournal opens the journal, which reads the setup in force each time it needs something of it.
func openJournal(ctx context.Context, now *inForce, p *printing, log *slog.Logger) (*queue.Queue, error) {
	cfg := now.Load().cfg
	j, err := queue.Open(ctx, filepath.Join(cfg.Data.Dir, "journal.db"), queue.Options{
		Logger:          log,
		Route:           func(j *job.Job, c job.CopyName) string { return now.Load().route(j, c) },
		Known:           func(name string) bool { return now.Load().knows(name) },
		Label:           func(name string) string { return now.Load().cfg.PrinterLabel(name) },
		Check:           func(j *job.Job) []job.Problem { p.expect(j); return now.Load().door().check(j) },
		Notes:           func(j *job.Job) []job.Problem { return now.Load().door().notes(j) },
		DefaultCopies:   func(j *job.Job) []job.CopyName { return defaultCopies(now.Load().cfg, j) },
		StaleAfter:      func(k job.Kind) time.Duration { return now.Load().staleAfter(k) },
		CopyPause:       func(name string) time.Duration { return now.Load().copyPause(name) },
		Prepare:         p.prepare,
		RetentionMonths: cfg.Journal.RetentionMonths,
		PersonalDays:    cfg.Journal.DocumentDays,
		Allow:           cfg.Spool.Allow,
		Drawer:          func(j *job.Job) string { return now.Load().drawerOf(j.Printer) },
		Traces:          func() []string { return traces(cfg) },
		Home:            func(path string) queue.Home { return queue.Home{Host: host.ID(), File: host.File(path)} },
	})
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return j, nil
}

// traces names what only a journal that was here before can have left: the daemon's own files, claimed jobs, answers.
func traces(cfg *config.Config) (found []string) {
	for _, name := range []string{"token", "tiers.json"} {
		path := filepath.Join(cfg.Data.Dir, name)
		if _, err := os.Lstat(path); err == nil {
			found = append(found, path)
		}
	}
	for _, name := range []string{".taken", "results"} {
		path := filepath.Join(cfg.Spool.Dir, name)
		list, err := os.ReadDir(path)
		if err == nil && slices.ContainsFunc(list, func(e os.DirEntry) bool { return e.Type().IsRegular() && e.Name()[0] != '.' }) {
			found = append(found, path)
		}
	}
	return found
}
