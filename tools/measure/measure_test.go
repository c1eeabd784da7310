package main

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A tree small enough to count by hand: files a and b use each other, c is used by both.
func TestMeasure(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"room/a.go":              "// Package room is one.\npackage room\n\n// T is a type.\ntype T struct {\n\tx, y int // two\n\tz box\n}\n\nfunc (t *T) one() int { return t.two() }\n",
		"room/b.go":              "package room\n\nfunc (t *T) two() int {\n\treturn three(t)\n}\n",
		"room/c.go":              "package room\n\nimport \"time\"\n\ntype box struct{ at time.Time }\n\n/* Three\nis a function. */\nfunc three(t *T) int { return 3 }\n",
		"room/a_test.go":         "package room\n\n// Nothing.\nvar _ = 1\n",
		"room/testdata/x/bad.go": "not Go",
		"room/below/d.go":        "package below\n",
		"room/e.go":              "package room\n\nimport _ \"example.org/room/below\"\n",
		"other/go.mod":           "module other\n",
		"other/o.go":             "package other\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := run(&out, root, []string{"room"}, true); err != nil {
		t.Fatal(err)
	}
	squeezed := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"room 16 3 4",                                // lines of code, tests, comments
		"room.T 3 2 1 3",                             // all, methods, functions, fields
		"files 5 5 10 room/a.go",                     // count, median, largest
		"functions 3 1 3 room/b.go two",              //
		"room alone: 4 files, 5 arrows between them", // a-b, b-a, a-c, b-c, c-a
		"room/b.go -> room/c.go: three",
		"between the rooms: 1 arrows, from 1 files",
		"5 of these in circles (the largest of 3 files), 2 up",
	} {
		if !strings.Contains(squeezed, want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// TestNoCircles holds the inner walls of the two big rooms: what a file uses of its package does not lead back to it.
func TestNoCircles(t *testing.T) {
	packages, err := readTree("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		if room, _, _ := strings.Cut(p.dir, "/"); room != "queue" && room != "web" {
			continue
		}
		var g graph
		g.add(p)
		if g.up() > 0 {
			var names strings.Builder
			printCircles(&names, &g)
			t.Errorf("%s: files use each other in circles; what both need belongs into one that knows neither:\n%s", p.dir, names.String())
		}
	}
}

// TestMutexesSayWhatTheyGuard: who shares a field between goroutines says under which lock, where the field stands.
func TestMutexesSayWhatTheyGuard(t *testing.T) {
	packages, err := readTree("../..")
	if err != nil {
		t.Fatal(err)
	}
	says := regexp.MustCompile(`guard|held|lock is taken`)
	for _, p := range packages {
		for name, f := range p.parsed {
			ast.Inspect(f, func(n ast.Node) bool {
				decl, ok := n.(*ast.GenDecl)
				if !ok || decl.Tok != token.TYPE || !usesMutex(decl) {
					return true
				}
				from, to := decl.Pos(), decl.End()
				if decl.Doc != nil {
					from = decl.Doc.Pos()
				}
				said := false
				for _, c := range f.Comments {
					said = said || c.Pos() >= from && c.End() <= to+token.Pos(200) && says.MatchString(c.Text())
				}
				if !said {
					t.Errorf("%s/%s: the type at line %d has a mutex, and no comment says what that guards, or while what it is held", p.dir, name, p.fset.Position(decl.Pos()).Line)
				}
				return false
			})
		}
	}
}

// usesMutex reports a declaration with a sync.Mutex or sync.RWMutex in it.
func usesMutex(n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && strings.HasSuffix(s.Sel.Name, "Mutex") {
			found = true
		}
		return !found
	})
	return found
}
