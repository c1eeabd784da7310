package job

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// jobFiles are the sample jobs and the broken ones.
func jobFiles(t testing.TB) [][]byte {
	t.Helper()
	var out [][]byte
	for _, pattern := range []string{"../examples/jobs/*.json", "../examples/bad/*.json"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) < 25 {
			t.Fatalf("%s: %d files, %v", pattern, len(names), err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, data)
		}
	}
	return out
}

// sameVerdict holds a file against the demand and against the schema library, as Parse does, and gives the verdict. They may
// differ for a member that is there twice: the library sees the last one only, and the guard refuses the job.
func sameVerdict(t *testing.T, data []byte) (good bool) {
	t.Helper()
	s := scanner{data: data, build: true}
	root, err := s.document()
	if err != nil {
		return false
	}
	sh := shapeOf(&root)
	g := guard{facts: factsOf(&root, sh)}
	g.walk(&root, sh)
	(&checker{}).job(&root)
	met, errs := load().demand.met(&root), validate(load().schema, &root)
	if met && len(errs) > 0 {
		t.Fatalf("taken, and the library says %v\nof %s", errs, data)
	}
	if !met && len(errs) == 0 && !twice(&root) {
		t.Fatalf("refused, and the library takes it: %s", data)
	}
	return met
}

func twice(n *node) bool {
	for i := range n.mem {
		if n.mem[i].twice || twice(&n.mem[i].val) {
			return true
		}
	}
	for i := range n.arr {
		if twice(&n.arr[i]) {
			return true
		}
	}
	return false
}

// edgeValues are values of every type, and of the type that stands there at the bounds that the schema sets.
func edgeValues(there any) []any {
	values := []any{nil, true, "", "sale", "merchant", json.Number("1"), []any{}, map[string]any{}, []any{nil}}
	switch v := there.(type) {
	case string:
		for _, s := range []string{"é汉", "CNY", "XXX", "622202******6620", "2026-08-11", "2026-13-11", "2026-08-11T12:34:56+08:00", "2026-08-11T12:34:56", "zh-CN", "0.5",
			"A0000003330101", "2028-13", "a b", "a\n"} {
			values = append(values, s)
		}
		for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 15, 16, 32, 33, 64, 65} {
			values = append(values, strings.Repeat("9", n))
		}
		for _, n := range []int{20, 21, 40, 41, 80, 81, 200, 201, 500, 501, 2000, 2001, 8000, 8001} {
			values = append(values, strings.Repeat("汉", n))
		}
	case json.Number:
		for _, n := range []string{"0", "-1", "6", "7", "20", "21", "96", "97", "999999", "1000000", "999999999999", "1000000000000", "-999999999999", "-1000000000000",
			"99999999999999999999", "-99999999999999999999", "0.5", "1.0", "1e3", "-0"} {
			values = append(values, json.Number(n))
		}
	case []any:
		values = append(values, []any{"merchant", "merchant"}, []any{"bank"}, []any{"a", json.Number("1")})
		for _, n := range []int{1, 2, 3, 4, 8, 9, 40, 41, 50, 51, 300, 301, 1000, 1001, 3000, 3001} {
			values = append(values, repeated(append(v, "x")[0], n))
		}
	}
	return values
}

// edges thins TestDemandIsTheSchema out: each place gets every n-th edge value, another one first than the place before it, so that
// each value still meets all kinds of places. The gate takes them all; the race detector, to which one goroutine says little, a few.
var edges = flag.Int("edges", 4, "put every n-th edge value at a place of a job")

// TestDemandIsTheSchema puts every edge value at every place that a sample has, takes every member away, and makes every list
// longer: the demand and the library say the same.
func TestDemandIsTheSchema(t *testing.T) {
	t.Parallel()
	every := *edges
	if testing.Short() {
		every = 16
	}
	good, bad := 0, 0
	seen := map[string]bool{} // places of the schema
	for _, data := range jobFiles(t) {
		if sameVerdict(t, data) {
			good++
		}
		var doc any
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		if d.Decode(&doc) != nil {
			continue
		}
		object, _ := doc.(map[string]any)
		kind, _ := object["kind"].(string)
		each(doc, kind, func(place string, value any, set func(any)) {
			if seen[place] {
				return
			}
			seen[place] = true
			for i, v := range edgeValues(value) {
				if (i+len(seen))%every != 0 {
					continue
				}
				set(v)
				changed, err := json.Marshal(doc)
				if err != nil {
					t.Fatal(err)
				}
				if sameVerdict(t, changed) {
					good++
				} else {
					bad++
				}
			}
			set(value)
		})
	}
	if len(seen) < 400 || good < 2500/every || bad < 10000/every {
		t.Errorf("%d places, %d good jobs, %d bad ones", len(seen), good, bad)
	}
}

// repeated is a list of n times the same entry.
func repeated(entry any, n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = entry
	}
	return list
}

// each visits every value below doc with its place (the same for all entries of a list) and the way to replace it; a value
// replaced by nil counts as taken away.
func each(doc any, place string, visit func(place string, value any, set func(any))) {
	switch x := doc.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			value := x[name]
			visit(place+"/"+name, value, func(v any) { x[name] = v })
			each(value, place+"/"+name, visit)
		}
	case []any:
		for i, value := range x {
			visit(place+"/0", value, func(v any) { x[i] = v })
			each(value, place+"/0", visit)
		}
	}
}

// TestUnknownKeywords: what a schema may say and a demand does not know is an error, and never passed over.
func TestUnknownKeywords(t *testing.T) {
	for _, s := range []string{
		`{"minProperties": 1}`, `{"properties": {"a": {"not": {}}}}`, `{"type": "number"}`, `{"type": 5}`, `{"enum": [1]}`, `{"const": null}`, `{"const": 1}`,
		`{"maximum": 1e30}`, `{"minimum": 0.5}`, `{"minLength": "1"}`, `{"uniqueItems": false}`, `{"format": "uri"}`, `{"pattern": "("}`, `{"$ref": "#/$defs/none"}`,
		`{"$ref": "other.json"}`, `{"allOf": {}}`, `{"allOf": [{"x": 1}]}`, `{"then": {}}`, `{"if": {}, "else": {}}`, `{"if": {"x": 1}}`, `{"if": {}}`, `{"items": true}`, `{"items": {"x": 1}}`,
		`{"required": "a"}`, `{"properties": []}`, `{"$defs": {"a": {"x": 1}}, "$ref": "#/$defs/a"}`, `{"$defs": []}`,
	} {
		if d, err := newDemand([]byte(s)); !errors.Is(err, errKeyword) {
			t.Errorf("%s: %v, %d checks", s, err, len(d))
		}
	}
}

// FuzzDemand holds the law: what the demand takes the schema library takes, and the reverse.
func FuzzDemand(f *testing.F) {
	for _, data := range jobFiles(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameVerdict(t, data) })
}
