package site_test

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

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// A description is what openapi.json says, as far as it is compared.
type description struct {
	*testing.T
	doc   any
	Paths map[string]map[string]struct {
		Responses map[string]struct {
			Content map[string]struct{} `json:"content"`
		} `json:"responses"`
	} `json:"paths"`
}

func (h *house) description(t *testing.T) *description {
	t.Helper()
	status, text := h.do("GET", "/openapi.json", "")
	d := &description{T: t}
	if err := json.Unmarshal([]byte(text), d); err != nil || status != http.StatusOK {
		t.Fatal(status, err)
	}
	var err error
	if d.doc, err = jsonschema.UnmarshalJSON(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return d
}

// check validates an answer against the description of its operation.
func (d *description) check(method, path string, status int, kind string, body []byte) {
	d.Helper()
	kind, _, _ = strings.Cut(kind, ";")
	if _, ok := d.Paths[path][strings.ToLower(method)].Responses[fmt.Sprint(status)].Content[kind]; !ok {
		d.Errorf("%s %s: %d with %s is not described; it says\n%s", method, path, status, kind, body)
		return
	}
	if !strings.Contains(kind, "json") {
		return
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("mem:///openapi.json", d.doc); err != nil {
		d.Fatal(err)
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	schema, err := c.Compile("mem:///openapi.json#/paths/" + escape.Replace(strings.NewReplacer("{", "%7B", "}", "%7D").Replace(path)) + "/" + strings.ToLower(method) + "/responses/" + fmt.Sprint(status) + "/content/" + escape.Replace(kind) + "/schema")
	if err != nil {
		d.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		d.Fatalf("%s %s: %v\n%s", method, path, err, body)
	}
	if err := schema.Validate(v); err != nil {
		d.Errorf("%s %s %d: %v\n%s", method, path, status, err, body)
	}
}

// TestOpenAPI: every request that programs may make is described, nothing else is, and the answers are what it says.
func TestOpenAPI(t *testing.T) {
	h := open(t)
	state := wire.State{Online: true, Birth: "b1", Seq: 2, Version: "1", Uncertain: 1, DiskFull: true, Printers: []wire.Printer{{Name: "front", State: vocabulary.PrinterHeld, Reason: "paper_out", Tier: "A"}}}
	event := wire.Event{Seq: 1, Birth: "b1", Type: "copy", JobID: "o-1", CopyID: "c1", Copy: "kitchen", State: "printed", Proof: "id", Mark: "original", Printer: "front", PrintNo: 1}
	h.hear(store.Heard{Shop: "shop-1", State: &state}, store.Heard{Shop: "shop-1", Event: &event})
	d, order := h.description(t), fleettest.Order("o-1")
	tried := map[string]bool{}
	for _, x := range []struct {
		method, path, at, body, token string
		status                        int
	}{
		{"GET", "/v1/status", "", "", bearer, 200},
		{"GET", "/v1/status", "", "", "", 401},
		{"GET", "/v1/shops", "", "", bearer, 200},
		{"GET", "/v1/shops/{shop}", "/v1/shops/shop-1", "", bearer, 200},
		{"GET", "/v1/shops/{shop}", "/v1/shops/none", "", bearer, 404},
		{"POST", "/v1/shops/{shop}/jobs", "/v1/shops/shop-1/jobs", order, bearer, 202},
		{"POST", "/v1/shops/{shop}/jobs", "/v1/shops/shop-1/jobs", order, bearer, 200},
		{"POST", "/v1/shops/{shop}/jobs", "/v1/shops/shop-1/jobs", strings.Replace(order, `"qty":"1"`, `"qty":"2"`, 1), bearer, 409},
		{"POST", "/v1/shops/{shop}/jobs", "/v1/shops/shop-1/jobs", "{}", bearer, 422},
		{"POST", "/v1/shops/{shop}/jobs", "/v1/shops/shop-1/jobs?expires_in=soon", order, bearer, 422},
		{"POST", "/v1/shops/{shop}/jobs", "/v1/shops/shop-2/jobs", order, bearer, 404},
		{"POST", "/v1/shops/{shop}/jobs", "/v1/shops/shop-1/jobs", strings.Repeat(" ", job.MaxSize+2), bearer, 413},
		{"GET", "/v1/shops/{shop}/slips", "/v1/shops/shop-1/slips?limit=10", "", bearer, 200},
		{"GET", "/v1/shops/{shop}/slips", "/v1/shops/none/slips", "", bearer, 404},
		{"GET", "/v1/shops/{shop}/jobs/{job}", "/v1/shops/shop-1/jobs/o-1", "", bearer, 200},
		{"GET", "/v1/shops/{shop}/jobs/{job}", "/v1/shops/shop-1/jobs/none", "", bearer, 404},
		{"POST", "/v1/shops/{shop}/commands", "/v1/shops/shop-1/commands", `{"cmd":"reprint","cmd_id":"r1","last":true,"reason":"lost","operator":"Anna"}`, bearer, 200},
		{"POST", "/v1/shops/{shop}/commands", "/v1/shops/shop-1/commands", `{`, bearer, 400},
		{"GET", "/v1/shops/{shop}/commands", "/v1/shops/shop-1/commands", "", bearer, 200},
		{"GET", "/v1/jobs", "/v1/jobs?shop=shop-1&open=1", "", bearer, 200},
		{"GET", "/v1/events", "/v1/events?after=0", "", bearer, 200},
		{"POST", "/v1/tokens", "", `{"name":"ordering","rights":["submit"]}`, bearer, 200},
		{"POST", "/v1/tokens", "", `{"name":"ordering","rights":["fly"]}`, bearer, 422},
		{"POST", "/v1/tokens", "", `{`, bearer, 400},
		{"GET", "/v1/tokens", "", "", bearer, 200},
		{"DELETE", "/v1/tokens/{token}", "/v1/tokens/ordering", "", bearer, 200},
		{"DELETE", "/v1/tokens/{token}", "/v1/tokens/ordering", "", bearer, 404},
		{"GET", "/healthz", "", "", "", 503}, // it is at no broker
		{"GET", "/metrics", "", "", "", 200},
		{"GET", "/openapi.json", "", "", "", 200},
	} {
		at := x.at
		if at == "" {
			at = x.path
		}
		req, err := http.NewRequestWithContext(t.Context(), x.method, h.server.URL+at, strings.NewReader(x.body))
		if err != nil {
			t.Fatal(err)
		}
		if x.token != "" {
			req.Header.Set("Authorization", x.token)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != x.status {
			t.Errorf("%s %s: %d, not %d\n%s", x.method, at, resp.StatusCode, x.status, body)
			continue
		}
		tried[x.method+" "+x.path] = true
		d.check(x.method, x.path, resp.StatusCode, resp.Header.Get("Content-Type"), body)
	}
	var described []string
	for path, ops := range d.Paths {
		for method := range ops {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(described)
	served := slices.Sorted(slices.Values(h.site.Patterns()))
	if !slices.Equal(described, served) {
		t.Errorf("described:\n%s\nserved:\n%s", strings.Join(described, "\n"), strings.Join(served, "\n"))
	}
	for _, p := range served {
		if !tried[p] {
			t.Errorf("%s was not tried", p)
		}
	}
}
