package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Notifier tells somebody outside; the daemon fills it.
type Notifier interface {
	// Receivers tells how it stands with each receiver.
	Receivers(ctx context.Context) ([]api.Receiver, error)
	// Test sends a receiver a message that asks for nothing. It blocks until that answered. An error has a method Text with both languages, or is
	// api.ErrNoReceiver.
	Test(ctx context.Context, name string) error
}

// The notifyAPI tells of receivers and tries them.
type notifyAPI struct {
	notifier Notifier // nil: there is none
	log      *slog.Logger
}

func (x *notifyAPI) routes(handle register) {
	handle("GET /v1/notify", x.getReceivers)
	handle("POST /v1/notify/{name}/test", x.postTest)
}

// getReceivers tells how it stands with each receiver.
func (x *notifyAPI) getReceivers(w http.ResponseWriter, r *http.Request) {
	answer := api.Receivers{Receivers: []api.Receiver{}}
	if x.notifier != nil {
		list, err := x.notifier.Receivers(r.Context())
		if err != nil {
			failed(w, r, x.log, err)
			return
		}
		answer.Receivers = list
	}
	reply(w, http.StatusOK, answer)
}

// postTest sends a receiver a message that asks for nothing.
func (x *notifyAPI) postTest(w http.ResponseWriter, r *http.Request) {
	err := api.ErrNoReceiver
	if x.notifier != nil {
		err = x.notifier.Test(r.Context(), r.PathValue("name"))
	}
	var why interface{ Text() vocabulary.Text }
	switch {
	case err == nil:
		reply(w, http.StatusOK, map[string]string{"result": "taken"})
	case errors.As(err, &why):
		text := why.Text()
		fail(w, http.StatusBadGateway, problem("not_taken", "测试消息没有送到："+text.Zh, "The test message was not taken: "+text.En, "改好后再试。", "Mend that and try again."))
	default:
		fail(w, http.StatusNotFound, problem("not_found", "配置里没有这个名字的 [[notify]]。", "No [[notify]] section has this name.", "看有哪些：receiptd notify list", "See which there are: receiptd notify list"))
	}
}

// overdueShown is how many late slips sound at once.
const overdueShown = 20

// overdueAlarms are the slips that are not out in time: which one, where it stands and why.
func overdueAlarms(waiting *queue.Waiting, shop func() Shop) Alarms {
	return func(ctx context.Context) ([]Alarm, error) {
		late, err := waiting.Overdue(ctx, nil, overdueShown)
		if err != nil {
			return nil, err
		}
		label := shop().PrinterLabel
		if label == nil {
			label = func(name string) string { return name }
		}
		list := make([]Alarm, len(late))
		for i, t := range late {
			list[i] = Alarm{Key: "overdue:" + t.CopyID, Kind: "overdue", Text: lateText(t, label(t.Printer)), Link: "/slips/" + t.JobID}
		}
		return list, nil
	}
}

// lateText says which slip is late, where it stands and why.
func lateText(t queue.Ticket, printer string) job.Text {
	word, kind, state := words["alarm.overdue"], vocabulary.Word(vocabulary.KindJob, string(t.Kind)), vocabulary.Word(vocabulary.KindState, string(t.State))
	zh, en := word.Zh+"："+kind.Zh, word.En+": "+kind.En
	for _, number := range []string{t.Order, t.Voucher} {
		if number != "" {
			zh, en = zh+" "+number, en+" "+number
		}
	}
	if name := vocabulary.Word(vocabulary.KindCopy, string(t.Copy)); name != (job.Text{}) {
		zh, en = zh+" · "+name.Zh, en+" · "+name.En
	}
	zh, en = zh+" · "+printer+" · "+state.Zh, en+" · "+printer+" · "+state.En
	if why := vocabulary.Word(vocabulary.KindReason, string(t.Reason)); t.Reason != "" && why != (job.Text{}) {
		zh, en = zh+" · "+why.Zh, en+" · "+why.En
	}
	return job.Text{Zh: zh, En: en}
}
