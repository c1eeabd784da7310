package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/web"
)

func orderJob(id, no string) string {
	return fmt.Sprintf(`{"job_id":%q,"kind":"order","created_at":%q,"copies":["kitchen"],"payload":{"order_no":%q,"status":"new",
		"placed_at":%q,"bags":[{"items":[{"name":"担担面","qty":"2"}]}]}}`, id, time.Now().Format(time.RFC3339), no, time.Now().Format(time.RFC3339))
}

// choose sets the terminal of this browser, known or not.
func (v *visitor) choose(terminal string) {
	v.s.t.Helper()
	fields := v.form(v.page("/"), "/choose/language", "")
	if status, body := v.post("/choose/terminal", with(fields, "terminal_no", terminal)); status != http.StatusOK {
		v.s.t.Fatal(status, body)
	}
}

// A terminal that this browser chose long ago and that has gone hides nothing, on no page.
func TestTerminalThatHasGone(t *testing.T) {
	s := newShop(t)
	s.sale("105233", 4250)
	v := s.visitor()
	v.choose("00077777")
	wants(t, v.page("/"), "105233", "补打末笔")
	wants(t, v.page("/voucher?no=105233"), "消费 105233")
	wants(t, v.page("/voucher?last=1"), "消费 105233")
	wants(t, v.page("/search?q=42.50"), "105233")
	v.choose("00012345") // the only one: the choice stays in sight
	wants(t, v.page("/"), `<option value="">全部终端`, "<option selected>00012345")
}

// Orders have no batch and no terminal: the counter shows those of the day, and they are found by their number.
func TestOrdersAtTheCounter(t *testing.T) {
	s := newShop(t)
	s.accept(orderJob("order-1", "5415221202244734"))
	s.sale("105233", 4250)
	v := s.visitor()
	v.choose("00012345")
	wants(t, v.page("/"), "5415221202244734", "105233")
	wants(t, v.page("/search?q=5415221202244734"), `href="/slips/order-1"`)
	if page := v.page("/search?q=42.50"); strings.Contains(page, "order-1") {
		t.Error("an order is found by another's amount")
	}
}

// The page says a slip's time as its paper does, whatever zone this machine has, and finds it by that.
func TestTimesAreTheTerminals(t *testing.T) {
	s := newShop(t)
	at := time.Now().In(time.FixedZone("", 45*60+12*3600))
	transacted := regexp.MustCompile(`"transacted_at":"[^"]+"`)
	s.accept(transacted.ReplaceAllString(saleJob("sale-1", "105233", 500), `"transacted_at":"`+at.Format(time.RFC3339)+`"`))
	s.idle()
	var st struct {
		Summary struct {
			TransactedAt string `json:"transacted_at"`
		}
	}
	if s.call("GET", "/v1/jobs/sale-1", "", &st); !strings.HasSuffix(st.Summary.TransactedAt, "+12:45") {
		t.Errorf("the API gives %q", st.Summary.TransactedAt)
	}
	v := s.visitor()
	wants(t, v.page("/"), "<time>"+at.Format("15:04:05")+"</time>")
	wants(t, v.page("/search?q="+at.Format("15.04")), "105233")
}

// A conflict is told as what it is: another story of a voucher, or a job number used again for something else.
func TestConflictsAreToldApart(t *testing.T) {
	s := newShop(t)
	s.sale("105233", 500)
	s.accept(saleJob("sale-105233", "105234", 900)) // its job number again
	s.accept(saleJob("other", "105233", 700))       // its voucher again
	v := s.visitor()
	page := v.page("/slips/sale-105233")
	wants(t, page, "任务号又用于另一份内容")
	if strings.Contains(page, "同凭证号") {
		t.Error("another content under a job number is told as a conflict of vouchers")
	}
	wants(t, v.page("/slips/other"), "同凭证号内容不一致", "以终端记录为准")
	wants(t, v.page("/"), "内容与先前的不一致")
}

// With a clock of the shop the page tells our own times by it, and a terminal's that ends in Z; a terminal's own clock stays its own.
func TestTimesAreTheShops(t *testing.T) {
	zone := time.FixedZone("", 5*3600+45*60)
	s := newShop(t, func(o *web.Options) { o.Shop = func() web.Shop { return web.Shop{Locale: "zh-CN", Zone: zone} } })
	at := time.Now().UTC().Truncate(time.Second)
	transacted := regexp.MustCompile(`"transacted_at":"[^"]+"`)
	own := at.In(time.FixedZone("", 9*3600+30*60))
	s.accept(transacted.ReplaceAllString(saleJob("sale-1", "105233", 500), `"transacted_at":"`+at.Format(time.RFC3339)+`"`))
	s.accept(transacted.ReplaceAllString(saleJob("sale-2", "105234", 500), `"transacted_at":"`+own.Format(time.RFC3339)+`"`))
	s.accept(orderJob("order-1", "0042"))
	s.idle()
	v := s.visitor()
	page := v.page("/")
	for name, want := range map[string]string{"a time in Z": at.In(zone).Format("15:04:05"), "the terminal's own": own.Format("15:04:05")} {
		if !strings.Contains(page, "<time>"+want) && !strings.Contains(page, "· "+want) {
			t.Errorf("%s: no %s on\n%s", name, want, page)
		}
	}
	story, err := s.q.Jobs.Show(t.Context(), "order-1")
	if err != nil {
		t.Fatal(err)
	}
	wants(t, v.page("/slips/order-1"), "<time>"+story.Lines[0].At.In(zone).Format("15:04:05"))
	began := regexp.MustCompile(`<td>(\d\d:\d\d):\d\d</td>`).FindStringSubmatch(v.page("/batches"))
	if len(began) == 0 || began[1] != at.In(zone).Format("15:04") && began[1] != time.Now().In(zone).Format("15:04") {
		t.Errorf("the batch began at %v", began)
	}
}
