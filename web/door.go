package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/receiptd/receiptd/internal/pin"
	"github.com/receiptd/receiptd/job"
)

// A door tells who may come in: programs with the token, browsers that were paired with the page's key, and a supervisor with the PIN.
// It holds nothing that changes but the count of wrong PINs, which its guard keeps; any goroutine may ask it.
type door struct {
	token, pageKey string
	pins           *pin.Guard
	log            *slog.Logger
}

// program lets a request pass that carries the token, or the cookie of a paired page.
func (d *door) program(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !d.known(r) {
			fail(w, http.StatusUnauthorized, problem("not_permitted", "没有口令,不能操作。", "This request carries no valid token.",
				"程序请带 Authorization: Bearer(口令在数据文件夹的 token 文件里);页面请用 receiptd page 给出的链接打开。",
				"Programs send Authorization: Bearer with the content of DATA/token; open the page with the link that receiptd page prints."))
			return
		}
		next(w, r)
	}
}

// known tells whether a request carries the token or the page's key.
func (d *door) known(r *http.Request) bool { return d.hasToken(r) || d.paired(r) }

func (d *door) hasToken(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && same(strings.TrimSpace(token), d.token)
}

func same(a, b string) bool { return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// cookieName holds the page key of a paired browser.
const cookieName = "receiptd"

func (d *door) paired(r *http.Request) bool {
	c, err := r.Cookie(cookieName)
	return err == nil && same(c.Value, d.pageKey)
}

// formToken is the token that a page form must carry beside the cookie.
func (d *door) formToken() string {
	m := hmac.New(sha256.New, []byte(d.pageKey))
	m.Write([]byte("page form"))
	return hex.EncodeToString(m.Sum(nil))
}

// permitted tells whether the request carries the supervisor's PIN. A wrong one is answered here, and ok is false.
func (d *door) permitted(w http.ResponseWriter, r *http.Request) (permitted, ok bool) {
	given := r.Header.Get("X-Supervisor-Pin")
	if given == "" {
		return false, true
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

// needsPin refuses a request that carries no PIN where one is needed.
func needsPin() job.Problem {
	return problem("not_permitted", "这一步要主管密码。", "This needs the supervisor's PIN.", "请主管输入密码(X-Supervisor-Pin)。", "Send the PIN as X-Supervisor-Pin.")
}

// checkPin compares a PIN with the supervisor's and words why it is not right; no code means that it is.
func (d *door) checkPin(number string) (job.Problem, error) {
	switch err := d.pins.Check(number); {
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
