package web_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

// A slip's page leads to its electronic copies.
func TestElectronicCopiesOnThePage(t *testing.T) {
	s := newShop(t)
	id := s.sale("105232", 500)
	v := s.visitor()
	if page := v.page("/slips/" + id); strings.Contains(page, "电子存根：") {
		t.Error("there is none")
	}
	if status := s.call("POST", "/v1/jobs/"+id+"/slips", `{}`, nil); status != 201 {
		t.Fatal(status)
	}
	if page := v.page("/slips/" + id); !strings.Contains(page, `href="/v1/jobs/`+id+`/slips/1.pdf"`) {
		t.Error("no link:", page)
	}
}

// A settled batch's page says with which sum of its slips the terminal agrees.
func TestSettledWithADiscount(t *testing.T) {
	scan, err := os.ReadFile("../examples/jobs/06-scan-pay-wechat.json") // 38.00, of which 35.00 was paid
	if err != nil {
		t.Fatal(err)
	}
	for settled, want := range map[int]string{3800: "与终端结算一致（按优惠前；实付 ¥35.00）", 3500: "减去优惠后实付 ¥35.00，与终端结算一致", 3600: "终端结算是 ¥36.00"} {
		s := newShop(t)
		s.accept(string(scan))
		s.accept(fmt.Sprintf(`{"job_id":"s","kind":"settlement","created_at":"2026-08-11T22:05:00+08:00","payload":{"merchant":{"name":"人民商场","no":"898510154110283"},
			"terminal_no":"00012345","operator_no":"01","batch_no":"000122","settled_at":"2026-08-11T22:05:00+08:00","scope":"settlement","currency":"CNY",
			"blocks":[{"scope":"domestic","reconciliation":"balanced","debit":{"count":1,"amount":%d},"credit":{"count":0,"amount":0},"rows":[]}]}}`, settled))
		if page := s.visitor().page("/batches/1"); !strings.Contains(page, want) || strings.Contains(page, "本机可能缺小票") != (settled == 3600) {
			t.Errorf("settled at %d: no %q in\n%s", settled, want, page)
		}
	}
}

// The report's page shows what came, in both languages, leads to the days beside it, and prints as a document of its own.
func TestReportPage(t *testing.T) {
	s := newShop(t)
	s.sale("105232", 500)
	s.then(queue.Result{State: queue.Uncertain, Reason: "link_down", Bytes: 40})
	s.sale("105233", 123456)
	v := s.visitor()
	for _, path := range []string{"/report", "/report?batch=1"} {
		page := v.page(path)
		for _, want := range []string{"1239.56", "以终端的结算为准", "还没人说", "format=csv", "format=pdf"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q in\n%s", path, want, page)
			}
		}
	}
	status, page := v.post("/do/report", v.form(v.page("/report?batch=1"), "/do/report", ""))
	if status != 200 || !strings.Contains(page, "报告去打印了") {
		t.Errorf("%d %s", status, page)
	}
	if came := strings.Join(s.came(), "\n"); !strings.Contains(came, "document") {
		s.idle()
		if came = strings.Join(s.came(), "\n"); !strings.Contains(came, "document") {
			t.Error("it was not printed:", came)
		}
	}
	if page := v.page("/report?day=2026-08-11"); !strings.Contains(page, "2026-08-10") || !strings.Contains(page, "2026-08-12") {
		t.Error("no days beside it:", page)
	}
}
