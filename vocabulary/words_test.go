package vocabulary_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/receiptd/receiptd/vocabulary"
)

// sources are the constants that are codes, by their types.
var sources = []struct {
	typ  string
	kind vocabulary.Kind
}{
	{"State", vocabulary.KindState},
	{"Outcome", vocabulary.KindOutcome},
	{"Proof", vocabulary.KindProof},
	{"Reason", vocabulary.KindReason},
	{"EventType", vocabulary.KindEvent},
	{"BatchState", vocabulary.KindBatch},
	{"Source", vocabulary.KindSource},
	{"Readiness", vocabulary.KindPrinter},
	{"CopyName", vocabulary.KindCopy},
	{"JobKind", vocabulary.KindJob},
	{"MarkKind", vocabulary.KindMark},
	{"TransactionType", vocabulary.KindType},
	{"Result", vocabulary.KindMoney},
	{"ReversalStatus", vocabulary.KindReversal},
	{"SettlementScope", vocabulary.KindType},
	{"OrderStatus", vocabulary.KindType},
	{"CommandName", vocabulary.KindCommand},
	{"Resolution", vocabulary.KindReversal},
	{"Money", vocabulary.KindMoney},
	{"Tier", vocabulary.KindTier},
	{"Notice", vocabulary.KindNotice},
	{"DrawerState", vocabulary.KindDrawer},
	{"Opening", vocabulary.KindOpening},
}

// files parses all code of receiptd but its tests.
func files(t *testing.T) map[string]*ast.File {
	t.Helper()
	out := map[string]*ast.File{}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "testdata", "node_modules", "tools", "iconv", "examples"}, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		out[strings.TrimPrefix(filepath.ToSlash(name), "../")] = f
		return err
	})
	if err != nil || len(out) < 100 {
		t.Fatal(len(out), err)
	}
	return out
}

// constants gives the codes of one type, by their names.
func constants(all map[string]*ast.File, typ string) map[string]string {
	out := map[string]string{}
	eachConstant(all, func(file, name string, of ast.Expr, value ast.Expr) {
		if id, ok := of.(*ast.Ident); ok && id.Name == typ && path.Dir(file) == "vocabulary" {
			if text, ok := textOf(value); ok {
				out[name] = text
			}
		}
	})
	return out
}

func eachConstant(all map[string]*ast.File, do func(file, name string, typ, value ast.Expr)) {
	for file, f := range all {
		for _, d := range f.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.CONST {
				continue
			}
			for _, spec := range decl.Specs {
				v := spec.(*ast.ValueSpec)
				for i, value := range v.Values {
					do(file, v.Names[i].Name, v.Type, value)
				}
			}
		}
	}
}

func textOf(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// Every code has a word in both languages, and every word belongs to a code: a constant, or a string that stands in the code.
func TestEveryCodeHasItsWords(t *testing.T) {
	all := files(t)
	used := map[string]bool{}
	for _, s := range sources {
		found := constants(all, s.typ)
		if len(found) < 2 {
			t.Errorf("only %d codes %s were found", len(found), s.typ)
		}
		for name, code := range found {
			if word := vocabulary.Word(s.kind, code); word.Zh == "" || word.En == "" {
				t.Errorf("%s: %s:%s has no word", name, s.kind, code)
			}
			used[string(s.kind)+":"+code] = true
		}
	}
	literals := map[string]bool{}
	delete(all, "vocabulary/words.go")
	for _, f := range all {
		ast.Inspect(f, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				if text, ok := textOf(e); ok {
					for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) }) {
						literals[word] = true
					}
				}
			}
			return true
		})
	}
	for key, text := range vocabulary.Table() {
		whole, form, _ := strings.Cut(key, "/")
		_, code, _ := strings.Cut(whole, ":")
		if text.Zh == "" || text.En == "" {
			t.Errorf("%s says nothing in one language", key)
		}
		if !used[whole] && !literals[code] {
			t.Errorf("%s: nothing has this code", key)
		}
		if form != "" && !slices.Contains([]string{vocabulary.Long, vocabulary.Step, vocabulary.Help, vocabulary.Slip, vocabulary.Total, vocabulary.Done, vocabulary.Over, vocabulary.Low, vocabulary.Full, "person"}, form) {
			t.Errorf("%s: nothing asks for this form", key)
		}
	}
}

// Every type of codes is one of the sources: a new one has its words, too.
func TestEveryTypeIsWalked(t *testing.T) {
	walked := map[string]bool{"Kind": true} // what a code is a code of
	for _, s := range sources {
		walked[s.typ] = true
	}
	eachConstant(files(t), func(file, name string, of, value ast.Expr) {
		_, isText := textOf(value)
		if id, ok := of.(*ast.Ident); ok && isText && path.Dir(file) == "vocabulary" && !walked[id.Name] {
			t.Errorf("%s: nothing looks whether the codes of type %s have words", name, id.Name)
		}
	})
}

// No other package keeps codes of its own: three codes of one kind among the constants of a file are a second vocabulary. What the
// parts of a printer tell each other inside package printer/virtual is its own: it knows no other package.
func TestOneHome(t *testing.T) {
	all := files(t)
	kinds := map[string][]vocabulary.Kind{}
	for _, s := range sources {
		for _, code := range constants(all, s.typ) {
			if !slices.Contains(kinds[code], s.kind) {
				kinds[code] = append(kinds[code], s.kind)
			}
		}
	}
	type place struct {
		file string
		kind vocabulary.Kind
	}
	found := map[place][]string{}
	eachConstant(all, func(file, name string, _, value ast.Expr) {
		if text, ok := textOf(value); ok && path.Dir(file) != "vocabulary" && path.Dir(file) != "printer/virtual" {
			for _, kind := range kinds[text] {
				found[place{file, kind}] = append(found[place{file, kind}], name)
			}
		}
	})
	for at, names := range found {
		if len(names) >= 3 {
			t.Errorf("%s has codes of the kind %s: %s", at.file, at.kind, strings.Join(names, ", "))
		}
	}
}

// No other table words the codes: one with three codes of a kind and Chinese beside them is one.
func TestOneTable(t *testing.T) {
	all := files(t)
	codes := map[string][]vocabulary.Kind{} // by what stands in the code: the string, or the constant's name
	add := func(code string, kind vocabulary.Kind) {
		if !slices.Contains(codes[code], kind) {
			codes[code] = append(codes[code], kind)
		}
	}
	for _, s := range sources {
		for name, code := range constants(all, s.typ) {
			add(name, s.kind)
			add(code, s.kind)
		}
	}
	eachConstant(all, func(_, name string, _, value ast.Expr) { // other packages' names for the same
		if call, ok := value.(*ast.CallExpr); ok && len(call.Args) == 1 {
			value = call.Args[0]
		}
		for _, kind := range codes[keyOf(value)] {
			add(name, kind)
		}
	})
	delete(all, "vocabulary/words.go")
	delete(all, "templates/set.go") // says what each template is for; some are called as what they print
	for file, f := range all {
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			counts := map[vocabulary.Kind]int{}
			for _, e := range lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && saysChinese(kv.Value) {
					for _, kind := range codes[keyOf(kv.Key)] {
						counts[kind]++
					}
				}
			}
			for kind, n := range counts {
				if n >= 3 {
					t.Errorf("%s words %d codes of the kind %s; vocabulary has the one table", file, n, kind)
				}
			}
			return true
		})
	}
}

func keyOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	text, _ := textOf(e)
	return text
}

func saysChinese(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok {
			text, _ := textOf(x)
			found = found || strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
		}
		return !found
	})
	return found
}

// A longer form is asked for by name; a code without it gives its word, one without a word nothing.
func TestForms(t *testing.T) {
	if got := vocabulary.Form(vocabulary.KindState, "sent", vocabulary.Step, vocabulary.Long); got != vocabulary.Table()["state:sent/long"] {
		t.Error(got)
	}
	if got := vocabulary.Form(vocabulary.KindState, "held", vocabulary.Long); got != vocabulary.Word(vocabulary.KindState, "held") {
		t.Error(got)
	}
	if got := vocabulary.Word(vocabulary.KindPrinter, "unknown"); got.Zh == vocabulary.Word(vocabulary.KindMoney, "unknown").Zh {
		t.Errorf("a printer not yet asked is called %q, the word for money", got.Zh)
	}
	if got := vocabulary.Zh(vocabulary.KindReason, "never heard of"); got != "never heard of" {
		t.Error(got)
	}
}
