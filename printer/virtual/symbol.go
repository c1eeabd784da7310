package virtual

import (
	"slices"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/aztec"
	"github.com/boombuler/barcode/datamatrix"
	"github.com/boombuler/barcode/qr"
)

// A symbol is what GS ( k knows about one kind of two-dimensional code.
type symbol struct {
	data   []byte
	module int  // dots; 0: 3
	level  byte // error correction
	ratio  bool // level is tenths of the data and not a level (PDF417)
	kind   byte // fn 65 of QR: 49 model 1, 50 model 2, 51 micro
	// what fn 65, 66 and 70 say of the others: columns, rows, row height, options
	columns, rows, tall, options byte
}

// codes are the symbols by cn.
type codes map[byte]*symbol

// The cn of GS ( k (EREF).
const (
	cnPDF417     = 48
	cnQR         = 49
	cnMaxiCode   = 50
	cnDataBar    = 51
	cnComposite  = 52
	cnAztec      = 53
	cnDataMatrix = 54
)

// symbols prints two-dimensional codes.
type symbols struct {
	page  *page
	codes codes // what GS ( k stored
}

// symbolCommand is GS ( k cn fn ...: settings, 80 stores data, 81 prints them.
func (y *symbols) symbolCommand(d []byte) {
	if len(d) < 3 || d[0] < cnPDF417 || d[0] > cnDataMatrix {
		y.page.census.miss("GS ( k " + decimal(d[:min(2, len(d))]...))
		return
	}
	if y.codes == nil {
		y.codes = codes{}
	}
	s := y.codes[d[0]]
	if s == nil {
		s = &symbol{}
		y.codes[d[0]] = s
	}
	switch {
	case d[1] == 67 && moduleOf(d[0])(d[2]):
		s.module = int(d[2])
	case d[1] == 80 && d[2] == 48:
		s.data = slices.Clone(d[3:])
	case d[1] == 81 && d[2] == 48:
		y.printSymbol(d[0], s)
	case d[0] == cnQR && d[1] == 65:
		s.kind = d[2]
	case d[0] == cnQR && d[1] == 69 && between(48, 51)(d[2]), d[0] == cnAztec && d[1] == 69 && between(5, 95)(d[2]):
		s.level = d[2]
	case d[0] == cnPDF417 && s.pdf417(d[1:]):
	case (d[0] == cnAztec || d[0] == cnDataMatrix) && d[1] == 66 && s.shape(d[2:]):
	default:
		y.page.census.miss("GS ( k " + decimal(d[0], d[1]))
	}
}

// moduleOf are the sizes of a module, fn 67 (EREF).
func moduleOf(cn byte) func(byte) bool {
	switch cn {
	case cnQR:
		return between(1, 16)
	case cnAztec, cnDataMatrix:
		return between(2, 16)
	}
	return between(2, 8)
}

// shape is fn 66 of Aztec (n1 type, n2 layers) and of DataMatrix (m type, d1 rows, d2 columns).
func (s *symbol) shape(d []byte) bool {
	if !upTo(1)(d[0]) {
		return false
	}
	s.options, s.rows = d[0], 0
	if len(d) > 1 {
		s.rows = d[1]
	}
	return true
}

// printSymbol prints what fn 80 stored, without a quiet zone.
func (y *symbols) printSymbol(cn byte, s *symbol) {
	var bc barcode.Barcode
	var r raster
	var err error
	var name string
	tall := 1
	switch cn {
	case cnQR:
		if s.kind == 51 {
			y.notDrawn(cn, "Micro QR", s)
			return
		}
		if s.kind != 0 && s.kind != 50 {
			y.page.census.miss("GS ( k 49 65 " + decimal(s.kind)) // drawn as model 2
		}
		level := qr.L
		if s.level >= 48 && s.level <= 51 {
			level = qr.ErrorCorrectionLevel(s.level - 48)
		}
		name = "QR"
		bc, err = qr.Encode(string(s.data), level, qr.Unicode)
	case cnPDF417:
		name, tall = "PDF417", s.pdfTall()
		r, err = drawPDF417(s, y.page.room()/s.dots())
	case cnAztec:
		name = "Aztec"
		bc, err = s.aztec()
	case cnDataMatrix:
		name = "DataMatrix"
		bc, err = datamatrix.Encode(string(s.data))
		if err == nil && (digit(s.options) == 1 || s.rows != 0 && int(s.rows) != bc.Bounds().Dy()) {
			y.page.census.miss("GS ( k 54 66") // the size that fits is drawn
		}
	case cnMaxiCode:
		y.notDrawn(cn, "MaxiCode", s)
		return
	case cnDataBar:
		y.notDrawn(cn, "GS1 DataBar", s)
		return
	default:
		y.notDrawn(cn, "Composite", s)
		return
	}
	if err == nil && bc != nil {
		r = dots(bc)
	}
	r.sx, r.sy = s.dots(), s.dots()*tall
	if err != nil || len(s.data) == 0 || !y.page.line.empty() || r.w*r.sx > y.page.room() {
		y.page.refuseCode(name+" that cannot be printed", 0)
		return
	}
	y.page.block(item{h: r.h * r.sy, images: []raster{r}, label: "[" + name + " " + string(s.data) + "]"}, r.w*r.sx, 0)
}

// dots is the width of a module.
func (s *symbol) dots() int {
	if s.module == 0 {
		return 3
	}
	return s.module
}

// dots are the modules of a code, one dot each.
func dots(bc barcode.Barcode) raster {
	r := raster{w: bc.Bounds().Dx(), h: bc.Bounds().Dy(), sx: 1, sy: 1}
	r.bits = make([]byte, r.stride()*r.h)
	for y := range r.h {
		for x := range r.w {
			if dark(bc, x, y) {
				r.bits[y*r.stride()+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return r
}

// aztec is fn 66's type (0 full range, 1 compact) and layers (0: as many as it takes), and fn 69's error correction in percent.
func (s *symbol) aztec() (barcode.Barcode, error) {
	percent := 23
	if s.level >= 5 && s.level <= 95 {
		percent = int(s.level)
	}
	layers := int(s.rows)
	if digit(s.options) == 1 {
		layers = -layers
	}
	return aztec.Encode(s.data, percent, layers)
}

// notDrawn counts a code that this printer cannot draw and prints a frame in its place.
func (y *symbols) notDrawn(cn byte, name string, s *symbol) {
	y.page.census.miss("GS ( k " + decimal(cn, 81))
	if cn == cnQR {
		y.page.census.miss("GS ( k 49 65 51")
	}
	y.page.placeholder(name, s.data)
}

// placeholder is a frame where a code should be, which reads as the code would.
func (p *page) placeholder(name string, data []byte) {
	if !p.line.empty() {
		p.line.garbage = true
		return
	}
	text := make([]rune, 0, len(data))
	for _, b := range data {
		if b < 0x20 || b >= 0x7F {
			b = '.'
		}
		text = append(text, rune(b))
	}
	p.logo(name + " " + string(text))
}
