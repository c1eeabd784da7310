package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/vocabulary"
)

// Every word that a program or a template author may meet stands in its page.
func TestVocabulary(t *testing.T) {
	for _, v := range []struct{ page, file, only string }{
		{"answers.md", "vocabulary/codes.go", " Outcome"},
		{"answers.md", "vocabulary/codes.go", " State"},
		{"answers.md", "vocabulary/codes.go", " Proof"},
		{"answers.md", "vocabulary/codes.go", " Reason"},
		{"answers.md", "vocabulary/codes_slips.go", " MarkKind"},
		{"template-author.md", "templates/funcs.go", ""},
		{"operator.md", "printer/link/device.go", "Scheme"},
		{"config.md", "printer/link/device.go", "Scheme"},
	} {
		page := read(t, v.page)
		words := constants(t, filepath.Join("..", v.file), v.only)
		if len(words) < 4 {
			t.Errorf("only %d words were found in %s", len(words), v.file)
		}
		for _, word := range words {
			if !regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).MatchString(page) {
				t.Errorf("%s does not explain %q of %s", v.page, word, v.file)
			}
		}
	}
}

// One word per thing, in Chinese too: what people read calls the journal 日志库 everywhere.
func TestOneWord(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || strings.HasSuffix(path, "_test.go") || !slices.Contains([]string{".go", ".md", ".toml", ".sh", ".html", ".js"}, filepath.Ext(path)):
			return nil
		}
		text := read(t, path)
		seen += strings.Count(text, "日志库")
		for i, line := range strings.Split(text, "\n") {
			if strings.Contains(line, "账本") {
				t.Errorf("%s:%d: the journal is called 账本 here, 日志库 elsewhere", path, i+1)
			}
		}
		return nil
	})
	if err != nil || seen < 20 {
		t.Errorf("%v; 日志库 was seen %d times", err, seen)
	}
}

// A shop whose printer has no Chinese font finds the profiles for it by what it sees.
func TestProfilesWithoutChinese(t *testing.T) {
	names, err := filepath.Glob("../printer/profile/models/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range names {
		if profile := strings.TrimSuffix(filepath.Base(name), ".toml"); strings.Contains(read(t, name), `two_byte = ""`) {
			found++
			for _, page := range []string{"troubleshooting.md", "operator.md"} {
				if !strings.Contains(read(t, page), "`"+profile+"`") && !strings.Contains(read(t, page), `"`+profile+`"`) {
					t.Errorf("%s does not name the profile %s", page, profile)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no profile without a Chinese font was found")
	}
}

// The metrics stand in one table, the one that is made from the code.
func TestOneTableOfMetrics(t *testing.T) {
	for _, page := range pages(t) {
		if filepath.Base(page) != "metrics.md" && strings.Contains(read(t, page), "\n| `receiptd_") {
			t.Errorf("%s has a table of metrics of its own", page)
		}
	}
}

// constants gives the string constants of a file and the keys of its maps, as far as their name or type holds only.
func constants(t *testing.T, path, only string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			out = append(out, textOf(lit))
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			for _, spec := range n.Specs {
				value, ok := spec.(*ast.ValueSpec)
				if !ok || n.Tok != token.CONST {
					continue
				}
				name := value.Names[0].Name
				if id, ok := value.Type.(*ast.Ident); ok {
					name += " " + id.Name
				}
				if strings.Contains(name, only) {
					for _, e := range value.Values {
						add(e)
					}
				}
			}
		case *ast.KeyValueExpr:
			if _, ok := n.Key.(*ast.BasicLit); ok {
				add(n.Key)
			}
		}
		return true
	})
	return out
}

// testdata/fields.txt says nothing of fields that are gone.
func TestMeaningsAreUsed(t *testing.T) {
	page := read(t, "job.md")
	for line := range strings.SplitSeq(strings.TrimSpace(read(t, "testdata/fields.txt")), "\n") {
		field, meaning, ok := strings.Cut(line, ": ")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if !ok || !strings.Contains(page, field+"` |") || !strings.Contains(page, "| "+meaning+" |") {
			t.Errorf("testdata/fields.txt: job.md has no field for %q", line)
		}
	}
}

// The glossary has the words of the table for what people meet most, and stays short.
func TestGlossary(t *testing.T) {
	page := read(t, "glossary.md")
	if n := strings.Count(page, "\n"); n > 60 {
		t.Errorf("%d lines are no glossary any more", n)
	}
	told := 0
	for key, text := range vocabulary.Table() {
		kind, code, _ := strings.Cut(key, ":")
		if strings.Contains(code, "/") || code == "document" || code == "not_sent" || code == "cancelled" || !slices.Contains([]string{"state", "copy", "mark"}, kind) {
			continue
		}
		told++
		if !strings.Contains(page, text.Zh) {
			t.Errorf("the glossary does not have %s, the word for %s", text.Zh, key)
		}
	}
	if told < 15 {
		t.Errorf("only %d words were looked for", told)
	}
}
