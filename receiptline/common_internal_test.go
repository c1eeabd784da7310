package receiptline

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What is taken for common is left alone by what is spared then: normal form C, and clean.
func TestCommon(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		s := string(r)
		if isCommon(s) && (!norm.NFC.IsNormalString(s) || !norm.NFC.PropertiesString(s).BoundaryBefore()) {
			t.Errorf("%U is common to a parser, but no normal form", r)
		}
		if common, marks := survey(s); common && (clean(s, false) != s || joins(s)) {
			t.Errorf("%U is common to an escaper, but cleaned or joined", r)
		} else if want := strings.ContainsRune(" \n\\|{}-=~_\"`^", r); common && marks != want {
			t.Errorf("%U: marks %v", r, marks)
		}
	}
	for _, s := range []string{"\xe4\xb8", "\xe4\xb8a", "\xe4ab", "\xef\xbc", "a\xff"} {
		if common, _ := survey(s); common {
			t.Errorf("%q is no text", s)
		}
	}
}
