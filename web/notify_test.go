package web_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
	"github.com/receiptd/receiptd/web"
)

// A fakeNotifier has one receiver that takes nothing.
type fakeNotifier struct{}

func (fakeNotifier) Receivers(context.Context) ([]api.Receiver, error) {
	return []api.Receiver{{Name: "owner", Form: "json", Pending: 3, GivenUp: 2, Failing: time.Now(), Failure: "refused", Text: vocabulary.Text{Zh: "没人听", En: "nobody listens"}}}, nil
}

func (fakeNotifier) Test(_ context.Context, name string) error {
	if name != "owner" {
		return api.ErrNoReceiver
	}
	return refusal{}
}

type refusal struct{}

func (refusal) Error() string         { return "nobody listens" }
func (refusal) Text() vocabulary.Text { return vocabulary.Text{Zh: "没人听", En: "nobody listens"} }

// TestOverdueIsTold: a late slip sounds on the page, which says which one and where it stands, stands in the answer and in the metrics; all
// of it ends when it is out.
func TestOverdueIsTold(t *testing.T) {
	s := newShop(t, func(o *web.Options) { o.Notify = fakeNotifier{} })
	seen := regexp.MustCompile(`(?s)<div data-live id="beside"><nav[^>]*>(.*?)</nav>`)                     // the other list is only heard
	s.accept(strings.Replace(orderJob("late-1", "A77"), `"kind"`, `"due_in":5,"printer":"bar","kind"`, 1)) // where nobody prints
	v := s.visitor()
	shown := func(want bool) {
		t.Helper()
		var a queue.Answer
		s.call("GET", "/v1/jobs/late-1/answer", "", &a)
		page, metrics := v.page("/"), v.page("/metrics")
		if a.Overdue != want || (strings.Count(page, "超时还没打出来：订单 A77") == 2) != want || (strings.Contains(strings.Join(seen.FindStringSubmatch(page), ""), "订单 A77")) != want || strings.Contains(metrics, `receiptd_overdue{printer="bar"} 1`) != want {
			t.Errorf("late %v: answer %v %+v\n%s", want, a.Overdue, a.Copies, page)
		}
	}
	shown(false)
	list, err := s.q.Waiting.Watched(t.Context(), nil, 10)
	if err != nil || len(list) != 1 || list[0].Limit != 5*time.Second {
		t.Fatal(list, err)
	}
	for range 2 {
		if err := s.q.Alarms.Overdue(t.Context(), []int64{list[0].Seq}); err != nil {
			t.Fatal(err)
		}
	}
	shown(true)
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if list, err = s.q.Waiting.Watched(t.Context(), nil, 10); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	if _, err := s.q.Requests.Cancel(t.Context(), "late-1", "", "7"); err != nil {
		t.Error(err)
	}
	shown(false)
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	metrics := v.page("/metrics")
	for _, want := range []string{`receiptd_notify_pending{receiver="owner"} 3`, `receiptd_notify_failing{code="refused",receiver="owner"} 1`, `receiptd_notify_given_up_total{receiver="owner"} 2`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s", want)
		}
	}
	var r api.Receivers
	if status := s.call("GET", "/v1/notify", "", &r); status != 200 || len(r.Receivers) != 1 || r.Receivers[0].Failure != "refused" {
		t.Error(status, r)
	}
	var p struct{ Errors []struct{ Code string } }
	if status := s.call("POST", "/v1/notify/owner/test", "", &p); status != 502 {
		t.Error(status, p)
	}
}

// TestReceiversOnThePage: the counter page says of each receiver how it stands, in both languages, and with none it says nothing.
func TestReceiversOnThePage(t *testing.T) {
	s := newShop(t, func(o *web.Options) { o.Notify = fakeNotifier{} })
	v := s.visitor()
	page := v.page("/")
	for _, want := range []string{"店外通知 <b>owner</b>", "通知发不出去 · 3 条在等", "没人听", "receiptd notify test owner"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "放弃了") { // long ago
		t.Error("what was given up is told for ever")
	}
	if page := newShop(t).visitor().page("/"); strings.Contains(page, "店外通知") {
		t.Error("nobody is told, and the page speaks of it")
	}
}
