package raster

import (
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/receiptline"
)

// ErrTooWide is wrapped by Place when an object does not fit the paper even at its smallest.
var ErrTooWide = errors.New("wider than the paper")

// A Placement is where an image or code goes and how large it is, in dots.
type Placement struct {
	X              int  // left edge
	Width, Height  int  // of the whole, text below a bar code included
	Module         int  // dots of the narrow bar or QR module, after shrinking
	Bars           int  // height of the bars alone
	Native         bool // the printer's own command draws it
	Shrunk         bool // it is smaller than the document asked for, else it would not fit
	Centred, Right bool // ESC a 1 or 2 puts it at X
	barsWidth      int
}

// Place finds the place of an image, logo or code row of l. A logo is always Native: only the printer has its dots. A code is Native when the printer draws it itself with the same
// dots; one that is too wide even for the printer's smallest bars is drawn by us.
func Place(r *receiptline.Row, l *receiptline.Layout, p *profile.Profile) (Placement, error) {
	area, left := r.Cells*p.CellDots, Dots(r.Left, p)
	if WholePaper(r, l, p) {
		area = p.WidthDots
	}
	var pl Placement
	var err error
	switch {
	case r.Kind == receiptline.ImageRow && r.Image != nil:
		pl, err = placeImage(r.Image, area)
	case r.Kind == receiptline.LogoRow && r.Logo != nil:
		pl = Placement{Width: min(r.Logo.Width, area), Height: r.Logo.Height, Native: true}
	case r.Kind == receiptline.CodeRow && r.Code != nil && r.Code.Symbology == "qrcode":
		pl, err = placeQR(r.Code, area, p)
	case r.Kind == receiptline.CodeRow && r.Code != nil:
		pl, err = placeBars(r.Code, area, p)
	default:
		err = errors.New("the row holds no image, logo or code")
	}
	if err != nil {
		return Placement{}, err
	}
	w := pl.Width
	if !pl.Native {
		w = (w + 7) / 8 * 8 // GS v 0 prints whole bytes
	}
	pl.X = left + max(area-w, 0)*int(r.Align)/2
	pl.Centred = pl.X == (p.WidthDots-w)/2
	pl.Right = pl.X == p.WidthDots-w
	return pl, nil
}

// WholePaper reports an image, logo or code that stands on the paper as a whole: its row is as wide as the layout, and the
// layout leaves less than a cell of the paper free. On a narrower layout it stands where the text does.
func WholePaper(r *receiptline.Row, l *receiptline.Layout, p *profile.Profile) bool {
	return r.Left == 0 && r.Cells == l.Width && p.WidthDots-l.Width*p.CellDots < p.CellDots
}

func placeImage(img *receiptline.Image, area int) (Placement, error) {
	if img.Width < 1 || img.Height < 1 {
		return Placement{}, errors.New("the image is empty")
	}
	pl := Placement{Width: img.Width, Height: img.Height}
	if pl.Width > area {
		pl.Height = max(pl.Height*area/pl.Width, 1)
		pl.Width, pl.Shrunk = area, true
	}
	return pl, nil
}

func placeQR(c *receiptline.Code, area int, p *profile.Profile) (Placement, error) {
	single := *c
	single.Module = 1
	side, err := single.Width()
	if err != nil {
		return Placement{}, err
	}
	pl := Placement{Module: min(c.Module, area/side)}
	if pl.Module < 1 {
		return Placement{}, fmt.Errorf("QR code of %d modules: %w", side, ErrTooWide)
	}
	pl.Shrunk = pl.Module < c.Module
	pl.Width, pl.Height = side*pl.Module, side*pl.Module
	pl.Native = p.NativeQR
	return pl, nil
}

func placeBars(c *receiptline.Code, area int, p *profile.Profile) (Placement, error) {
	pl := Placement{Module: c.Module, Bars: c.Height, Height: c.Height}
	var err error
	for ; pl.Module >= 1; pl.Module-- {
		if pl.barsWidth, err = barsWidth(c, pl.Module); err != nil {
			return Placement{}, err
		}
		if pl.barsWidth <= area {
			break
		}
	}
	if pl.Module < 1 {
		return Placement{}, fmt.Errorf("bar code of %d dots: %w", pl.barsWidth, ErrTooWide)
	}
	pl.Shrunk = pl.Module < c.Module
	pl.Width = pl.barsWidth
	pl.Native = p.NativeCode && pl.Module >= 2 && sameBars(c)
	if c.HRI {
		pl.Height += cellHeight
		if !pl.Native {
			pl.Width = min(max(pl.Width, len(c.HRIText())*12), area)
		}
	}
	return pl, nil
}

// sameBars reports symbologies of which every printer draws the same bars. Not so CODE39, ITF and Codabar: how wide a
// wide bar is, is the printer's choice, so that it could not be told whether they fit, and what is too wide is not
// printed at all. Nor the text below CODE93, to which some add marks for start and stop.
func sameBars(c *receiptline.Code) bool {
	switch c.Symbology {
	case "code128", "ean", "jan":
		return true
	case "upc":
		return len(c.Data) > 8 // UPC-A; UPC-E is fed in different ways
	case "code93":
		return !c.HRI
	}
	return false
}

// barsWidth is the width of a bar code in dots with a narrow bar of module dots.
func barsWidth(c *receiptline.Code, module int) (int, error) {
	if c.Symbology == "code128" { // start, data and check of 11 modules each, stop of 13
		symbols, err := receiptline.Code128(c.Data)
		return (11*len(symbols) + 13) * module, err
	}
	sized := *c
	sized.Module = module
	return sized.Width()
}
