package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
	"github.com/receiptd/receiptd/web"
)

// A refusal at the door is a problem in both languages, under the same headers as every answer.
func TestRefusedAtTheDoor(t *testing.T) {
	s := newShop(t)
	for name, change := range map[string]func(*http.Request){
		"cross_origin": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"wrong_host":   func(r *http.Request) { r.Host = "shop.example" },
	} {
		req, err := http.NewRequest(http.MethodPost, s.server.URL+"/v1/reprints", strings.NewReader(`{"last":true}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		change(req)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(resp.Body)
		resp.Body.Close()
		h := resp.Header
		if resp.StatusCode != http.StatusForbidden || !strings.HasPrefix(h.Get("Content-Type"), "application/problem+json") || !strings.Contains(body.String(), `"code":"`+name+`"`) ||
			!strings.ContainsAny(body.String(), "请用") {
			t.Errorf("%s: %d %s %s", name, resp.StatusCode, h.Get("Content-Type"), body.String())
		}
		if h.Get("Content-Security-Policy") == "" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s lacks headers: %v", name, h)
		}
	}
}

// The scheme of a token is written in any case (RFC 9110, 11.1).
func TestBearerInAnyCase(t *testing.T) {
	s := newShop(t)
	for header, want := range map[string]int{"bearer " + token: 200, "BEARER  " + token: 200, "Bearer": 401, "Basic " + token: 401, token: 401, "bearer x" + token: 401} {
		if status := s.call("GET", "/v1/printers", "", nil, "Authorization", header); status != want {
			t.Errorf("%q: %d, want %d", header, status, want)
		}
	}
}

// A form leads back to a page of this site, whatever its field says.
func TestBackStaysHere(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	fields := v.form(v.page("/"), "/choose/language", "")
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for back, want := range map[string]string{"/batches?cursor=3": "/batches?cursor=3", "//evil.example": "/", "/\t/evil.example": "/", "/\x01/evil.example": "/",
		"/\\evil.example": "/", "http://evil.example/": "/", "javascript:alert(1)": "/", "/a\r\nX: y": "/", "/%zz": "/", "": "/"} {
		resp, err := v.client.PostForm(s.server.URL+"/choose/language", url.Values{"form": fields["form"], "lang": {"zh"}, "back": {back}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Location"); got != want {
			t.Errorf("%q leads to %q, want %q", back, got, want)
		}
	}
}

// A jam is only cleared where there may be one.
func TestJamCleared(t *testing.T) {
	s := newShop(t)
	for _, x := range []struct {
		state  vocabulary.Readiness
		reason vocabulary.Reason
		want   int
	}{{"ready", "", 409}, {"held", "paper_out", 409}, {"held", "cover_open", 409}, {"held", "cutter", 200}, {"held", "error", 200}, {"down", "link_down", 200}} {
		s.printerIs(x.state, x.reason, job.Text{})
		if status := s.call("POST", "/v1/printers/default/jam-cleared", "", nil); status != x.want {
			t.Errorf("%s %s: %d, want %d", x.state, x.reason, status, x.want)
		}
	}
	var p struct{ Code string }
	if status := s.call("POST", "/v1/printers/default/dance", "", &p); status != 404 || p.Code != "command_unknown" {
		t.Error(status, p)
	}
}

// Wrong PINs are in the log, but not what was typed.
func TestWrongPinIsLogged(t *testing.T) {
	var log bytes.Buffer
	s := newShop(t, func(o *web.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	s.call("POST", "/v1/batches/1/settle", "", nil, "X-Supervisor-Pin", "97531")
	if text := log.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "PIN") || strings.Contains(text, "97531") {
		t.Error(text)
	}
}
