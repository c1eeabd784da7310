package web

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/receiptd/receiptd/internal/pin"
	"github.com/receiptd/receiptd/job"
)

// A pinPage changes the supervisor's PIN, for who knows the one before. The first one is set at the machine by its administrator
// (receiptd supervisor set-pin): whoever had the page could make himself the supervisor otherwise.
type pinPage struct {
	frame *frame
	door  *door
	log   *slog.Logger
}

func (x *pinPage) routes(paired register) {
	paired("GET /pin", x.page)
	paired("POST /do/pin", x.change)
}

func (x *pinPage) page(w http.ResponseWriter, r *http.Request) {
	v := x.frame.view(r, "pin", "pin.change")
	v.Path, v.Body = "/pin", x.door.pins.Exists()
	x.frame.show(w, r, http.StatusOK, v)
}

func (x *pinPage) change(w http.ResponseWriter, r *http.Request) {
	next := r.PostFormValue("next")
	if next != r.PostFormValue("again") {
		x.refused(w, r, http.StatusUnprocessableEntity, problem("pin_differs", "两遍不一样，没有改。", "The two are not the same; nothing was changed.", "再输一次。", "Enter it again."))
		return
	}
	err := x.door.pins.Change(r.PostFormValue("pin"), next)
	if errors.Is(err, pin.ErrLength) {
		x.refused(w, r, http.StatusUnprocessableEntity, problem("pin_length", "密码要 4 到 72 个字符，没有改。", "A PIN has 4 to 72 characters; nothing was changed.", "换一个。", "Choose another."))
		return
	}
	switch p, err := x.door.wrongPin(err); {
	case err != nil:
		x.frame.broken(w, r, err)
	case p.Code != "":
		x.refused(w, r, http.StatusForbidden, p)
	default:
		a, _ := x.door.asker(r)
		x.log.Warn("the supervisor's PIN was changed on the page", "device", a.device.Name, "operator", who(r))
		n := notice{Title: words["pin.changed"], Back: "/pin"}
		if pin.Weak(next) {
			n.Warnings = []job.Problem{{Message: words["pin.weak"]}}
		}
		x.frame.notice(w, r, http.StatusOK, n)
	}
}

func (x *pinPage) refused(w http.ResponseWriter, r *http.Request, status int, p job.Problem) {
	x.frame.notice(w, r, status, notice{Title: words["refused"], Problems: []job.Problem{p}, Back: "/pin"})
}
