package web

import (
	"log/slog"
	"net"
	"net/http"

	"github.com/receiptd/receiptd/internal/devices"
	"github.com/receiptd/receiptd/job"
)

// Joining is how a device of the shop's network is paired, and how it comes to trust the page's certificate. Nothing else is shown to who is
// not paired.
type joining struct {
	frame   *frame
	list    *devices.List
	network Network
	log     *slog.Logger
}

func (x *joining) routes(open register) {
	open("GET /join", x.ask)
	open("POST /join", x.join)
	open("GET /trust", x.trust)
	open("GET /ca.crt", certificate(x.network))
}

// joinBody asks for a code.
type joinBody struct {
	Code  string
	Own   bool // the device has to trust the own authority
	Wrong *job.Problem
}

// ask shows the form. A link with a code changes nothing by being looked at: previews of links do that.
func (x *joining) ask(w http.ResponseWriter, r *http.Request) {
	status := http.StatusOK
	if r.URL.Path != "/join" {
		status = http.StatusForbidden
	}
	x.show(w, r, status, nil)
}

func (x *joining) show(w http.ResponseWriter, r *http.Request, status int, wrong *job.Problem) {
	v := x.frame.view(r, "join", "title")
	code := r.URL.Query().Get("code")
	if len(code) > 20 || wrong != nil {
		code = ""
	}
	v.Body = joinBody{Code: code, Own: x.network.Authority() != nil, Wrong: wrong}
	x.frame.show(w, r, status, v)
}

// join pairs a browser with a code.
func (x *joining) join(w http.ResponseWriter, r *http.Request) {
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		from = r.RemoteAddr
	}
	d, secret, err := x.list.Join(r.PostFormValue("code"), from)
	if err != nil {
		x.log.Warn("a device was not paired", "from", from, "err", err)
		if status, p := deviceProblem(r, x.log, err); status != 0 {
			x.show(w, r, status, &p)
		}
		return
	}
	x.log.Warn("a device was paired", "device", d.Name, "rights", d.Rights, "from", from)
	http.SetCookie(w, &http.Cookie{Name: deviceCookie, Value: secret, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode, MaxAge: 400 * 24 * 3600})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// trust says how a device comes to trust the certificate.
func (x *joining) trust(w http.ResponseWriter, r *http.Request) {
	v := x.frame.view(r, "trust", "trust")
	v.Body = x.network.State()
	x.frame.show(w, r, http.StatusOK, v)
}
