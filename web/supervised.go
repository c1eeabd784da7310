package web

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

func (x *actions) supervisedRoutes(paired register) {
	paired("POST /do/settle", x.doBatch(x.decisions.CloseBatch))
	paired("POST /do/reopen", x.doBatch(x.decisions.ReopenBatch))
	paired("POST /do/reversal", x.doReversal)
	paired("POST /do/archive", x.doArchive)
}

// supervised checks the form's PIN; when it is not right, that is shown here.
func (f *frame) supervised(w http.ResponseWriter, r *http.Request) bool {
	pin := r.PostFormValue("pin")
	p := problem("not_permitted", "这一步要主管密码。", "This needs the supervisor's PIN.", "请主管输入密码。", "Let the supervisor enter it.")
	if pin != "" {
		var err error
		if p, err = f.door.checkPin(pin); err != nil {
			f.broken(w, r, err)
			return false
		}
		if p.Code == "" {
			return true
		}
	}
	f.notice(w, r, http.StatusForbidden, notice{Title: words["refused"], Problems: []job.Problem{p}, Back: httpd.Back(r)})
	return false
}

func (x *actions) doBatch(turn func(ctx context.Context, id int64, operator string) (queue.Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !x.frame.supervised(w, r) {
			return
		}
		id, err := strconv.ParseInt(r.PostFormValue("batch"), 10, 64)
		if err != nil {
			x.frame.broken(w, r, queue.ErrNotFound)
			return
		}
		a, err := turn(r.Context(), id, cmp.Or(operatorOf(r.PostFormValue("operator_no")), who(r)))
		x.frame.finish(w, r, "", a, err)
	}
}

func (x *actions) doReversal(w http.ResponseWriter, r *http.Request) {
	if !x.frame.supervised(w, r) {
		return
	}
	a, err := x.order(r, map[string]any{"command": job.ResolveReversal, "terminal_no": r.PostFormValue("terminal_no"),
		"batch_no": r.PostFormValue("batch_no"), "voucher_no": r.PostFormValue("voucher_no"),
		"resolution": r.PostFormValue("resolution"), "case_no": strings.TrimSpace(r.PostFormValue("case_no"))}, "", true)
	x.frame.finish(w, r, job.ResolveReversal, a, err)
}

func (x *actions) doArchive(w http.ResponseWriter, r *http.Request) {
	if !x.frame.supervised(w, r) {
		return
	}
	a, err := x.order(r, map[string]any{"command": job.ArchiveCopy, "terminal_no": r.PostFormValue("terminal_no"), "batch_no": r.PostFormValue("batch_no"),
		"voucher_no": r.PostFormValue("voucher_no"), "case_no": strings.TrimSpace(r.PostFormValue("case_no"))}, "", true)
	x.frame.finish(w, r, job.ArchiveCopy, a, err)
}
