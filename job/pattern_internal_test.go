package job

import (
	"regexp"
	"strings"
	"testing"
)

// TestPatternsMean: a pattern that counts says the same as its expression, for each of the schema's and texts on both sides of each bound.
func TestPatternsMean(t *testing.T) {
	load()
	counted, all := 0, 0
	var texts []string
	for _, unit := range []string{"0", "7f", "A", "z", "é", "中", "中1", "·", "-", "_", ".", " ", "/", "@", "\n", "\xff", "x\n", "12.5", "a-"} {
		for n := range 70 {
			texts = append(texts, strings.Repeat(unit, n), strings.Repeat(unit, n)+"\n", "\n"+strings.Repeat(unit, n), strings.Repeat(unit, n)+"!")
		}
	}
	patterns.Range(func(key, value any) bool {
		all++
		p := value.(*pattern)
		if p.most >= 0 {
			counted++
		}
		re := regexp.MustCompile(key.(string))
		if p.String() != re.String() {
			t.Errorf("%s calls itself %s", re, p)
		}
		for _, s := range texts {
			if p.MatchString(s) != re.MatchString(s) {
				t.Errorf("%s, %q: %v", re, s, p.MatchString(s))
			}
		}
		return true
	})
	if all < 20 || counted < 12 {
		t.Errorf("%d patterns, %d of them count", all, counted)
	}
	for _, expr := range []string{"(", "^[", `^a{3}$`, `^[ab]+$`, `^[ab]{2,}$`, `(?m)^[ab]{1,2}$`, `[ab]{1,2}$`} {
		p, err := newPattern(expr)
		re, wrong := regexp.Compile(expr)
		if (err == nil) != (wrong == nil) || err == nil && (p.most >= 0 || p.MatchString("aa\n") != re.MatchString("aa\n")) {
			t.Errorf("%s: %+v, %v", expr, p, err)
		}
	}
}
