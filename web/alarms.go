package web

import (
	"context"
	"fmt"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// An alarmList collects what needs a person, for every page.
type alarmList struct {
	journal  *queue.Journal
	jobs     *queue.Jobs
	waiting  *queue.Waiting
	drawers  *queue.Drawers
	printers Printers
	more     []Alarms
}

// standing is what asks for a person, as the counter page shows it.
type standing struct {
	Lost      *job.Text // what the journal lost
	Reversals []queue.Reversal
	Doubts    []doubt
	MoreDoubt bool
	Drawers   []queue.Opening // a program wants a drawer open: shall it be?
	Stale     []queue.Outstanding
	Waiting   []queue.Outstanding // copies that have not come out, by printer and cause
	Count     int                 // of them
	Printers  []api.Printer
}

// read reads what asks for a person: reversals, doubts, what waits, printers.
func (a *alarmList) read(ctx context.Context) (*standing, error) {
	b := &standing{Printers: a.printers.Printers()}
	if l, lost := a.journal.Loss(); lost {
		text := l.Text()
		b.Lost = &text
	}
	var err error
	if b.Reversals, err = a.jobs.Reversals(ctx, false); err != nil {
		return nil, err
	}
	if b.Drawers, err = a.drawers.Asked(ctx); err != nil {
		return nil, err
	}
	out, err := a.waiting.Outstanding(ctx)
	if err != nil {
		return nil, err
	}
	asked := []string{string(vocabulary.ReasonInPieces)} // is over, and so not outstanding
	for _, o := range out {
		switch {
		case o.State == queue.Uncertain:
			if len(asked) == 1 {
				asked = append(asked, string(queue.Uncertain))
			}
		case o.Reason == vocabulary.ReasonStale, o.Reason == vocabulary.ReasonHalf:
			b.Stale = append(b.Stale, o)
		default:
			b.Waiting = append(b.Waiting, o)
			b.Count += o.Count
		}
	}
	b.Doubts, b.MoreDoubt, err = doubts(ctx, a.jobs, asked)
	return b, err
}

// of gives the alarms of what stands, the worst first, and the further ones. Each question has one of its own: the second one sounds
// while the first is still open.
func (a *alarmList) of(ctx context.Context, b *standing) ([]Alarm, error) {
	var list []Alarm
	if b.Lost != nil {
		list = append(list, Alarm{Key: "lost:" + b.Lost.En, Kind: alarmLost, Text: words["journal.lost"], Link: "/"})
	}
	for i := range b.Reversals {
		r := &b.Reversals[i]
		text := vocabulary.Word(vocabulary.KindReversal, string(r.Status))
		text.Zh, text.En = text.Zh+" "+r.VoucherNo, text.En+" "+r.VoucherNo
		list = append(list, Alarm{Key: fmt.Sprintf("reversal:%s:%s:%s:%s:%d", r.TerminalNo, r.BatchNo, r.VoucherNo, r.Status, r.Since.UnixMilli()), Kind: alarmReversal, Text: text, Link: "/reversals/" + r.JobID})
	}
	for i := range b.Drawers {
		list = append(list, Alarm{Key: "drawer:" + b.Drawers[i].JobID, Kind: alarmDoubt, Text: words["alarm.drawer"], Link: "/"})
	}
	for i := range b.Doubts {
		d := &b.Doubts[i]
		text := words["alarm.doubt"]
		if d.Pieces {
			text = words["alarm.pieces"]
		}
		text.Zh, text.En = text.Zh+" "+d.Slip.VoucherNo, text.En+" "+d.Slip.VoucherNo
		list = append(list, Alarm{Key: fmt.Sprintf("doubt:%s:%s", d.Copy.CopyID, d.Copy.State), Kind: alarmDoubt, Text: text, Link: "/"})
	}
	for _, o := range b.Stale {
		kind, text := string(o.Reason), words["alarm.stale"]
		if o.Reason == vocabulary.ReasonHalf {
			text = words["alarm.broke"]
		}
		list = append(list, Alarm{Key: fmt.Sprintf("%s:%s:%d:%d", kind, o.Printer, o.Oldest.UnixMilli(), o.Count), Kind: kind, Text: text, Link: "/"})
	}
	list = append(list, b.printerAlarms()...)
	for _, more := range a.more {
		further, err := more(ctx)
		if err != nil {
			return nil, err
		}
		for _, x := range further {
			x.beside = true
			list = append(list, x)
		}
	}
	return list, nil
}

// printerAlarms are the printers that wait for a hand. One that cannot be reached counts once something waits for it: overnight the
// printers are switched off, and nobody is there. One that a person has paused needs nobody.
func (b *standing) printerAlarms() []Alarm {
	var list []Alarm
	for _, p := range b.Printers {
		down := p.State == vocabulary.PrinterDown
		if !down && p.State != vocabulary.PrinterHeld || !p.Paused.IsZero() || down && !b.waitsFor(p.Name) {
			continue
		}
		word := vocabulary.Word(vocabulary.KindReason, string(p.Reason))
		if p.Reason == "" {
			word = vocabulary.Word(vocabulary.KindPrinter, string(p.State))
		}
		name := p.Label
		if name == "" {
			name = p.Name
		}
		list = append(list, Alarm{Key: fmt.Sprintf("printer:%s:%s:%d", p.Name, p.Reason, p.Since.UnixMilli()), Kind: alarmPrinter,
			Text: job.Text{Zh: name + "：" + word.Zh, En: name + ": " + word.En}, Link: "/printers/" + p.Name})
	}
	return list
}

func (b *standing) waitsFor(printer string) bool {
	for _, o := range b.Waiting {
		if o.Printer == printer {
			return true
		}
	}
	return false
}
