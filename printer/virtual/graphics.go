package virtual

// pictures keeps pictures and prints them.
type pictures struct {
	page   *page
	mem    *memory
	stored raster // what GS ( L fn 112 stored
}

// graphics is GS ( L m fn: 112 and 113 store a picture for 50 to print; 67 and 68 write one into flash for 69, 83 and 84 into
// memory for 85 (EREF, GS ( L). The functions that ask for capacity and lists (48, 51, 52, 64, 80) do not answer.
func (g *pictures) graphics(d []byte) {
	if len(d) < 2 || d[0] != 48 {
		g.page.census.miss("GS ( L " + decimal(d[:min(len(d), 2)]...))
		return
	}
	ok := true
	switch fn := d[1]; fn {
	case 112, 113:
		ok = g.storeGraphics(d)
	case 2, 50:
		ok = g.printStored()
	case 65:
		g.mem.flash.forgetKeyed()
	case 66:
		ok = forgetKey(&g.mem.flash, d)
	case 81:
		g.mem.ram.forgetKeyed()
	case 82:
		ok = forgetKey(&g.mem.ram, d)
	case 67, 68:
		ok = defineGraphics(&g.mem.flash, d, fn == 68)
		g.page.buffer.push(op{kind: opNV})
	case 83, 84:
		ok = defineGraphics(&g.mem.ram, d, fn == 84)
	case 69, 85:
		ok = g.printGraphics(d)
	default:
		ok = false
	}
	if !ok {
		g.page.census.miss("GS ( L " + decimal(d[:2]...))
	}
}

func forgetKey(s *store, d []byte) bool {
	if len(d) == 4 {
		s.forget([2]byte(d[2:4]))
	}
	return len(d) == 4
}

// storeGraphics is fn 112, rows, and fn 113, columns: a bx by c xL xH yL yH d... Of a picture in several colours this printer has one.
func (g *pictures) storeGraphics(d []byte) bool {
	if len(d) < 10 || d[2] != 48 || d[5] != 49 || d[3] < 1 || d[3] > 2 || d[4] < 1 || d[4] > 2 {
		return false
	}
	r, ok := readGraphics(d[6:], d[1] == 113)
	if !ok || r.h > sheetRows {
		g.page.line.garbage = true
		return false
	}
	r.sx, r.sy = int(d[3]), int(d[4])
	if g.page.sheet.on { // it is set at once; fn 50 is for standard mode (Metapace T-3 manual; receiptio sends none)
		g.page.sheetRaster(r)
		return true
	}
	g.stored = r
	return true
}

// readGraphics reads xL xH yL yH and the dots, in rows or in columns.
func readGraphics(d []byte, columns bool) (raster, bool) {
	w, h := word(d[0], d[1]), word(d[2], d[3])
	d = d[4:]
	if columns {
		tall := (h + 7) / 8
		if w*tall > len(d) {
			return raster{}, false
		}
		r := columnRaster(d, w, tall)
		r.h = h
		return r, true
	}
	r := raster{w: w, h: h, sx: 1, sy: 1}
	if r.stride()*h > len(d) {
		return raster{}, false
	}
	r.bits = d[:r.stride()*h]
	return r, true
}

// defineGraphics is a kc1 kc2 b xL xH yL yH [c d...]b: of several colours the first is kept.
func defineGraphics(s *store, d []byte, columns bool) bool {
	if len(d) < 11 || d[2] != 48 || d[5] != 1 || d[10] != 49 {
		return false
	}
	picture := append(append([]byte(nil), d[6:10]...), d[11:]...)
	r, ok := readGraphics(picture, columns)
	return ok && s.keep([2]byte(d[3:5]), r)
}

// printGraphics is fn 69 and fn 85: kc1 kc2 x y.
func (g *pictures) printGraphics(d []byte) bool {
	if len(d) < 4 {
		return false
	}
	s, name := &g.mem.flash, "NV logo "+string(d[2:4])
	if d[1] == 85 {
		s, name = &g.mem.ram, "logo "+string(d[2:4])
	}
	r, ok := s.keyed[[2]byte(d[2:4])]
	switch {
	case !ok && d[1] == 69 && !g.page.sheet.on:
		g.page.logo(name)
	case !ok || len(d) < 6 || d[4] < 1 || d[4] > 2 || d[5] < 1 || d[5] > 2:
		return false
	default:
		g.page.printKept(r, int(d[4]), int(d[5]), name)
	}
	return true
}

// pictureGS is GS v 0, a raster; GS * x y, which defines a picture of 8 x by 8 y dots, and GS / m, which prints it.
func (ip *interpreter) pictureGS(c []byte) {
	p := ip.page
	switch c[1] {
	case 'v':
		ip.rasterCommand(c)
	case '*':
		x, y := int(c[2]), int(c[3])
		if y < 1 || y > 48 || x*y > 1536 { // EREF, GS *
			ip.census.miss("GS * " + decimal(c[2], c[3]))
		}
		ip.collect(int64(x)*int64(y)*8, func(d []byte) { p.mem.ram.image = columnRaster(d, 8*x, y) })
	case '/':
		m := digit(c[2])
		if p.mem.ram.image.h == 0 || m < 0 || m > 3 {
			ip.census.miss("GS / " + decimal(c[2]))
			return
		}
		p.printKept(p.mem.ram.image, 1+m&1, 1+m>>1&1, "")
	}
}

// printStored prints what fn 112 stored; false when there is nothing. In page mode that is set already.
func (g *pictures) printStored() bool {
	r := g.stored
	if r.w == 0 {
		return g.page.sheet.on
	}
	g.stored = raster{}
	g.page.printWhole(r)
	return true
}

// printKept prints a picture that was defined before, magnified. With a name it reads as that.
func (p *page) printKept(r raster, sx, sy int, name string) {
	r.sx, r.sy = sx, sy
	if name == "" || !p.line.empty() {
		p.printWhole(r)
		return
	}
	p.block(item{h: r.h * r.sy, images: []raster{r}, label: "[" + name + "]"}, r.w*r.sx, 0)
}

// printWhole prints a picture: in bands, or into the sheet. With data in the line it is lost.
func (p *page) printWhole(r raster) {
	if p.sheet.on {
		p.sheetRaster(r)
		return
	}
	if !p.line.empty() {
		p.census.miss("picture within a line")
		p.line.garbage = true
		return
	}
	for y := 0; y < r.h; y += bandRows {
		part := r
		part.h = min(bandRows, r.h-y)
		part.bits = r.bits[y*r.stride():][:part.h*r.stride()]
		p.printRaster(part)
	}
}

// block puts one thing of w dots and it.h rows where the mode in force wants it: alone in its rows at the alignment in force, or
// into the sheet, with so many rows under the base line.
func (p *page) block(it item, w, under int) {
	if p.sheet.on {
		p.sheetBlock(it, w, under)
		return
	}
	it.x = p.set.left + max(p.area()-w, 0)*p.set.align/2
	p.wider(&it)
	p.buffer.push(op{kind: opLine, ink: it, dots: it.h})
}

// sheetRaster puts a picture into the sheet.
func (p *page) sheetRaster(r raster) {
	r.x = 0
	p.sheetBlock(item{h: r.h * r.sy, images: []raster{r}, picture: true}, r.w*r.sx, 0)
}

// logo stands for a picture that nobody defined here: a box with its name.
func (p *page) logo(name string) {
	r := raster{w: 240, h: 48, sx: 1, sy: 1}
	r.bits = make([]byte, r.stride()*r.h)
	for y := range r.h {
		for x := range r.w {
			if y < 2 || y >= r.h-2 || x < 2 || x >= r.w-2 {
				r.bits[y*r.stride()+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	p.block(item{h: r.h, images: []raster{r}, label: "[" + name + "]"}, r.w, 0)
}
