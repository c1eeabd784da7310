// Package apitest is for tests only, of the shop and of the centre: it compares what an HTTP interface answers with what its openapi.json says,
// and the pages that are asked for with those that there are.
package apitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A Description is what an openapi.json says, as far as it is compared, and what was tried of it.
type Description struct {
	Paths map[string]map[string]struct {
		Responses map[string]struct {
			Content map[string]struct{} `json:"content"`
		} `json:"responses"`
	} `json:"paths"`

	t     testing.TB
	doc   any
	tried map[string]bool // patterns
}

// Read reads an openapi.json.
func Read(t testing.TB, text []byte) *Description {
	t.Helper()
	d := &Description{t: t, tried: map[string]bool{}}
	if err := json.Unmarshal(text, d); err != nil {
		t.Fatal(err)
	}
	var err error
	if d.doc, err = jsonschema.UnmarshalJSON(bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return d
}

// Try asks for what is described under path, and compares the answer with the status that is wanted and with its description.
func (d *Description) Try(req *http.Request, path string, status int) {
	d.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		d.t.Fatal(err)
	}
	if resp.StatusCode != status {
		d.t.Errorf("%s %s: %d, want %d\n%s", req.Method, req.URL.RequestURI(), resp.StatusCode, status, body)
		return
	}
	d.tried[req.Method+" "+path] = true
	d.check(req.Method, path, resp, body)
}

// check validates an answer against the description of its operation.
func (d *Description) check(method, path string, resp *http.Response, body []byte) {
	d.t.Helper()
	op, ok := d.Paths[path][strings.ToLower(method)]
	if !ok {
		d.t.Errorf("%s %s is not described", method, path)
		return
	}
	code := fmt.Sprint(resp.StatusCode)
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if _, ok := op.Responses[code].Content[kind]; !ok {
		d.t.Errorf("%s %s: %s with %s is not described; it says\n%s", method, path, code, kind, body)
		return
	}
	if !strings.Contains(kind, "json") || strings.Contains(kind, "ndjson") {
		return
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("mem:///openapi.json", d.doc); err != nil {
		d.t.Fatal(err)
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	ref := "mem:///openapi.json#/paths/" + escape.Replace(strings.NewReplacer("{", "%7B", "}", "%7D").Replace(path)) + "/" + strings.ToLower(method) + "/responses/" + code + "/content/" + escape.Replace(kind) + "/schema"
	schema, err := c.Compile(ref)
	if err != nil {
		d.t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		d.t.Fatalf("%s %s: %v\n%s", method, path, err, body)
	}
	if err := schema.Validate(v); err != nil {
		d.t.Errorf("%s %s %s: %v\n%s", method, path, code, err, body)
	}
}

// Whole says what is served and not described, or described and not served, and what of it was not tried.
func (d *Description) Whole(served []string) {
	d.t.Helper()
	var described []string
	for path, ops := range d.Paths {
		for method := range ops {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(described)
	served = slices.Sorted(slices.Values(served))
	if !slices.Equal(described, served) {
		d.t.Errorf("described:\n%s\nserved:\n%s", strings.Join(described, "\n"), strings.Join(served, "\n"))
	}
	for _, p := range served {
		if !d.tried[p] {
			d.t.Errorf("%s was not tried", p)
		}
	}
}
