package escpos

import (
	"strings"
	"sync"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// reset begins a document: a printer that was just initialised, and no paper used.
func (e *encoder) reset(l *receiptline.Layout, p *profile.Profile, o Options) {
	if e.out == nil {
		e.out = newWire()
	}
	e.job = job{l: l, p: p, o: o, chars: p.Chars()}
	e.modes = modes{out: e.out, job: &e.job}
	e.bars = bars{}
	e.paper = paper{out: e.out, job: &e.job, modes: &e.modes}
	e.pen = pen{out: e.out, job: &e.job, modes: &e.modes}
	e.report = report{job: &e.job}
	g := &e.planner
	*g = planner{job: &e.job, lineAlign: g.lineAlign[:0], costs: g.costs[:0], places: g.places[:0]}
}

// A planner chooses what ESC a is to be in each row.
type planner struct {
	job *job

	lineAlign []uint8    // by row: what ESC a is to be
	costs     [][3]uint8 // by row: from which alignment each one is best reached

	places []placed // of the images and codes, in order
	placed int      // how many of them are done
}

// placed is what raster.Place said about an image or code.
type placed struct {
	raster.Placement
	err error
}

// never is a cost that no plan takes.
const never = 1 << 20

// plan chooses what ESC a is to be in each row, so that the whole takes the fewest bytes: a row in the middle of the
// paper costs a position (ESC $ or spaces) when ESC a is left, nothing when it is centre, and a change costs three.
func (g *planner) plan(rows []receiptline.Row) {
	const change = 3
	total := [3]int{0, change, change}
	for i := range rows {
		var from [3]uint8
		var next [3]int
		cost := g.alignCosts(&rows[i])
		for a := range 3 {
			from[a], next[a] = uint8(a), total[a]
			for b := range 3 {
				if i > 0 && total[b]+change < next[a] {
					from[a], next[a] = uint8(b), total[b]+change
				}
			}
			next[a] += cost[a]
		}
		total = next
		g.costs = append(g.costs, from)
		g.lineAlign = append(g.lineAlign, 0)
	}
	best := 0
	for a := range 3 {
		if total[a] < total[best] {
			best = a
		}
	}
	for i := len(rows) - 1; i >= 0; i-- {
		g.lineAlign[i] = uint8(best)
		best = int(g.costs[i][best])
	}
}

// alignCosts is what it costs to print r with ESC a 0, 1 and 2.
func (g *planner) alignCosts(r *receiptline.Row) [3]int {
	switch r.Kind {
	case receiptline.RuleRow:
		if len(r.Joints) == 0 && r.Left == 0 && r.Cells*g.job.p.CellDots == g.job.p.WidthDots {
			return [3]int{}
		}
	case receiptline.TextRow:
		if len(r.Bars) == 0 && len(r.Runs) == 0 {
			return [3]int{}
		}
		if len(r.Bars) == 0 && len(r.Runs) == 1 && !lifts(r) {
			return g.runCosts(r, &r.Runs[0])
		}
	case receiptline.ImageRow, receiptline.CodeRow, receiptline.LogoRow:
		pl, err := raster.Place(r, g.job.l, g.job.p)
		g.places = append(g.places, placed{pl, err})
		if r.Kind == receiptline.LogoRow && raster.WholePaper(r, g.job.l, g.job.p) {
			costs := [3]int{never, never, never} // how wide it really is, only the printer knows
			costs[r.Align] = 0
			return costs
		}
		if err == nil {
			return objectCosts(pl)
		}
	case receiptline.CutRow:
		return [3]int{}
	}
	return [3]int{0, never, never}
}

// runCosts: a row of one run without wide gaps can be left to the printer if it lies where the printer would put it.
func (g *planner) runCosts(r *receiptline.Row, run *receiptline.Run) [3]int {
	cells := raster.CellDots(r, g.job.p)
	cell := cells * max(run.Style.Width, 1)
	left := g.job.firstInk(r, run)
	right := raster.RunDots(r, run, g.job.p) + run.Cells*cells
	if raster.Bare(run) {
		right -= cell * (len(run.Text) - len(strings.TrimRight(run.Text, " ")))
	}
	costs := [3]int{0, never, never}
	if left > 0 {
		costs[0] = min((left+cell-1)/cell, 4)
	}
	room := g.job.p.WidthDots - (right - left)
	if max(run.Style.Width, run.Style.Height) > g.job.p.Magnify || !g.job.chars.Common(run.Text) && !g.exact(run) {
		return costs
	}
	if room/2 == left {
		costs[1] = 0
	}
	if room == left {
		costs[2] = 0
	}
	return costs
}

// exact reports a run of which the printer prints just as many cells as the layout gave to it.
func (g *planner) exact(run *receiptline.Run) bool {
	slots := g.job.chars.SlotsOf(run.Text, run.Cells/max(run.Style.Width, 1))
	for _, c := range run.Text {
		slot := g.job.chars.Slot(slots, c)
		switch g.job.chars.Find(g.job.chars.Substitute(c), slot) {
		case profile.TwoByte:
		case profile.ASCII, profile.Page:
			if slot != 1 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func objectCosts(pl raster.Placement) [3]int {
	const margin = 8 // GS L twice
	costs := [3]int{margin, never, never}
	if pl.X == 0 {
		costs[0] = 0
	}
	if pl.Centred {
		costs[1] = 0
	}
	if pl.X > 0 && pl.Right {
		costs[2] = 0
	}
	return costs
}
