package daemon

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/diagnosis"
	"github.com/receiptd/receiptd/internal/setupfile"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/web"
)

// A setUpPage is what the page of that name asks for: what is configured, a change of it, and which printers there are.
type setUpPage struct {
	store    *setupfile.Store
	reloader *reloader
	now      *inForce
}

// setUpPage gives the set-up of a data folder, nil when this daemon does not read its configuration again.
func (d *daemon) setUpPage(dataDir string) web.SetUp {
	if d.o.WithSetUp == nil || d.o.Load == nil {
		return nil
	}
	return &setUpPage{store: setupfile.New(dataDir, d.o.WithSetUp), reloader: d.reloader, now: &d.now}
}

// Setup gives what is configured.
func (s *setUpPage) Setup() (api.Setup, error) {
	out, err := s.store.Show()
	return out, brokenConfig(err)
}

// PlanSetup tells what a change comes to.
func (s *setUpPage) PlanSetup(change api.SetupChange) (api.SetupPlan, error) {
	plan, err := s.store.Plan(change)
	return plan, brokenConfig(err)
}

// ApplySetup writes a change and takes it into use. It waits for that until ctx ends; the plan then says that it comes later.
func (s *setUpPage) ApplySetup(ctx context.Context, change api.SetupChange) (api.SetupPlan, error) {
	plan, err := s.store.Apply(change)
	if err != nil || len(plan.Problems) > 0 || len(plan.Differences) == 0 {
		return plan, brokenConfig(err)
	}
	err = s.reloader.takeSetUp(ctx)
	if errors.Is(err, errNotNow) {
		plan.Later = true
		return plan, nil
	}
	if err != nil {
		return plan, fmt.Errorf("the set-up is written and could not be taken into use: %w", err)
	}
	return plan, nil
}

// brokenConfig words a configuration that cannot be read as it stands.
func brokenConfig(err error) error {
	var wrong *config.Error
	if !errors.As(err, &wrong) {
		return err
	}
	return &api.BrokenConfigError{Text: job.Text{Zh: "配置现在有错，改不了设置：\n" + wrong.Text("zh"), En: "The configuration is wrong as it stands, so the set-up cannot be changed:\n" + wrong.Text("en")}}
}

// Profiles lists the models that a printer may name.
func (s *setUpPage) Profiles() []api.Profile { return Profiles() }

// Profiles lists the models that a printer may name.
func Profiles() []api.Profile {
	var out []api.Profile
	for _, name := range profile.Names() {
		p, err := profile.Load(name)
		if err != nil { // a test loads them all
			continue
		}
		out = append(out, api.Profile{Name: name, Maker: p.Vendor, Columns: p.Columns, Dots: p.WidthDots, DPI: p.DPI, Cutter: p.Cutter, Chinese: p.TwoByte != "", Grade: p.Grade, Notes: p.Notes, NotesZh: p.NotesZh})
	}
	return out
}

// Find looks for printers.
func (s *setUpPage) Find(ctx context.Context, network bool) ([]api.Found, error) {
	cfg := s.now.Load().cfg
	if network {
		return FindNetwork(ctx, cfg, nil)
	}
	return FindLocal(ctx, cfg), nil
}

// FindLocal looks for printers on this machine and says which of them a receiptd has.
func FindLocal(ctx context.Context, cfg *config.Config) []api.Found {
	mine := map[string]string{} // what is configured, by its path or place
	for _, p := range cfg.Printers {
		if d, err := link.Parse(p.Device); err == nil {
			mine[whereIs(d)] = p.Name
		}
	}
	list := link.Scan(ctx)
	out := make([]api.Found, 0, len(list))
	for _, f := range list {
		x := api.Found{Device: f.Device, What: job.Text{Zh: f.What.ZH, En: f.What.EN}, Opens: f.Opens}
		d, err := link.Parse(f.Device)
		if err == nil {
			x.InUse = mine[whereIs(d)]
		}
		if f.Err != nil {
			why := diagnosis.Of(f.Device, f.Err, diagnosis.Options{Holder: diagnosis.WhoHas})
			x.Reason, x.Fix = why.What, why.Fix
			if why.Cause == diagnosis.Self && x.InUse == "" {
				x.InUse = "receiptd"
			}
		}
		out = append(out, x)
	}
	return out
}

// whereIs tells two devices of this machine apart, by the file where there is one.
func whereIs(d link.Device) string {
	if d.Path == "" {
		return fmt.Sprint(place(d))
	}
	if real, err := filepath.EvalSymlinks(d.Path); err == nil {
		return real
	}
	return d.Path
}
