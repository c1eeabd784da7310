package web_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/web"
)

// TestLossIsShown: what the journal lost stands on the page, in /readyz and in /metrics until somebody knows of it.
func TestLossIsShown(t *testing.T) {
	q, err := queue.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), queue.Options{Ballast: -1, Traces: func() []string { return []string{"token"} }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	s := newShop(t, func(o *web.Options) { o.Queue = q })
	v := s.visitor()
	shown := func(want bool) {
		t.Helper()
		page := v.page("/")
		if strings.Contains(page, "日志库丢了记录") != want || strings.Contains(page, "receiptd journal acknowledge") != want {
			t.Errorf("page: loss shown %v\n%s", !want, page)
		}
		var r struct{ Checks map[string]string }
		if status := s.call("GET", "/readyz", "", &r); (status == 503) != want || strings.Contains(r.Checks["journal"], "gone or empty") != want {
			t.Error(status, r)
		}
	}
	shown(true)
	var ans struct{ Lost bool }
	if status := s.call("POST", "/v1/journal/acknowledge", "", &ans); status != 200 || !ans.Lost {
		t.Error(status, ans)
	}
	shown(false)
}
