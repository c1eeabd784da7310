package virtual_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image/png"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

func TestControl(t *testing.T) {
	p, _ := printed(t, virtual.Options{}, "A\n"+cut+"B\n")
	server := httptest.NewServer(p.Handler())
	defer server.Close()
	get := func(path string, status int) []byte {
		t.Helper()
		r, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != status {
			t.Errorf("GET %s: %d, %v, want %d: %s", path, r.StatusCode, err, status, b)
		}
		return b
	}
	post := func(body string, status int) []byte {
		t.Helper()
		r, err := http.Post(server.URL+"/state", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != status {
			t.Errorf("POST %s: %d, %v, want %d", body, r.StatusCode, err, status)
		}
		return b
	}

	var pieces []struct {
		N       int
		Text    string
		Cut     bool
		High    int `json:"dots_high"`
		SHA256  string
		Torn    bool
		Garbage bool
	}
	if err := json.Unmarshal(get("/pieces", 200), &pieces); err != nil || len(pieces) != 1 {
		t.Fatalf("pieces %+v, %v", pieces, err)
	}
	if one := pieces[0]; one.N != 1 || one.Text != "A" || !one.Cut || one.High != 150 || len(one.SHA256) != 64 || one.Torn || one.Garbage {
		t.Errorf("piece %+v", one)
	}
	for path, high := range map[string]int{"/pieces/1.png": 150, "/hanging.png": 150, "/roll.png": 316} {
		img, err := png.Decode(bytes.NewReader(get(path, 200)))
		if err != nil || img.Bounds().Dx() != 576 || img.Bounds().Dy() != high {
			t.Errorf("%s: %v, want 576x%d", path, img.Bounds(), high)
		}
	}
	if got := string(get("/pieces/1.txt", 200)); got != "A\n" {
		t.Errorf("text %q", got)
	}
	get("/pieces/2.png", 404)
	get("/pieces/x.png", 404)
	get("/pieces/1.gif", 404)

	for _, body := range []string{
		`{"paper":"near_end"}`, `{"paper":"out"}`, `{"paper":"ok"}`, `{"paper_left_mm":120}`, `{"cover":"open"}`, `{"cover":"closed"}`,
		`{"cutter":"jam"}`, `{"cutter":"ok"}`, `{"head":"hot"}`, `{"head":"ok"}`, `{"power":"off"}`, `{"power":"on"}`, `{"link":"drop"}`,
		`{"link":"half_open"}`, `{"link":"up"}`, `{"mute":true}`, `{"mute":false}`, `{"button":"feed"}`, `{"tear":true}`,
	} {
		post(body, 200)
	}
	var s virtual.State
	if err := json.Unmarshal(post(`{"cover":"open"}`, 200), &s); err != nil || s.Cover != "open" || s.Online || s.PaperLeftMM == 0 {
		t.Errorf("state %+v, %v", s, err)
	}
	if err := json.Unmarshal(get("/state", 200), &s); err != nil || s.Cover != "open" || s.BufferSize != 4096 {
		t.Errorf("state %+v, %v", s, err)
	}
	for body, status := range map[string]int{`{"paper":"much"}`: 422, `{"papr":"out"}`: 400, `nonsense`: 400, ``: 400} {
		if b := post(body, status); !bytes.Contains(b, []byte(`"zh"`)) || !bytes.Contains(b, []byte(`"en"`)) {
			t.Errorf("%s: answer %s, want both languages", body, b)
		}
	}
}

func TestPaperDirAndCallback(t *testing.T) {
	dir := t.TempDir()
	var seen []int
	p, _ := printed(t, virtual.Options{PaperDir: dir, Keep: 2, OnPiece: func(c virtual.Piece) { seen = append(seen, c.N) }},
		"A\n"+cut+"B\n"+cut+"C\n"+cut)
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seen, []int{1, 2, 3}) {
		t.Errorf("callback saw %v", seen)
	}
	if got := p.Pieces(); len(got) != 2 || got[0].N != 2 {
		t.Errorf("%d pieces kept, want the last 2", len(got))
	}
	if _, ok := p.Piece(1); ok {
		t.Error("piece 1 was to be forgotten")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 7 {
		t.Errorf("files %v, %v", names, err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "piece-3.txt")); err != nil || string(b) != "C\n" {
		t.Errorf("piece-3.txt %q, %v", b, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := p.Set(virtual.Change{Button: "feed", Tear: true}); err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("writing into a folder that is gone: %v", err)
	}
}

// A web page that a browser on this machine shows can neither change the printer nor read its paper.
func TestControlAnswersNoStrangers(t *testing.T) {
	p, _ := printed(t, virtual.Options{}, "A\n"+cut)
	server := httptest.NewServer(p.Handler())
	defer server.Close()
	for _, c := range []struct {
		method, path, host string
		header             map[string]string
		want               int
	}{
		{"POST", "/state", "", nil, 200}, // curl
		{"POST", "/state", "localhost:9101", nil, 200},
		{"POST", "/state", "[::1]:9101", nil, 200},
		{"POST", "/state", "", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": server.URL}, 200},
		{"POST", "/state", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"POST", "/state", "", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"POST", "/state", "", map[string]string{"Origin": "https://evil.example"}, 403},
		{"POST", "/state", "", map[string]string{"Origin": "null"}, 403},
		{"POST", "/state", "evil.example:9101", nil, 403},
		{"POST", "/state", "192.0.2.1:9101", nil, 403},
		{"POST", "/state", "127.0.0.1.evil.example", nil, 403},
		{"GET", "/state", "evil.example", nil, 403},
		{"GET", "/pieces", "evil.example", nil, 403},
		{"GET", "/pieces/1.png", "evil.example", nil, 403},
		{"GET", "/roll.png", "evil.example", nil, 403},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, server.URL+c.path, strings.NewReader(`{"cover":"closed"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		for k, v := range c.header {
			r.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != c.want {
			t.Errorf("%s %s to %q with %v: %d, %v, want %d: %s", c.method, c.path, c.host, c.header, resp.StatusCode, err, c.want, body)
		}
		if c.want == 403 && (!bytes.Contains(body, []byte(`"zh"`)) || !bytes.Contains(body, []byte(`"en"`))) {
			t.Errorf("refused with %s, want both languages", body)
		}
	}
}
