package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// A slip whose program broke off is asked about by itself: the answer for old slips does not touch it, and it prints when a person says so.
func TestHalfQuestion(t *testing.T) {
	s := newShop(t)
	r := job.Parser{}.Captured(job.Job{ID: "cap-till-1", CreatedAt: time.Now()}, job.Capture{Name: "till", Stream: []byte("half a slip\n")},
		[]job.Block{{Type: job.BlockText, Text: "half a slip"}}, nil)
	if _, err := s.q.Requests.Accept(t.Context(), queue.Arrival{Parsed: r, Source: queue.SourceCapture, Half: true}); err != nil {
		t.Fatal(err)
	}
	v := s.visitor()
	until(t, "the question", func() bool { return strings.Contains(v.page("/"), "没有发完") })
	page := v.page("/")
	wants(t, page, `data-alarm="half"`, "打印已收到的部分", "不打了")
	if n, err := s.q.Decisions.Release(t.Context(), "default", true, "07"); n != 0 || err != nil {
		t.Errorf("the answer for old slips is taken for it: %d, %v", n, err)
	}
	if status, body := v.post("/do/release", with(v.form(page, "/do/release", ""), "print", "yes")); status != http.StatusOK {
		t.Fatal(status, body)
	}
	s.idle()
	if got := s.came(); len(got) != 1 || !strings.Contains(got[0], "cap-till-1 document 1 original") {
		t.Fatalf("on the counter: %q", got)
	}
}
