package daemon

import (
	"cmp"
	"fmt"
	"unicode/utf8"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/templates"
)

// A door looks at a job before it is taken, for the printers that it goes to as things are.
type door struct {
	cfg     *config.Config
	set     *templates.Set
	shop    templates.Shop
	station func(name string) *station // nil: there is none of that name
}

// ExamineJob gives what Run would answer a job with beyond its schema: errors, for which it is not taken, and warnings. It opens no
// device.
func ExamineJob(c *config.Config, set *templates.Set, j *job.Job) (errs, warnings []job.Problem) {
	known := map[string]*station{}
	shop, err := Shop(c)
	if err != nil { // Check tells of a logo; a job may be looked at without it
		shop.Zone = c.Shop.Zone()
	}
	d := door{c, set, shop, func(name string) *station {
		for _, p := range c.Printers {
			if p.Name == name && known[name] == nil {
				known[name], _ = newStation(p, nil) // a printer that cannot be used is doctor's business
			}
		}
		return known[name]
	}}
	if errs = d.check(j); len(errs) > 0 {
		return errs, nil
	}
	return nil, d.notes(j)
}

// input is what a slip is rendered with for a printer, whichever copy it is.
func (d door) input(s *station, j *job.Job) templates.Input {
	return templates.Input{Job: j, Width: s.profile.Columns, Small: s.profile.SmallColumns(), TextOnly: s.profile.TextOnly(), Locale: cmp.Or(j.Locale, d.cfg.Shop.Locale), Measure: s.profile.Measure,
		Shop: d.shop}
}

// check finds what keeps a job from being printed at the printer that it goes to, or at the one that stands in for that: a code too
// wide for the paper, for instance.
func (d door) check(j *job.Job) []job.Problem {
	if j.Captured() { // it is printed as its program composed it
		return nil
	}
	var papers []templates.Paper
	for _, c := range templates.DoubtfulCopies(j) {
		s := d.goesTo(j, c)
		if s == nil {
			continue
		}
		for _, x := range []*station{s, d.standsIn(s)} {
			if x != nil {
				papers = append(papers, templates.Paper{Copy: c, Width: x.profile.Columns, Small: x.profile.SmallColumns(), Measure: x.profile.Measure})
			}
		}
	}
	return d.set.Check(j, papers)
}

// standsIn is the printer that takes what another cannot print, nil when there is none.
func (d door) standsIn(s *station) *station {
	for _, p := range d.cfg.Printers {
		if p.Name == s.name && p.Failover != "" {
			return d.station(p.Failover)
		}
	}
	return nil
}

// goesTo is the printer that a job's copy goes to as things are, nil when there is none.
func (d door) goesTo(j *job.Job, c job.CopyName) *station {
	return d.station(routed(d.cfg, j, c))
}

// copies are those that a job asks for, or that it gets because it names none; a command has none of its own.
func (d door) copies(j *job.Job) []job.CopyName {
	switch {
	case j.Command != nil:
		return nil
	case len(j.Copies) > 0:
		return j.Tickets(j.Copies)
	}
	if names := defaultCopies(d.cfg, j); names != nil {
		return j.Tickets(names)
	}
	return j.Tickets(j.DefaultCopies())
}

// notes finds what does not come out as a job says: characters that its printers can neither print nor draw, a clock that is not told.
// A job of ASCII and Chinese, as most are, needs no look.
func (d door) notes(j *job.Job) []job.Problem {
	var list []job.Problem
	if d.shop.Zone == nil {
		list = j.Clockless()
	}
	list = append(list, d.strayStations(j)...)
	if j.Command != nil || j.Document == nil && usual(j.JSON) || j.Captured() {
		return list
	}
	told := map[string]bool{}
	for _, c := range d.copies(j) {
		s := d.goesTo(j, c)
		if s == nil {
			continue
		}
		for _, p := range d.lacks(s, j, c) {
			if !told[p.Message.En] {
				told[p.Message.En] = true
				list = append(list, p)
			}
		}
	}
	return list
}

// strayStations finds stations for which no route is written: their tickets come out with the kitchen's.
func (d door) strayStations(j *job.Job) []job.Problem {
	if j.Order == nil || len(d.cfg.Printers) == 0 {
		return nil
	}
	var list []job.Problem
	for _, s := range j.Order.Stations() {
		if s == "" || d.cfg.KnowsStation(s) {
			continue
		}
		at := d.cfg.PrinterLabel(routed(d.cfg, j, job.CopyKitchen.At(s)))
		list = append(list, job.Problem{Code: "station_unknown", Pointer: "/payload/bags",
			Message: job.Text{Zh: "没有档口“" + s + "”的路由，它的单子打在 " + at, En: "no route names the station \"" + s + "\"; its ticket comes out at " + at},
			Fix:     job.Text{Zh: "在配置里写一段 [[route]]，station = \"" + s + "\"，或改正菜品的 station", En: "write a [[route]] with station = \"" + s + "\" into the configuration, or correct the items' station"}})
	}
	return list
}

// usual reports a text of ASCII and what every Chinese printer has: ideographs of GB 2312's blocks, full-width forms and marks.
func usual(text []byte) bool {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if (r < 0x4e00 || r > 0x9fa5) && (r < 0xff01 || r > 0xff5e) && (r < 0x3001 || r > 0x3011) && r != 0xffe5 {
			return false
		}
		i += n
	}
	return true
}

// lacks renders a copy and gives what of it a printer cannot print, named by character or line.
func (d door) lacks(s *station, j *job.Job, c job.CopyName) []job.Problem {
	in := d.input(s, j)
	in.Copy, in.Mark = c, job.Mark{Kind: job.MarkOriginal, PrintNo: 1}
	slip, err := d.set.Render(in)
	if err != nil {
		return nil // in its turn it is told of
	}
	_, warnings := escpos.Encode(slip.Layout, s.profile, escpos.Options{Fonts: s.fonts})
	var list []job.Problem
	for _, w := range slip.Warnings {
		if w.Code == "code_not_drawn" {
			warnings = append(warnings, escpos.Warning{Code: w.Code, Line: w.Line, Zh: w.Zh, En: w.En})
		}
	}
	for _, w := range warnings {
		list = append(list, job.Problem{
			Code:    w.Code,
			Message: job.Text{Zh: fmt.Sprintf("打印机 %s：%s", d.cfg.PrinterLabel(s.name), w.Zh), En: fmt.Sprintf("printer %s: %s", d.cfg.PrinterLabel(s.name), w.En)},
			Fix:     job.Text{Zh: "换一种写法，或在配置里给这台打印机指定含这些字的 font", En: "write it otherwise, or name a font that has it for this printer in the configuration"},
		})
	}
	return list
}
