package apitest

import (
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Pages looks up each page that the sources in the working folder ask for by r and a name, in templates that are parsed only when somebody
// looks; err is that of parsing them.
func Pages(t testing.TB, all *template.Template, err error) {
	t.Helper()
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
