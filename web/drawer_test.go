package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// The page tells who opened the drawer when and why, which way that came and what became of it, in both languages.
func TestWhoOpened(t *testing.T) {
	s := newShop(t)
	s.mu.Lock()
	for i := range s.status {
		s.status[i].Drawer = "unknown"
	}
	s.mu.Unlock()
	v := s.visitor()
	wants(t, v.page("/drawer"), "没有人开过钱箱")
	counter := v.page("/")
	wants(t, counter, `<a href="/drawer">谁开过钱箱</a>`)
	if status, _ := v.post("/do/drawer", v.form(counter, "/do/drawer", "")); status != 200 {
		t.Fatal(status)
	}
	if status := s.call("POST", "/v1/drawer", `{"operator_no":"07","reason":"<b>change"}`, nil, "Idempotency-Key", "d-1"); status != 202 {
		t.Fatal(status)
	}
	a, err := s.q.Requests.Accept(t.Context(), queue.Arrival{Source: queue.SourceCapture, Wish: queue.WishAsk, Parsed: job.Parse([]byte(
		`{"job_id":"cap-till-1","kind":"command","created_at":"2026-08-11T12:00:00+08:00","payload":{"command":"drawer_open","reason":"till"}}`))})
	if err != nil || a.Outcome != queue.Accepted {
		t.Fatalf("%v: %+v", err, a)
	}
	rows := func() []string {
		page := v.page("/drawer")
		return strings.Split(page[strings.Index(page, "<tbody>"):strings.Index(page, "</tbody>")], "<tr>")[1:]
	}
	list := rows()
	if len(list) != 3 {
		t.Fatalf("%d rows:\n%s", len(list), list)
	}
	wants(t, list[0], "<time>", "<td>till</td>", "转接打印", "等人回答开不开")
	wants(t, list[1], "<td>07</td>", "&lt;b&gt;change", "HTTP 接口")
	wants(t, list[2], "柜台页的按钮", "<td>–</td>")
	if strings.Contains(list[2], "counter") {
		t.Errorf("the button's own word stands as a reason:\n%s", list[2])
	}
	v.post("/choose/language", url.Values{"form": {v.form(v.page("/"), "/choose/language", "").Get("form")}, "lang": {"en"}})
	wants(t, v.page("/drawer"), "Who opened the drawer", "the page&#39;s button", "<td>capture</td>")
}

// Who opened the drawer is shown to who may open it.
func TestWhoOpenedIsARight(t *testing.T) {
	s := newLANShop(t)
	if status, page := s.tablet().get("/drawer"); status != 403 || !strings.Contains(page, `action="/join"`) {
		t.Errorf("to a stranger: %d", status)
	}
	if status, _ := s.joined("tablet", api.RightLook, api.RightReprint).get("/drawer"); status != 403 {
		t.Errorf("without the right: %d", status)
	}
	if status, page := s.joined("counter", api.RightLook, api.RightDrawer).get("/drawer"); status != 200 || !strings.Contains(page, `id="openings"`) {
		t.Errorf("with the right: %d", status)
	}
}
