package daemon

import (
	"context"
	"log/slog"
	"sync"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/templates"
	"github.com/receiptd/receiptd/vocabulary"
)

// Alarms write down what a person should see. They keep no slip from being printed; any goroutine may raise one.
type alarms struct {
	record *queue.Alarms
	told   sync.Map // texts that once told
	log    *slog.Logger
}

// raise writes an alarm into the journal.
func (a *alarms) raise(ctx context.Context, jobID string, reason vocabulary.Reason, what job.Text) {
	if err := a.record.Raise(ctx, jobID, reason, what.Zh+" / "+what.En); err != nil && ctx.Err() == nil {
		a.log.Error("an alarm cannot be recorded", "reason", reason, "err", err)
	}
}

// once raises the alarm that the shop's own template failed on a slip, for which the built-in one stood in. A template
// that fails in the same way on every slip is told of once.
func (a *alarms) once(ctx context.Context, jobID string, failed job.Text) {
	if failed == (job.Text{}) {
		return
	}
	if _, before := a.told.LoadOrStore(failed.Zh, true); before { // it names the template, and no slip
		return
	}
	a.log.Error("a slip was set with the built-in template: the shop's own failed on it", "job", jobID, "what", failed.En)
	a.raise(ctx, jobID, vocabulary.ReasonTemplateFallback, failed)
}

// watchTemplates takes changed overrides into use until ctx ends, and tells of broken ones.
func (a *alarms) watchTemplates(ctx context.Context, set *templates.Set) error {
	tell := func(e templates.Event) {
		if e.State == templates.Broken {
			a.raise(ctx, "", vocabulary.ReasonTemplateBroken, job.Text{Zh: e.Zh, En: e.En})
			a.log.Error("a template is broken; the last good one stays in use", "template", e.Template, "what", e.En)
			return
		}
		a.told.Clear() // what is mended may fail anew
		a.log.Info("template", "template", e.Template, "state", e.State)
	}
	for _, e := range set.Problems() {
		tell(e)
	}
	if err := set.Watch(ctx, tell); err != nil && ctx.Err() == nil {
		a.log.Error("the templates folder cannot be watched: changes come in with the next start", "err", err)
		<-ctx.Done() // slips print as before
	}
	return nil
}
