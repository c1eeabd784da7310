package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/web"
)

func wants(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

func TestReprintLastFromThePage(t *testing.T) {
	s := newShop(t)
	s.sale("105232", 500)
	s.sale("105233", 123456)
	v := s.visitor()
	page := v.page("/")
	wants(t, page, "补打末笔", "¥1234.56", "105233", "已打印，打印机已确认")
	if status, body := v.post("/choose/shift", with(v.form(page, "/choose/shift", ""), "operator_no", "07")); status != http.StatusOK {
		t.Fatal(status, body)
	}
	fields := v.form(page, "/do/reprint", "补打末笔")
	status, body := v.post("/do/reprint", fields)
	if status != http.StatusOK {
		t.Fatal(status, body)
	}
	wants(t, body, "补打已登记", fields.Get("key"))
	s.idle()
	if got := s.came(); !slices.Equal(got[2:], []string{"sale-105233 merchant 2 duplicate 07"}) {
		t.Fatalf("on the counter: %q", got)
	}
}

// The page shows 105232 as the last slip while 105233 arrives: the click must not print another slip than the one seen.
func TestReprintOfAnotherLastIsRefused(t *testing.T) {
	s := newShop(t)
	s.sale("105232", 500)
	v := s.visitor()
	fields := v.form(v.page("/"), "/do/reprint", "补打末笔")
	s.sale("105233", 700)
	status, body := v.post("/do/reprint", fields)
	if status != http.StatusConflict {
		t.Fatal(status, body)
	}
	wants(t, body, "没有执行", "105233")
	if len(s.came()) != 2 {
		t.Fatalf("on the counter: %q", s.came())
	}
}

// A double click and a click in another browser, all from the same view: one more piece of paper.
func TestManyClicksOnePrint(t *testing.T) {
	s := newShop(t)
	s.sale("105233", 123456)
	a, b := s.visitor(), s.visitor()
	b.post("/choose/shift", with(b.form(b.page("/"), "/choose/shift", ""), "operator_no", "02"))
	var wg sync.WaitGroup
	pages := make([]string, 6)
	for i := range pages {
		v := []*visitor{a, b}[i%2]
		fields := v.form(v.page("/"), "/do/reprint", "补打末笔")
		if i == 0 {
			// Nothing has been asked for yet: all six have this view, so its key is the one they must share.
			pages[0] = fields.Get("key")
		} else if fields.Get("key") != pages[0] {
			t.Fatalf("the same view has two keys: %s and %s", pages[0], fields.Get("key"))
		}
	}
	key := pages[0]
	fields := []url.Values{a.form(a.page("/"), "/do/reprint", "补打末笔"), b.form(b.page("/"), "/do/reprint", "补打末笔")}
	for i := range pages {
		wg.Go(func() {
			v := []*visitor{a, b}[i%2]
			_, pages[i] = v.post("/do/reprint", fields[i%2])
		})
	}
	wg.Wait()
	twice := 0
	for _, page := range pages {
		wants(t, page, key)
		if strings.Contains(page, "没有多打") {
			twice++
		}
	}
	s.idle()
	if got := s.came(); len(got) != 2 || twice != 5 {
		t.Fatalf("%d were told that it was asked before; on the counter: %q", twice, got)
	}
}

func with(fields url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, v := range fields {
		out[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

func TestVoucherLookup(t *testing.T) {
	s := newShop(t)
	s.sale("000123", 500)
	s.sale("105233", 4250)
	v := s.visitor()
	wants(t, v.page("/voucher?no=123"), "消费 000123", "¥5.00", "data-armed")
	status, body := v.get("/voucher?no=777")
	if status != http.StatusNotFound {
		t.Fatal(status)
	}
	wants(t, body, "未结算批次里没有凭证 000777", "没有小票不等于没有付款")
	for _, no := range []string{"", "1234567", "12a", "１２"} {
		if status, _ := v.get("/voucher?no=" + url.QueryEscape(no)); status != http.StatusUnprocessableEntity {
			t.Errorf("voucher %q: %d", no, status)
		}
	}
	wants(t, v.page("/search?q=42.50"), "105233")
	wants(t, v.page("/search?q=6620"), "105233", "000123")
	wants(t, v.page("/search?q=99.99"), "没有找到")
	if len(s.came()) != 2 {
		t.Fatalf("looking printed: %q", s.came())
	}
}

func TestUncertainIsAsked(t *testing.T) {
	s := newShop(t)
	s.then(queue.Result{State: queue.Uncertain, Reason: "link_down", Bytes: 40})
	s.sale("105233", 500)
	v := s.visitor()
	page := v.page("/")
	wants(t, page, "这张小票打出来了吗？", "打出来了", "没有，再打一张", `data-alarm="doubt"`, "连不上打印机")
	fields := v.form(page, "/do/resolve", "")
	if status, body := v.post("/do/resolve", with(fields, "came_out", "no")); status != http.StatusOK {
		t.Fatal(status, body)
	}
	s.idle()
	if got := s.came(); len(got) != 2 || !strings.Contains(got[1], "merchant 2 recovery") {
		t.Fatalf("on the counter: %q", got)
	}
	status, body := v.post("/do/resolve", with(fields, "came_out", "no"))
	if status != http.StatusConflict {
		t.Fatal(status, body)
	}
	if len(s.came()) != 2 {
		t.Fatal("the second answer printed again")
	}
}

func TestWaitingAndPrinterState(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	wants(t, v.page("/"), "没有等待打印的小票")
	s.hold = make(chan struct{})
	s.printerIs("held", "paper_out", job.Text{Zh: "缺纸。装纸后自动继续。", En: "Out of paper."})
	s.accept(saleJob("sale-1", "000001", 100))
	until(t, "the copy is held", func() bool { return strings.Contains(v.page("/"), "没准备好 · 缺纸") })
	page := v.page("/")
	wants(t, page, "张小票还没打出", "付款是否成功看终端", "缺纸。装纸后自动继续。", `data-alarm="printer"`, "末笔还没打完", "disabled")
	close(s.hold)
	s.idle()
	wants(t, v.page("/"), "没有等待打印的小票")
}

func TestReversalBanner(t *testing.T) {
	s := newShop(t)
	s.sale("105241", 5000)
	s.accept(reversalJob("rev-1", "105241", "pending"))
	v := s.visitor()
	page := v.page("/")
	wants(t, page, "请勿重复刷卡", "105241", "¥50.00", "先不要结算")
	if strings.Contains(page, "再刷") || strings.Contains(page, "重新刷卡") {
		t.Error("the page advises a second charge")
	}
	form := v.page("/reversals/rev-1")
	wants(t, form, "先不要结算", "联机查询")
	fields := v.form(form, "/do/reversal", "")
	fields.Del("back")
	for _, wrong := range []url.Values{with(fields, "resolution", "paid", "case_no", "C-1"), with(fields, "resolution", "paid", "case_no", "C-1", "pin", "0000")} {
		if status, body := v.post("/do/reversal", wrong); status != http.StatusForbidden {
			t.Fatal(status, body)
		}
	}
	wants(t, v.page("/"), "请勿重复刷卡")
	if status, body := v.post("/do/reversal", with(fields, "resolution", "refunded", "case_no", "C-1", "pin", rightPin)); status != http.StatusOK {
		t.Fatal(status, body)
	}
	if page := v.page("/"); strings.Contains(page, `class="card banner"`) {
		t.Errorf("the banner still stands:\n%s", page)
	}
	if status, _ := v.get("/reversals/rev-1"); status != http.StatusNotFound {
		t.Error("a settled reversal can be recorded again:", status)
	}
}

func TestSettleByHandAndArchive(t *testing.T) {
	s := newShop(t)
	id := s.sale("105233", 500)
	v := s.visitor()
	page := v.page("/batches/1")
	wants(t, page, "手工结算", "这里不会动终端上的结算", "主管密码")
	fields := v.form(page, "/do/settle", "")
	if status, _ := v.post("/do/settle", fields); status != http.StatusForbidden {
		t.Fatal("settled without a PIN:", status)
	}
	reprint := v.form(v.page("/slips/"+id), "/do/reprint", "补打全部联")
	if status, body := v.post("/do/settle", with(fields, "pin", rightPin, "operator_no", "09")); status != http.StatusOK {
		t.Fatal(status, body)
	}
	if status, body := v.post("/do/reprint", reprint); status != http.StatusConflict || !strings.Contains(body, "已结算，不可补打") {
		t.Fatal(status, body)
	}
	slip := v.page("/slips/" + id)
	wants(t, slip, "调单副本")
	if strings.Contains(slip, "补打全部联") {
		t.Error("a settled slip offers a reprint")
	}
	archive := with(v.form(slip, "/do/archive", ""), "case_no", "CASE-1", "pin", rightPin)
	if status, body := v.post("/do/archive", archive); status != http.StatusOK {
		t.Fatal(status, body)
	}
	s.idle()
	if got := s.came(); len(got) != 2 {
		t.Fatalf("on the counter: %q", got)
	}
	again := v.form(v.page("/batches/1"), "/do/reopen", "")
	if status, body := v.post("/do/reopen", with(again, "pin", rightPin)); status != http.StatusOK {
		t.Fatal(status, body)
	}
	wants(t, v.page("/slips/"+id), "补打全部联")
}

func TestBlankSlipAndCancel(t *testing.T) {
	s := newShop(t)
	id := s.sale("105233", 500)
	v := s.visitor()
	page := v.page("/slips/" + id)
	wants(t, page, "小票空白或看不清", "不是付款问题")
	if status, body := v.post("/do/defective", with(v.form(page, "/do/defective", ""), "copy", "merchant")); status != http.StatusOK {
		t.Fatal(status, body)
	}
	s.idle()
	wants(t, v.page("/slips/"+id), "报为废票", "第 2 次打印")
	s.hold = make(chan struct{})
	s.accept(saleJob("sale-2", "000002", 100))
	s.accept(saleJob("sale-3", "000003", 100))
	page = v.page("/slips/sale-3")
	if status, body := v.post("/do/cancel", v.form(page, "/do/cancel", "")); status != http.StatusOK {
		t.Fatal(status, body)
	}
	wants(t, v.page("/slips/sale-3"), "已取消")
	close(s.hold)
	s.idle()
	if got := s.came(); len(got) != 3 {
		t.Fatalf("on the counter: %q", got)
	}
}

// With two terminals nobody guesses whose slip is the last one.
func TestTwoTerminals(t *testing.T) {
	s := newShop(t)
	s.sale("105233", 500)
	s.accept(strings.ReplaceAll(saleJob("other", "200001", 900), "00012345", "00099999"))
	s.idle()
	v := s.visitor()
	page := v.page("/")
	wants(t, page, "有多台终端，先选这个柜台的终端", "选定后，“补打末笔”就在这里")
	if strings.Contains(page, "没有可补打的末笔") {
		t.Error("the page says that there is no last slip; nobody has chosen whose")
	}
	if status, body := v.get("/voucher?last=1"); status != http.StatusConflict || !strings.Contains(body, "先选") || strings.Contains(body, "没有可补打的末笔") {
		t.Error(status, body)
	}
	page = func() string {
		_, body := v.post("/choose/terminal", with(v.form(page, "/choose/terminal", ""), "terminal_no", "00099999"))
		return body
	}()
	wants(t, page, "¥9.00", "200001")
	if strings.Contains(page, "105233") {
		t.Error("the page of one terminal shows the other's slips")
	}
	if _, body := v.post("/do/reprint", v.form(page, "/do/reprint", "补打末笔")); !strings.Contains(body, "补打已登记") {
		t.Error(body)
	}
	s.idle()
	if got := s.came(); len(got) != 3 || !strings.HasPrefix(got[2], "other merchant 2") {
		t.Fatalf("on the counter: %q", got)
	}
}

// After an outage old slips wait for a person: both answers.
func TestStaleQuestion(t *testing.T) {
	s := newShop(t)
	s.hold = make(chan struct{})
	s.accept(saleJob("sale-1", "000001", 100))
	s.accept(saleJob("sale-2", "000002", 100))
	s.later.Store(int64(time.Hour))
	close(s.hold)
	v := s.visitor()
	until(t, "the question", func() bool { return strings.Contains(v.page("/"), "等了太久") })
	page := v.page("/")
	wants(t, page, `data-alarm="stale"`, "打印（标延迟）", "不打了")
	if status, body := v.post("/do/release", with(v.form(page, "/do/release", ""), "print", "yes")); status != http.StatusOK {
		t.Fatal(status, body)
	}
	s.idle()
	if got := s.came(); len(got) != 2 || !strings.Contains(got[1], "sale-2 merchant 1 late") {
		t.Fatalf("on the counter: %q", got)
	}
}

func TestFormsOfStrangersAreRefused(t *testing.T) {
	s := newShop(t)
	s.sale("105233", 500)
	v := s.visitor()
	fields := v.form(v.page("/"), "/do/reprint", "补打末笔")
	stranger := &visitor{s: s, client: http.DefaultClient}
	if status, _ := stranger.post("/do/reprint", fields); status != http.StatusForbidden {
		t.Error("a browser that is not paired may print:", status)
	}
	if status, _ := v.post("/do/reprint", with(fields, "form", "wrong")); status != http.StatusForbidden {
		t.Error("a form without its token may print:", status)
	}
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"} {
		req, _ := http.NewRequest(http.MethodPost, s.server.URL+"/do/reprint", strings.NewReader(fields.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set(name, value)
		if status, body := v.read(v.client.Do(req)); status != http.StatusForbidden {
			t.Errorf("%s %s: %d %s", name, value, status, body)
		}
	}
	req, _ := http.NewRequest(http.MethodGet, s.server.URL+"/", nil)
	req.Host = "evil.example"
	if status, _ := v.read(v.client.Do(req)); status != http.StatusForbidden {
		t.Error("DNS rebinding:", status)
	}
	for _, path := range []string{"/slips/sale-105233", "/batches", "/batches/1", "/search?q=1", "/printers/default", "/v1/jobs", "/demo/roll.png"} {
		if status, body := stranger.get(path); status == http.StatusOK || strings.Contains(body, "105233") {
			t.Errorf("a stranger reads %s: %d", path, status)
		}
	}
	if status, body := stranger.get("/"); status != http.StatusForbidden || strings.Contains(body, "105233") || !strings.Contains(body, "还没有配对") {
		t.Error("the first page for strangers:", status)
	}
	if len(s.came()) != 1 {
		t.Fatalf("on the counter: %q", s.came())
	}
}

func TestBackStaysOnThisSite(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	fields := v.form(v.page("/"), "/choose/language", "")
	for _, back := range []string{"//evil.example/", "https://evil.example/", `/\evil.example`, "javascript:alert(1)", ""} {
		resp, err := v.client.PostForm(s.server.URL+"/choose/language", with(fields, "back", back))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if to := resp.Header.Get("Location"); to != "/" {
			t.Errorf("back %q leads to %q", back, to)
		}
	}
}

var (
	scripts = regexp.MustCompile(`(?s)<script.*?</script>|<style.*?</style>`)
	tags    = regexp.MustCompile(`<[^>]*>`)
	han     = regexp.MustCompile(`\p{Han}`)
	latin   = regexp.MustCompile(`[A-Za-z]{2,}`)
)

// Every page in every state speaks one language: what the page says itself, not what the jobs and printers are called.
func TestNoMixedLanguages(t *testing.T) {
	s := newShop(t, func(o *web.Options) { o.Demo = "http://127.0.0.1:1" })
	s.mu.Lock()
	s.status[0].Name = "#1"
	s.mu.Unlock()
	s.then(queue.Result{State: queue.Uncertain, Reason: "proof_lost", Bytes: 40})
	s.sale("105233", 500)
	s.sale("105234", 500)
	s.then(queue.Result{State: queue.Sent, Proof: queue.ProofSent})
	s.sale("105235", 700)
	s.accept(reversalJob("rev-1", "105241", "failed"))
	s.accept(reversalJob("rev-2", "105242", "pending"))
	v := s.visitor()
	v.post("/do/reprint", v.form(v.page("/slips/sale-105234"), "/do/reprint", "补打全部联"))
	s.idle()
	own := regexp.MustCompile(`receiptd|PIN|sale-[0-9-]+|rev-[0-9]+|default|tcp|generic|DUPLICATED|page-[0-9a-f]+|English|test|USD|\(A\)`)
	ownZh := regexp.MustCompile(`中文`)
	paths := []string{"/", "/slips/sale-105233", "/slips/sale-105234?print=1", "/slips/sale-105235", "/slips/rev-1", "/batches", "/batches/1", "/voucher?no=9", "/voucher?no=x",
		"/search?q=6620", "/search?q=zz", "/reversals/rev-1", "/reversals/rev-2", "/printers/%231", "/slips/none"}
	for _, lang := range []string{"zh", "en"} {
		v.post("/choose/language", with(v.form(v.page("/"), "/choose/language", ""), "lang", lang))
		for _, path := range paths {
			_, page := v.get(path)
			text := tags.ReplaceAllStringFunc(scripts.ReplaceAllString(page, ""), func(tag string) string {
				var kept []string // attributes that people are told too
				for _, m := range regexp.MustCompile(`(?:title|alt|aria-label|data-live-word|data-poll-word)="([^"]*)"`).FindAllStringSubmatch(tag, -1) {
					kept = append(kept, m[1])
				}
				return " " + strings.Join(kept, " ") + " "
			})
			if lang == "zh" {
				text = strings.ReplaceAll(text, "Show this page in English", "")
				for _, m := range latin.FindAllString(own.ReplaceAllString(text, ""), -1) {
					t.Errorf("zh %s says %q", path, m)
				}
			} else {
				text = strings.ReplaceAll(strings.ReplaceAll(ownZh.ReplaceAllString(text, ""), "用  显示", ""), "用显示", "")
				for _, m := range han.FindAllString(text, -1) {
					t.Errorf("en %s says %q", path, m)
				}
			}
		}
	}
}

// TestPrinterLabel: a printer is called what people call it, and addressed by its name.
func TestPrinterLabel(t *testing.T) {
	label := func(name string) string {
		return map[string]string{"default": "前台"}[name]
	}
	s := newShop(t, func(o *web.Options) {
		o.Shop = func() web.Shop { return web.Shop{Locale: "zh-CN", PrinterLabel: label} }
	})
	s.hold = make(chan struct{})
	s.printerIs("held", "paper_out", job.Text{Zh: "缺纸。装纸后自动继续。", En: "Out of paper."})
	s.accept(saleJob("sale-1", "000001", 100))
	v := s.visitor()
	until(t, "the copy is held", func() bool { return strings.Contains(v.page("/"), "<li>前台 · ") })
	wants(t, v.page("/"), `href="/printers/default"`, "<b>前台</b> <em>没准备好 · 缺纸")
	wants(t, v.page("/printers/default"), "打印机 前台", `value="default"`)
	wants(t, v.page("/slips/sale-1"), "· 前台 ·")
	close(s.hold)
	s.idle()
}
