package site_test

import (
	"cmp"
	"net/http"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/internal/apitest"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// TestOpenAPI: every request that programs may make is described, nothing else is, and the answers are what it says.
func TestOpenAPI(t *testing.T) {
	h := open(t)
	state := wire.State{Online: true, Birth: "b1", Seq: 2, Version: "1", Uncertain: 1, DiskFull: true, Printers: []wire.Printer{{Name: "front", State: vocabulary.PrinterHeld, Reason: "paper_out", Tier: "A"}}}
	event := wire.Event{Seq: 1, Birth: "b1", Type: "copy", JobID: "o-1", CopyID: "c1", Copy: "kitchen", State: "printed", Proof: "id", Mark: "original", Printer: "front", PrintNo: 1}
	h.hear(store.Heard{Shop: "shop-1", State: &state}, store.Heard{Shop: "shop-1", Event: &event})
	status, text := h.do("GET", "/openapi.json", "")
	if status != http.StatusOK {
		t.Fatal(status)
	}
	d, order := apitest.Read(t, []byte(text)), fleettest.Order("o-1")
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
		{"GET", "/v1/jobs", "/v1/jobs?state=waiting", "", bearer, 200},
		{"GET", "/v1/jobs", "/v1/jobs?state=printed", "", bearer, 422},
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
		req, err := http.NewRequest(x.method, h.server.URL+cmp.Or(x.at, x.path), strings.NewReader(x.body))
		if err != nil {
			t.Fatal(err)
		}
		if x.token != "" {
			req.Header.Set("Authorization", x.token)
		}
		d.Try(req, x.path, x.status)
	}
	d.Whole(h.site.Patterns())
}
