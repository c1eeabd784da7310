// Package pdf writes a slip as a PDF file: one page as long as the slip, the printer's own dots, and below them its text, which
// shows nothing but can be searched and copied.
//
// It owns nothing on disk and starts no goroutine. The dots are those of package raster, so at the printer's resolution
// the page is what the paper shows.
package pdf

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// About is what the file says of itself. It is not on the page.
type About struct {
	Title    string // 电子存根 V0001
	Language string // zh-CN, en
	Made     time.Time
	Maker    string // receiptd 1.2.3
}

// pointsPerInch is the unit of PDF (ISO 32000-1, 8.3.2.3).
const pointsPerInch = 72

// Write writes the slip as one page of the paper's printable width, with nothing around it. The same slip and the same About
// give the same bytes. An error is w's, or says what of the file could not be made; what w took until then is no PDF file.
func Write(w io.Writer, l *receiptline.Layout, p *profile.Profile, f raster.Fonts, about About) error {
	var dots bytes.Buffer
	if err := raster.PNG(&dots, l, p, f); err != nil {
		return err
	}
	sheet := raster.NewSheet(l, p, f)
	scale := pointsPerInch / float64(p.DPI)
	page := fpdf.SizeType{Wd: floor(float64(sheet.Width) * scale), Ht: floor(float64(sheet.Height) * scale)}
	d := fpdf.NewCustom(&fpdf.InitType{OrientationStr: "P", UnitStr: "pt", Size: page})
	d.SetMargins(0, 0, 0)
	d.SetAutoPageBreak(false, 0)
	d.SetCatalogSort(true)
	d.SetCreationDate(about.Made)
	d.SetModificationDate(about.Made)
	d.SetTitle(about.Title, true)
	d.SetProducer(about.Maker, true)
	d.SetLang(about.Language)

	d.AddPage()
	d.RegisterImageOptionsReader("dots", fpdf.ImageOptions{ImageType: "PNG"}, &dots)
	d.ImageOptions("dots", 0, 0, page.Wd, page.Ht, false, fpdf.ImageOptions{ImageType: "PNG"}, 0, "")
	t := textLayer{pdf: d, sheet: sheet, scale: scale}
	t.write(l)
	if err := d.Output(w); err != nil {
		return fmt.Errorf("pdf: %w", err)
	}
	return nil
}

// floor rounds down to a hundredth of a point, which is what the file says, and never to the very edge of the dots. A page that is
// wider than its dots by the smallest fraction is one dot wider to a reader, which then stretches the picture.
func floor(points float64) float64 { return math.Floor(points*100-0.5) / 100 }
