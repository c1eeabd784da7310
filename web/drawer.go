package web

import (
	"cmp"
	"log/slog"
	"net/http"
	"strings"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue"
)

// The drawerAPI lets programs open the cash drawer, and see who opened it.
type drawerAPI struct {
	jobs      *jobsAPI
	drawers   *queue.Drawers
	decisions *queue.Decisions
	log       *slog.Logger
}

func (x *drawerAPI) routes(handle register) {
	handle("GET /v1/drawer", x.list)
	handle("POST /v1/drawer", x.open)
	handle("POST /v1/drawer/{id}/answer", x.answer)
}

// list tells who wanted a drawer open, when and why, and what became of it: the newest first.
func (x *drawerAPI) list(w http.ResponseWriter, r *http.Request) {
	limit, bad := listQuery(r.URL.Query())
	if bad != nil {
		fail(w, http.StatusUnprocessableEntity, *bad)
		return
	}
	list, err := x.drawers.List(r.Context(), cmp.Or(limit, 50))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	reply(w, http.StatusOK, api.Openings{Openings: list})
}

// open makes a command of the request. The Idempotency-Key is its job id: asked again with the same key the drawer is not opened again.
func (x *drawerAPI) open(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Printer    string `json:"printer"`
		OperatorNo string `json:"operator_no"`
		Reason     string `json:"reason"`
	}
	if err := decodeBody(r, &q); err != nil {
		fail(w, http.StatusUnprocessableEntity, bodyProblem(err))
		return
	}
	x.jobs.accept(w, r, commandJob(r, drawerOpen(q.OperatorNo, q.Reason), q.Printer, ""))
}

// answer says whether a drawer that a program wants open is to be opened.
func (x *drawerAPI) answer(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Open       *bool  `json:"open"`
		OperatorNo string `json:"operator_no"`
	}
	if err := decodeBody(r, &q); err != nil {
		fail(w, http.StatusUnprocessableEntity, bodyProblem(err))
		return
	}
	if q.Open == nil {
		fail(w, http.StatusUnprocessableEntity, problem("invalid", "没有说开不开。", "It does not say whether to open it.", `发送 {"open":true} 或 {"open":false}`, `Send {"open":true} or {"open":false}`))
		return
	}
	a, err := x.decisions.OpenDrawer(r.Context(), r.PathValue("id"), *q.Open, operatorOf(q.OperatorNo))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	answered(w, a)
}

// drawersShown is how many openings the page lists.
const drawersShown = 100

// The drawerPage shows who opened the cash drawer. It is for who may open it.
type drawerPage struct {
	frame   *frame
	drawers *queue.Drawers
}

func (x *drawerPage) routes(paired register) { paired("GET /drawer", x.show) }

// drawerBody is the newest openings.
type drawerBody struct {
	Openings []drawerLine
	Full     bool // there are older ones
}

// A drawerLine is one of them.
type drawerLine struct {
	queue.Opening

	Here bool // by the counter's button
}

func (x *drawerPage) show(w http.ResponseWriter, r *http.Request) {
	v := x.frame.view(r, "drawer", "drawer.who")
	list, err := x.drawers.List(r.Context(), drawersShown+1)
	if err != nil {
		x.frame.broken(w, r, err)
		return
	}
	b := drawerBody{Full: len(list) > drawersShown}
	for _, o := range list[:min(len(list), drawersShown)] {
		here := o.Source == queue.SourceHTTP && o.Wanted == atCounter && strings.HasPrefix(o.JobID, oncePrefix)
		b.Openings = append(b.Openings, drawerLine{o, here})
	}
	v.Body = b
	x.frame.show(w, r, http.StatusOK, v)
}

// WithDrawer are the printers on which a drawer is that can be opened here.
func (b *standing) WithDrawer() []api.Printer {
	var list []api.Printer
	for _, p := range b.Printers {
		if p.Drawer != "" {
			list = append(list, p)
		}
	}
	return list
}
