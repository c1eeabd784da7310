package raster

import (
	"bytes"
	"image"
	"image/draw"
	"math"
	"slices"
	"strings"

	"github.com/go-text/typesetting/di"
	textfont "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"github.com/receiptd/receiptd/printer/profile"
)

// A shaper joins the letters of scripts that want it, Arabic above all, with the rules that an OpenType font brings for
// them. It belongs to one Outline, whose lock guards it.
type shaper struct {
	face   *textfont.Face
	hb     shaping.HarfbuzzShaper
	fits   map[language.Script]fit
	raster vector.Rasterizer
}

// A fit is the size at which a script's letters fill the cell's height.
type fit struct {
	em       float32 // dots
	baseline int     // dots from the cell's top
}

// stripWidth is how wide a glyph can be that stands for a part of joined text.
const stripWidth = 24

// tallest are letters that reach farthest up and down, by script.
var tallest = map[language.Script]string{language.Arabic: "أإطلكجغعيىق", language.Hebrew: "לךןףץקש"}

// newShaper reads a font a second time, for its joining rules; nil if it cannot be read.
func newShaper(data []byte) *shaper {
	faces, err := textfont.ParseTTC(bytes.NewReader(data))
	if err != nil || len(faces) == 0 {
		return nil
	}
	return &shaper{face: faces[0], fits: make(map[language.Script]fit)}
}

// markJoined finds the characters of a line with right-to-left letters that the outline font has.
func (f Fonts) markJoined(line []rune, letters []letter) {
	if f.Outline == nil || !slices.ContainsFunc(line, profile.RightToLeft) {
		return
	}
	f.Outline.mu.Lock()
	defer f.Outline.mu.Unlock()
	if sh := f.Outline.joiner(); sh != nil {
		for i, r := range line {
			letters[i].joined = sh.has(r)
		}
	}
}

// join draws the characters of s, all of which the outline font has, as glyphs of stripWidth dots that stand side by side in width
// dots: at the right edge with flushRight, else at the left.
func (f Fonts) join(line []rune, s segment, width int, flushRight bool) []glyph {
	f.Outline.mu.Lock()
	defer f.Outline.mu.Unlock()
	return f.Outline.joiner().draw(line, s, max(width, 1), flushRight)
}

// Joins reports whether letters that want to be joined, Arabic ones, come out joined.
func (f Fonts) Joins(word string) bool {
	if f.Outline == nil {
		return false
	}
	f.Outline.mu.Lock()
	defer f.Outline.mu.Unlock()
	sh := f.Outline.joiner()
	return sh != nil && !strings.ContainsFunc(word, func(r rune) bool { return profile.RightToLeft(r) && !sh.has(r) })
}

// joiner is made when the first such text comes: most shops have none. The caller holds the lock.
func (o *Outline) joiner() *shaper {
	if o.shaper == nil && o.data != nil {
		o.shaper, o.data = newShaper(o.data), nil
	}
	return o.shaper
}

// has reports whether the font has a character; a blank needs none.
func (sh *shaper) has(r rune) bool {
	_, ok := sh.face.NominalGlyph(r)
	return ok || r == ' ' || profile.Invisible(r)
}

func (sh *shaper) shaped(text []rune, from, to int, rtl bool, em float32) shaping.Output {
	direction := di.DirectionLTR
	if rtl {
		direction = di.DirectionRTL
	}
	return sh.hb.Shape(shaping.Input{Text: text, RunStart: from, RunEnd: to, Direction: direction, Face: sh.face,
		Size: fixed.Int26_6(em * 64), Script: scriptOf(text[from:to])})
}

// scriptOf is the script of the first letter that has one.
func scriptOf(text []rune) language.Script {
	for _, r := range text {
		if s := language.LookupScript(r); s.Strong() {
			return s
		}
	}
	return language.Common
}

// fit finds the size of a script's letters once.
func (sh *shaper) fit(script language.Script) fit {
	if known, ok := sh.fits[script]; ok {
		return known
	}
	const probe = 64
	up, down := fixed.Int26_6(0), fixed.Int26_6(0)
	for _, r := range tallest[script] {
		if _, ok := sh.face.NominalGlyph(r); !ok {
			continue
		}
		top, bottom := extent(sh.shaped([]rune{r}, 0, 1, true, probe))
		up, down = max(up, top), max(down, bottom)
	}
	f := fit{em: 18, baseline: 18}
	if up+down > 0 {
		high, low := float32(up)/64/probe, float32(down)/64/probe // of the em
		f.em = min(cellHeight/(high+low), cellHeight)
		f.baseline = min(baseline, cellHeight-int(math.Round(float64(low*f.em))))
	}
	sh.fits[script] = f
	return f
}

// extent is how far ink reaches above and below the baseline.
func extent(o shaping.Output) (up, down fixed.Int26_6) {
	for _, g := range o.Glyphs {
		if g.Height == 0 {
			continue
		}
		up = max(up, g.YOffset+g.YBearing)
		down = max(down, -(g.YOffset + g.YBearing + g.Height))
	}
	return up, down
}

// draw shapes and draws a segment at the script's size, smaller where it does not fit: marks above marks, a long word.
func (sh *shaper) draw(line []rune, s segment, width int, flushRight bool) []glyph {
	f := sh.fit(scriptOf(line[s.from:s.to]))
	em, base := f.em, f.baseline
	o := sh.shaped(line, s.from, s.to, s.rtl, em)
	up, down := extent(o)
	scale := min(1, float32(width)*64/float32(max(o.Advance, 1)), cellHeight*64/float32(max(up+down, 1)))
	if scale < 1 {
		em *= scale
		o = sh.shaped(line, s.from, s.to, s.rtl, em)
		up, down = extent(o)
	}
	base = min(max(base, up.Ceil()), max(cellHeight-down.Ceil(), up.Round()))
	x := float32(0)
	if flushRight {
		x = max(0, float32(width)-float32(o.Advance)/64)
	}
	sh.raster.Reset(width, cellHeight)
	for _, g := range o.Glyphs {
		if outline, ok := sh.face.GlyphData(g.GlyphID).(textfont.GlyphOutline); ok {
			sh.path(outline, em/float32(sh.face.Upem()), x+float32(g.XOffset)/64, float32(base)-float32(g.YOffset)/64)
		}
		x += float32(g.Advance) / 64
	}
	mask := image.NewAlpha(image.Rect(0, 0, width, cellHeight))
	sh.raster.DrawOp = draw.Src
	sh.raster.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	strips := make([]glyph, (width+stripWidth-1)/stripWidth)
	for y := range cellHeight {
		for x := range width {
			if mask.AlphaAt(x, y).A >= 0x80 {
				strips[x/stripWidth][y] |= 1 << 31 >> (x % stripWidth)
			}
		}
	}
	return strips
}

// path adds a glyph's outline with its origin at x, y; the font counts upwards, the paper downwards.
func (sh *shaper) path(o textfont.GlyphOutline, scale, x, y float32) {
	at := func(p opentype.SegmentPoint) (float32, float32) { return x + p.X*scale, y - p.Y*scale }
	for _, seg := range o.Segments {
		ax, ay := at(seg.Args[0])
		bx, by := at(seg.Args[1])
		cx, cy := at(seg.Args[2])
		switch seg.Op {
		case opentype.SegmentOpMoveTo:
			sh.raster.ClosePath()
			sh.raster.MoveTo(ax, ay)
		case opentype.SegmentOpLineTo:
			sh.raster.LineTo(ax, ay)
		case opentype.SegmentOpQuadTo:
			sh.raster.QuadTo(ax, ay, bx, by)
		case opentype.SegmentOpCubeTo:
			sh.raster.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	sh.raster.ClosePath()
}
