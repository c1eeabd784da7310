package raster

import (
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/receiptline"
)

// An Object is an image, logo or code of a document, placed and ready to be drawn or sent.
type Object struct {
	Place Placement

	body  *Bitmap // what is sent; nil for a code that the printer draws
	code  *receiptline.Code
	logo  *receiptline.Logo
	fonts Fonts
}

// NewObject places image, logo or code row r of l and draws it, unless the printer does.
func NewObject(r *receiptline.Row, l *receiptline.Layout, p *profile.Profile, f Fonts) (*Object, error) {
	pl, err := Place(r, l, p)
	if err != nil {
		return nil, err
	}
	o := &Object{Place: pl, code: r.Code, logo: r.Logo, fonts: f}
	if pl.Native {
		return o, nil
	}
	return o, o.render(r)
}

// Dots returns the bitmap that is sent for the object, drawing it if the printer would draw it itself. No two bytes of
// it read as a real-time request.
func (o *Object) Dots(r *receiptline.Row) (*Bitmap, error) {
	if o.body == nil {
		o.Place.Native = false
		if err := o.render(r); err != nil {
			return nil, err
		}
	}
	return o.body, nil
}

func (o *Object) render(r *receiptline.Row) error {
	if r.Kind == receiptline.ImageRow {
		b, err := picture(r.Image, o.Place.Width, o.Place.Height)
		if err != nil {
			return err
		}
		o.body = b
		return nil
	}
	b := New(o.Place.Width, o.Place.Height)
	if err := o.drawCode(b, 0, 0); err != nil {
		return err
	}
	b.BreakRealTime()
	o.body = b
	return nil
}

// draw puts the object on a page whose row begins at y.
func (o *Object) draw(page *Bitmap, y int) {
	if o.body != nil {
		page.blit(o.body, o.Place.X, y)
		return
	}
	if o.logo != nil {
		o.drawLogo(page, y)
		return
	}
	_ = o.drawCode(page, o.Place.X, y) // Place has made sure that it can be drawn
}

// drawLogo draws a frame with the logo's number, for what only the printer can show.
func (o *Object) drawLogo(b *Bitmap, y int) {
	x, w, h := o.Place.X, o.Place.Width, o.Place.Height
	b.fill(x, y, w, 2)
	b.fill(x, y+h-2, w, 2)
	b.fill(x, y, 2, h)
	b.fill(x+w-2, y, 2, h)
	label := fmt.Sprintf("LOGO %d", o.logo.Number)
	if at := x + (w-len(label)*cellWidth)/2; at > x && h >= cellHeight+4 {
		for i, r := range label {
			b.char(r, 1, at+i*cellWidth, y+(h-cellHeight)/2, receiptline.Style{Width: 1, Height: 1}, o.fonts)
		}
	}
}

func (o *Object) drawCode(b *Bitmap, x, y int) error {
	if o.code == nil {
		return errors.New("the row holds no code")
	}
	if o.code.Symbology == "qrcode" {
		return o.drawQR(b, x, y)
	}
	sized := *o.code
	sized.Module = o.Place.Module
	bars, err := sized.Bars()
	if err != nil {
		return err
	}
	at := x + (o.Place.Width-o.Place.barsWidth)/2
	for i, w := range bars {
		if i%2 == 0 {
			b.fill(at, y, w, o.Place.Bars)
		}
		at += w
	}
	if o.code.HRI {
		text := o.code.HRIText()
		at := x + (o.Place.Width-len(text)*12)/2
		for i, r := range text {
			b.char(r, 1, at+i*12, y+o.Place.Bars, receiptline.Style{Width: 1, Height: 1}, o.fonts)
		}
	}
	return nil
}

func (o *Object) drawQR(b *Bitmap, x, y int) error {
	m, err := o.code.QR()
	if err != nil {
		return err
	}
	n := o.Place.Module
	for j := range m.Size {
		for i := range m.Size {
			if m.At(i, j) {
				b.fill(x+i*n, y+j*n, n, n)
			}
		}
	}
	return nil
}
