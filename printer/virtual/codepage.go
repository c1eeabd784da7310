package virtual

import (
	"sync"

	"golang.org/x/text/encoding/charmap"
)

// epsonPages are the ESC t numbers of Epson printers (EREF, character code tables). 6 to 8 (Hiragana, one-pass Kanji) and 66 on
// (Indian scripts) are not here: their text prints as boxes and is counted.
var epsonPages = map[byte]string{
	0: "437", 1: "katakana", 2: "850", 3: "860", 4: "863", 5: "865", 11: "851", 12: "853", 13: "857", 14: "737", 15: "8859-7",
	16: "1252", 17: "866", 18: "852", 19: "858", 20: "thai42", 21: "thai11", 22: "thai13", 23: "thai14", 24: "thai16", 26: "thai18",
	30: "tcvn3", 31: "tcvn3-capitals", 32: "720", 33: "775", 34: "855", 35: "861", 36: "862", 37: "864", 38: "869", 39: "8859-2",
	40: "8859-15", 41: "1098", 42: "1118", 43: "1119", 44: "1125", 45: "1250", 46: "1251", 47: "1253", 48: "1254", 49: "1255",
	50: "1256", 51: "1257", 52: "1258", 53: "1048",
}

// textPages are the code pages whose tables golang.org/x/text has.
var textPages = map[string]*charmap.Charmap{
	"437": charmap.CodePage437, "850": charmap.CodePage850, "852": charmap.CodePage852, "855": charmap.CodePage855,
	"858": charmap.CodePage858, "860": charmap.CodePage860, "862": charmap.CodePage862, "863": charmap.CodePage863,
	"865": charmap.CodePage865, "866": charmap.CodePage866, "8859-1": charmap.ISO8859_1, "8859-2": charmap.ISO8859_2,
	"8859-7": charmap.ISO8859_7, "8859-15": charmap.ISO8859_15, "1250": charmap.Windows1250, "1251": charmap.Windows1251,
	"1252": charmap.Windows1252, "1253": charmap.Windows1253, "1254": charmap.Windows1254, "1255": charmap.Windows1255,
	"1256": charmap.Windows1256, "1257": charmap.Windows1257, "1258": charmap.Windows1258,
}

// upperHalves are all pages by name: what 80 to FF print.
var upperHalves = sync.OnceValue(func() map[string][]rune {
	all := map[string][]rune{}
	for name, m := range textPages {
		for b := 0x80; b <= 0xFF; b++ {
			all[name] = append(all[name], m.DecodeByte(byte(b)))
		}
	}
	for name, s := range drawnPages {
		all[name] = []rune(s)
	}
	return all
})

// single is the character that one byte prints outside two-byte mode.
func (k *characters) single(b byte) rune {
	if b < 0x7F {
		return k.page.set.national.of(b)
	}
	name, ok := k.page.model.CodePages[k.page.set.page]
	if !ok {
		name = epsonPages[k.page.set.page]
	}
	half := upperHalves()[name]
	switch {
	case half == nil:
		k.page.census.miss("ESC t " + decimal(k.page.set.page))
	case half[b-0x80] == '\uFFFD':
		k.page.census.miss("no character")
	default:
		return half[b-0x80]
	}
	return '\uFFFD'
}

// national is the choice of ESC R: which characters stand at twelve places of ASCII.
type national byte

// nationalPlaces are those places, nationalSets what stands there (EREF, ESC R; the order of n).
const nationalPlaces = "#$@[\\]^`{|}~"

var nationalSets = [][]rune{
	[]rune("#$@[\\]^`{|}~"), // 0 USA
	[]rune("#$à°ç§^`éùè¨"),  // 1 France
	[]rune("#$§ÄÖÜ^`äöüß"),  // 2 Germany
	[]rune("£$@[\\]^`{|}~"), // 3 United Kingdom
	[]rune("#$@ÆØÅ^`æøå~"),  // 4 Denmark I
	[]rune("#¤ÉÄÖÅÜéäöåü"),  // 5 Sweden
	[]rune("#$@°\\é^ùàòèì"), // 6 Italy
	[]rune("₧$@¡Ñ¿^`¨ñ}~"),  // 7 Spain I
	[]rune("#$@[¥]^`{|}~"),  // 8 Japan
	[]rune("#¤ÉÆØÅÜéæøåü"),  // 9 Norway
	[]rune("#$ÉÆØÅÜéæøåü"),  // 10 Denmark II
	[]rune("#$á¡Ñ¿é`íñóú"),  // 11 Spain II
	[]rune("#$á¡Ñ¿éüíñóú"),  // 12 Latin America
	[]rune("#$@[₩]^`{|}~"),  // 13 Korea
	[]rune("#$ŽŠĐĆČžšđćč"),  // 14 Slovenia, Croatia
	[]rune("#¥@[\\]^`{|}~"), // 15 China
	[]rune("#₫@[\\]^`{|}~"), // 16 Vietnam
	[]rune("#$@[\\]^`{|}~"), // 17 Arabia
}

func (n national) of(b byte) rune {
	if n != 0 {
		for i := range len(nationalPlaces) {
			if nationalPlaces[i] == b {
				return nationalSets[n][i]
			}
		}
	}
	return rune(b)
}
