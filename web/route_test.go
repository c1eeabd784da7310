package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/api"
)

// Whatever is asked wrongly is answered with a problem that names it.
func TestWrongRequestsAreProblems(t *testing.T) {
	s := newShop(t)
	s.sale("105233", 123456)
	for _, x := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/v1/nothing", "", 404, "path"},
		{"GET", "/nothing", "", 404, "path"},
		{"DELETE", "/v1/jobs", "", 405, "method"},
		{"GET", "/v1/jobs?limit=501", "", 422, "limit"},
		{"GET", "/v1/jobs?cursor=abc", "", 422, "cursor"},
		{"GET", "/v1/jobs?state=bogus", "", 422, "bogus"},
		{"GET", "/v1/jobs/sale-105233/preview.png?copy=bank", "", 404, "Not found"},
		{"POST", "/v1/reprints", `{"last":true,"speed":1}`, 422, "speed"},
		{"POST", "/v1/reprints", `{"last":"yes"}`, 422, "last has the wrong type"},
		{"POST", "/v1/reprints", `{"last":`, 422, "JSON"},
	} {
		req, err := http.NewRequest(x.method, s.server.URL+x.path, strings.NewReader(x.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var p struct{ Detail string }
		if err := json.Unmarshal(body, &p); err != nil {
			t.Errorf("%s %s: %v: %s", x.method, x.path, err, body)
		}
		if kind := resp.Header.Get("Content-Type"); resp.StatusCode != x.status || !strings.HasPrefix(kind, "application/problem+json") || !strings.Contains(p.Detail, x.says) {
			t.Errorf("%s %s %s: %d %s %q", x.method, x.path, x.body, resp.StatusCode, kind, p.Detail)
		}
		if x.status == http.StatusMethodNotAllowed && resp.Header.Get("Allow") == "" {
			t.Error("405 without Allow")
		}
	}
}

// TestReprintOfAStation prints one station's ticket of an order again, and no other.
func TestReprintOfAStation(t *testing.T) {
	s := newShop(t)
	s.call("POST", "/v1/jobs", `{"job_id":"o1","kind":"order","created_at":"2026-08-11T12:00:00+08:00","copies":["kitchen"],"payload":{"order_no":"1","status":"new",
		"placed_at":"2026-08-11T12:00:00+08:00","bags":[{"items":[{"name":"a","qty":"1","station":"bar"},{"name":"b","qty":"1","station":"grill"}]}]}}`, nil)
	s.idle()
	var a api.Answer
	if status := s.call("POST", "/v1/reprints", `{"target_job_id":"o1","station":"bar"}`, &a); status != 202 {
		t.Fatal(status, a)
	}
	if len(a.Copies) != 1 || a.Copies[0].Station != "bar" || a.Copies[0].Mark != "duplicate" {
		t.Errorf("%+v", a.Copies)
	}
	if status := s.call("POST", "/v1/reprints", `{"target_job_id":"o1","station":"cellar"}`, nil); status != 404 && status != 409 {
		t.Error("a station that the order has not:", status)
	}
}
