package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/httpd"
)

func (m *machines) waitingRoutes(paired register, supervised func(http.ResponseWriter, *http.Request) bool) {
	paired("POST /do/pause", m.doPause)
	paired("POST /do/cancel-waiting", func(w http.ResponseWriter, r *http.Request) {
		if supervised(w, r) {
			m.doCancelWaiting(w, r)
		}
	})
}

// doPause pauses a printer, or lets it go on.
func (m *machines) doPause(w http.ResponseWriter, r *http.Request) {
	pauser, ok := m.printers.(Pauser)
	err := api.ErrNoPrinter
	if ok {
		err = pauser.Pause(r.Context(), r.PostFormValue("printer"), r.PostFormValue("on") == "yes", who(r))
	}
	if err != nil {
		m.frame.broken(w, r, err)
		return
	}
	http.Redirect(w, r, httpd.Back(r), http.StatusSeeOther)
}

// doCancelWaiting cancels what waits for a printer, as far as the page showed it; the PIN is right.
func (m *machines) doCancelWaiting(w http.ResponseWriter, r *http.Request) {
	name := r.PostFormValue("printer")
	seen, err := strconv.ParseInt(r.PostFormValue("seen"), 10, 64)
	if _, ok := printerNamed(m.printers, name); err != nil || !ok {
		m.frame.broken(w, r, api.ErrNoPrinter)
		return
	}
	n, err := m.printing.CancelWaiting(r.Context(), name, time.UnixMilli(seen), who(r))
	if err != nil {
		m.frame.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/printers/"+url.PathEscape(name)+"?cancelled="+strconv.Itoa(n), http.StatusSeeOther)
}
