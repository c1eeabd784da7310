package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
)

// A program pauses a printer, is told how many wait, cancels those that it was told of and no later one, and lets it go on.
func TestPauseByProgram(t *testing.T) {
	s := newShop(t)
	var p api.Pause
	if status := s.call("POST", "/v1/printers/default/pause", "", &p); status != http.StatusOK || !p.Paused || !p.Changed || p.Since.IsZero() || p.Waiting != 0 {
		t.Fatal(status, p)
	}
	s.accept(saleJob("early", "105240", 800))
	var seen api.Waiting
	if status := s.call("GET", "/v1/printers/default/waiting", "", &seen); status != http.StatusOK || seen.Waiting != 1 || len(seen.Groups) != 1 {
		t.Fatal(status, seen)
	}
	s.later.Store(int64(time.Minute))
	s.accept(saleJob("late", "105241", 900))
	p = api.Pause{}
	if s.call("POST", "/v1/printers/default/pause", "", &p); p.Changed || p.Waiting != 2 {
		t.Error("again: ", p)
	}
	at := "/v1/printers/default/cancel-waiting?as_of=" + url.QueryEscape(seen.AsOf.Format(time.RFC3339Nano))
	for _, x := range []struct {
		pin    string
		status int
		want   int
	}{{"", http.StatusForbidden, 0}, {"135790", http.StatusForbidden, 0}, {rightPin, http.StatusOK, 1}, {rightPin, http.StatusOK, 0}} {
		var done api.CancelledWaiting
		if status := s.call("POST", at, "", &done, "X-Supervisor-Pin", x.pin); status != x.status || done.Cancelled != x.want {
			t.Errorf("PIN %q: %d %+v", x.pin, status, done)
		}
	}
	p = api.Pause{}
	if s.call("POST", "/v1/printers/default/resume", "", &p); p.Paused || !p.Changed || p.Waiting > 1 {
		t.Error("resume: ", p)
	}
	s.idle()
	if len(s.came()) != 1 {
		t.Error("came out: ", s.came())
	}
}
