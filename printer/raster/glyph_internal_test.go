package raster

import (
	"testing"

	"golang.org/x/text/width"

	"github.com/receiptd/receiptd/printer/font12"
)

// TestOneFaceIsEnough: of what is as wide everywhere, both faces of the bitmap font draw the same, so that one of them need not be asked.
func TestOneFaceIsEnough(t *testing.T) {
	differ := 0
	for r := rune(0); r < 0x10000; r++ {
		narrow, one := doubled(font12.Chinese, r, 24)
		wide, other := doubled(font12.ChineseWide, r, 24)
		if narrow == wide && one == other {
			continue
		}
		if differ++; width.LookupRune(r).Kind() != width.EastAsianAmbiguous {
			t.Errorf("%U is drawn differently", r)
		}
	}
	if differ == 0 {
		t.Error("no character is drawn differently")
	}
}
