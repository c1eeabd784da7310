package daemon

import (
	"context"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
)

// The reasons of alarms about templates.
const (
	reasonFallback = "template_fallback" // the code of the warning too
	reasonBroken   = "template_broken"
)

// watchTemplates takes changed overrides into use, and tells of broken ones.
func (d *Daemon) watchTemplates(ctx context.Context, set *templates.Set) error {
	tell := func(e templates.Event) {
		if e.State == templates.Broken {
			d.alarm(ctx, "", reasonBroken, job.Text{Zh: e.Zh, En: e.En})
			d.log.Error("a template is broken; the last good one stays in use", "template", e.Template, "what", e.En)
			return
		}
		d.told.Clear() // what is mended may fail anew
		d.log.Info("template", "template", e.Template, "state", e.State)
	}
	for _, e := range set.Problems() {
		tell(e)
	}
	if err := set.Watch(ctx, tell); err != nil && ctx.Err() == nil {
		d.log.Error("the templates folder cannot be watched: changes come in with the next start", "err", err)
		<-ctx.Done() // slips print as before
	}
	return nil
}

// tellOnce raises the alarm that the shop's own template failed on a slip, for which the built-in one stood in. A template
// that fails in the same way on every slip is told of once.
func (d *Daemon) tellOnce(ctx context.Context, jobID string, failed job.Text) {
	if failed == (job.Text{}) {
		return
	}
	if _, before := d.told.LoadOrStore(failed.Zh, true); before { // it names the template, and no slip
		return
	}
	d.log.Error("a slip was set with the built-in template: the shop's own failed on it", "job", jobID, "what", failed.En)
	d.alarm(ctx, jobID, reasonFallback, failed)
}

// alarm writes down what a person should see. It keeps no slip from being printed.
func (d *Daemon) alarm(ctx context.Context, jobID, reason string, what job.Text) {
	if err := d.journal.Alarm(ctx, jobID, reason, what.Zh+" / "+what.En); err != nil && ctx.Err() == nil {
		d.log.Error("an alarm cannot be recorded", "reason", reason, "err", err)
	}
}

// received is receiptd's own count beside a settlement's figures; nil: not known.
func (d *Daemon) received(ctx context.Context, j *job.Job) *int {
	if j.Settlement == nil {
		return nil
	}
	n, ok, err := d.journal.Received(ctx, j.ID)
	if err != nil {
		d.log.Warn("the slips of a settlement cannot be counted", "job", j.ID, "err", err)
	}
	if err != nil || !ok {
		return nil
	}
	return &n
}
