package daemon

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/notify"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// receivers are the sections that tell somebody.
func receivers(c *config.Config) []notify.Receiver {
	out := make([]notify.Receiver, len(c.Notify))
	for i, n := range c.Notify {
		out[i] = Receiver(c, n)
	}
	return out
}

// Receiver is whom a section tells.
func Receiver(c *config.Config, n config.Notify) notify.Receiver {
	return notify.Receiver{Name: n.Name, Form: n.Form, URL: n.URL.Reveal(), URLFile: n.URLFile, Secret: n.Secret.Reveal(), SecretFile: n.SecretFile, CAFile: n.CAFile,
		Private: words(n.Private), Events: words(n.Events), From: n.From, Zh: c.Shop.Locale != "en", Amount: len(n.Share) > 0, Zone: c.Shop.Timezone}
}

// words joins a list, whose elements hold no spaces where they are valid.
func words(list []string) string {
	text := ""
	for i, x := range list {
		if i > 0 {
			text += " "
		}
		text += x
	}
	return text
}

// checkNotify looks whether the receivers can be told, as far as that can be seen without asking anybody.
func checkNotify(c *config.Config, wrong func(key, zh, en string)) {
	for i, n := range c.Notify {
		r := Receiver(c, n)
		r.Check(func(key, zh, en string) { wrong(fmt.Sprintf("notify[%d].%s", i, key), zh, en) })
	}
}

// tell writes what stands now and what is over into the journal, wakes who is to be told, and gives when something may begin to stand by
// itself, 0 for never.
func (w *watcher) tell(ctx context.Context, cfg *config.Config) (soon time.Duration, err error) {
	var list []queue.Condition
	add := func(event vocabulary.Notice, subject string, f api.Facts) {
		list = append(list, queue.Condition{Event: event, Subject: subject, Facts: f})
	}
	unknown, soon := w.printerTrouble(time.Duration(cfg.Watch.Printer), add)
	if err := w.slips(ctx, limits(cfg.Watch), add); err != nil {
		return 0, err
	}
	if err := w.money(ctx, cfg, add); err != nil {
		return 0, err
	}
	if w.disk(cfg, add); w.queue.Journal.DiskFull() && (soon == 0 || soon > fullEvery) {
		soon = fullEvery
	}
	if _, lost := w.queue.Journal.Loss(); lost {
		add(vocabulary.NoticeJournal, "", api.Facts{Reason: string(vocabulary.ReasonJournalLost)})
	}
	if by, ok := w.clock.jumped(); ok {
		add(vocabulary.NoticeClock, "", api.Facts{Shift: int64(by / time.Second)})
	}
	n, err := w.queue.Notices.Set(ctx, list, func(c queue.Condition) (api.Facts, bool) { return w.ended(ctx, c, unknown) })
	if n > 0 && err == nil {
		w.notifier.Wake()
	}
	return soon, err
}

const (
	fullEvery = 10 * time.Second // while the disk is full it is looked for room

	roomAgain = 5    // a fifth of the limit more than it must be free before a disk counts as roomy again, so that it is not told each minute
	fewFiles  = 1000 // that still fit on the disk
)

// disk finds that the journal's disk is full, or soon will be.
func (w *watcher) disk(cfg *config.Config, add func(vocabulary.Notice, string, api.Facts)) {
	if !w.queue.Journal.HasSpace() { // asked for, so that room is found also where no job comes
		add(vocabulary.NoticeDisk, "", api.Facts{})
	}
	limit := int64(cfg.Watch.MinFreeMB) << 20
	ask := w.room
	if ask == nil {
		ask = room
	}
	free, files, err := ask(cfg.Data.Dir)
	f := api.Facts{State: vocabulary.DiskLow}
	switch low := limit; {
	case limit == 0:
		w.diskLow = false
	case err != nil: // nobody knows: it stands as it stood
	default:
		if w.diskLow {
			low += limit / roomAgain
		}
		if free < low {
			mb := free >> 20
			f.FreeMB = &mb
		}
		w.diskLow = free < low || files >= 0 && files < fewFiles
	}
	if w.diskLow {
		add(vocabulary.NoticeDisk, vocabulary.DiskLow, f)
	}
}

// printerTrouble finds printers that are not ready for too long, or whose paper runs low. unknown are those of which nobody knows yet.
func (w *watcher) printerTrouble(limit time.Duration, add func(vocabulary.Notice, string, api.Facts)) (unknown map[string]bool, soon time.Duration) {
	unknown = map[string]bool{}
	now := time.Now()
	for _, p := range w.printers.Printers() {
		if !p.Paused.IsZero() { // a person wants it so
			delete(w.notReady, p.Name)
			continue
		}
		switch p.State {
		case vocabulary.PrinterUnknown:
			unknown[p.Name] = true
			continue
		case vocabulary.PrinterHeld, vocabulary.PrinterDown:
			since, ok := w.notReady[p.Name]
			if !ok {
				since = now
				w.notReady[p.Name] = now
			}
			if left := limit - now.Sub(since); limit > 0 && left <= 0 {
				add(vocabulary.NoticePrinter, p.Name, api.Facts{Printer: p.Name, Reason: string(p.Reason)})
			} else if limit > 0 && (soon == 0 || left < soon) {
				soon = left
			}
		default:
			delete(w.notReady, p.Name)
		}
		if p.NearEnd {
			add(vocabulary.NoticePaperLow, p.Name, api.Facts{Printer: p.Name})
		}
	}
	return unknown, soon
}

// slips finds those of which nobody knows whether they came out, and those that are not out in time.
func (w *watcher) slips(ctx context.Context, l queue.Limits, add func(vocabulary.Notice, string, api.Facts)) error {
	doubts, err := w.queue.Waiting.Uncertain(ctx, watchedMax)
	if err != nil {
		return err
	}
	for _, t := range doubts {
		add(vocabulary.NoticeDoubt, t.CopyID, ticketFacts(t))
	}
	late, err := w.queue.Waiting.Overdue(ctx, l, watchedMax)
	if err != nil {
		return err
	}
	for _, t := range late {
		f := ticketFacts(t)
		f.Limit = int64(t.Limit / time.Second)
		add(vocabulary.NoticeOverdue, t.CopyID, f)
	}
	return nil
}

func ticketFacts(t queue.Ticket) api.Facts {
	f := api.Facts{Printer: t.Printer, Reason: string(t.Reason), JobID: t.JobID, Kind: string(t.Kind), Copy: string(t.Copy), State: string(t.State), Voucher: t.Voucher, Order: t.Order}
	if t.Currency != "" {
		f.Amount, f.Currency = &t.Amount, t.Currency
	}
	return f
}

// money finds reversals that nobody settled and batches that were not settled in time.
func (w *watcher) money(ctx context.Context, cfg *config.Config, add func(vocabulary.Notice, string, api.Facts)) error {
	open, err := w.queue.Jobs.Reversals(ctx, false)
	if err != nil {
		return err
	}
	for _, r := range open {
		amount := r.Amount
		add(vocabulary.NoticeReversal, r.MerchantNo+"/"+r.TerminalNo+"/"+r.BatchNo+"/"+r.VoucherNo, api.Facts{JobID: r.JobID, State: string(r.Status), Voucher: r.VoucherNo,
			Terminal: r.TerminalNo, Batch: r.BatchNo, Amount: &amount, Currency: r.Currency})
	}
	wall, _ := w.clock.times()
	before, ok := settledBy(cfg, wall)
	if !ok {
		return nil
	}
	batches, err := w.queue.Batches.Unsettled(ctx, before)
	if err != nil {
		return err
	}
	for _, b := range batches {
		add(vocabulary.NoticeBatch, strconv.FormatInt(b.ID, 10), api.Facts{State: string(b.State), Terminal: b.TerminalNo, Batch: b.BatchNo})
	}
	return nil
}

// settledBy is the last time of day at which batches had to be settled; false when there is none.
func settledBy(cfg *config.Config, now time.Time) (time.Time, bool) {
	at, err := time.Parse("15:04", cfg.Watch.SettledBy)
	if err != nil {
		return time.Time{}, false
	}
	if zone := cfg.Shop.Zone(); zone != nil {
		now = now.In(zone)
	}
	due := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, now.Location())
	if due.After(now) {
		due = due.AddDate(0, 0, -1)
	}
	return due, true
}

// ended gives what is told of the end of something; false when nobody knows whether it ended.
func (w *watcher) ended(ctx context.Context, c queue.Condition, unknown map[string]bool) (api.Facts, bool) {
	f := c.Facts
	if (c.Event == vocabulary.NoticePrinter || c.Event == vocabulary.NoticePaperLow) && unknown[f.Printer] {
		return f, false
	}
	f.Reason, f.State, f.FreeMB = "", "", nil
	if c.Event == vocabulary.NoticeDoubt || c.Event == vocabulary.NoticeOverdue {
		a, err := w.queue.Jobs.Answer(ctx, f.JobID)
		if err != nil {
			return f, true
		}
		for _, x := range a.Copies {
			if x.CopyID == c.Subject {
				f.State, f.Printer = string(x.State), x.Printer
			}
		}
	}
	return f, true
}
