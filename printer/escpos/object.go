package escpos

import (
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// object prints an image or a code: by the printer's own command where that gives the same dots, else as a raster.
func (e *encoder) object(i int) {
	r := &e.job.l.Rows[i]
	pl, err := e.planner.places[e.planner.placed].Placement, e.planner.places[e.planner.placed].err
	e.planner.placed++
	if err != nil {
		e.lost(r, err)
		return
	}
	if pl.Shrunk && r.Kind == receiptline.CodeRow {
		e.report.warn(r, "code_shrunk", 0, fmt.Sprintf("第%d行的条码太宽，已缩小，可能扫不出来；请减少内容。", r.Line),
			fmt.Sprintf("Line %d: the code was too wide and is printed smaller; it may not scan. Shorten its content.", r.Line))
	}
	e.paper.settle()
	if r.Kind == receiptline.LogoRow {
		e.logo(r, pl, e.planner.lineAlign[i])
		return
	}
	if pl.Native {
		if data, ok := nativeCode(r.Code, pl); ok {
			e.place(pl, e.planner.lineAlign[i], func() { e.native(r.Code, pl, data) })
			e.paper.dots += pl.Height
			return
		}
	}
	if e.job.p.RasterRows == 0 {
		e.lost(r, errors.New("this printer prints no graphics"))
		return
	}
	o, err := raster.NewObject(r, e.job.l, e.job.p, e.job.o.Fonts)
	if err != nil {
		e.lost(r, err)
		return
	}
	b, err := o.Dots(r)
	if err != nil {
		e.lost(r, err)
		return
	}
	e.place(pl, e.planner.lineAlign[i], func() { e.bands(b, b.Stride) })
	e.paper.dots += b.Height
}

// logo prints a picture out of the printer's memory: FS p n, or GS ( L fn 69 with the number's two digits as key code
// (Epson programming guide). A printer that has stored nothing there prints nothing.
func (e *encoder) logo(r *receiptline.Row, pl raster.Placement, align uint8) {
	n := byte(r.Logo.Number)
	switch {
	case e.job.p.NVLogo == "fs_p":
		e.place(pl, align, func() { e.out.row = append(e.out.row, 0x1C, 'p', n, 0) })
	case e.job.p.NVLogo == "gs_l" && n < 100:
		e.place(pl, align, func() {
			e.out.row = append(e.out.row, 0x1D, '(', 'L', 6, 0, '0', 'E', '0'+n/10, '0'+n%10, 1, 1)
		})
	case e.job.p.NVLogo == "gs_l":
		e.report.warn(r, "no_logo", 0, fmt.Sprintf("第%d行的图标没有打印：这种打印机的图标编号是 1 到 99。", r.Line),
			fmt.Sprintf("Line %d: the logo is not printed: this printer numbers them from 1 to 99.", r.Line))
		return
	default:
		e.report.warn(r, "no_logo", 0, fmt.Sprintf("第%d行的图标没有打印：这种打印机不能存图标，请改用 image。", r.Line),
			fmt.Sprintf("Line %d: the logo is not printed: this printer stores none. Use an image instead.", r.Line))
		return
	}
	e.paper.dots += pl.Height
}

// lost names an object that does not come out.
func (e *encoder) lost(r *receiptline.Row, err error) {
	code := "bad_image"
	switch {
	case errors.Is(err, raster.ErrTooWide):
		code = "code_too_wide"
	case r.Kind == receiptline.CodeRow:
		code = "not_printable"
	}
	e.report.warn(r, code, 0, fmt.Sprintf("第%d行的图像或条码打不出来：%v。", r.Line, err),
		fmt.Sprintf("Line %d: the image or code cannot be printed: %v.", r.Line, err))
}

// place brings the object to its place, by ESC a or by a left margin (GS L), and takes the margin away again.
func (e *encoder) place(pl raster.Placement, align uint8, print func()) {
	e.modes.setAlign(align)
	margin := align == 0 && pl.X > 0
	if margin {
		e.out.row = append(e.out.row, 0x1D, 'L', byte(pl.X), byte(pl.X>>8))
	}
	print()
	if margin {
		e.out.row = append(e.out.row, 0x1D, 'L', 0, 0)
	}
	e.out.flush()
}

// native sends the printer's own command with its settings.
func (e *encoder) native(c *receiptline.Code, pl raster.Placement, data []byte) {
	if c.Symbology == "qrcode" {
		e.out.row = append(e.out.row, data...)
		return
	}
	if e.bars.hriBelow != c.HRI {
		e.out.hri(2 * bit(c.HRI))
		e.bars.hriBelow = c.HRI
	}
	if e.bars.barHigh != c.Height {
		e.out.barHeight(c.Height)
		e.bars.barHigh = c.Height
	}
	if e.bars.barWide != pl.Module {
		e.out.row = append(e.out.row, 0x1D, 'w', byte(pl.Module))
		e.bars.barWide = pl.Module
	}
	e.out.row = append(e.out.row, data...)
}

// nativeCode is the command that prints c; false if it would contain a real-time request or be too long.
func nativeCode(c *receiptline.Code, pl raster.Placement) ([]byte, bool) {
	if c.Symbology == "qrcode" {
		b := qrCommand(c, pl.Module)
		return b, !hasRealTime(b)
	}
	b := make([]byte, 4, 2*len(c.Data)+12)
	copy(b, "\x1dk") // GS k, form B: m, the number of bytes, the bytes
	switch c.Symbology {
	case "code128":
		symbols, err := receiptline.Code128(c.Data)
		if err != nil {
			return nil, false
		}
		b[2] = 73
		b = appendCode128(b, symbols)
	case "code93":
		b[2] = 72
		b = append(b, c.Data...)
	case "upc":
		b[2] = 65
		b = append(b, c.Data...)
	default: // EAN, JAN
		b[2] = 67
		if len(c.Data) <= 8 {
			b[2] = 68
		}
		b = append(b, c.Data...)
	}
	if len(b)-4 > 255 || hasRealTime(b[4:]) {
		return nil, false
	}
	b[3] = byte(len(b) - 4)
	return b, !hasRealTime(b)
}

// qrCommand sets the module size (fn 167) and the level (fn 169), stores the data (fn 180) and prints it (fn 181). Model
// 2 is the default (Epson programming guide, GS ( k).
func qrCommand(c *receiptline.Code, module int) []byte {
	b := make([]byte, 0, len(c.Data)+40)
	b = append(b, 0x1D, '(', 'k', 3, 0, 49, 67, byte(module))
	level := byte('0')
	switch c.Level {
	case 'm':
		level = '1'
	case 'q':
		level = '2'
	case 'h':
		level = '3'
	}
	b = append(b, 0x1D, '(', 'k', 3, 0, 49, 69, level)
	n := len(c.Data) + 3
	b = append(b, 0x1D, '(', 'k', byte(n), byte(n>>8), 49, 80, 48)
	b = append(b, c.Data...)
	return append(b, 0x1D, '(', 'k', 3, 0, 49, 81, 48)
}

// appendCode128 writes symbol values as the data of GS k: {A {B {C choose the set, {S shifts, {1 to {4 are the function
// characters, {{ is a brace; values of set C are sent as they are.
func appendCode128(b, symbols []byte) []byte {
	const startA, setA = 103, 101
	set := symbols[0] - startA + 'A'
	b = append(b, '{', set)
	shift := false
	for _, v := range symbols[1 : len(symbols)-1] {
		in := set
		if shift {
			in, shift = 'A'+'B'-set, false
		}
		switch {
		case in == 'C' && v < 100:
			b = append(b, v)
		case v == 99 && in != 'C', v == 100 && in != 'B', v == setA && in != 'A':
			set = 'A' + setA - v
			b = append(b, '{', set)
		case v == 98:
			b = append(b, '{', 'S')
			shift = true
		case v == 102:
			b = append(b, '{', '1')
		case v == 96:
			b = append(b, '{', '3')
		case v == 97:
			b = append(b, '{', '2')
		case v >= 100:
			b = append(b, '{', '4')
		case in == 'A' && v >= 64:
			b = append(b, v-64)
		case v+32 == '{':
			b = append(b, '{', '{')
		default:
			b = append(b, v+32)
		}
	}
	return b
}

// hasRealTime reports bytes that a printer would act on as they arrive, even inside data (Epson programming guide p. 12).
func hasRealTime(b []byte) bool {
	for i := 1; i < len(b); i++ {
		if b[i-1] == 0x10 && (b[i] == 0x04 || b[i] == 0x05 || b[i] == 0x14) {
			return true
		}
	}
	return false
}

// bands sends the first stride bytes of each row of b by GS v 0, in bands within the printer's limits.
func (e *encoder) bands(b *raster.Bitmap, stride int) {
	rows := bandRows(stride, e.job.p)
	for y := 0; y < b.Height; y += rows {
		n := min(rows, b.Height-y)
		e.out.row = append(e.out.row, 0x1D, 'v', '0', 0, byte(stride), byte(stride>>8), byte(n), byte(n>>8))
		for j := y; j < y+n; j++ {
			e.out.row = append(e.out.row, b.Bits[j*b.Stride:j*b.Stride+stride]...)
		}
	}
}

// bandRows is how many rows one band may have.
func bandRows(stride int, p *profile.Profile) int {
	return max(min(p.RasterRows, p.RasterBytes/max(stride, 1)), 1)
}
