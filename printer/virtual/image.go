package virtual

import "slices"

// A raster is a picture of w by h dots, rows padded to bytes, most significant bit left. sx and sy magnify it.
type raster struct {
	x      int // left edge in its line, dots
	w, h   int
	sx, sy int
	bits   []byte
}

func (r *raster) stride() int { return (r.w + 7) / 8 }

// bandRows is how many raster rows make one step of the mechanism.
const bandRows = 24

// blackFrom reports whether a dot is black in column w or to the right of it.
func (r *raster) blackFrom(w int) bool {
	for y := range r.h {
		for x := max(w, 0); x < r.w; x++ {
			if r.bits[y*r.stride()+x/8]>>(7-x%8)&1 != 0 {
				return true
			}
		}
	}
	return false
}

// tooWide is counted when ink would lie beside the paper.
const tooWide = "picture wider than the paper"

// wider counts a picture of which ink lies beside the paper.
func (p *page) wider(it *item) {
	for _, r := range it.images {
		if it.x+r.x+r.w*r.sx > p.model.Dots && r.blackFrom((p.model.Dots-it.x-r.x)/r.sx) {
			p.census.miss(tooWide)
		}
	}
}

// white reports a picture that blackens nothing.
func (r *raster) white() bool {
	return !slices.ContainsFunc(r.bits, func(b byte) bool { return b != 0 })
}

// rasterCommand is GS v 0 m xL xH yL yH data. Rows are printed as they come, so that a stop falls inside the picture. A
// clone with a limit prints what comes after it as characters.
func (ip *interpreter) rasterCommand(c []byte) {
	if c[2] != '0' {
		ip.unknown(c)
		return
	}
	if digit(c[3]) < 0 || digit(c[3]) > 3 {
		ip.census.miss("GS v 0 " + decimal(c[3]))
	}
	stride, rows := word(c[4], c[5]), word(c[6], c[7])
	asked := rows
	if m := ip.model; m.RasterRows > 0 && rows > m.RasterRows {
		rows = m.RasterRows
	}
	if m := ip.model; m.RasterBytes > 0 && stride > 0 && stride*rows > m.RasterBytes {
		rows = m.RasterBytes / stride
	}
	if rows < asked {
		ip.census.miss("GS v 0 of too many rows")
	}
	if ip.page.sheet.on {
		ip.collect(int64(stride)*int64(rows), func(d []byte) {
			ip.page.sheetRaster(raster{w: 8 * stride, h: len(d) / max(stride, 1), sx: 1 + int(c[3]&1), sy: 1 + int(c[3]>>1&1), bits: d})
		})
		return
	}
	show := ip.page.line.empty()
	if !show {
		ip.census.miss("GS v 0 within a line")
		ip.page.line.garbage = true // only valid without data in the line buffer
	}
	b := band{page: ip.page, stride: stride, keep: min(stride, ip.model.Dots/8), total: rows,
		sx: 1 + int(c[3]&1), sy: 1 + int(c[3]>>1&1)}
	b.next()
	var take func([]byte)
	if show {
		take = func(d []byte) { b.write(d) }
	}
	ip.expect(int64(stride)*int64(rows), take, func() {
		b.flush()
		if b.beside {
			ip.census.miss(tooWide)
		}
	})
	ip.payload.step = int64(stride) * bandRows // so that a stop comes within the picture
}

// A band collects raster rows and hands them to the mechanism a few at a time.
type band struct {
	page         *page
	stride, keep int // bytes per row sent, and of these on the paper
	total        int // rows still to come
	sx, sy       int
	bits         []byte
	col, rows    int
	beside       bool // ink that lies beside the paper has come
}

func (b *band) next() {
	b.bits = make([]byte, 0, b.keep*min(max(b.total, 1), bandRows))
	b.rows = 0
}

func (b *band) write(d []byte) {
	for len(d) > 0 {
		n := min(len(d), b.stride-b.col)
		kept := max(min(n, b.keep-b.col), 0)
		b.bits = append(b.bits, d[:kept]...)
		b.beside = b.beside || slices.ContainsFunc(d[kept:n], func(v byte) bool { return v != 0 })
		d = d[n:]
		if b.col += n; b.col == b.stride {
			b.col, b.rows, b.total = 0, b.rows+1, b.total-1
			if b.rows == bandRows {
				b.flush()
				b.next()
			}
		}
	}
}

// flush prints the rows collected so far.
func (b *band) flush() {
	if b.rows > 0 {
		b.page.printRaster(raster{w: b.keep * 8, h: b.rows, sx: b.sx, sy: b.sy, bits: b.bits})
	}
}

// printRaster puts a picture on the paper at the alignment in force.
func (p *page) printRaster(r raster) {
	free := max(p.area()-r.w*r.sx, 0)
	it := item{x: p.set.left + free*p.set.align/2, h: r.h * r.sy, images: []raster{r}, picture: true}
	p.wider(&it)
	p.buffer.push(op{kind: opLine, ink: it, dots: r.h * r.sy})
}

// columnImage is ESC * m n data: columns of 8 or 24 dots that stand in the line like characters.
func (ip *interpreter) columnImage(m byte, n int) {
	if m != 0 && m != 1 && m != 32 && m != 33 {
		ip.census.miss("ESC * " + decimal(m))
	}
	tall := m >= 32
	bytesPer, sy := 1, 3
	if tall {
		bytesPer, sy = 3, 1
	}
	sx := 2 - int(m&1)
	ip.collect(int64(n*bytesPer), func(d []byte) {
		ip.page.addColumns(d, min(n, len(d)/bytesPer), bytesPer, sx, sy)
	})
}

// addColumns puts n columns of bytesPer bytes into the line.
func (p *page) addColumns(d []byte, n, bytesPer, sx, sy int) {
	if p.sheet.on {
		r := columnRaster(d, n, bytesPer)
		r.sx, r.sy = sx, sy
		p.sheetRaster(r)
		return
	}
	w := min(n, p.model.Dots/sx)
	r := columnRaster(d, n, bytesPer)
	l := &p.line
	if r.blackFrom((p.model.Dots - p.set.left - l.x) / sx) {
		p.census.miss(tooWide)
	}
	r = columnRaster(d, w, bytesPer)
	r.x, r.sx, r.sy = l.x, sx, sy
	l.images = append(l.images, r)
	l.x = min(l.x+w*sx, p.area())
	l.high = max(l.high, r.h*sy)
}
