package virtual

import (
	"slices"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/codabar"
	"github.com/boombuler/barcode/code39"
	"github.com/boombuler/barcode/code93"
	"github.com/boombuler/barcode/ean"
	"github.com/boombuler/barcode/twooffive"
)

// symbologies of GS k, in the order of m: form A 0 to 6, form B 65 to 73.
var symbologies = []string{"UPC-A", "UPC-E", "EAN13", "EAN8", "CODE39", "ITF", "CODABAR", "CODE93", "CODE128"}

// barcodeCommand is GS k m d... NUL and GS k m n d....
func (ip *interpreter) barcodeCommand(c []byte) {
	switch m := int(c[2]); {
	case m <= 6:
		var data []byte
		ip.expect(1, func(b []byte) {
			if b[0] != 0 && len(data) < 255 {
				data = append(data, b[0])
				ip.payload.left++
			}
		}, func() { ip.page.barcode(symbologies[m], data) })
	case m >= 65 && m <= 73:
		ip.collect(int64(c[3]), func(data []byte) { ip.page.barcode(symbologies[m-65], data) })
	case m >= 74 && m <= 79: // GS1-128, four kinds of GS1 DataBar, CODE128 auto
		ip.collect(int64(c[3]), func(data []byte) {
			ip.census.miss("GS k " + decimal(c[2]))
			ip.page.placeholder("GS k "+decimal(c[2]), data)
		})
	default:
		ip.unknown(c)
	}
}

// room is how wide a code may be here.
func (p *page) room() int {
	if p.sheet.on {
		w, _ := p.sheet.size()
		return w - p.sheet.x
	}
	return p.area()
}

// barcode prints a bar code. Wrong data and one that is too wide print nothing.
func (p *page) barcode(kind string, data []byte) {
	if !p.line.empty() {
		p.census.miss("bar code within a line")
		p.line.garbage = true
		return
	}
	if kind == "ITF" && len(data)%2 == 1 {
		p.census.miss("ITF of an odd number of digits")
	}
	modules, hri, ok := bars(kind, data)
	w := len(modules) * p.set.bar.module
	if !ok || w > p.room() {
		p.refuseCode(kind+" that cannot be printed", p.set.bar.high)
		return
	}
	it := item{h: p.set.bar.high, label: "[" + kind + " " + hri + "]", garbage: p.line.garbage}
	p.line.garbage = false
	top := 0
	if p.set.bar.hri&1 != 0 {
		top = p.hriLine(&it, hri, w, 0)
	}
	it.images = []raster{wideBars(modules, p.set.bar.module, p.set.bar.high, top)}
	it.h = top + p.set.bar.high
	under := 0
	if p.set.bar.hri&2 != 0 {
		under = p.hriLine(&it, hri, w, it.h)
		it.h += under
	}
	p.block(it, w, under)
}

// refuseCode is a code whose data are wrong, or that does not fit: nothing but so much feed.
func (p *page) refuseCode(what string, feed int) {
	p.census.miss(what)
	if p.sheet.on {
		p.line.garbage = true
		return
	}
	p.buffer.push(op{kind: opLine, dots: feed, ink: item{garbage: true}})
}

// hriLine sets the readable line in the middle above or below the bars and returns its height.
func (p *page) hriLine(it *item, s string, barWidth, y int) int {
	st := style{w: 1, h: 1, fontB: p.set.bar.fontB}
	cw, ch := st.cell(false)
	x := (barWidth - cw*len(s)) / 2
	for i := range len(s) {
		it.hri = append(it.hri, cell{r: rune(s[i]), x: int16(x + i*cw), y: int16(y), st: st})
	}
	return ch
}

// wideBars draws modules as bars of h rows that begin at row top.
func wideBars(modules []bool, module, h, top int) raster {
	r := raster{w: len(modules) * module, h: top + h, sx: 1, sy: 1}
	r.bits = make([]byte, r.stride()*r.h)
	row := r.bits[top*r.stride():][:r.stride()]
	for i, black := range modules {
		for x := i * module; black && x < (i+1)*module; x++ {
			row[x/8] |= 0x80 >> (x % 8)
		}
	}
	for y := top + 1; y < r.h; y++ {
		copy(r.bits[y*r.stride():], row)
	}
	return r
}

// bars gives the modules of a bar code and its readable line.
func bars(kind string, data []byte) (modules []bool, hri string, ok bool) {
	s := string(data)
	var bc barcode.Barcode
	var err error
	switch kind {
	case "CODE128":
		return code128(data)
	case "UPC-E":
		return upcE(s)
	case "UPC-A":
		if len(s) != 11 && len(s) != 12 {
			return nil, "", false
		}
		bc, err = ean.Encode("0" + s)
	case "EAN13", "EAN8":
		if n := len(s); kind == "EAN13" && n != 12 && n != 13 || kind == "EAN8" && n != 7 && n != 8 {
			return nil, "", false
		}
		bc, err = ean.Encode(s)
	case "CODE39":
		s = strings.Trim(s, "*")
		bc, err = code39.Encode(s, false, false)
		s = "*" + s + "*"
	case "CODE93":
		bc, err = code93.Encode(s, true, true)
	case "ITF":
		s = s[:len(s)/2*2] // barcode counts a digit that is over
		bc, err = twooffive.Encode(s, true)
	case "CODABAR":
		bc, err = codabar.Encode(strings.ToUpper(s))
	}
	if err != nil || bc == nil || len(s) == 0 {
		return nil, "", false
	}
	for x := range bc.Bounds().Dx() {
		modules = append(modules, dark(bc, x, 0))
	}
	switch kind {
	case "EAN13", "EAN8":
		s = bc.Content()
	case "UPC-A":
		s = bc.Content()[1:]
	}
	return modules, s, true
}

func dark(bc barcode.Barcode, x, y int) bool {
	r, _, _, _ := bc.At(x, y).RGBA()
	return r < 0x8000
}

// Digits of UPC-E: odd (L) patterns; the even ones are mirrored and complemented. Which digit takes which is the check
// digit, for number system 0 (GS1 general specifications).
var (
	upcDigits = strings.Fields("3211 2221 2122 1411 1132 1231 1114 1312 1213 3112")
	upcParity = strings.Fields("EEEOOO EEOEOO EEOOEO EEOOOE EOEEOO EOOEEO EOOOEE EOEOEO EOEOOE EOOEOE")
)

// upcE takes 6 digits, 7 or 8 with number system and check digit, or the 11 or 12 of the UPC-A that it shortens.
func upcE(s string) ([]bool, string, bool) {
	if strings.Trim(s, "0123456789") != "" {
		return nil, "", false
	}
	six := ""
	switch len(s) {
	case 6:
		six = s
	case 7, 8:
		six = s[1:7]
	case 11, 12:
		six = shorten(s)
	}
	if six == "" || len(s) > 6 && s[0] != '0' {
		return nil, "", false
	}
	full := lengthen(six)
	sum := 0
	for i, d := range full {
		sum += int(d-'0') * (3 - 2*(i%2))
	}
	check := (10 - sum%10) % 10
	m := []bool{true, false, true}
	for i, d := range six {
		w := []byte(upcDigits[d-'0'])
		if upcParity[check][i] == 'E' {
			slices.Reverse(w)
		}
		for k, n := range w {
			for range n - '0' {
				m = append(m, k%2 == 1)
			}
		}
	}
	m = append(m, false, true, false, true, false, true)
	return m, "0" + six + string(rune('0'+check)), true
}

// lengthen gives the 11 digits that six stand for.
func lengthen(s string) string {
	switch s[5] {
	case '0', '1', '2':
		return "0" + s[:2] + s[5:] + "0000" + s[2:5]
	case '3':
		return "0" + s[:3] + "00000" + s[3:5]
	case '4':
		return "0" + s[:4] + "00000" + s[4:5]
	}
	return "0" + s[:5] + "0000" + s[5:]
}

// shorten finds the six digits whose long form is s; empty when there are none.
func shorten(s string) string {
	for _, six := range []string{s[1:3] + s[8:11] + s[3:4], s[1:4] + s[9:11] + "3", s[1:5] + s[10:11] + "4", s[1:6] + s[10:11]} {
		if len(six) == 6 && lengthen(six) == s[:11] {
			return six
		}
	}
	return ""
}
