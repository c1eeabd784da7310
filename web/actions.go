package web

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// Actions do what the forms of the pages ask for: each puts a command through the journal, the way every command goes.
type actions struct {
	frame     *frame
	door      *door
	requests  *queue.Requests
	decisions *queue.Decisions
	jobs      *queue.Jobs
}

func (x *actions) routes(paired register) {
	paired("POST /do/reprint", x.doReprint)
	paired("POST /do/resolve", x.doResolve)
	paired("POST /do/release", x.doRelease)
	paired("POST /do/defective", x.doDefective)
	paired("POST /do/cancel", x.doCancel)
	paired("POST /do/drawer", x.doDrawer)
	paired("POST /do/drawer-answer", x.doDrawerAnswer)
}

// order puts a command of the page through the journal, the way every command goes. printer is the one it is about, "" for none.
func (x *actions) order(r *http.Request, payload map[string]any, printer string, permitted bool) (queue.Answer, error) {
	if op := cmp.Or(who(r), operatorOf(r.PostFormValue("operator_no"))); op != "" {
		payload["operator_no"] = op
	}
	if key := r.PostFormValue("key"); key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	return x.requests.Accept(r.Context(), queue.Arrival{Parsed: commandJob(r, payload, printer, ""), Source: queue.SourceHTTP, Permitted: permitted})
}

// finish shows what became of a form's request for act: back to where it came from, or why it was not done.
func (f *frame) finish(w http.ResponseWriter, r *http.Request, act job.CommandName, a queue.Answer, err error) {
	if err != nil {
		f.broken(w, r, err)
		return
	}
	twice := a.Outcome == queue.Duplicate
	if a.Outcome == queue.Conflict && len(a.Errors) > 0 && a.Errors[0].Code == "job_id_reused" {
		// Another operator asked for the same from the same view.
		if first, err := f.jobs.Answer(r.Context(), a.JobID); err == nil {
			a, twice = first, true
		}
	}
	if a.Outcome != queue.Accepted && a.Outcome != queue.Duplicate {
		f.notice(w, r, http.StatusConflict, notice{Title: words["refused"], Problems: a.Errors, Back: httpd.Back(r)})
		return
	}
	if a.JobID == "" && len(a.Warnings) > 0 {
		f.notice(w, r, http.StatusOK, notice{Title: words["done"], Warnings: a.Warnings, Back: httpd.Back(r)})
		return
	}
	back, err := url.Parse(httpd.Back(r))
	if err != nil {
		back = &url.URL{Path: "/"}
	}
	q := back.Query()
	for _, name := range []string{"done", "act", "twice", "print", "cursor"} {
		q.Del(name)
	}
	if a.JobID != "" {
		q.Set("done", a.JobID)
		q.Set("act", string(act))
	}
	if twice {
		q.Set("twice", "1")
	}
	back.RawQuery = q.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// firstCopy is a reprint of a copy that was never printed: it is no second one.
const firstCopy job.CommandName = "first_copy"

// doReprint prints a slip once more: the last one, as the page showed it, or the very slip that was looked at; or a copy of it that was
// never printed.
func (x *actions) doReprint(w http.ResponseWriter, r *http.Request) {
	p := map[string]any{}
	act := job.ReprintJob
	switch {
	case r.PostFormValue("expect_voucher_no") != "":
		act = job.ReprintLast
		p["expect_voucher_no"], p["terminal_no"] = r.PostFormValue("expect_voucher_no"), r.PostFormValue("terminal_no")
	default:
		p["target_job_id"] = r.PostFormValue("target_job_id")
	}
	p["command"] = act
	if c := r.PostFormValue("copy"); c != "" {
		copiesOf(p, []string{c})
	}
	if r.PostFormValue("first") != "" { // one form has a button for each copy
		r.PostForm.Set("key", r.PostFormValue("key")+"-"+r.PostFormValue("copy"))
	}
	a, err := x.order(r, p, "", false)
	if r.PostFormValue("first") != "" {
		act = firstCopy
	}
	x.frame.finish(w, r, act, a, err)
}

// doResolve takes the answer to "did it come out?".
func (x *actions) doResolve(w http.ResponseWriter, r *http.Request) {
	a, err := x.decisions.Resolve(r.Context(), r.PostFormValue("copy_id"), r.PostFormValue("came_out") == "yes", who(r))
	x.frame.finish(w, r, job.ResolveUncertain, a, err)
}

// doRelease answers the question about slips that waited too long, or whose program broke off.
func (x *actions) doRelease(w http.ResponseWriter, r *http.Request) {
	printer, print := r.PostFormValue("printer"), r.PostFormValue("print") == "yes"
	var err error
	if r.PostFormValue("reason") == string(vocabulary.ReasonHalf) {
		_, err = x.decisions.ReleaseHalf(r.Context(), printer, print, who(r))
	} else {
		_, err = x.decisions.Release(r.Context(), printer, print, who(r))
	}
	if err != nil {
		x.frame.broken(w, r, err)
		return
	}
	http.Redirect(w, r, httpd.Back(r), http.StatusSeeOther)
}

// atCounter is why the counter's button opens the drawer.
const atCounter = "counter"

// doDrawer is the counter's button.
func (x *actions) doDrawer(w http.ResponseWriter, r *http.Request) {
	a, err := x.order(r, drawerOpen("", atCounter), r.PostFormValue("printer"), false)
	x.frame.finish(w, r, job.DrawerOpen, a, err)
}

// doDrawerAnswer takes the answer to the question whether a drawer is to be opened.
func (x *actions) doDrawerAnswer(w http.ResponseWriter, r *http.Request) {
	a, err := x.decisions.OpenDrawer(r.Context(), r.PostFormValue("job_id"), r.PostFormValue("open") == "yes", who(r))
	x.frame.finish(w, r, job.DrawerOpen, a, err)
}

// copiesOf puts the copies into a command; of a station's ticket (kitchen@bar) the station is a member of its own.
func copiesOf(p map[string]any, names []string) {
	list := make([]job.CopyName, len(names))
	for i, n := range names {
		c := job.CopyName(n)
		list[i] = c.Base()
		if c.Station() != "" {
			p["station"] = c.Station()
		}
	}
	p["copies"] = list
}

func (x *actions) doDefective(w http.ResponseWriter, r *http.Request) {
	c := job.CopyName(r.PostFormValue("copy"))
	p := map[string]any{"command": job.MarkDefective, "target_job_id": r.PostFormValue("target_job_id"), "copy": c.Base(), "reason": "blank_slip"}
	if c.Station() != "" {
		p["station"] = c.Station()
	}
	a, err := x.order(r, p, "", false)
	x.frame.finish(w, r, job.MarkDefective, a, err)
}

func (x *actions) doCancel(w http.ResponseWriter, r *http.Request) {
	a, err := x.order(r, map[string]any{"command": job.Cancel, "target_job_id": r.PostFormValue("target_job_id")}, "", false)
	x.frame.finish(w, r, job.Cancel, a, err)
}
