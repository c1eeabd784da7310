package web_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/apitest"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// Every operation of the API is described, every description is served, and the real answers are what it says.
func TestOpenAPI(t *testing.T) {
	s := newShop(t)
	var description bytes.Buffer
	if status := s.call("GET", "/openapi.json", "", &description); status != http.StatusOK {
		t.Fatal(status)
	}
	d := apitest.Read(t, description.Bytes())
	s.sale("105232", 500)
	s.then(queue.Result{State: queue.Uncertain, Reason: "link_down", Bytes: 40})
	s.sale("105233", 123456)
	s.accept(reversalJob("rev-1", "105241", "pending"))
	var a queue.Answer
	s.call("GET", "/v1/jobs/sale-105233/answer", "", &a)
	copyID := a.Copies[0].CopyID
	tries := []try{
		{"POST", "/v1/jobs", "", saleJob("api-1", "105240", 800), 202, nil},
		{"POST", "/v1/jobs", "", saleJob("api-1", "105240", 900), 409, nil},
		{"POST", "/v1/jobs", "", `{"job_id":"x","kind":"nothing"}`, 422, nil},
		{"POST", "/v1/jobs", "", strings.Repeat(" ", job.MaxSize+2), 413, nil},
		{"POST", "/v1/jobs", "", `{}`, 401, []string{"Authorization", "Bearer wrong"}},
		{"GET", "/v1/jobs", "/v1/jobs?limit=1&batch=current", "", 200, nil},
		{"GET", "/v1/jobs", "/v1/jobs?cursor=abc", "", 422, nil},
		{"GET", "/v1/jobs", "/v1/jobs?limit=0", "", 422, nil},
		{"GET", "/v1/jobs", "/v1/jobs?limit=many", "", 422, nil},
		{"GET", "/v1/jobs", "/v1/jobs?state=bogus", "", 422, nil},
		{"GET", "/v1/jobs/{id}", "/v1/jobs/sale-105233", "", 200, nil},
		{"GET", "/v1/jobs/{id}", "/v1/jobs/none", "", 404, nil},
		{"GET", "/v1/jobs/{id}/answer", "/v1/jobs/sale-105233/answer", "", 200, nil},
		{"GET", "/v1/jobs/{id}/answer", "/v1/jobs/none/answer", "", 404, nil},
		{"GET", "/v1/jobs/{id}/preview.png", "/v1/jobs/sale-105233/preview.png?copy=merchant", "", 200, nil},
		{"GET", "/v1/jobs/{id}/preview.png", "/v1/jobs/sale-105233/preview.png?copy=kitchen", "", 404, nil},
		{"GET", "/v1/jobs/{id}/preview.png", "/v1/jobs/sale-105233/preview.png?copy=bank", "", 404, nil},
		{"GET", "/v1/jobs/{id}/preview.txt", "/v1/jobs/sale-105233/preview.txt?next=1", "", 200, nil},
		{"GET", "/v1/jobs/{id}/preview.txt", "/v1/jobs/none/preview.txt", "", 404, nil},
		{"POST", "/v1/reprints", "", `{"voucher_no":"105232","terminal_no":"00012345"}`, 202, []string{"Idempotency-Key", "key-1"}},
		{"POST", "/v1/reprints", "", `{"voucher_no":"105232","terminal_no":"00012345"}`, 200, []string{"Idempotency-Key", "key-1"}},
		{"POST", "/v1/reprints", "", `{"voucher_no":"105232","last":true}`, 422, nil},
		{"POST", "/v1/reprints", "", `{"voucher_no":"999999"}`, 404, nil},
		{"POST", "/v1/reprints", "", `{"last":true,"copies":["kitchen"]}`, 404, nil},
		{"POST", "/v1/reprints", "", `{"last":true,"speed":1}`, 422, nil},
		{"POST", "/v1/reprints", "", `{"last":true}{"x":1}`, 422, nil},
		{"POST", "/v1/reprints", "", `{"voucher_no":"105232","target_job_id":"sale-105233"}`, 422, nil},
		{"POST", "/v1/reprints", "", `{"settlement":true,"voucher_no":"105232"}`, 422, nil},
		{"POST", "/v1/reprints", "", `{"settlement":true,"target_job_id":"sale-105233"}`, 422, nil},
		{"POST", "/v1/reprints", "", `{"last":true,"archive":true}`, 422, nil},
		{"POST", "/v1/reprints", "", `{"archive":true,"voucher_no":"105232","target_job_id":"sale-105233","batch_no":"000122","case_no":"C1"}`, 422, nil},
		{"POST", "/v1/reprints", "", `{"last":true,"expect_voucher_no":"000001"}`, 409, nil},
		{"POST", "/v1/reprints", "", `{"archive":true,"voucher_no":"105232","batch_no":"000122","case_no":"C1"}`, 403, nil},
		{"POST", "/v1/reprints", "", `{"last":true}`, 403, []string{"X-Supervisor-Pin", "wrong"}},
		{"GET", "/v1/jobs/{id}/slips", "/v1/jobs/sale-105233/slips", "", 200, nil},
		{"GET", "/v1/jobs/{id}/slips", "/v1/jobs/none/slips", "", 404, nil},
		{"POST", "/v1/jobs/{id}/slips", "/v1/jobs/sale-105233/slips", `{"operator_no":"02"}`, 201, []string{"Idempotency-Key", "slip-1"}},
		{"POST", "/v1/jobs/{id}/slips", "/v1/jobs/sale-105233/slips", `{"operator_no":"02"}`, 200, []string{"Idempotency-Key", "slip-1"}},
		{"POST", "/v1/jobs/{id}/slips", "/v1/jobs/sale-105233/slips", `{"operator_no":"03"}`, 409, []string{"Idempotency-Key", "slip-1"}},
		{"POST", "/v1/jobs/{id}/slips", "/v1/jobs/sale-105233/slips", "", 201, nil},
		{"POST", "/v1/jobs/{id}/slips", "/v1/jobs/sale-105233/slips", `{"copy":"kitchen"}`, 404, nil},
		{"POST", "/v1/jobs/{id}/slips", "/v1/jobs/sale-105233/slips", `{"copy":"wide"}`, 422, nil},
		{"POST", "/v1/jobs/{id}/slips", "/v1/jobs/sale-105233/slips", `{"speed":1}`, 422, nil},
		{"POST", "/v1/jobs/{id}/slips", "/v1/jobs/none/slips", "", 404, nil},
		{"POST", "/v1/jobs/{id}/slips", "/v1/jobs/sale-105233/slips", "", 403, []string{"X-Supervisor-Pin", "wrong"}},
		{"GET", "/v1/jobs/{id}/slips/{file}", "/v1/jobs/sale-105233/slips/1.pdf", "", 200, nil},
		{"GET", "/v1/jobs/{id}/slips/{file}", "/v1/jobs/sale-105233/slips/9.pdf", "", 404, nil},
		{"GET", "/v1/jobs/{id}/slips/{file}", "/v1/jobs/sale-105233/slips/1.png", "", 404, nil},
		{"GET", "/v1/jobs/{id}/slips/{file}", "/v1/jobs/none/slips/1.pdf", "", 404, nil},
		{"POST", "/v1/copies/{id}/resolve", "/v1/copies/" + copyID + "/resolve", `{}`, 422, nil},
		{"POST", "/v1/copies/{id}/resolve", "/v1/copies/" + copyID + "/resolve", `{"came_out":true} {"came_out":false}`, 422, nil},
		{"POST", "/v1/copies/{id}/resolve", "/v1/copies/" + copyID + "/resolve", `{"came_out":true}`, 202, nil},
		{"POST", "/v1/copies/{id}/resolve", "/v1/copies/" + copyID + "/resolve", `{"came_out":true}`, 409, nil},
		{"POST", "/v1/copies/{id}/resolve", "/v1/copies/none/resolve", `{"came_out":true}`, 404, nil},
		{"GET", "/v1/batches", "", "", 200, nil},
		{"GET", "/v1/batches/{id}", "/v1/batches/1", "", 200, nil},
		{"GET", "/v1/batches/{id}", "/v1/batches/99", "", 404, nil},
		{"GET", "/v1/batches/{id}", "/v1/batches/1?cursor=abc", "", 422, nil},
		{"GET", "/v1/batches/{id}/export", "/v1/batches/1/export", "", 200, nil},
		{"GET", "/v1/batches/{id}/export", "/v1/batches/1/export?format=csv", "", 200, nil},
		{"GET", "/v1/batches/{id}/export", "/v1/batches/1/export?format=pdf", "", 422, nil},
		{"GET", "/v1/batches/{id}/export", "/v1/batches/99/export", "", 404, nil},
		{"POST", "/v1/batches/{id}/settle", "/v1/batches/1/settle", "", 403, nil},
		{"POST", "/v1/batches/{id}/settle", "/v1/batches/99/settle", "", 404, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/batches/{id}/settle", "/v1/batches/1/settle?operator_no=09", "", 202, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/batches/{id}/settle", "/v1/batches/1/settle", "", 409, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/batches/{id}/reopen", "/v1/batches/1/reopen", "", 202, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/batches/{id}/reopen", "/v1/batches/1/reopen", "", 409, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/batches/{id}/reopen", "/v1/batches/1/reopen", "", 403, nil},
		{"POST", "/v1/batches/{id}/reopen", "/v1/batches/99/reopen", "", 404, []string{"X-Supervisor-Pin", rightPin}},
		{"GET", "/v1/reversals", "", "", 200, nil},
		{"GET", "/v1/config", "", "", 200, nil},
		{"GET", "/v1/notify", "", "", 200, nil},
		{"GET", "/v1/fleet", "", "", 200, nil},
		{"POST", "/v1/notify/{name}/test", "/v1/notify/owner/test", "", 404, nil},
		{"GET", "/v1/setup", "", "", 200, nil},
		{"POST", "/v1/setup/undo", "/v1/setup/undo?version=none", "", 403, nil},
		{"POST", "/v1/setup/undo", "/v1/setup/undo?version=none", "", 409, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/setup/undo", "/v1/setup/undo?version=old", "", 409, []string{"X-Supervisor-Pin", rightPin}},
		{"GET", "/v1/printers", "", "", 200, nil},
		{"GET", "/v1/printers/{name}", "/v1/printers/default", "", 200, nil},
		{"GET", "/v1/printers/{name}", "/v1/printers/none", "", 404, nil},
		{"POST", "/v1/printers/{name}/test", "/v1/printers/default/test", "", 200, nil},
		{"POST", "/v1/printers/{name}/test", "/v1/printers/none/test", "", 404, nil},
		{"POST", "/v1/printers/{name}/probe", "/v1/printers/default/probe", "", 200, nil},
		{"POST", "/v1/printers/{name}/move", "/v1/printers/default/move?to=none", "", 404, nil},
		{"POST", "/v1/printers/{name}/move", "/v1/printers/gone/move?to=default", "", 404, nil},
		{"POST", "/v1/printers/{name}/move", "/v1/printers/default/move", "", 422, nil},
		{"POST", "/v1/printers/{name}/move", "/v1/printers/default/move?to=default", "", 422, nil},
		{"POST", "/v1/printers/{name}/pause", "/v1/printers/default/pause?operator_no=07", "", 200, nil},
		{"POST", "/v1/printers/{name}/pause", "/v1/printers/none/pause", "", 404, nil},
		{"POST", "/v1/jobs", "", saleJob("api-waits", "105242", 700), 202, nil},
		{"GET", "/v1/printers/{name}/waiting", "/v1/printers/default/waiting", "", 200, nil},
		{"GET", "/v1/printers/{name}/waiting", "/v1/printers/none/waiting", "", 404, nil},
		{"POST", "/v1/printers/{name}/cancel-waiting", "/v1/printers/default/cancel-waiting", "", 403, nil},
		{"POST", "/v1/printers/{name}/cancel-waiting", "/v1/printers/default/cancel-waiting", "", 403, []string{"X-Supervisor-Pin", "0"}},
		{"POST", "/v1/printers/{name}/cancel-waiting", "/v1/printers/none/cancel-waiting", "", 404, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/printers/{name}/cancel-waiting", "/v1/printers/default/cancel-waiting?as_of=noon", "", 422, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/printers/{name}/cancel-waiting", "/v1/printers/default/cancel-waiting", "", 200, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/printers/{name}/resume", "/v1/printers/default/resume", "", 200, nil},
		{"POST", "/v1/printers/{name}/resume", "/v1/printers/none/resume", "", 404, nil},
		{"POST", "/v1/printers/{name}/{command}", "/v1/printers/default/jam-cleared", "", 409, nil},
		{"POST", "/v1/printers/{name}/{command}", "/v1/printers/none/jam-cleared", "", 404, nil},
		{"POST", "/v1/printers/{name}/{command}", "/v1/printers/default/self-destruct", "", 404, nil},
		{"GET", "/v1/journal/backup", "", "", 200, nil},
		{"POST", "/v1/journal/verify", "", "", 200, nil},
		{"POST", "/v1/journal/acknowledge", "", "", 200, nil},
		{"GET", "/v1/report", "/v1/report?day=2026-08-11", "", 200, nil},
		{"GET", "/v1/report", "/v1/report?batch=1", "", 200, nil},
		{"GET", "/v1/report", "", "", 200, nil},
		{"GET", "/v1/report", "/v1/report?format=csv", "", 200, nil},
		{"GET", "/v1/report", "/v1/report?format=pdf&batch=1&lang=en", "", 200, nil},
		{"GET", "/v1/report", "/v1/report?format=xls", "", 422, nil},
		{"GET", "/v1/report", "/v1/report?day=yesterday", "", 422, nil},
		{"GET", "/v1/report", "/v1/report?batch=99", "", 404, nil},
		{"POST", "/v1/report/print", "", `{"batch":1}`, 202, []string{"Idempotency-Key", "rep-1"}},
		{"POST", "/v1/report/print", "", `{"batch":99}`, 404, nil},
		{"POST", "/v1/report/print", "", `{"day":"now"}`, 422, nil},
		{"POST", "/v1/report/print", "", `{"speed":1}`, 422, nil},
		{"POST", "/v1/erase", "", `{"order_no":"A77"}`, 403, nil},
		{"POST", "/v1/erase", "", `{"order_no":""}`, 422, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/erase", "", `{"order":"A77"}`, 422, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/erase", "", `{"order_no":"none"}`, 404, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/erase", "", `{"order_no":"waits"}`, 409, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/erase", "", `{"order_no":"A77"}`, 200, []string{"X-Supervisor-Pin", rightPin}},
		{"POST", "/v1/drawer", "", `{"operator_no":"07","reason":"change"}`, 202, []string{"Idempotency-Key", "drawer-1"}},
		{"POST", "/v1/drawer", "", `{"operator_no":"07","reason":"change"}`, 200, []string{"Idempotency-Key", "drawer-1"}},
		{"POST", "/v1/drawer", "", `{"pin":2}`, 422, nil},
		{"GET", "/v1/drawer", "", "", 200, nil},
		{"GET", "/v1/drawer", "/v1/drawer?limit=x", "", 422, nil},
		{"POST", "/v1/drawer/{id}/answer", "/v1/drawer/drawer-1/answer", `{"open":true}`, 202, nil},
		{"POST", "/v1/drawer/{id}/answer", "/v1/drawer/drawer-1/answer", `{}`, 422, nil},
		{"POST", "/v1/drawer/{id}/answer", "/v1/drawer/none/answer", `{"open":false}`, 404, nil},
		{"GET", "/v1/archive", "", "", 200, nil},
		{"GET", "/v1/archive/{day}", "/v1/archive/2026-08-11", "", 403, nil},
		{"GET", "/v1/archive/{day}", "/v1/archive/2026-08-11", "", 403, []string{"X-Supervisor-Pin", "wrong"}},
		{"GET", "/v1/archive/{day}", "/v1/archive/2026-08-11", "", 200, []string{"X-Supervisor-Pin", rightPin}},
		{"GET", "/v1/archive/{day}", "/v1/archive/2026-08-12", "", 404, []string{"X-Supervisor-Pin", rightPin}},
		{"GET", "/v1/archive/{day}/{file}", "/v1/archive/2026-08-11/a.pdf", "", 403, nil},
		{"GET", "/v1/archive/{day}/{file}", "/v1/archive/2026-08-11/a.pdf", "", 200, []string{"X-Supervisor-Pin", rightPin}},
		{"GET", "/v1/archive/{day}/{file}", "/v1/archive/2026-08-11/b.pdf", "", 404, []string{"X-Supervisor-Pin", rightPin}},
		{"GET", "/v1/events", "", "", 401, []string{"Authorization", ""}},
		{"GET", "/healthz", "", "", 200, nil},
		{"GET", "/readyz", "", "", 200, nil},
		{"GET", "/metrics", "", "", 200, nil},
		{"GET", "/openapi.json", "", "", 200, nil},
		{"GET", "/v1/schema", "", "", 200, nil},
	}
	tries = append(tries, deviceTries...)
	for _, x := range tries {
		req, err := http.NewRequest(x.method, s.server.URL+cmp.Or(x.at, x.path), strings.NewReader(x.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		for i := 0; i+1 < len(x.headers); i += 2 {
			req.Header.Set(x.headers[i], x.headers[i+1])
		}
		d.Try(req, x.path, x.status)
	}
	d.Whole(s.site.Patterns())
}

func TestCursorPaging(t *testing.T) {
	s := newShop(t)
	var want []string
	for i := range 7 {
		want = append(want, s.sale(fmt.Sprintf("%06d", i+1), 100))
	}
	slices.Reverse(want)
	var got []string
	cursor := ""
	for range 10 {
		var page struct {
			Jobs []queue.Summary
			Next string
		}
		s.call("GET", "/v1/jobs?limit=3&cursor="+cursor, "", &page)
		for _, j := range page.Jobs {
			got = append(got, j.JobID)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// events reads a stream until a line has this text, and gives all lines up to it.
func events(t *testing.T, s *shop, last string, stop string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL+"/v1/events", nil)
	req.Header.Set("Authorization", "Bearer "+token)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var lines []string
	for sc := bufio.NewScanner(resp.Body); sc.Scan(); {
		lines = append(lines, sc.Text())
		if strings.Contains(sc.Text(), stop) {
			return lines
		}
	}
	t.Fatalf("the stream ended without %q:\n%s", stop, strings.Join(lines, "\n"))
	return nil
}

func TestEvents(t *testing.T) {
	s := newShop(t)
	s.sale("000001", 100)
	lines := events(t, s, "0", `"state":"printed"`)
	all := strings.Join(lines, "\n")
	for _, text := range []string{"event: accepted", `"job_id":"sale-000001"`, "event: copy", "retry: "} {
		if !strings.Contains(all, text) {
			t.Errorf("the stream lacks %q:\n%s", text, all)
		}
	}
	var first string
	for _, l := range lines {
		if id, ok := strings.CutPrefix(l, "id: "); ok {
			first = id
			break
		}
	}
	if again := strings.Join(events(t, s, first, `"state":"printed"`), "\n"); strings.Contains(again, "id: "+first+"\n") {
		t.Errorf("after %s the stream repeats:\n%s", first, again)
	}
	go func() {
		for t.Context().Err() == nil { // the stream below may begin late
			s.printerIs("held", "paper_out", job.Text{})
			time.Sleep(20 * time.Millisecond)
		}
	}()
	events(t, s, "", "event: printers")
	events(t, s, "", "event: beat")
}
