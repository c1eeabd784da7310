package profile

import (
	"sync"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// A TwoByteSet maps characters to the two-byte codes of a printer's ideographic font. Only codes inside the set's
// two-byte area are in it: what an encoder of the Go library would turn into one or four bytes (the euro sign of GBK,
// U+00A5 and emoji of GB18030) is absent, because the printer would print something else for it.
type TwoByteSet struct {
	code [1 << 16]uint16 // by character of the basic plane; 0: not in the set
}

// Code returns the character's two bytes, lead byte high; false if the set does not have it.
func (s *TwoByteSet) Code(r rune) (uint16, bool) {
	if s == nil || r < 0x80 || r > 0xFFFF {
		return 0, false
	}
	c := s.code[r]
	return c, c != 0
}

// A span is an area of two-byte codes.
type span struct{ lead0, lead1, trail0, trail1 byte }

type setSource struct {
	enc   encoding.Encoding
	spans []span
	late  []rune // characters of a later edition, which fonts of this name need not have
	build func() *TwoByteSet
}

// The areas are those of the printers' fonts, not of the encodings' latest editions.
var twoByteSets = map[string]*setSource{
	"gb2312":    source(simplifiedchinese.GBK, span{0xA1, 0xA9, 0xA1, 0xFE}, span{0xB0, 0xF7, 0xA1, 0xFE}),
	"gbk":       source(simplifiedchinese.GBK, span{0x81, 0xFE, 0x40, 0x7E}, span{0x81, 0xFE, 0x80, 0xFE}),
	"gb18030":   source(simplifiedchinese.GB18030, span{0x81, 0xFE, 0x40, 0x7E}, span{0x81, 0xFE, 0x80, 0xFE}),
	"big5":      source(traditionalchinese.Big5, span{0xA1, 0xF9, 0x40, 0x7E}, span{0xA1, 0xF9, 0xA1, 0xFE}),
	"shift_jis": source(japanese.ShiftJIS, span{0x81, 0x9F, 0x40, 0xFC}, span{0xE0, 0xEA, 0x40, 0xFC}),
	"ks":        source(korean.EUCKR, span{0xA1, 0xFE, 0xA1, 0xFE}),
}

// Three characters came into GB only with GB18030: the euro sign, U+01F9 and U+1E3F.
var lateInGB = []rune{0x20AC, 0x01F9, 0x1E3F}

func source(enc encoding.Encoding, spans ...span) *setSource {
	s := &setSource{enc: enc, spans: spans}
	if enc == simplifiedchinese.GBK {
		s.late = lateInGB
	}
	s.build = sync.OnceValue(s.table)
	return s
}

func twoByteNames() []string {
	return []string{"gb2312", "gbk", "gb18030", "big5", "shift_jis", "ks"}
}

// TwoByteSetOf returns the set of that name (gb2312, gbk, gb18030, big5, shift_jis, ks), nil for any other. The table
// is built at the first call.
func TwoByteSetOf(name string) *TwoByteSet {
	s := twoByteSets[name]
	if s == nil {
		return nil
	}
	return s.build()
}

// table decodes every code of the spans and keeps those that give exactly one character.
func (s *setSource) table() *TwoByteSet {
	t := new(TwoByteSet)
	dec := s.enc.NewDecoder()
	var src [2]byte
	var dst [16]byte
	for _, sp := range s.spans {
		for lead := int(sp.lead0); lead <= int(sp.lead1); lead++ {
			for trail := int(sp.trail0); trail <= int(sp.trail1); trail++ {
				src[0], src[1] = byte(lead), byte(trail)
				dec.Reset()
				n, _, err := dec.Transform(dst[:], src[:], true)
				if err == nil {
					t.add(dst[:n], uint16(lead)<<8|uint16(trail))
				}
			}
		}
	}
	for _, r := range s.late {
		t.code[r] = 0
	}
	return t
}

func (s *TwoByteSet) add(utf8 []byte, code uint16) {
	rs := []rune(string(utf8))
	if len(rs) != 1 {
		return
	}
	r := rs[0]
	private := r >= 0xE000 && r < 0xF900
	if r < 0x80 || r > 0xFFFF || r == 0xFFFD || private || s.code[r] != 0 {
		return
	}
	s.code[r] = code
}

var charmaps = map[string]*charmap.Charmap{
	"cp437": charmap.CodePage437, "cp850": charmap.CodePage850, "cp852": charmap.CodePage852,
	"cp855": charmap.CodePage855, "cp858": charmap.CodePage858, "cp860": charmap.CodePage860,
	"cp862": charmap.CodePage862, "cp863": charmap.CodePage863, "cp865": charmap.CodePage865,
	"cp866": charmap.CodePage866, "cp874": charmap.Windows874,
	"cp1250": charmap.Windows1250, "cp1251": charmap.Windows1251, "cp1252": charmap.Windows1252,
	"cp1253": charmap.Windows1253, "cp1254": charmap.Windows1254, "cp1255": charmap.Windows1255,
	"cp1256": charmap.Windows1256, "cp1257": charmap.Windows1257, "cp1258": charmap.Windows1258,
	"iso8859-1": charmap.ISO8859_1, "iso8859-2": charmap.ISO8859_2, "iso8859-7": charmap.ISO8859_7,
	"iso8859-15": charmap.ISO8859_15,
}

func codePage(name string) *charmap.Charmap { return charmaps[name] }
