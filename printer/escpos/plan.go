package escpos

import (
	"strings"
	"sync"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

var encoders = sync.Pool{New: func() any { return new(encoder) }}

func (e *encoder) reset(l *receiptline.Layout, p *profile.Profile, o Options) {
	w, aligns, costs, places := e.wire, e.lineAlign, e.costs, e.places
	if w == nil {
		w = newWire()
	}
	*e = encoder{wire: w, l: l, p: p, o: o, chars: p.Chars(), lineAlign: aligns[:0], costs: costs[:0],
		places: places[:0]}
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
func (e *encoder) plan(rows []receiptline.Row) {
	const change = 3
	total := [3]int{0, change, change}
	for i := range rows {
		var from [3]uint8
		var next [3]int
		cost := e.alignCosts(&rows[i])
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
		e.costs = append(e.costs, from)
		e.lineAlign = append(e.lineAlign, 0)
	}
	best := 0
	for a := range 3 {
		if total[a] < total[best] {
			best = a
		}
	}
	for i := len(rows) - 1; i >= 0; i-- {
		e.lineAlign[i] = uint8(best)
		best = int(e.costs[i][best])
	}
}

// alignCosts is what it costs to print r with ESC a 0, 1 and 2.
func (e *encoder) alignCosts(r *receiptline.Row) [3]int {
	switch r.Kind {
	case receiptline.RuleRow:
		if len(r.Joints) == 0 && r.Left == 0 && r.Cells*e.p.CellDots == e.p.WidthDots {
			return [3]int{}
		}
	case receiptline.TextRow:
		if len(r.Bars) == 0 && len(r.Runs) == 0 {
			return [3]int{}
		}
		if len(r.Bars) == 0 && len(r.Runs) == 1 && !lifts(r) {
			return e.runCosts(r, &r.Runs[0])
		}
	case receiptline.ImageRow, receiptline.CodeRow, receiptline.LogoRow:
		pl, err := raster.Place(r, e.l, e.p)
		e.places = append(e.places, placed{pl, err})
		if r.Kind == receiptline.LogoRow && raster.WholePaper(r, e.l, e.p) {
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
func (e *encoder) runCosts(r *receiptline.Row, run *receiptline.Run) [3]int {
	cells := raster.CellDots(r, e.p)
	cell := cells * max(run.Style.Width, 1)
	left := e.firstInk(r, run)
	right := raster.RunDots(r, run, e.p) + run.Cells*cells
	if raster.Bare(run) {
		right -= cell * (len(run.Text) - len(strings.TrimRight(run.Text, " ")))
	}
	costs := [3]int{0, never, never}
	if left > 0 {
		costs[0] = min((left+cell-1)/cell, 4)
	}
	room := e.p.WidthDots - (right - left)
	if max(run.Style.Width, run.Style.Height) > e.p.Magnify || !e.chars.Common(run.Text) && !e.exact(run) {
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
func (e *encoder) exact(run *receiptline.Run) bool {
	slots := e.chars.SlotsOf(run.Text, run.Cells/max(run.Style.Width, 1))
	for _, c := range run.Text {
		slot := e.chars.Slot(slots, c)
		switch e.chars.Find(e.chars.Substitute(c), slot) {
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
