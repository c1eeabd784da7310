package daemon

import (
	"context"
	"io"
	"sync"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/pdf"
	"github.com/receiptd/receiptd/printer/raster"
)

// Previews draw slips as they would come out.
type previews struct {
	now      *inForce
	printing *printing
	drawing  sync.Mutex // held while a preview is drawn: one at a time takes memory and a processor
}

// Preview draws a copy as it comes out with this mark.
func (v *previews) Preview(w io.Writer, j *job.Job, c job.CopyName, m job.Mark, format string) error {
	now := v.now.Load()
	s := now.station(now.route(j, c))
	if s == nil {
		return api.ErrNoPrinter
	}
	return v.draw(context.Background(), w, s, j, c, m, format)
}

// draw draws a copy for a printer.
func (v *previews) draw(ctx context.Context, w io.Writer, s *station, j *job.Job, c job.CopyName, m job.Mark, format string) error {
	slip, err := v.printing.render(ctx, s, j, c, m)
	if err != nil {
		return err
	}
	if format == "txt" {
		_, err = io.WriteString(w, slip.Layout.Text())
		return err
	}
	v.drawing.Lock()
	defer v.drawing.Unlock()
	if format == "pdf" {
		about := pdf.About{Title: j.ID, Language: j.Locale, Made: m.At, Maker: "receiptd"}
		return pdf.Write(w, slip.Layout, s.profile, s.fonts, about)
	}
	return raster.PNG(w, slip.Layout, s.profile, s.fonts)
}
