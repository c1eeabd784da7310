//go:build linux

package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/notify/notifytest"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/vocabulary"
)

const toldKey = "PLANTED-PATH-81c4"

// unreliable is a receiver that fails, redirects and loses its answer in turn.
func unreliable(n int) notifytest.Fate {
	return []notifytest.Fate{notifytest.Taken, notifytest.Failed, notifytest.Sent, notifytest.Lost}[n%4]
}

// late reports whether a receiver was told that all these jobs are late, or that they no longer are.
func late(r *notifytest.Receiver, jobs []string, over bool) bool {
	told := map[string]bool{}
	for _, m := range r.Heard() {
		for _, n := range m.Notices {
			if n.Event == vocabulary.NoticeOverdue && n.Over == over {
				told[n.JobID] = true
			}
		}
	}
	return !slices.ContainsFunc(jobs, func(id string) bool { return !told[id] })
}

// TestToldUnderKills: a receiver behind TLS is told at least once that each slip is late and that it is over, however often the daemon is
// killed; and neither its address nor its secret stands in anything that the daemon wrote.
func TestToldUnderKills(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute")
	}
	t.Parallel()
	h := newHouse(t)
	r := notifytest.New(t, true, "/"+toldKey, unreliable)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(h.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ca.pem", string(r.CA))
	write("url", r.URL+"\n")
	h.configure(fmt.Sprintf("[[notify]]\nname = \"owner\"\nform = \"json\"\nurl_file = \"url\"\nsecret = %q\nca_file = \"ca.pem\"\n", notifytest.Secret()))
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
		tries, moved := r.Tries(), time.Now()
		for !ok() {
			if n := r.Tries(); n != tries {
				tries, moved = n, time.Now()
			} else if time.Since(moved) > 2*time.Minute {
				t.Fatalf("nothing was sent for two minutes: %s\n%+v\n%s", what, r.Heard(), h.log.String())
			}
			h.start()
			life := time.Now().Add(500*time.Millisecond + rand.N(4*time.Second) + time.Duration(kills)*100*time.Millisecond) // ever longer: a busy machine needs more of it to start
			for time.Now().Before(life) && !ok() {
				time.Sleep(20 * time.Millisecond)
			}
			h.kill()
			kills++
		}
	}
	until("all are told to be late", func() bool { return late(r, jobs, false) })
	if err := h.printer.Set(virtual.Change{Paper: "ok"}); err != nil {
		t.Fatal(err)
	}
	until("all are told to be over", func() bool { return late(r, jobs, true) })
	t.Logf("%d kills, %d messages", kills, r.Tries())
	if wrong := r.Wrong(); wrong != nil {
		t.Error(wrong)
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(r.URL, "https://"), "/")
	secrets := []string{toldKey, strings.TrimPrefix(notifytest.Secret(), "whsec_"), host}
	look := func(name, text string) {
		for _, key := range secrets {
			if strings.Contains(text, key) {
				t.Errorf("%s holds %s", name, key)
			}
		}
	}
	look("the log", h.log.String())
	err := filepath.WalkDir(h.dir, func(path string, d os.DirEntry, err error) error {
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
