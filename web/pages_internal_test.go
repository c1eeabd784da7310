package web

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The pages are parsed only when somebody looks; here all of them are, and there is one of each name that is asked for.
func TestPagesParse(t *testing.T) {
	all, err := pages()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{"unpaired": true}
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\.view\(r, "([^"]+)"`).FindAllSubmatch(text, -1) {
			names[string(m[1])] = true
		}
	}
	if len(names) < 4 {
		t.Fatalf("only the pages %v are asked for", names)
	}
	for name := range names {
		if all.Lookup(name) == nil {
			t.Errorf("there is no page %q", name)
		}
	}
}
