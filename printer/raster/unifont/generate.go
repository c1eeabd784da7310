//go:build ignore

// Writes glyphs.bin: those glyphs of GNU Unifont (Debian's package unifont) that the built-in bitmap font lacks.
// Run it by go generate in the folder above.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hajimehoshi/bitmapfont/v4"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// wanted are the scripts that come out right without shaping, and the symbols. Characters of the two-byte fonts come in
// addition, wherever they lie.
var wanted = [][2]rune{
	{0x00A0, 0x052F}, // Latin, IPA, combining marks, Greek, Cyrillic
	{0x0590, 0x05FF}, // Hebrew
	{0x0E00, 0x0EFF}, // Thai, Lao
	{0x1E00, 0x27BF}, // Vietnamese, punctuation, currency, arrows, boxes, symbols
	{0x3000, 0x33FF}, // kana and CJK symbols
	{0x3400, 0x4DBF}, // ideographs, extension A: found in names of people and dishes
	{0xFF00, 0xFFEF},
}

var sets = []encoding.Encoding{simplifiedchinese.GBK, traditionalchinese.Big5, japanese.ShiftJIS, korean.EUCKR}

func main() {
	source := flag.String("hex", "/usr/share/unifont/unifont.hex", "the font")
	flag.Parse()
	if err := run(*source, "unifont/glyphs.bin"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type record struct {
	code rune
	data []byte
}

func run(source, target string) error {
	f, err := os.Open(source)
	if err != nil {
		return err
	}
	defer f.Close()
	var out []record
	for lines := bufio.NewScanner(f); lines.Scan(); {
		code, dots, _ := strings.Cut(lines.Text(), ":")
		n, err := strconv.ParseUint(code, 16, 16)
		if err != nil {
			return err
		}
		bits, err := hex.DecodeString(dots)
		if err != nil {
			return err
		}
		if r := rune(n); needed(r) && !bytes.Equal(bits, make([]byte, len(bits))) {
			out = append(out, record{r, pack(r, bits)})
		}
	}
	slices.SortFunc(out, func(a, b record) int { return cmp.Compare(a.code, b.code) })
	var b bytes.Buffer
	for _, r := range out {
		b.Write(r.data)
	}
	fmt.Println(len(out), "glyphs,", b.Len(), "bytes")
	return os.WriteFile(target, b.Bytes(), 0o644)
}

// pack writes the code, the width in cells and 16 rows of 16 dots, the leftmost in the high bit.
func pack(r rune, bits []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(r))
	b = append(b, byte(len(bits)/16))
	if len(bits) == 32 {
		return append(b, bits...)
	}
	for _, row := range bits {
		b = append(b, row, 0)
	}
	return b
}

func needed(r rune) bool {
	in := func(bounds [2]rune) bool { return r >= bounds[0] && r <= bounds[1] }
	can := func(e encoding.Encoding) bool {
		b, err := e.NewEncoder().String(string(r))
		return err == nil && len(b) == 2
	}
	if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S) {
		return false // Unifont draws boxes with the code for what is not assigned or shows nothing
	}
	return r >= 0x80 && (slices.ContainsFunc(wanted, in) || slices.ContainsFunc(sets, can)) && !drawn(r)
}

// drawn reports a character that the bitmap font has in the rows that are used of it, 2 to 13.
func drawn(r rune) bool {
	dr, mask, at, _, ok := bitmapfont.FaceSC.Glyph(fixed.Point26_6{}, r)
	if !ok {
		return false
	}
	for y := 2; y < 14; y++ {
		for x := range dr.Dx() {
			if _, _, _, a := mask.At(at.X+x, at.Y+y).RGBA(); a != 0 {
				return true
			}
		}
	}
	return false
}
