package virtual

// A store is what the host gave the printer to keep: pictures by number or by key code, and glyphs of its own.
type store struct {
	numbered map[int]raster     // FS q
	keyed    map[[2]byte]raster // GS ( L fn 67, 68, 83, 84
	image    raster             // GS *
	narrow   map[narrowKey]*glyph
	wide     map[[2]byte]*glyph // FS 2
	size     int                // bytes of pictures
}

// narrowKey is a glyph of ESC &: each font has its own.
type narrowKey struct {
	fontB bool
	code  byte
}

// storeBytes is the room for pictures: 256 KB (T88III-spec 1.8).
const storeBytes = 256 << 10

// fits takes room for a picture; false when there is none left.
func (s *store) fits(r raster) bool {
	if s.size+len(r.bits) > storeBytes {
		return false
	}
	s.size += len(r.bits)
	return true
}

// keep puts a picture under a key code, in the place of the one that was there.
func (s *store) keep(key [2]byte, r raster) bool {
	s.forget(key)
	if !s.fits(r) {
		return false
	}
	if s.keyed == nil {
		s.keyed = map[[2]byte]raster{}
	}
	s.keyed[key] = r
	return true
}

func (s *store) forget(key [2]byte) {
	s.size -= len(s.keyed[key].bits)
	delete(s.keyed, key)
}

func (s *store) forgetKeyed() {
	for key := range s.keyed {
		s.forget(key)
	}
}

// forgetNumbered is the beginning of FS q: it writes all pictures anew.
func (s *store) forgetNumbered() {
	for _, r := range s.numbered {
		s.size -= len(r.bits)
	}
	s.numbered = map[int]raster{}
}

// keepNumbered puts a picture under the number of FS p.
func (s *store) keepNumbered(n int, r raster) bool {
	if !s.fits(r) {
		return false
	}
	s.numbered[n] = r
	return true
}

// defined is the glyph that the host put in the place of b in the font in force, while ESC % has its set selected; else nil.
func (s *store) defined(set settings, b byte) *glyph {
	if !set.own {
		return nil
	}
	return s.narrow[narrowKey{set.st.fontB, b}]
}

// define is one glyph of ESC &: columns of y bytes each, up to the cell's width.
func (s *store) define(key narrowKey, y int, d []byte) {
	g := new(glyph)
	most := 12
	if key.fontB {
		most = 9
	}
	g.columns(d, y, most)
	if s.narrow == nil {
		s.narrow = map[narrowKey]*glyph{}
	}
	s.narrow[key] = g
}

// defineWide is one glyph of FS 2: 24 columns of three bytes.
func (s *store) defineWide(key [2]byte, d []byte) {
	g := new(glyph)
	g.columns(d, 3, 24)
	if s.wide == nil {
		s.wide = map[[2]byte]*glyph{}
	}
	s.wide[key] = g
}

// columns fills a glyph from columns of y bytes, the topmost dot in the highest bit.
func (g *glyph) columns(d []byte, y, most int) {
	for x := 0; x < most && (x+1)*y <= len(d); x++ {
		for j := range min(8*y, len(g)) {
			if d[x*y+j/8]>>(7-j%8)&1 != 0 {
				g[j] |= 1 << (31 - x)
			}
		}
	}
}

// columnRaster turns a picture in column format, columns of tall bytes, into rows.
func columnRaster(d []byte, w, tall int) raster {
	r := raster{w: w, h: 8 * tall, sx: 1, sy: 1}
	r.bits = make([]byte, r.stride()*r.h)
	for x := range w {
		for y := range r.h {
			if d[x*tall+y/8]>>(7-y%8)&1 != 0 {
				r.bits[y*r.stride()+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return r
}
