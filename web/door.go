package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/devices"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/internal/pin"
	"github.com/receiptd/receiptd/job"
)

// A door tells who may come in and do what: on this machine programs with the token and browsers that were paired with the page's key, and a
// supervisor with the PIN; on the shop's network devices that were paired and programs with a token of their own, each with its rights.
// It holds nothing that changes but the count of wrong PINs, which its guard keeps; any goroutine may ask it.
type door struct {
	token, pageKey string        // of this machine; they open nothing on the network
	devices        *devices.List // nil: nobody
	lan            bool          // it stands on the shop's network
	allow          []string      // what the shop allows on the network with the PIN: see api.Allowed; this machine may do everything
	pins           *pin.Guard
	log            *slog.Logger
}

// An asker is who sends a request.
type asker struct {
	own    bool            // with the token or the page's key of this machine: may do everything
	device api.Device      // otherwise
	alive  context.Context // ends when the device is revoked
}

// asker gives who sends a request, false for somebody who is not known here.
func (d *door) asker(r *http.Request) (asker, bool) {
	secret, program := httpd.Bearer(r)
	if !d.lan && (program && httpd.Same(secret, d.token) || d.hasPageKey(r)) {
		return asker{own: true}, true
	}
	if !program && d.lan {
		secret = cookieOf(r, deviceCookie)
	}
	if d.devices == nil || secret == "" {
		return asker{}, false
	}
	device, alive, ok := d.devices.Who(secret)
	return asker{device: device, alive: alive}, ok && device.Program == program
}

// program lets a request pass that carries a token, or the cookie of a paired page, and has the pattern's right.
func (d *door) program(pattern string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, ok := d.asker(r)
		switch {
		case !ok && d.lan:
			fail(w, http.StatusUnauthorized, problem("not_permitted", "没有口令，不能操作。", "This request carries no valid token.",
				"程序请带自己的口令：在收银机上运行 receiptd token add 名字；页面请先配对。",
				"Programs send a token of their own, from receiptd token add NAME at the till; pair a browser first."))
		case !ok:
			fail(w, http.StatusUnauthorized, problem("not_permitted", "没有口令,不能操作。", "This request carries no valid token.",
				"程序请带 Authorization: Bearer(口令在数据文件夹的 token 文件里);页面请用 receiptd page 给出的链接打开。",
				"Programs send Authorization: Bearer with the content of DATA/token; open the page with the link that receiptd page prints."))
		default:
			if p := d.forbids(a, needs[pattern]); p != nil {
				fail(w, http.StatusForbidden, *p)
				return
			}
			d.answer(a, w, r, next)
		}
	}
}

// answer lets a request be answered until the asker is revoked: then the connection is cut.
func (d *door) answer(a asker, w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	if a.alive == nil {
		next(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		d.log.Info("a device asks", "device", a.device.Name, "for", r.URL.Path, "from", r.RemoteAddr)
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	stop := context.AfterFunc(a.alive, func() {
		cancel()
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now()) // a connection without one ends with its next write
	})
	defer stop()
	next(w, r.WithContext(ctx))
	if a.alive.Err() != nil {
		panic(http.ErrAbortHandler) // net/http's way to cut a connection
	}
}

// known tells whether a request carries a token, or the cookie of a paired page.
func (d *door) known(r *http.Request) bool {
	_, ok := d.asker(r)
	return ok
}

// The cookies of paired browsers: cookieName holds the page key, on this machine; deviceCookie a device's secret, on the shop's network. Browsers
// keep a name that begins so for encrypted pages of exactly this host.
const (
	cookieName   = "receiptd"
	deviceCookie = "__Host-receiptd"
)

func cookieOf(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

func (d *door) hasPageKey(r *http.Request) bool {
	return httpd.Same(cookieOf(r, cookieName), d.pageKey)
}

// paired gives who sends a request from a paired browser.
func (d *door) paired(r *http.Request) (asker, bool) {
	if !d.lan {
		return asker{own: true}, d.hasPageKey(r)
	}
	a, ok := d.asker(r)
	return a, ok && !a.device.Program
}

// formToken is the token that a page form must carry beside the cookie.
func (d *door) formToken(r *http.Request) string {
	key := d.pageKey
	if d.lan {
		key = cookieOf(r, deviceCookie)
	}
	return httpd.FormToken(key, "page form")
}

// permitted tells whether the request carries the supervisor's PIN. A wrong one is answered here, and ok is false.
func (d *door) permitted(w http.ResponseWriter, r *http.Request) (permitted, ok bool) {
	given := r.Header.Get("X-Supervisor-Pin")
	if given == "" {
		return false, true
	}
	if d.lan && !d.supervisedHere(r) { // nor is it compared: nobody guesses it from there
		fail(w, http.StatusForbidden, onlyHere)
		return false, false
	}
	p, err := d.checkPin(given)
	switch {
	case err != nil:
		failed(w, r, d.log, err)
	case p.Code != "":
		fail(w, http.StatusForbidden, p)
	default:
		return true, true
	}
	return false, false
}

// offers tells whether anybody may do one of api.Allowable here.
func (d *door) offers(action string) bool {
	return !d.lan || slices.ContainsFunc(d.allow, func(entry string) bool { return entry == action || strings.HasPrefix(entry, action+":") })
}

// supervisedHere tells whether the shop lets whoever sends a request do anything with the PIN.
func (d *door) supervisedHere(r *http.Request) bool {
	a, _ := d.asker(r)
	return slices.ContainsFunc(api.Allowable, func(action string) bool { return api.Allowed(d.allow, action, a.device.Name) })
}

// supervised wants the supervisor's PIN of a request; where it is missing or wrong that is answered here.
func (d *door) supervised(w http.ResponseWriter, r *http.Request) bool {
	permitted, ok := d.permitted(w, r)
	if ok && !permitted {
		fail(w, http.StatusForbidden, problem("not_permitted", "这一步要主管密码。", "This needs the supervisor's PIN.", "请主管输入密码(X-Supervisor-Pin)。", "Send the PIN as X-Supervisor-Pin."))
	}
	return ok && permitted
}

// checkPin compares a PIN with the supervisor's and words why it is not right; no code means that it is.
func (d *door) checkPin(number string) (job.Problem, error) {
	return d.wrongPin(d.pins.Check(number))
}

// wrongPin words what the guard said of a PIN; no code means that it was right.
func (d *door) wrongPin(err error) (job.Problem, error) {
	switch {
	case err == nil:
		return job.Problem{}, nil
	case errors.Is(err, pin.ErrNone):
		return problem("not_permitted", "还没有设主管密码。", "No supervisor's PIN is set.", "在这台机器上运行 receiptd supervisor set-pin。", "Run receiptd supervisor set-pin on this machine."), nil
	case errors.Is(err, pin.ErrTooMany):
		d.log.Warn("a supervisor's PIN was given while none is taken")
		return problem("not_permitted", "密码错了太多次,先停一分钟。", "Too many wrong PINs; wait a minute.", "一分钟后再试。", "Try again in a minute."), nil
	case errors.Is(err, pin.ErrWrong):
		d.log.Warn("a wrong supervisor's PIN was given")
		return problem("not_permitted", "主管密码不对。", "The supervisor's PIN is wrong.", "请主管重新输入。", "Ask the supervisor to enter it again."), nil
	default:
		return job.Problem{}, err
	}
}

// forbids says why somebody may not do what needs n, nil when he may.
func (d *door) forbids(a asker, n need) *job.Problem {
	has := slices.Contains(a.device.Rights, n.right) || n.right == anyWrite && slices.ContainsFunc(a.device.Rights, func(r string) bool { return r != api.RightLook })
	switch {
	case a.own:
		return nil
	case n.right == "", n.allow != "" && d.lan && !api.Allowed(d.allow, n.allow, a.device.Name):
		return &onlyHere
	case !has:
		p := problem("not_permitted", "这台设备没有这个权限。", "This device has no right to do that.", "到收银机上做，或在收银机的“设备”页撤销后按需要的权限重新配对。",
			"Do it at the till, or revoke the device on the till's page \"Devices\" and pair it anew with the right.")
		return &p
	}
	return nil
}
