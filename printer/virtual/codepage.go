package virtual

import "golang.org/x/text/encoding/charmap"

// epsonPages are the ESC t numbers of Epson printers, as far as their tables are known to this package.
var epsonPages = map[byte]string{
	0: "437", 1: "katakana", 2: "850", 3: "860", 4: "863", 5: "865", 15: "8859-7", 16: "1252", 17: "866", 18: "852", 19: "858",
	34: "855", 36: "862", 39: "8859-2", 40: "8859-15", 45: "1250", 46: "1251", 47: "1253", 48: "1254", 49: "1255", 50: "1256",
	51: "1257", 52: "1258",
}

var pages = map[string]*charmap.Charmap{
	"437": charmap.CodePage437, "850": charmap.CodePage850, "852": charmap.CodePage852, "855": charmap.CodePage855,
	"858": charmap.CodePage858, "860": charmap.CodePage860, "862": charmap.CodePage862, "863": charmap.CodePage863,
	"865": charmap.CodePage865, "866": charmap.CodePage866, "8859-1": charmap.ISO8859_1, "8859-2": charmap.ISO8859_2,
	"8859-7": charmap.ISO8859_7, "8859-15": charmap.ISO8859_15, "1250": charmap.Windows1250, "1251": charmap.Windows1251,
	"1252": charmap.Windows1252, "1253": charmap.Windows1253, "1254": charmap.Windows1254, "1255": charmap.Windows1255,
	"1256": charmap.Windows1256, "1257": charmap.Windows1257, "1258": charmap.Windows1258,
}

// single is the character that one byte prints outside two-byte mode.
func (p *page) single(b byte) rune {
	if b < 0x7F {
		return rune(b)
	}
	name, ok := p.model.CodePages[p.set.page]
	if !ok {
		name = epsonPages[p.set.page]
	}
	if name == "katakana" && b >= 0xA1 && b <= 0xDF {
		return rune(b) - 0xA1 + 0xFF61
	}
	if m := pages[name]; m != nil && b >= 0x80 {
		return m.DecodeByte(b)
	}
	return '\uFFFD'
}
