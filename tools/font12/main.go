// Command font12 writes the glyphs of printer/font12 from those of github.com/hajimehoshi/bitmapfont, of which receiptd needs a part:
//
//	go run ./font12 ../printer/font12/glyphs.bin
package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"os"

	"github.com/hajimehoshi/bitmapfont/v4"
	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: font12 FILE")
		os.Exit(2)
	}
	data, err := glyphs()
	if err == nil {
		err = os.WriteFile(os.Args[1], data, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "font12:", err)
		os.Exit(1)
	}
}

// The faces, in the order of their bits: those of package printer/font12.
var faces = []font.Face{bitmapfont.FaceSC, bitmapfont.FaceSCEA, bitmapfont.Face, bitmapfont.FaceEA}

// A drawing is how a face shows a character: its dots as rows, and how wide it is.
type drawing struct {
	width byte
	rows  [12]uint16
}

// glyphs gives the file: see package printer/font12 for its form.
func glyphs() ([]byte, error) {
	var runes, facesOf, widths, rows []byte
	last := rune(-1)
	for r := rune(0); r < 0x10000; r++ {
		var seen []drawing
		var of []byte
		for i, f := range faces {
			d, ok := draw(f, r)
			if !ok {
				continue
			}
			k := 0
			for k < len(seen) && seen[k] != d {
				k++
			}
			if k == len(seen) {
				seen, of = append(seen, d), append(of, 0)
			}
			of[k] |= 1 << i
		}
		for k, d := range seen {
			runes = binary.AppendUvarint(runes, uint64(r-last))
			facesOf, widths = append(facesOf, of[k]), append(widths, d.width)
			for _, row := range d.rows {
				rows = binary.BigEndian.AppendUint16(rows, row)
			}
			last = r
		}
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(len(widths)))
	for _, part := range [][]byte{head, runes, facesOf, widths, rows} {
		if _, err := w.Write(part); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// draw takes rows 2 to 13 of the face's 16; false when nothing is in them.
func draw(f font.Face, r rune) (d drawing, ink bool) {
	rect, mask, at, _, ok := f.Glyph(fixed.P(0, 12), r)
	if !ok {
		return d, false
	}
	d.width = byte(rect.Dx())
	for y := range d.rows {
		for x := range rect.Dx() {
			if _, _, _, a := mask.At(at.X+x, at.Y+2+y).RGBA(); a != 0 {
				d.rows[y] |= 1 << (15 - x)
				ink = true
			}
		}
	}
	return d, ink
}
