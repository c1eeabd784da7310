package web_test

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/web"
)

// What the page says after a form is what was done: a reprint is called one, and nothing else is.
func TestWhatWasDone(t *testing.T) {
	s := newShop(t)
	s.sale("105233", 500)
	s.sale("105241", 5000)
	s.accept(reversalJob("rev-1", "105241", "pending"))
	v := s.visitor()
	said := func(path, from, button, want string, more ...string) {
		t.Helper()
		s.idle()
		status, body := v.post(path, with(v.form(v.page(from), path, button), more...))
		if status != http.StatusOK || !strings.Contains(body, "<h2>"+want+"</h2>") || want != "补打已登记" && strings.Contains(body, "补打已登记") {
			t.Errorf("%s: %d, want %s:\n%s", path, status, want, body)
		}
	}
	said("/do/reversal", "/reversals/rev-1", "", "冲正结果已登记", "resolution", "refunded", "case_no", "C-1", "pin", rightPin)
	wants(t, v.page("/slips/rev-1"), "冲正已人工处理 · 已退款", "商户存根 · 已打印")
	said("/do/reprint", "/", "补打末笔", "补打已登记")
	said("/do/reprint", "/slips/sale-105233", "补打全部联", "补打已登记")
	said("/do/defective", "/slips/sale-105233", "", "空白或看不清已登记", "copy", "merchant")
	s.then(queue.Result{State: queue.Uncertain, Reason: "proof_lost", Bytes: 40})
	said("/do/reprint", "/slips/sale-105233", "补打全部联", "补打已登记")
	said("/do/resolve", "/slips/sale-105233", "", "回答已登记", "came_out", "yes") // a copy of a reprint: the answer is no reprint
	s.hold = make(chan struct{})
	s.accept(saleJob("sale-2", "000002", 100))
	s.accept(saleJob("sale-3", "000003", 100))
	body := func() string {
		_, body := v.post("/do/cancel", v.form(v.page("/slips/sale-3"), "/do/cancel", ""))
		return body
	}()
	if !strings.Contains(body, "<h2>没打的已取消</h2>") {
		t.Error(body)
	}
	page := v.page("/slips/sale-2")
	wants(t, page, "现在不能补打", "这张小票还没打完")
	if strings.Contains(page, "末笔还没打完") {
		t.Error("a slip that is not the last is called the last")
	}
	close(s.hold)
	s.idle()
	v.post("/do/settle", with(v.form(v.page("/batches/1"), "/do/settle", ""), "pin", rightPin))
	said("/do/archive", "/slips/sale-105233", "", "调单副本已登记", "case_no", "C-2", "pin", rightPin)
}

// A copy that was never printed comes out as the first of its name, with who asked for it; where it cannot, nothing offers it.
func TestFirstCopyFromThePage(t *testing.T) {
	s := newShop(t)
	s.sale("105233", 500)
	v := s.visitor()
	page := v.page("/slips/sale-105233")
	wants(t, page, "打印持卡人存根（从没打过）", "打印银行存根（从没打过）", `name="operator_no"`)
	fields := v.form(page, "/do/reprint", "打印持卡人存根")
	asked := with(fields, "copy", "cardholder", "operator_no", "07")
	status, body := v.post("/do/reprint", asked)
	if status != http.StatusOK || !strings.Contains(body, "<h2>打印已登记</h2>") {
		t.Fatal(status, body)
	}
	v.post("/do/reprint", asked) // the second click
	s.idle()
	if got := s.came(); !slices.Equal(got[1:], []string{"sale-105233 cardholder 1 original "}) {
		t.Errorf("on the counter: %q", got)
	}
	page = v.page("/slips/sale-105233")
	if strings.Contains(page, "打印持卡人存根（从没打过）") {
		t.Error("it is offered once more")
	}
	wants(t, page, "持卡人存根 · 已打印", "商户存根 · 正在打印", "操作员 07")
	if _, body := v.post("/do/reprint", with(fields, "copy", "bank", "operator_no", "07")); !strings.Contains(body, "打印已登记") { // the other button of the old view
		t.Error(body)
	}
	s.idle()
	s.sale("105241", 5000)
	s.accept(reversalJob("rev-1", "105241", "pending"))
	s.accept(reversalJob("rev-2", "105242", "succeeded"))
	s.idle()
	for _, path := range []string{"/slips/sale-105233", "/slips/sale-105241"} {
		if strings.Contains(v.page(path), "从没打过") {
			t.Errorf("%s offers what the journal refuses", path)
		}
	}
	s.sale("105243", 100)
	v.post("/do/settle", with(v.form(v.page("/batches/1"), "/do/settle", ""), "pin", rightPin))
	if strings.Contains(v.page("/slips/sale-105243"), "从没打过") {
		t.Error("a settled slip offers a copy that was never printed")
	}
}

// A journal that another program holds makes /readyz say just that, and not for longer than it is held.
func TestReadyNamesALockedJournal(t *testing.T) {
	path := ""
	s := newShop(t, func(o *web.Options) { path = filepath.Join(filepath.Dir(o.PinFile), "journal.db") })
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(60000)") // the journal may be writing still
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var r struct{ Checks map[string]string }
	for _, lock := range []string{"BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"} {
		if status := s.call("GET", "/readyz", "", &r); status != http.StatusOK {
			t.Fatal(status, r)
		}
		if _, err := db.Exec(lock); err != nil {
			t.Fatal(err)
		}
		if status := s.call("GET", "/readyz", "", &r); status != http.StatusServiceUnavailable || !strings.Contains(r.Checks["journal"], "locked by another program") {
			t.Error(lock, status, r)
		}
		if _, err := db.Exec("ROLLBACK"); err != nil {
			t.Fatal(err)
		}
	}
}
