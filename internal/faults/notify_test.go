//go:build linux

package faults

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

// told is a receiver that fails, redirects, hangs and loses its answer, and keeps what it took.
type told struct {
	mu     sync.Mutex
	begun  map[string]bool // job ids
	over   map[string]bool
	wrong  []string
	number int
}

const toldKey = "PLANTED-PATH-81c4"

var toldSecret = []byte("a planted secret of 32 bytes ...")

func (r *told) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	mac := hmac.New(sha256.New, toldSecret)
	fmt.Fprintf(mac, "%s.%s.%s", req.Header.Get("webhook-id"), req.Header.Get("webhook-timestamp"), body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Header.Get("webhook-signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		r.wrong = append(r.wrong, "signature of "+string(body))
	}
	var m struct {
		Data struct {
			Notices []struct {
				Event string
				Job   string `json:"job_id"`
				Over  bool
			}
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		r.wrong = append(r.wrong, err.Error())
	}
	switch r.number++; r.number % 4 {
	case 1:
		http.Error(w, "no", http.StatusInternalServerError)
		return
	case 2:
		http.Redirect(w, req, "/"+toldKey+"/elsewhere", http.StatusFound)
		return
	}
	for _, n := range m.Data.Notices {
		if n.Event == "slip_overdue" {
			if n.Over {
				r.over[n.Job] = true
			} else {
				r.begun[n.Job] = true
			}
		}
	}
	if r.number%4 == 3 { // it took the message, and the answer is lost
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			c.Close()
		}
	}
}

// all reports whether it was told that all these jobs are late, or that they no longer are.
func (r *told) all(jobs []string, over bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range jobs {
		if over && !r.over[id] || !over && !r.begun[id] {
			return false
		}
	}
	return true
}

// TestToldUnderKills: a receiver behind TLS is told at least once that each slip is late and that it is over, however often the daemon is
// killed; and neither its address nor its secret stands in anything that the daemon wrote.
func TestToldUnderKills(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute")
	}
	t.Parallel()
	h := newHouse(t)
	r := &told{begun: map[string]bool{}, over: map[string]bool{}}
	s := httptest.NewTLSServer(r)
	t.Cleanup(s.Close)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(h.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
	write("url", s.URL+"/"+toldKey+"\n")
	config, err := os.ReadFile(h.path("receiptd.toml"))
	if err != nil {
		t.Fatal(err)
	}
	write("receiptd.toml", string(config)+fmt.Sprintf("[[notify]]\nname = \"owner\"\nform = \"json\"\nurl_file = \"url\"\nsecret = \"whsec_%s\"\nca_file = \"ca.pem\"\n",
		base64.StdEncoding.EncodeToString(toldSecret)))
	if err := h.printer.Set(virtual.Change{Paper: "out"}); err != nil {
		t.Fatal(err)
	}
	var jobs []string
	for n := 1; n <= 3; n++ {
		h.drop(n, bytes.Replace(h.order(n), []byte(`"kind"`), []byte(`"due_in": 1, "kind"`), 1))
		jobs = append(jobs, idOf(t, h.path("spool", "incoming"), h.dropped[n-1]))
	}
	kills := 0
	until := func(what string, ok func() bool) {
		t.Helper()
		ends := time.Now().Add(60 * time.Second)
		for !ok() {
			if time.Now().After(ends) {
				t.Fatalf("not within a minute: %s\n%+v\n%s", what, r, h.log.String())
			}
			h.start()
			life := time.Now().Add(500*time.Millisecond + rand.N(4*time.Second))
			for time.Now().Before(life) && !ok() {
				time.Sleep(20 * time.Millisecond)
			}
			h.kill()
			kills++
		}
	}
	until("all are told to be late", func() bool { return r.all(jobs, false) })
	if err := h.printer.Set(virtual.Change{Paper: "ok"}); err != nil {
		t.Fatal(err)
	}
	until("all are told to be over", func() bool { return r.all(jobs, true) })
	t.Logf("%d kills, %d messages", kills, r.number)
	if r.wrong != nil {
		t.Error(r.wrong)
	}
	secrets := []string{toldKey, base64.StdEncoding.EncodeToString(toldSecret), strings.TrimPrefix(s.URL, "https://")}
	look := func(name, text string) {
		for _, key := range secrets {
			if strings.Contains(text, key) {
				t.Errorf("%s holds %s", name, key)
			}
		}
	}
	look("the log", h.log.String())
	err = filepath.WalkDir(h.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || path == h.path("url") || path == h.path("receiptd.toml") {
			return err
		}
		data, err := os.ReadFile(path)
		look(path, string(data))
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// idOf reads the id of a dropped job.
func idOf(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	var j struct {
		ID string `json:"job_id"`
	}
	if err := json.Unmarshal(data, &j); err != nil {
		t.Fatal(err)
	}
	return j.ID
}
