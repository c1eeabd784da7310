package daemon

import (
	"context"
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// Printers are all printers as page and API ask for them.
type printers struct {
	now      *inForce
	changed  *broadcast
	printing *queue.Printing
}

// Changed gives a channel that is closed when a printer's status next changes.
func (p *printers) Changed() <-chan struct{} { return p.changed.Changed() }

// Printers lists the printers for the page.
func (p *printers) Printers() []api.Printer {
	now := p.now.Load()
	stations := now.stations
	out := make([]api.Printer, len(stations))
	for i, s := range stations {
		out[i] = s.status()
		if now.cfg.DrawerPrinter("") != s.name && now.section(s.name).DrawerPin == 0 {
			out[i].Drawer = "" // nobody says that it has one
		}
		if since, ok := p.printing.Paused(s.name); ok {
			out[i].State, out[i].Reason = vocabulary.PrinterHeld, vocabulary.ReasonPaused
			out[i].Text, out[i].Since, out[i].Paused = reasonText(vocabulary.ReasonPaused), since, since
			out[i].Cause, out[i].What, out[i].Fix, out[i].Error = "", job.Text{}, job.Text{}, ""
		}
	}
	return out
}

// Pause lets nothing more begin at a printer, or lets it go on; see queue.Printing.Pause.
func (p *printers) Pause(ctx context.Context, name string, on bool, operator string) error {
	if p.now.Load().station(name) == nil {
		return api.ErrNoPrinter
	}
	if _, err := p.printing.Pause(ctx, name, on, operator); err != nil {
		return err
	}
	p.changed.send()
	return nil
}

// Command asks a printer for something that takes paper or time.
func (p *printers) Command(ctx context.Context, name, command string) (string, error) {
	s := p.now.Load().station(name)
	if s == nil {
		return "", api.ErrNoPrinter
	}
	switch command {
	case "jam-cleared":
		err := s.printer.JamCleared(ctx)
		if errors.Is(err, printer.ErrNoJam) {
			return "", &api.NotReadyError{Text: job.Text{Zh: "这台打印机现在没有报告切刀卡纸。", En: "This printer reports no jammed cutter now."}}
		}
		if err != nil {
			return "", fmt.Errorf("tell the printer that the jam is cleared: %w", err)
		}
		return "ok", nil
	}
	return "", api.ErrNoPrinter
}

// TestPage prints a test page.
func (p *printers) TestPage(ctx context.Context, name string) (api.TestPage, error) {
	s := p.now.Load().station(name)
	if s == nil {
		return api.TestPage{}, api.ErrNoPrinter
	}
	return s.test(ctx)
}

// Probe measures which proof a printer gives; see printer.Probe.
func (p *printers) Probe(ctx context.Context, name string, cover bool, report func(step string)) (api.Probe, error) {
	s := p.now.Load().station(name)
	if s == nil {
		return api.Probe{}, api.ErrNoPrinter
	}
	return s.probe(ctx, cover, report)
}
