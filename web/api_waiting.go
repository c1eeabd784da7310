package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue"
)

// The waitingAPI lets programs pause and resume printers and cancel what waits for one, as the printer's page does.
type waitingAPI struct {
	door     *door
	printers Printers
	waiting  *queue.Waiting
	printing *queue.Printing
	log      *slog.Logger
}

func (x *waitingAPI) routes(handle register) {
	handle("POST /v1/printers/{name}/pause", x.postPause(true))
	handle("POST /v1/printers/{name}/resume", x.postPause(false))
	handle("GET /v1/printers/{name}/waiting", x.getWaiting)
	handle("POST /v1/printers/{name}/cancel-waiting", x.postCancel)
}

// waitingFor counts what waits for a printer and of which nothing has left. A printer that was taken out of the configuration is known as
// long as slips wait for it.
func (x *waitingAPI) waitingFor(ctx context.Context, name string) (api.Waiting, error) {
	found := api.Waiting{Printer: name, AsOf: time.Now(), Groups: []api.WaitingGroup{}}
	list, err := x.waiting.Unbegun(ctx, name)
	if err != nil {
		return found, err
	}
	for _, o := range list {
		found.Waiting += o.Count
		found.Groups = append(found.Groups, api.WaitingGroup{State: o.State, Reason: o.Reason, Count: o.Count, Oldest: o.Oldest})
	}
	if _, known := printerNamed(x.printers, name); !known && found.Waiting == 0 {
		return found, noPrinter(x.printers, name)
	}
	return found, nil
}

func (x *waitingAPI) getWaiting(w http.ResponseWriter, r *http.Request) {
	found, err := x.waitingFor(r.Context(), r.PathValue("name"))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	reply(w, http.StatusOK, found)
}

// postPause pauses a printer, or lets it go on, and tells how many wait for it. Asking again changes nothing.
func (x *waitingAPI) postPause(on bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		before, known := printerNamed(x.printers, name)
		pauser, can := x.printers.(Pauser)
		if !known || !can {
			failed(w, r, x.log, noPrinter(x.printers, name))
			return
		}
		if err := pauser.Pause(r.Context(), name, on, operatorOf(r.URL.Query().Get("operator_no"))); err != nil {
			failed(w, r, x.log, err)
			return
		}
		found, err := x.waitingFor(r.Context(), name)
		if err != nil {
			failed(w, r, x.log, err)
			return
		}
		after, _ := printerNamed(x.printers, name)
		reply(w, http.StatusOK, api.Pause{Printer: name, Paused: !after.Paused.IsZero(), Since: after.Paused, Changed: before.Paused.IsZero() != after.Paused.IsZero(), Waiting: found.Waiting})
	}
}

// postCancel cancels what waits for a printer, as far as it was asked for by ?as_of=; it wants the supervisor's PIN.
func (x *waitingAPI) postCancel(w http.ResponseWriter, r *http.Request) {
	if !x.door.supervised(w, r) {
		return
	}
	query, name := r.URL.Query(), r.PathValue("name")
	then, bad := asOf(query)
	if bad {
		p := problem("invalid", "as_of 要写成带时区的时间。", "as_of wants a time with its zone.", "用 GET …/waiting 给出的 as_of，或不写。", "Use the as_of that GET …/waiting gives, or leave it out.")
		p.Pointer = "/as_of"
		fail(w, http.StatusUnprocessableEntity, p)
		return
	}
	if _, err := x.waitingFor(r.Context(), name); err != nil {
		failed(w, r, x.log, err)
		return
	}
	n, err := x.printing.CancelWaiting(r.Context(), name, then, operatorOf(query.Get("operator_no")))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	reply(w, http.StatusOK, api.CancelledWaiting{Printer: name, Cancelled: n})
}

// asOf is the moment that a request names: what was asked for later was not seen by who decided. It is now where none is named.
func asOf(query url.Values) (then time.Time, bad bool) {
	text := query.Get("as_of")
	if text == "" {
		return time.Now(), false
	}
	then, err := time.Parse(time.RFC3339Nano, text)
	return then, err != nil
}
