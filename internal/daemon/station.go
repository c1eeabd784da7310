package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/diagnosis"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/vocabulary"
)

// A station is one configured printer with what is needed to render for it.
type station struct {
	name    string
	cfg     config.Printer // as it was when the station was made: see sameDevice
	profile *profile.Profile
	fonts   raster.Fonts
	printer *printer.Printer
	watch   *diagnosis.Watch          // why it cannot be used
	ready   atomic.Pointer[readySlip] // rendered before its turn
	leaving leaving
	drawer  atomic.Pointer[vocabulary.DrawerState] // as its sensor told last; nil: never
}

// newStation reads what a configured printer is, without a printer yet. log may be nil.
func newStation(c config.Printer, log *slog.Logger) (*station, error) {
	shared, err := profile.Load(c.Profile)
	if err != nil {
		return nil, fmt.Errorf("load profile: %w", err)
	}
	prof, err := shared.WithColumns(c.Width)
	if err != nil {
		return nil, err
	}
	prof = prof.WithFeed(c.Feed).WithSelect(c.Select, c.SelectAfter)
	var fonts raster.Fonts
	if c.Font != "" {
		if fonts.Outline, err = raster.LoadOutline(c.Font); err != nil {
			return nil, fmt.Errorf("load font: %w", err)
		}
	}
	if _, err := link.Parse(c.Device); err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	return &station{name: c.Name, cfg: c, profile: prof, fonts: fonts, watch: newWatch(c, log)}, nil
}

// opener opens the link to a printer, and ends it when another device answers than the configuration names.
// A network printer with an identity is followed to another address.
func opener(c config.Printer, prof *profile.Profile, log *slog.Logger) func(context.Context) (link.Conn, error) {
	open := func(ctx context.Context) (link.Conn, error) { return link.Open(ctx, c.Device, link.Options{}) }
	id, err := printer.ParseIdentity(c.Identity)
	if err != nil { // none: a wrong one is refused with the configuration
		return open
	}
	d, err := link.Parse(c.Device)
	if err != nil || d.Scheme != link.TCP {
		return printer.Identified(c.Device, id, prof, open)
	}
	return newFollower(c.Name, d, id, prof, log).open
}
