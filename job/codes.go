package job

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// codeWithheld is printed where a code was; it holds nothing that is markup in ReceiptLine.
const codeWithheld = "条码含卡号 未打印 CODE WITHHELD: CARD NUMBER"

// code takes the content of a QR or bar code and reports whether the code must be withheld.
func (g *guard) code(n *node, block, symbology string) bool {
	if n.kind != 's' {
		g.walk(n, nil)
		return false
	}
	if g.track(n) {
		return false
	}
	sights := g.inCode(n.text, block, symbology)
	if len(sights) == 0 {
		return false
	}
	g.card("code_withheld", n.text, sights[:1], n.off, false)
	return true
}

// inCode gives the card numbers in the content of a code: each of its fields is read by itself, in its own grammar where
// it has one. block is the type of the block, which the shop may trust.
func (g *guard) inCode(data, block, symbology string) []sight {
	sights := g.codeFields(data, symbology)
	if slices.Contains(g.trust, block) {
		sights = slices.DeleteFunc(sights, func(x sight) bool { return !x.firm })
	}
	return sights
}

func (g *guard) codeFields(data, symbology string) []sight {
	fields, ok := merchantQR(data)
	if !ok {
		sights := g.search(search{apart: true, labels: true}, data)
		if productCode(data, symbology) {
			sights = slices.DeleteFunc(sights, func(x sight) bool { return x.rule != "own" })
		}
		return sights
	}
	var out []sight
	for _, f := range fields {
		sights := g.search(search{identifier: f.class != guardMask, apart: true, labels: true}, f.value)
		if f.class == guardExempt {
			sights = slices.DeleteFunc(sights, func(x sight) bool { return x.rule != "own" })
		}
		for _, x := range sights {
			x.from, x.to = x.from+f.at, x.to+f.at
			out = append(out, x)
		}
	}
	return out
}

// productCode reports whether a bar code is of a symbology that only holds GS1 numbers, and holds one: EAN-8, EAN-13,
// UPC-A, and ITF-14 on a box.
func productCode(data, symbology string) bool {
	want := map[string][]int{"ean": {8, 13}, "jan": {8, 13}, "upc": {12}, "itf": {14}}[symbology]
	if !slices.Contains(want, len(data)) {
		return false
	}
	return gs1Text(data)
}

// A codeField is one value in a structured code, and how the guard treats it.
type codeField struct {
	value string
	at    int // its first byte
	class string
}

// merchantQR reads a merchant's payment code (EMVCo, QR Code Specification for Payment Systems, Merchant-Presented Mode,
// 1.1; PromptPay, QRIS, PIX, UPI, UnionPay and others follow it): data objects of two digits for the name, two for the
// length, and the value. It is one only if they fill the text and the last is the check sum, 63.
//
// Names 02 to 51 say who the merchant is, some of them by account numbers that have the form of a card's, 52 to 58, 61
// and 63 are fixed codes and amounts. Of 62 and what follows the values are identifiers and texts like any other.
func merchantQR(s string) ([]codeField, bool) {
	if !strings.HasPrefix(s, "000201") {
		return nil, false
	}
	var out []codeField
	last := ""
	ok := objects(s, 0, func(id, value string, at int) {
		last = id
		switch {
		case id <= "58" || id == "61" || id == "63":
			out = append(out, codeField{value, at, guardExempt})
		case id == "59" || id == "60":
			out = append(out, codeField{value, at, guardMask})
		default:
			inner := len(out)
			if !objects(value, at, func(_, v string, at int) { out = append(out, codeField{v, at, guardReject}) }) {
				out = append(out[:inner], codeField{value, at, guardMask})
			}
		}
	})
	return out, ok && last == "63"
}

// objects calls yield for each data object of a text that is nothing else. Lengths count characters.
func objects(s string, at int, yield func(id, value string, at int)) bool {
	for i := 0; i < len(s); {
		if i+4 > len(s) || !twoDigits(s[i:]) || !twoDigits(s[i+2:]) {
			return false
		}
		id, n := s[i:i+2], int(s[i+2]-'0')*10+int(s[i+3]-'0')
		i += 4
		end := i
		for range n {
			if end >= len(s) {
				return false
			}
			_, size := utf8.DecodeRuneInString(s[end:])
			end += size
		}
		yield(id, s[i:end], at+i)
		i = end
	}
	return len(s) > 0
}

func twoDigits(s string) bool { return '0' <= s[0] && s[0] <= '9' && '0' <= s[1] && s[1] <= '9' }
