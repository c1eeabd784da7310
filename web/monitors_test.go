package web_test

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/web"
)

func TestReadiness(t *testing.T) {
	sick := plain.New("投递文件夹没有了", "the drop folder is gone")
	var state error
	s := newShop(t, func(o *web.Options) {
		o.Checks = map[string]func(context.Context) error{"drop_folder": func(context.Context) error { return state }}
	})
	var r struct {
		Ready            bool
		Checks, Printers map[string]string
		Problems         map[string]job.Text
	}
	if status := s.call("GET", "/readyz", "", &r); status != 200 || !r.Ready || r.Checks["journal"] != "ok" || r.Checks["drop_folder"] != "ok" {
		t.Error(status, r)
	}
	s.printerIs("held", "paper_out", job.Text{})
	if status := s.call("GET", "/readyz", "", &r); status != 200 || r.Printers["default"] != "held paper_out" {
		t.Error("jobs are taken while the paper is out:", status, r)
	}
	state = sick
	if status := s.call("GET", "/readyz", "", &r); status != 503 || r.Ready || r.Checks["drop_folder"] != sick.Error() || len(r.Problems) != 1 || r.Problems["drop_folder"] != (job.Text{Zh: "投递文件夹没有了", En: sick.Error()}) {
		t.Error(status, r)
	}
	state = nil
	s.mu.Lock()
	s.status = nil
	s.mu.Unlock()
	if status := s.call("GET", "/readyz", "", &r); status != 503 || !strings.HasPrefix(r.Problems["printers"].Zh, "没有配置打印机") {
		t.Error("ready without a printer:", status, r)
	}
	s.q.Close()
	if status := s.call("GET", "/readyz", "", &r); status != 503 || r.Checks["journal"] == "ok" {
		t.Error("ready without a journal:", status, r)
	}
	if status := s.call("GET", "/healthz", "", nil); status != 200 {
		t.Error(status)
	}
}

func TestMetrics(t *testing.T) {
	s := newShop(t)
	s.then(queue.Result{State: queue.Printed, Proof: queue.ProofPrinted}, queue.Result{State: queue.Uncertain, Reason: "link_down", Bytes: 3}, queue.Result{State: queue.Sent, Proof: queue.ProofSent})
	s.sale("000001", 100)
	s.sale("000002", 100)
	s.sale("000003", 100)
	s.call("POST", "/v1/jobs", `{"job_id":"x","kind":"nothing"}`, nil)
	s.call("POST", "/v1/jobs", saleJob("sale-000001", "000001", 200), nil)
	s.call("POST", "/v1/reprints", `{"voucher_no":"1"}`, nil)
	s.idle()
	var a queue.Answer
	s.call("GET", "/v1/jobs/sale-000002/answer", "", &a)
	s.call("POST", "/v1/copies/"+a.Copies[0].CopyID+"/resolve", `{"came_out":true}`, nil)
	s.accept(reversalJob("rev-1", "105241", "pending"))
	s.idle()
	want := []string{
		`receiptd_jobs_total{kind="transaction",outcome="accepted"} 3`,
		`receiptd_jobs_total{kind="command",outcome="accepted"} 1`,
		`receiptd_jobs_total{kind="transaction",outcome="conflict"} 1`,
		`receiptd_jobs_total{kind="",outcome="rejected"} 1`,
		`receiptd_rejects_total{code="[a-z_]+"} 1`,
		`receiptd_copies_total{proof="none",state="queued"} 5`,
		`receiptd_copies_total{proof="printed",state="printed"} 3`,
		`receiptd_copies_total{proof="person",state="printed"} 1`,
		`receiptd_copies_total{proof="sent",state="sent"} 1`,
		`receiptd_reprints_total{command="reprint_by_voucher"} 1`,
		`receiptd_uncertain_total 1`,
		`receiptd_reversals_standing{status="pending"} 1`,
		`receiptd_journal_disk_full 0`,
		`receiptd_journal_lost 0`,
		`receiptd_build_info{version="test"} 1`,
		`receiptd_printer_state{printer="default",reason="",state="ready"} 1`,
		`receiptd_printer_state_since_seconds{printer="default"}`,
		`receiptd_paper_out_seconds_total{printer="default"} 0`,
		`receiptd_commit_seconds_count [1-9]`,
		`receiptd_drop_to_wire_seconds_count 5`,
	}
	// The feed is counted after the journal has told it, one event after the other.
	var page bytes.Buffer
	var missing []string
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("missing %q of\n%s", missing, regexp.MustCompile(`(?m)^(#|go_|process_).*\n`).ReplaceAllString(page.String(), ""))
		}
	})
	until(t, "all is counted", func() bool {
		page.Reset()
		s.call("GET", "/metrics", "", &page)
		missing = slices.DeleteFunc(slices.Clone(want), func(line string) bool {
			return regexp.MustCompile(`(?m)^` + strings.NewReplacer("{", `\{`, "}", `\}`).Replace(line)).MatchString(page.String())
		})
		return len(missing) == 0
	})
	names := regexp.MustCompile(`(?m) \S+$`).ReplaceAllString(page.String(), "") // a value may be any number
	if !strings.Contains(names, `outcome="accepted"`) || strings.Contains(names, "6620") || strings.Contains(names, "sale-") {
		t.Error("the metrics tell of customers")
	}
}

// Five wrong PINs close the door for a minute, for the right one too.
func TestPinIsRateLimited(t *testing.T) {
	s := newShop(t)
	s.sale("105233", 500)
	for range 5 {
		if status := s.call("POST", "/v1/batches/1/settle", "", nil, "X-Supervisor-Pin", "1111"); status != 403 {
			t.Fatal(status)
		}
	}
	var p struct{ Detail string }
	if status := s.call("POST", "/v1/batches/1/settle", "", &p, "X-Supervisor-Pin", rightPin); status != 403 || !strings.Contains(p.Detail, "Too many") {
		t.Fatal(status, p)
	}
}

// Without a PIN nothing that needs one is done.
func TestNoPinIsSet(t *testing.T) {
	s := newShop(t, func(o *web.Options) { o.PinFile += "-none" })
	var p struct{ Detail string }
	if status := s.call("POST", "/v1/batches/1/settle", "", &p, "X-Supervisor-Pin", "97531"); status != 403 || !strings.Contains(p.Detail, "No supervisor") {
		t.Error("settled although no PIN is set:", status, p)
	}
}

// Fifty pages that are open and live cost under 20 MB.
func TestFiftyOpenPages(t *testing.T) {
	s := newShop(t)
	s.sale("105233", 500)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: -1}}
	defer client.CloseIdleConnections()
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := heap()
	for range 50 {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL+"/v1/events", nil)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
	}
	s.sale("105234", 500)
	if cost := int64(heap()) - int64(before); cost > 20<<20 {
		t.Errorf("50 pages cost %d KiB, client side included", cost>>10)
	} else {
		t.Logf("50 pages: %d KiB, client side included", cost>>10)
	}
}
