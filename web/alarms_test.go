package web_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/web"
)

var member = regexp.MustCompile(`data-alarm="([^"]*)" data-key="([^"]*)"`)

// members gives the keys of what a page makes heard, by kind.
func members(page string) map[string][]string {
	all := map[string][]string{}
	for _, m := range member.FindAllStringSubmatch(page, -1) {
		all[m[1]] = append(all[m[1]], m[2])
	}
	return all
}

// Each thing that needs a person is a member of its own on every page, and keeps its key as long as it lasts; what happens anew has
// another. A further source adds its members.
func TestAlarmsOnEveryPage(t *testing.T) {
	s := newShop(t, func(o *web.Options) {
		o.Alarms = []web.Alarms{func(context.Context) ([]web.Alarm, error) {
			return []web.Alarm{{Key: "overdue:1", Kind: "overdue", Text: job.Text{Zh: "外卖单晚了", En: "an order is late"}, Link: "/"}}, nil
		}}
	})
	s.then(queue.Result{State: queue.Uncertain, Reason: "link_down", Bytes: 40}, queue.Result{State: queue.Uncertain, Reason: "link_down", Bytes: 40})
	s.sale("105233", 500)
	s.sale("105234", 600)
	s.accept(reversalJob("rev-1", "105241", "pending"))
	s.printerIs("held", "paper_out", job.Text{Zh: "缺纸。", En: "Out of paper."})
	v := s.visitor()
	first := members(v.page("/"))
	if len(first["doubt"]) != 2 || len(first["reversal"]) != 1 || len(first["printer"]) != 1 || len(first["overdue"]) != 1 {
		t.Fatalf("members %v", first)
	}
	for _, path := range []string{"/", "/batches", "/search?q=1", "/printers/default", "/slips/sale-105233"} {
		if got := members(v.page(path)); fmt.Sprint(got) != fmt.Sprint(first) {
			t.Errorf("%s has %v, the counter %v", path, got, first)
		}
	}
	s.accept(reversalJob("rev-2", "105241", "failed"))
	if got := members(v.page("/")); len(got["reversal"]) != 1 || got["reversal"][0] == first["reversal"][0] {
		t.Errorf("a reversal that failed has the key of one that is pending: %v", got)
	}
	time.Sleep(2 * time.Millisecond) // the key tells milliseconds apart
	s.printerIs("ready", "", job.Text{})
	if got := members(v.page("/")); len(got["printer"]) != 0 {
		t.Errorf("a printer that is well needs somebody: %v", got)
	}
	s.printerIs("held", "paper_out", job.Text{Zh: "缺纸。", En: "Out of paper."})
	if got := members(v.page("/")); len(got["printer"]) != 1 || slices.Equal(got["printer"], first["printer"]) {
		t.Errorf("paper that is out again has the key of the first time: %v", got)
	}
}

// A person gets a page, a program a problem document, whatever goes wrong.
func TestErrorsAsTheAskerReads(t *testing.T) {
	s := newShop(t)
	browser := "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, x := range []struct{ method, path, host, accept, kind string }{
		{"GET", "/nothing", "", browser, "text/html"}, {"GET", "/nothing", "", "*/*", "application/problem+json"}, {"GET", "/nothing", "", "", "application/problem+json"},
		{"GET", "/nothing", "", "application/json", "application/problem+json"}, {"GET", "/nothing", "", "text/html;q=0, */*", "application/problem+json"},
		{"GET", "/v1/jobs", "", browser, "text/html"}, {"GET", "/v1/jobs", "", "*/*", "application/problem+json"},
		{"GET", "/pair?key=x", "", browser, "text/html"}, {"GET", "/pair?key=x", "", "*/*", "application/problem+json"},
		{"GET", "/", "evil.example", browser, "text/html"}, {"GET", "/", "evil.example", "*/*", "application/problem+json"},
		{"DELETE", "/", "", browser, "text/html"}, {"DELETE", "/", "", "*/*", "application/problem+json"},
		{"GET", "/static/none.js", "", browser, "text/html"}, {"GET", "/", "", browser, "text/html"},
		{"GET", "/static/", "", browser, "text/html"}, {"GET", "/static/", "", "*/*", "application/problem+json"},
	} {
		req, err := http.NewRequest(x.method, s.server.URL+x.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if x.host != "" {
			req.Host = x.host
		}
		if x.accept != "" {
			req.Header.Set("Accept", x.accept)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, x.kind) || resp.StatusCode < 400 {
			t.Errorf("%s %s (host %q, accept %q): %d %s, want %s", x.method, x.path, x.host, x.accept, resp.StatusCode, kind, x.kind)
		}
	}
}
