package virtual_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// The printer's address shows a page with its paper and its switches, each of which does what it says; programs get JSON as before, and
// an address that there is not leads a person to the page.
func TestPanel(t *testing.T) {
	p := virtual.New(virtual.Options{Model: "generic-80", Speed: virtual.Max})
	site := httptest.NewServer(p.Handler())
	t.Cleanup(site.Close)
	get := func(path, accept, lang string) (int, string, string) {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, site.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", accept)
		req.Header.Set("Accept-Language", lang)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, resp.Header.Get("Content-Type"), string(text)
	}
	for lang, want := range map[string]string{"zh-CN,zh;q=0.9": "抽掉纸", "en-GB": "Take the paper out", "": "Take the paper out"} {
		if status, kind, text := get("/", "text/html", lang); status != http.StatusOK || !strings.HasPrefix(kind, "text/html") || !strings.Contains(text, want) {
			t.Errorf("the page in %q: %d %s, without %q", lang, status, kind, want)
		}
	}
	if status, kind, _ := get("/nothing", "text/html", ""); status != http.StatusNotFound || !strings.HasPrefix(kind, "text/html") {
		t.Errorf("an address that there is not: %d %s", status, kind)
	}
	for _, path := range []string{"/nothing", "/pieces/99.png"} {
		if status, kind, _ := get(path, "*/*", ""); status != http.StatusNotFound || !strings.HasPrefix(kind, "application/json") {
			t.Errorf("%s for a program: %d %s", path, status, kind)
		}
	}
	if status, kind, _ := get("/pieces", "text/html", ""); status != http.StatusOK || !strings.HasPrefix(kind, "application/json") {
		t.Errorf("/pieces: %d %s", status, kind)
	}
	for _, x := range []struct {
		press string
		is    func(virtual.State) bool
	}{
		{"paper-out", func(s virtual.State) bool { return s.Paper == "out" }}, {"paper-ok", func(s virtual.State) bool { return s.Paper == "ok" }},
		{"cover-open", func(s virtual.State) bool { return s.Cover == "open" }}, {"cover-closed", func(s virtual.State) bool { return s.Cover == "closed" }},
		{"head-hot", func(s virtual.State) bool { return s.Head == "hot" }}, {"head-ok", func(s virtual.State) bool { return s.Head == "ok" }},
		{"power-off", func(s virtual.State) bool { return s.Power == "off" }}, {"power-on", func(s virtual.State) bool { return s.Power == "on" }},
		{"link-drop", func(s virtual.State) bool { return s.Link == "drop" }}, {"link-up", func(s virtual.State) bool { return s.Link == "up" }},
	} {
		resp, err := http.PostForm(site.URL+"/switch", url.Values{"switch": {x.press}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK || !x.is(p.State()) {
			t.Errorf("%s: %d, %+v", x.press, resp.StatusCode, p.State())
		}
	}
	req, err := http.NewRequest(http.MethodPost, site.URL+"/switch", strings.NewReader("switch=paper-out"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden || p.State().Paper == "out" {
		t.Errorf("another site pulled the paper: %d", resp.StatusCode)
	}
}
