package receiptline

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/boombuler/barcode/qr"
)

// ErrData means that a symbology cannot hold the data.
var ErrData = errors.New("data cannot be drawn")

// maxBarData is more characters than any paper has room for in bars.
const maxBarData = 500

// symbologies are the kinds of codes, in the order in which the option list is searched.
var symbologies = []string{"upc", "ean", "jan", "code39", "itf", "codabar", "nw7", "code93", "code128", "qrcode"}

// option rebuilds the code options from a list; what it does not name returns to its default. A number serves every
// option in whose range it lies.
func (s *setter) option(p *Property) {
	code := Code{Level: 'l'}
	cell := 0
	for _, item := range s.list(p.Value) {
		n, numeric := number(item, 1000)
		known := item == "" || item == "nohri"
		for _, name := range symbologies {
			if item == name {
				known = true
				if code.Symbology == "" {
					code.Symbology = name
				}
			}
		}
		first := func(field *int, from, to int) {
			if numeric && n >= from && n <= to {
				known = true
				if *field == 0 {
					*field = n
				}
			}
		}
		first(&code.Module, 2, 4)
		first(&cell, 3, 8)
		first(&code.Height, 24, 240)
		switch item {
		case "hri":
			code.HRI, known = true, true
		case "l", "m", "q", "h":
			if !known && s.format.option.Level != 0 && code.Level == 'l' {
				code.Level = item[0]
			}
			known = true
		}
		if !known {
			s.report(Warning, "unknown_option", p.off, item)
		}
	}
	if code.Symbology == "" {
		code.Symbology = "code128"
	}
	if code.Module == 0 {
		code.Module = 2
	}
	if code.Height == 0 {
		code.Height = 72
	}
	if cell == 0 {
		cell = 3
	}
	if code.Symbology == "qrcode" {
		code.Module = cell
	}
	s.format.option = code
}

// code checks a code and sets it.
func (s *setter) code(p *Property) {
	c := s.format.option
	if p.Value == "" {
		s.noCode(p, "code_empty")
		return
	}
	data, err := normalise(c.Symbology, p.Value)
	if err != nil {
		s.noCode(p, "code_invalid", c.Symbology, reason(err))
		return
	}
	if n := len(data) - 1; isEAN(c.Symbology) && len(p.Value) == len(data) && p.Value[n] != data[n] && !s.o.Lax {
		s.noCode(p, "check_digit", data[n], p.Value)
		return
	}
	if s.o.TextOnly {
		s.note(p, "code_not_drawn")
		return
	}
	c.Data = data
	dots, err := c.Width()
	if err != nil {
		s.noCode(p, "code_invalid", c.Symbology, reason(err))
		return
	}
	if paper := s.o.Width * CellDots; dots > paper && !s.o.Lax {
		s.noCode(p, "code_too_wide", dots, paper)
		return
	}
	left, cells := s.format.area(s.o.Width)
	s.row(Row{Kind: CodeRow, Height: 1, Left: 2 * left, Cells: cells, Align: s.line.Align, Code: &c})
}

// noCode reports a code that cannot be drawn. With Options.Notes the paper says so in its place: who holds it must not take the
// slip for one that has no code.
func (s *setter) noCode(p *Property, problem string, args ...any) {
	if !s.o.Notes {
		s.report(Error, problem, p.off, args...)
		return
	}
	s.note(p, problem, args...)
}

// note puts a note in the place of a code.
func (s *setter) note(p *Property, problem string, args ...any) {
	s.report(Warning, problem, p.off, args...)
	text := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, "[条码未打印/CODE NOT PRINTED: "+p.Value+"]")
	row := Run{Style: Style{Width: 1, Height: 1}}
	for at, r := range text {
		n := 1
		if r >= utf8.RuneSelf {
			n = s.o.Measure(r)
		}
		if row.Cells+n > s.o.Width {
			s.row(Row{Kind: TextRow, Height: 1, Runs: []Run{row}})
			row.Text, row.Cells = "", 0
		}
		row.Text, row.Cells = row.Text+text[at:at+utf8.RuneLen(r)], row.Cells+n
	}
	s.row(Row{Kind: TextRow, Height: 1, Runs: []Run{row}})
}

// CellDots is the width of a cell in dots on a 203 dpi printer.
const CellDots = 12

// reason words an error of this package for a diagnostic.
func reason(err error) string {
	return strings.TrimSuffix(err.Error(), ": "+ErrData.Error())
}

// bad makes an error that is ErrData and says why.
func bad(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, ErrData)...)
}

func isEAN(symbology string) bool {
	return symbology == "upc" || symbology == "ean" || symbology == "jan"
}

// Width returns the width of the symbol in dots, without quiet zone.
func (c *Code) Width() (int, error) {
	switch c.Symbology {
	case "qrcode":
		size, err := qrSize(len(c.Data), c.Level)
		return size * c.Module, err
	case "code128":
		values, err := Code128(c.Data)
		if err != nil {
			return 0, err
		}
		return (11*len(values) + 13) * c.Module, nil
	}
	bars, err := c.Bars()
	n := 0
	for _, w := range bars {
		n += w
	}
	return n, err
}

// HRIText returns the text below a bar code. For a QR code there is none.
func (c *Code) HRIText() string {
	switch c.Symbology {
	case "qrcode":
		return ""
	case "code93", "code128":
		return strings.Map(func(r rune) rune {
			if r < 0x20 || r == 0x7f {
				return ' '
			}
			return r
		}, c.Data)
	}
	return c.Data
}

// A Matrix is a square symbol, without quiet zone. It may be shared: read it only.
type Matrix struct {
	Size int    // modules on a side
	Dark []bool // row by row
}

// At says whether the module at column x, row y is dark.
func (m Matrix) At(x, y int) bool {
	return m.Dark[y*m.Size+x]
}

// qrCodes keeps drawn codes: drawing one takes milliseconds, and each is asked for at least twice.
var qrCodes = memo[Matrix]{limit: 1 << 20}

// QR draws a QR code: byte mode, UTF-8, the smallest version that holds the data at the level. The last ones drawn are
// kept in memory.
func (c *Code) QR() (Matrix, error) {
	level, ok := map[byte]qr.ErrorCorrectionLevel{'l': qr.L, 'm': qr.M, 'q': qr.Q, 'h': qr.H}[c.Level]
	if !ok || c.Symbology != "qrcode" {
		return Matrix{}, bad("not a QR code with a level of l, m, q or h")
	}
	if _, err := qrSize(len(c.Data), c.Level); err != nil {
		return Matrix{}, err
	}
	key := string(rune(c.Level)) + c.Data
	if m, ok := qrCodes.get(key); ok {
		return m, nil
	}
	code, err := qr.Encode(c.Data, level, qr.Unicode)
	if err != nil {
		return Matrix{}, fmt.Errorf("draw QR code: %w", errors.Join(ErrData, err))
	}
	n := code.Bounds().Dx()
	m := Matrix{Size: n, Dark: make([]bool, n*n)}
	for y := range n {
		for x := range n {
			r, _, _, _ := code.At(x, y).RGBA()
			m.Dark[y*n+x] = r < 0x8000
		}
	}
	qrCodes.put(key, m, len(key)+len(m.Dark))
	return m, nil
}

// qrBytes is how many bytes versions 1 to 40 hold in byte mode at levels L, M, Q, H (ISO/IEC 18004, table 7).
var qrBytes = [40][4]int{
	{17, 14, 11, 7}, {32, 26, 20, 14}, {53, 42, 32, 24}, {78, 62, 46, 34}, {106, 84, 60, 44},
	{134, 106, 74, 58}, {154, 122, 86, 64}, {192, 152, 108, 84}, {230, 180, 130, 98}, {271, 213, 151, 119},
	{321, 251, 177, 137}, {367, 287, 203, 155}, {425, 331, 241, 177}, {458, 362, 258, 194}, {520, 412, 292, 220},
	{586, 450, 322, 250}, {644, 504, 364, 280}, {718, 560, 394, 310}, {792, 624, 442, 338}, {858, 666, 482, 382},
	{929, 711, 509, 403}, {1003, 779, 565, 439}, {1091, 857, 611, 461}, {1171, 911, 661, 511}, {1273, 997, 715, 535},
	{1367, 1059, 751, 593}, {1465, 1125, 805, 625}, {1528, 1190, 868, 658}, {1628, 1264, 908, 698}, {1732, 1370, 982, 742},
	{1840, 1452, 1030, 790}, {1952, 1538, 1112, 842}, {2068, 1628, 1168, 898}, {2188, 1722, 1228, 958},
	{2303, 1809, 1283, 983}, {2431, 1911, 1351, 1051}, {2563, 1989, 1423, 1093}, {2699, 2099, 1499, 1139},
	{2809, 2213, 1579, 1219}, {2953, 2331, 1663, 1273},
}

// qrSize returns the modules on a side of the smallest QR code for n bytes.
func qrSize(n int, level byte) (int, error) {
	i := strings.IndexByte("lmqh", level)
	if n == 0 || i < 0 {
		return 0, bad("no data, or no such level")
	}
	for v, room := range qrBytes {
		if n <= room[i] {
			return 21 + 4*v, nil
		}
	}
	return 0, bad("%d bytes, a QR code of level %c holds %d", n, level, qrBytes[39][i])
}
