package daemon

import (
	"context"

	"github.com/receiptd/receiptd/capture/stream"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
)

// captured gives the bytes of a slip that another program composed: its own, dot by dot. Marks come on top of each piece of paper, as
// rows of their own; a first copy of which there is nothing to say has none.
func (p *printing) captured(ctx context.Context, s *station, j *job.Job, c job.CopyName, m job.Mark) (escpos.Slip, error) {
	d := *j.Document
	d.Blocks, d.ReceiptLine = []job.Block{{Type: job.BlockText}}, "" // the marks are set alone
	only := *j
	only.Document = &d
	slip, err := p.render(ctx, s, &only, c, m)
	if err != nil {
		return escpos.Slip{}, err
	}
	if slip.Marks == nil {
		return capturedPlain(j.Document.Capture.Stream, s.profile), nil
	}
	marks, _ := escpos.Encode(slip.Marks, s.profile, escpos.Options{Fonts: s.fonts})
	return capturedMarked(j.Document.Capture.Stream, s.profile, marks), nil
}

// begin is what a captured slip begins with: the printer as it is after it was switched on, and telling of changes by itself as ours do.
func begin(p *profile.Profile) (start, afterReset string) {
	if p.StatusASB {
		afterReset = escpos.ReportAll
	}
	return escpos.Reset + afterReset, afterReset
}

func capturedPlain(sent []byte, p *profile.Profile) escpos.Slip {
	start, again := begin(p)
	r := stream.NewReader(stream.Options{Profile: p, AfterReset: again, Max: 2 * stream.MaxSlip})
	for len(sent) > 0 {
		n, _ := r.Next(sent)
		sent = sent[n:]
	}
	s := r.Take(true)
	return escpos.Slip{Content: append([]byte(start), s.Stream[:s.LastCut]...), Cut: s.Stream[s.LastCut:], Dots: s.Dots}
}

func capturedMarked(sent []byte, p *profile.Profile, marks escpos.Slip) escpos.Slip {
	start, again := begin(p)
	out := escpos.Slip{Drawn: marks.Drawn}
	for i, s := range stream.Read(sent, stream.Options{Profile: p, AfterReset: again, Max: 2 * stream.MaxSlip}) {
		if i > 0 && !s.Seen && s.Dots == 0 { // settings behind the last cut
			continue
		}
		out.Content, out.Cut = append(out.Content, out.Cut...), nil
		if s.Seen || i == 0 {
			out.Content = append(out.Content, marks.Content...)
			out.Dots += marks.Dots
		}
		out.Content = append(append(out.Content, start...), s.Stream[:s.LastCut]...)
		out.Cut = s.Stream[s.LastCut:]
		out.Dots += s.Dots
	}
	return out
}
