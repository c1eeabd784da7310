package raster

import (
	"slices"
	"strings"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/receiptline"
)

// Tight reports whether row i stands directly on the next one, without the white of the line pitch: rows inside a box,
// whose vertical rules must meet, and rows of small text, whose cells hold white enough.
func Tight(l *receiptline.Layout, i int) bool {
	r := &l.Rows[i]
	switch r.Kind {
	case receiptline.TextRow:
		return len(r.Bars) > 0 || r.Small && sent(r) && i+1 < len(l.Rows) && l.Rows[i+1].Small
	case receiptline.RuleRow:
		for _, j := range r.Joints {
			if j.Down {
				return true
			}
		}
	}
	return false
}

// RowHeight is how high the ink of a text row or rule can be, in dots.
func RowHeight(r *receiptline.Row) int {
	if r.Kind == receiptline.TextRow {
		return rowCell(r) * max(r.Height, 1)
	}
	return cellHeight
}

// Advance is how far the paper moves for text row or rule i, in dots: as the printer moves it, and the Leading.
func Advance(l *receiptline.Layout, i int, p *profile.Profile) int {
	h := RowHeight(&l.Rows[i])
	if Tight(l, i) {
		return h
	}
	return max(h, p.LineDots) + Leading(l, i, p)
}

// Leading is the white to be fed below row i, in dots. A printer moves by its line pitch, or by the height of the tallest
// character if that is more: text would stand directly under a tall row. One that prints no graphics cannot feed so little.
func Leading(l *receiptline.Layout, i int, p *profile.Profile) int {
	if p.RasterRows == 0 || i+1 >= len(l.Rows) || Tight(l, i) {
		return 0
	}
	if next := &l.Rows[i+1]; next.Kind != receiptline.TextRow || len(next.Runs) == 0 {
		return 0
	}
	h := RowHeight(&l.Rows[i])
	return max(h+p.LineDots-cellHeight-max(h, p.LineDots), 0)
}

// Bare reports a run whose spaces show nothing.
func Bare(run *receiptline.Run) bool { return !run.Style.Underline && !run.Style.Invert }

// Inked reports a run of which something shows.
func Inked(run *receiptline.Run) bool { return !Bare(run) || strings.Trim(run.Text, " ") != "" }

// sent reports a row of which the printer is sent a character: one of blanks alone is fed like an empty one, and without a
// line pitch that is not at all. Blanks that make the row high are sent.
func sent(r *receiptline.Row) bool {
	return r.Height > 1 || slices.ContainsFunc(r.Runs, func(run receiptline.Run) bool { return Inked(&run) })
}

// rowCell is how high a character of a text row is before it is magnified, in dots.
func rowCell(r *receiptline.Row) int {
	if r.Small {
		return smallHeight
	}
	return cellHeight
}

// CellDots is how wide a cell of row r is: font B's in a row of small text, else font A's.
func CellDots(r *receiptline.Row, p *profile.Profile) int {
	if r.Small && p.SmallDots > 0 {
		return p.SmallDots
	}
	return p.CellDots
}

// RunDots is where a run of row r begins, in dots.
func RunDots(r *receiptline.Row, run *receiptline.Run, p *profile.Profile) int {
	return run.X * CellDots(r, p) / 2
}

// Dots converts a position in half cells of font A to dots.
func Dots(halfCells int, p *profile.Profile) int { return halfCells * p.CellDots / 2 }

// End is how many rows come before the last cut, and whether there is one. Blank rows behind the last cut, such as the
// one that a final line end makes, belong to nothing.
func End(l *receiptline.Layout) (rows int, cut bool) {
	for i := len(l.Rows) - 1; i >= 0; i-- {
		r := &l.Rows[i]
		if r.Kind == receiptline.CutRow {
			return i, true
		}
		if r.Kind != receiptline.TextRow || len(r.Runs) > 0 || len(r.Bars) > 0 {
			break
		}
	}
	return len(l.Rows), false
}
