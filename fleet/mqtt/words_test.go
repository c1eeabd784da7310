package mqtt

import (
	"strings"
	"testing"
)

// TestFailuresAreWorded: what is said of a line is said for the end that reads it, and names the keys of that end's file.
func TestFailuresAreWorded(t *testing.T) {
	t.Parallel()
	for code := range failures {
		shop, centre := (&Failure{Code: code}).Text(), (&Failure{Code: code, centre: true}).Text()
		for end, text := range map[string][2]string{"shop": {shop.Zh, shop.En}, "centre": {centre.Zh, centre.En}} {
			for _, x := range text {
				if x == "" || strings.ContainsAny(x, "{}") {
					t.Errorf("%s: to a %s: %q", code, end, x)
				}
			}
		}
		for _, other := range []string{"shop", "本店", "店名", "fleet."} {
			if strings.Contains(centre.En+centre.Zh, other) {
				t.Errorf("%s: a centre is told of %q: %s %s", code, other, centre.Zh, centre.En)
			}
		}
		for _, other := range []string{"hub", "总部的"} {
			if strings.Contains(shop.En+shop.Zh, other) {
				t.Errorf("%s: a shop is told of %q: %s %s", code, other, shop.Zh, shop.En)
			}
		}
	}
}
