package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/receiptd/receiptd/api"
)

// The setupAPI lets commands see the set-up and go back to the version before.
type setupAPI struct {
	door  *door
	setup SetUp // nil: there is none
	log   *slog.Logger
}

func (x *setupAPI) routes(handle register) {
	handle("GET /v1/setup", x.getSetup)
	handle("POST /v1/setup/undo", x.postUndo)
}

func (x *setupAPI) getSetup(w http.ResponseWriter, r *http.Request) {
	if x.setup == nil {
		failed(w, r, x.log, api.ErrNoSetup)
		return
	}
	s, err := x.setup.Setup()
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	reply(w, http.StatusOK, s)
}

// postUndo goes back to the version before ?version=, which the caller saw.
func (x *setupAPI) postUndo(w http.ResponseWriter, r *http.Request) {
	permitted, ok := x.door.permitted(w, r)
	switch {
	case !ok:
		return
	case !permitted && x.door.pins.Exists():
		fail(w, http.StatusForbidden, problem("not_permitted", "这一步要主管密码。", "This needs the supervisor's PIN.", "请主管输入密码。", "Let the supervisor enter it."))
		return
	case x.setup == nil:
		failed(w, r, x.log, api.ErrNoSetup)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), applyTime)
	defer cancel()
	plan, err := x.setup.ApplySetup(ctx, api.SetupChange{Undo: true, Version: r.URL.Query().Get("version")})
	switch {
	case errors.Is(err, api.ErrSetupChanged):
		fail(w, http.StatusConflict, problem("setup_changed", "设置刚被别人改过。", "Somebody else changed the set-up meanwhile.", "看看现在的设置，再改一次。", "Look at it as it is now, then change it again."))
	case err != nil:
		failed(w, r, x.log, err)
	case len(plan.Problems) > 0:
		fail(w, http.StatusConflict, plan.Problems[0])
	default:
		x.log.Warn("the last change of the set-up was undone by command", "values", len(plan.Differences))
		reply(w, http.StatusOK, plan)
	}
}
