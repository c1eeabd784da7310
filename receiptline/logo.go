package receiptline

import "strings"

// The room that a logo takes in a preview when the document does not say its size, in dots.
const (
	logoWidth  = 240
	logoHeight = 48
)

// logo sets a picture of the printer's memory: logo:number, or logo:number,width,height in dots.
func (s *setter) logo(p *Property) {
	items := strings.Split(p.Value, ",")
	given := [3]int{0, logoWidth, logoHeight}
	most := [3]int{255, maxImage, maxImage}
	ok := len(items) == 1 || len(items) == 3
	for i, item := range items {
		if !ok {
			break
		}
		given[i], ok = number(strings.TrimSpace(item), most[i]+1)
		ok = ok && given[i] >= 1 && given[i] <= most[i]
	}
	if !ok {
		s.report(Error, "bad_logo", p.off, p.Value)
		return
	}
	left, cells := s.format.area(s.o.Width)
	s.row(Row{Kind: LogoRow, Height: 1, Left: 2 * left, Cells: cells, Align: s.line.Align,
		Logo: &Logo{Number: given[0], Width: given[1], Height: given[2]}})
}
