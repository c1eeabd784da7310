package docs_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
)

// A schema is the part of JSON Schema that job/schema.json uses.
type schema struct {
	Type       any                `json:"type"`
	Ref        string             `json:"$ref"`
	Enum       []any              `json:"enum"`
	Pattern    string             `json:"pattern"`
	Format     string             `json:"format"`
	MinLength  int                `json:"minLength"`
	MaxLength  int                `json:"maxLength"`
	MaxItems   int                `json:"maxItems"`
	Minimum    *int64             `json:"minimum"`
	Maximum    *int64             `json:"maximum"`
	Money      bool               `json:"x-money"`
	Required   []string           `json:"required"`
	Properties ordered            `json:"properties"`
	Items      *schema            `json:"items"`
	Defs       map[string]*schema `json:"$defs"`
}

// ordered keeps the properties in the order of the file.
type ordered []property

type property struct {
	name   string
	schema *schema
}

func (o *ordered) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		p := property{name: fmt.Sprint(name), schema: new(schema)}
		if err := dec.Decode(p.schema); err != nil {
			return err
		}
		*o = append(*o, p)
	}
	return nil
}

// schemaTable lists the fields of a payload, or of the envelope for "/".
func schemaTable(t *testing.T, kind string) string {
	t.Helper()
	var root schema
	if err := json.Unmarshal([]byte(read(t, "../job/schema.json")), &root); err != nil {
		t.Fatal(err)
	}
	s := &root
	if kind != "/" {
		if s = root.Defs[kind]; s == nil {
			t.Fatalf("the schema has no %s", kind)
		}
	}
	var b strings.Builder
	b.WriteString("| field | | meaning | value |\n|---|---|---|---|\n")
	for _, f := range root.fields("", s) {
		needed := ""
		if f.required {
			needed = "required"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.path, needed, meaningOf(t, f.path), f.value)
	}
	return b.String()
}

// A field is one row of a table.
type field struct {
	path, value string
	required    bool
}

// fields lists the fields of an object, nested ones with their path.
func (root *schema) fields(prefix string, s *schema) []field {
	var out []field
	for _, p := range s.Properties {
		v := root.resolve(p.schema)
		path := prefix + p.name
		for v.Items != nil {
			path += "[]"
			v = root.resolve(v.Items)
		}
		out = append(out, field{path, valueOf(v), slices.Contains(s.Required, p.name)})
		out = append(out, root.fields(path+".", v)...)
	}
	return out
}

// meaningOf finds what a field means in testdata/fields.txt: the longest ending of its path counts.
func meaningOf(t *testing.T, path string) string {
	t.Helper()
	meanings := "\n" + read(t, "testdata/fields.txt")
	for rest, ok := path, true; ok; _, rest, ok = strings.Cut(rest, ".") {
		if _, after, found := strings.Cut(meanings, "\n"+rest+": "); found {
			meaning, _, _ := strings.Cut(after, "\n")
			return meaning
		}
	}
	t.Errorf("testdata/fields.txt does not say what %s means", path)
	return ""
}

func (root *schema) resolve(s *schema) *schema {
	for s.Ref != "" {
		s = root.Defs[strings.TrimPrefix(s.Ref, "#/$defs/")]
	}
	return s
}

// valueOf says in short what a value may be.
func valueOf(s *schema) string {
	if len(s.Enum) > 0 {
		var out []string
		for _, v := range s.Enum {
			if v != nil {
				out = append(out, fmt.Sprintf("`%v`", v))
			}
		}
		return strings.Join(out, ", ")
	}
	kind := fmt.Sprint(s.Type)
	if list, ok := s.Type.([]any); ok {
		kind = fmt.Sprint(list[0])
	}
	switch {
	case s.Money:
		return "amount in minor units"
	case kind == "integer":
		return "whole number" + limits(s)
	case kind == "boolean":
		return "`true`, `false`"
	case kind == "object":
		return "object"
	case formats[s.Format] != "":
		return formats[s.Format]
	case s.Pattern != "":
		return "`" + strings.ReplaceAll(s.Pattern, "|", "\\|") + "`"
	case s.MaxLength > 0:
		return fmt.Sprintf("text, at most %d characters", s.MaxLength)
	}
	return kind
}

// formats words the formats that the schema uses.
var formats = map[string]string{"currency": "ISO 4217 code, `CNY`", "date-time": "time with offset, `2026-08-11T12:34:56+08:00`", "date": "date, `2026-08-11`"}

func limits(s *schema) string {
	if s.Minimum == nil || s.Maximum == nil {
		return ""
	}
	return fmt.Sprintf(", %d to %d", *s.Minimum, *s.Maximum)
}

// A codeWords is one error as the code words it.
type codeWords struct{ zh, en, fixZh, fixEn string }

// errorTables reads the wordings out of the source: the table of package job and the calls that make a problem elsewhere.
func errorTables(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, part := range []struct{ dir, title, note string }{
		{"job", "In a job", "Answered `rejected`, except those that say masked or ignored: these are warnings."},
		{"queue/rules", "Of the journal", "Answered `refused` or `conflict`; those that ask for nothing are warnings of an accepted job."},
		{"spool", "Of the drop folder", "About the file itself."},
		{"web", "Of HTTP and the page", "In `application/problem+json`."},
	} {
		found := wordsIn(t, filepath.Join("..", part.dir))
		if len(found) < 3 {
			t.Fatalf("only %d codes were found in %s", len(found), part.dir)
		}
		fmt.Fprintf(&b, "## %s\n\n%s\n\n| code | 说明 / meaning | 怎么办 / what to do |\n|---|---|---|\n", part.title, part.note)
		for _, code := range slices.Sorted(maps.Keys(found)) {
			for _, w := range found[code] {
				fmt.Fprintf(&b, "| `%s` | %s<br>%s | %s<br>%s |\n", code, cell(w.zh), cell(w.en), cell(w.fixZh), cell(w.fixEn))
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

// wordsIn finds every wording in the source of one package.
func wordsIn(t *testing.T, dir string) map[string][]codeWords {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string][]codeWords)
	add := func(code string, texts []string) {
		w := codeWords{texts[0], texts[1], texts[2], texts[3]}
		if code != "" && strings.Trim(w.en, "…: ") != "" && !slices.Contains(found[code], w) {
			found[code] = append(found[code], w)
		}
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr: // wordings of package job: "code": {zh, en, fixZh, fixEn}
				if lit, ok := n.Value.(*ast.CompositeLit); ok && lit.Type == nil && len(lit.Elts) == 4 {
					add(textOf(n.Key), textsOf(lit.Elts))
				}
			case *ast.CallExpr: // say(code, pointer, ...) of queue/rules, problem(code, ...) of web
				if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "say" || id.Name == "problem") && len(n.Args) >= 5 {
					add(textOf(n.Args[0]), textsOf(n.Args[len(n.Args)-4:]))
				}
			case *ast.CompositeLit: // job.Problem{Code: ..., Message: ..., Fix: ...} of spool
				add(problemLiteral(n))
			}
			return true
		})
	}
	return found
}

// problemLiteral reads a job.Problem written out; the code is empty for anything else.
func problemLiteral(lit *ast.CompositeLit) (code string, texts []string) {
	fields := make(map[string]ast.Expr)
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				fields[id.Name] = kv.Value
			}
		}
	}
	texts = make([]string, 4)
	if fields["Code"] == nil || fields["Message"] == nil {
		return "", texts
	}
	if _, literal := fields["Code"].(*ast.BasicLit); !literal {
		return "", texts
	}
	for i, field := range []string{"Message", "Message", "Fix", "Fix"} {
		text, ok := fields[field].(*ast.CompositeLit)
		if !ok {
			continue
		}
		for _, e := range text.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == []string{"Zh", "En"}[i%2] {
				texts[i] = textOf(kv.Value)
			}
		}
	}
	return textOf(fields["Code"]), texts
}

func textsOf(list []ast.Expr) []string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = textOf(e)
	}
	return out
}

var verb = regexp.MustCompile(`%[+#]?[a-z]`)

// textOf reads a sentence out of an expression; what is known only when it runs becomes an ellipsis.
func textOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil {
			return verb.ReplaceAllString(s, "…")
		}
	case *ast.BinaryExpr:
		return textOf(e.X) + textOf(e.Y)
	case *ast.CallExpr:
		if len(e.Args) > 0 {
			if _, ok := e.Fun.(*ast.SelectorExpr); ok {
				if lit, ok := e.Args[0].(*ast.BasicLit); ok {
					return textOf(lit)
				}
			}
		}
	}
	return "…"
}

var (
	metric    = regexp.MustCompile(`"(receiptd_[a-z_]+)",\s*"([^"]+)"((?:,\s*(?:\[\]string\{)?"[a-z_]+"(?:,\s*"[a-z_]+")*)?)`)
	hubMetric = regexp.MustCompile(`\bdesc\("([a-z_]+)",\s*"([^"]+)"((?:,\s*"[a-z_]+")*)\)`)
)

// metricTable reads names, help and labels out of the source of package web, or for "hub" of package hub/site.
func metricTable(t *testing.T, whose string) string {
	t.Helper()
	folder, metric, prefix := "../web/*.go", metric, ""
	if whose == "hub" {
		folder, metric, prefix = "../hub/site/*.go", hubMetric, "receiptd_hub_"
	}
	names, err := filepath.Glob(folder)
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]string)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range metric.FindAllStringSubmatch(string(data), -1) {
			labels := regexp.MustCompile(`"[a-z_]+"`).FindAllString(m[3], -1)
			rows[m[1]] = fmt.Sprintf("| `%s` | %s | %s |\n", prefix+m[1], strings.ReplaceAll(strings.Join(labels, ", "), `"`, "`"), m[2])
		}
	}
	if len(rows) < 8 {
		t.Fatalf("only %d metrics were found", len(rows))
	}
	var b strings.Builder
	b.WriteString("| name | labels | meaning |\n|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		b.WriteString(rows[name])
	}
	return b.String()
}

// guardTable writes one of the card guard's tables.
func guardTable(t *testing.T, which string) string {
	t.Helper()
	var b strings.Builder
	switch which {
	case "found":
		b.WriteString("| rule | what | how it is told | source |\n|---|---|---|---|\n")
		for _, r := range job.Rules() {
			fmt.Fprintf(&b, "| `%s` | %s, %s | %s | %s |\n", r.ID, cell(r.What.Zh), cell(r.What.En), cell(r.Why), cell(r.Source))
		}
	case "no card":
		b.WriteString("| what it is | how it is told | source |\n|---|---|---|\n")
		for _, r := range job.NotCards() {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(r.What.En), cell(r.Why), cell(r.Source))
		}
	case "schemes":
		b.WriteString("| scheme | begins with | digits | source |\n|---|---|---|---|\n")
		for _, s := range job.Schemes() {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.Name, s.Prefixes, s.Lengths, cell(s.Source))
		}
	default:
		t.Fatalf("the guard has no table %s", which)
	}
	return b.String()
}
