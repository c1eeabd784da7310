package virtual

import (
	"slices"
	"strconv"
	"strings"
)

// A run is text that begins at dot x of a row and is w dots wide.
type run struct {
	x, w int
	s    string
}

// A textRow is what lies side by side: dots top to bottom of a strip, or the base line of a sheet as bottom.
type textRow struct {
	top, bottom int
	runs        []run
}

// text puts the runs where they lie, whatever the order in which they came: gaps become spaces of 12 dots.
func (t *textRow) text() string {
	slices.SortStableFunc(t.runs, func(a, b run) int { return a.x - b.x })
	var b strings.Builder
	at := 0 // dots already written
	for _, r := range t.runs {
		if gap := r.x - at; gap >= 6 {
			b.WriteString(strings.Repeat(" ", (gap+6)/12))
		}
		b.WriteString(r.s)
		at = max(at, r.x+r.w)
	}
	return strings.TrimRight(b.String(), " ")
}

func pictureLabel(w, h int) string { return "[image " + strconv.Itoa(w) + "x" + strconv.Itoa(h) + "]" }

// runs are the readable things of one item.
func (it *item) runs() []run {
	if it.label != "" {
		return []run{{it.x - it.x%12, 12 * len(it.label), it.label}}
	}
	var all []run
	for _, c := range it.cells {
		w, _ := c.size()
		all = append(all, run{it.x + int(c.x), w, string(c.r)})
	}
	for _, r := range it.images {
		all = append(all, run{it.x + r.x, r.w * r.sx, pictureLabel(r.w*r.sx, r.h*r.sy)})
	}
	return all
}

// A reading is the text of a strip while it is put together.
type reading struct {
	rows []textRow
	// picture is the raster picture that the latest bands belong to, w dots wide; nil: none.
	picture *textRow
	w       int
}

// farBack is how many rows up a line may lie that paper was pulled back for.
const farBack = 128

// add puts runs on the row that lies there, or on a new one.
func (g *reading) add(top, bottom int, runs []run) {
	mid := (top + bottom) / 2
	for i := len(g.rows) - 1; i >= max(0, len(g.rows)-farBack); i-- {
		if r := &g.rows[i]; mid >= r.top && mid < r.bottom {
			r.runs = append(r.runs, runs...)
			return
		}
	}
	g.rows = append(g.rows, textRow{top, bottom, runs})
}

// blank puts n empty rows where nothing lies yet.
func (g *reading) blank(top, bottom, n int) {
	for i := range n {
		g.add(top+(bottom-top)*i/n, top+(bottom-top)*(i+1)/n, nil)
	}
}

// band adds some rows of a raster picture, whose bands are one picture as long as nothing comes between them.
func (g *reading) band(it *item) {
	r := it.images[0]
	if g.picture == nil && r.white() {
		return // white dots are a feed
	}
	if g.picture == nil {
		g.picture, g.w = &textRow{top: it.y}, 0
	}
	g.w = max(g.w, r.w*r.sx)
	g.picture.bottom = it.y + it.rows()
}

func (g *reading) endPicture() {
	if t := g.picture; t != nil {
		g.rows = append(g.rows, textRow{t.top, t.top, []run{{0, g.w, pictureLabel(g.w, t.bottom-t.top)}}})
	}
	g.picture = nil
}

// text is what a person reads on a strip, line by line, columns kept.
func (s *strip) text() string {
	var g reading
	for i := range s.items {
		it := &s.items[i]
		if it.picture {
			g.band(it)
			continue
		}
		g.endPicture()
		if mid := it.y + it.h/2; it.h > 0 && (mid < s.top || mid >= s.bottom) {
			continue // most of this line is on the neighbouring piece
		}
		for _, line := range it.lines {
			g.rows = append(g.rows, textRow{it.y, it.y, []run{{0, 0, line}}})
		}
		if it.h > 0 && !it.sheet {
			g.add(it.y, it.y+it.rows(), it.runs())
		}
		if it.blank > 0 {
			g.blank(it.y+it.h, max(it.y+it.feed, it.y+it.h+it.blank), it.blank)
		}
	}
	g.endPicture()
	slices.SortStableFunc(g.rows, func(a, b textRow) int { return a.top - b.top })
	lines := make([]string, len(g.rows))
	for i := range g.rows {
		lines[i] = g.rows[i].text()
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}
