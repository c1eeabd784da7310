package job

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestSchemaAndTypesAgree walks schema and types side by side: a name in one that is not in the other would be lost.
func TestSchemaAndTypesAgree(t *testing.T) {
	types := map[Kind]reflect.Type{
		KindTransaction: reflect.TypeFor[Transaction](), KindReversal: reflect.TypeFor[Reversal](),
		KindSettlement: reflect.TypeFor[Settlement](), KindOrder: reflect.TypeFor[Order](),
		KindDocument: reflect.TypeFor[Document](), KindCommand: reflect.TypeFor[Command](),
	}
	shapes := load().shapes
	if len(shapes) != len(types) {
		t.Fatalf("%d kinds in the schema, %d types", len(shapes), len(types))
	}
	for kind, typ := range types {
		agree(t, string(kind), shapes[kind].prop("payload"), typ)
	}
}

func agree(t *testing.T, at string, sh *shape, typ reflect.Type) {
	t.Helper()
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch {
	case at == "document/capture": // no job that somebody drops has it: only Captured makes it
	case sh == nil:
		t.Errorf("%s: not in the schema", at)
	case typ.Kind() == reflect.Slice:
		agree(t, at+"/0", sh.items, typ.Elem())
	case sh.props != nil:
		fields := map[string]bool{}
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			fields[name] = true
			agree(t, at+"/"+name, sh.prop(name), typ.Field(i).Type)
		}
		for name := range sh.props {
			if !fields[name] {
				t.Errorf("%s/%s: not in type %s", at, name, typ)
			}
		}
	}
}

// TestPatternsAreWorded checks that no person is shown a regular expression.
func TestPatternsAreWorded(t *testing.T) {
	var doc any
	if err := json.Unmarshal(schemaJSON, &doc); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if p, ok := v["pattern"].(string); ok {
				seen[p] = true
			}
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(doc)
	for p := range seen {
		if patternNames[p] == [2]string{} {
			t.Errorf("pattern %s has no words", p)
		}
	}
	for p := range patternNames {
		if !seen[p] {
			t.Errorf("pattern %s is not in the schema", p)
		}
	}
}

// TestBrokenSchemaIsAnError checks that compile reports and does not ignore.
func TestBrokenSchemaIsAnError(t *testing.T) {
	for _, s := range []string{"{", `{"$id": "urn:receiptd:schema:job:1", "type": 5}`, `{"$ref": "#/nowhere"}`} {
		if _, err := compile([]byte(s)); err == nil {
			t.Errorf("%s compiles", s)
		}
	}
}

// TestLongestArray checks that the constant is the schema's.
func TestLongestArray(t *testing.T) {
	longest := 0
	for _, part := range strings.Split(string(schemaJSON), `"maxItems": `)[1:] {
		n := 0
		for _, c := range part {
			if c < '0' || c > '9' {
				break
			}
			n = n*10 + int(c-'0')
		}
		longest = max(longest, n)
	}
	if longest != maxItems {
		t.Errorf("schema allows %d", longest)
	}
}

// BenchmarkValidator shows what the schema library takes of a Parse.
func BenchmarkValidator(b *testing.B) {
	data, err := os.ReadFile("../examples/jobs/01-sale-chip.json")
	if err != nil {
		b.Fatal(err)
	}
	s := scanner{data: data, build: true}
	root, err := s.document()
	if err != nil {
		b.Fatal(err)
	}
	sch := load().schema
	b.ReportAllocs()
	for b.Loop() {
		if len(validate(sch, &root)) > 0 {
			b.Fatal("not valid")
		}
	}
}
