package web

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/receiptd/receiptd/vocabulary"
)

// Every text that a page asks for exists, in both languages, and nothing is kept that no page asks for.
func TestWords(t *testing.T) {
	asked := map[string]bool{}
	collect := func(fsys fs.FS, pattern string, res ...*regexp.Regexp) {
		names, err := fs.Glob(fsys, pattern)
		if err != nil || len(names) == 0 {
			t.Fatal(pattern, err)
		}
		for _, n := range names {
			data, err := fs.ReadFile(fsys, n)
			if err != nil {
				t.Fatal(err)
			}
			for _, re := range res {
				for _, m := range re.FindAllSubmatch(data, -1) {
					asked[string(m[1])] = true
				}
			}
		}
	}
	collect(files, "pages/*.html", regexp.MustCompile(`\.(?:T|Word) "([^"]+)"`))
	collect(os.DirFS("."), "*.go", regexp.MustCompile(`words\["([^"]+)"\]`), regexp.MustCompile(`v\.T\("([^"]+)"`), regexp.MustCompile(`\.view\(r, "[^"]+", "([^"]+)"\)`))
	for _, f := range faults {
		asked[f.Key] = true
	}
	for key := range asked {
		if _, ok := words[key]; !ok {
			t.Errorf("a page asks for %q, which has no words", key)
		}
	}
	for key := range words {
		if !asked[key] {
			t.Errorf("%q is asked for by no page", key)
		}
	}
}

// Chinese sentences have Chinese punctuation, English ones none of it; both say something.
func TestWordsAreWhole(t *testing.T) {
	han := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool {
			return unicode.Is(unicode.Han, r) || strings.ContainsRune("，。；：？（）、“”", r)
		})
	}
	all := vocabulary.Table()
	for key, text := range words {
		all[key] = text
	}
	for key, text := range all {
		if text.Zh == "" || text.En == "" {
			t.Errorf("%s says nothing in one language", key)
		}
		if key != "other" && (han(text.En) || !han(text.Zh)) && key != "other.say" {
			t.Errorf("%s is in the wrong language: %q, %q", key, text.Zh, text.En)
		}
		if regexp.MustCompile(`\p{Han}[,;:?!]`).MatchString(text.Zh) {
			t.Errorf("%s: half-width punctuation: %q", key, text.Zh)
		}
		for _, verb := range []string{"%s", "%d"} {
			if strings.Count(text.Zh, verb) != strings.Count(text.En, verb) {
				t.Errorf("%s: the languages take other values: %q, %q", key, text.Zh, text.En)
			}
		}
		if regexp.MustCompile(`%d [a-z]+s\b`).MatchString(text.En) {
			t.Errorf("%s: one would be told as several: %q", key, text.En)
		}
		for _, never := range []string{"重新刷", "再刷", "charge it again", "swipe again", "请结算"} {
			if strings.Contains(text.Zh+text.En, never) {
				t.Errorf("%s advises a second charge or a settlement: %q %q", key, text.Zh, text.En)
			}
		}
	}
}
