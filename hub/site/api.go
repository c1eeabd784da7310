package site

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/internal/devices"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/job"
)

// A Status is GET /v1/status.
type Status struct {
	hub.Status
	Version string         `json:"version"`
	Shops   map[string]int `json:"shops"` // by level: bad, warn, off, ok
	Jobs    map[string]int `json:"jobs"`
	Oldest  time.Time      `json:"oldest_open,omitzero"`
	Last    int64          `json:"last_event"`
}

// A ShopLine is one shop of GET /v1/shops.
type ShopLine struct {
	store.Shop
	Level   string     `json:"level"`
	Reasons []job.Text `json:"reasons"`
}

// programs answers programs: the hub's HTTP API and its metrics. Its methods may be used by many goroutines.
type programs struct {
	hub      Centre
	store    *store.Store
	keys     *keys
	shops    *shops
	refusals refusals

	mux      *http.ServeMux
	patterns []string // what may be asked for; complete when the Site is made
}

// register adds all that programs may ask for.
func (p *programs) register() {
	look := func(pattern string, h http.HandlerFunc) { p.serve(pattern, p.keys.allowed(api.RightLook, h)) }
	look("GET /v1/status", p.getStatus)
	look("GET /v1/shops", p.getShops)
	look("GET /v1/shops/{shop}", p.getShop)
	look("GET /v1/shops/{shop}/slips", p.getSlips)
	look("GET /v1/shops/{shop}/jobs/{job}", p.getJob)
	look("GET /v1/shops/{shop}/commands", p.getCommands)
	look("GET /v1/jobs", p.getJobs)
	look("GET /v1/events", p.getEvents)
	p.serve("POST /v1/shops/{shop}/jobs", p.keys.allowed(api.RightSubmit, p.postJob))
	p.serve("POST /v1/shops/{shop}/commands", p.keys.allowed(api.RightReprint, p.postCommand))
	p.serve("GET /v1/tokens", p.owner(p.getTokens))
	p.serve("POST /v1/tokens", p.owner(p.postToken))
	p.serve("DELETE /v1/tokens/{token}", p.owner(p.deleteToken))
	p.serve("GET /healthz", p.health)
	p.serve("GET /metrics", p.metrics())
	p.serve("GET /openapi.json", getOpenAPI)
}

// serve adds what programs may ask for; openapi.json describes each.
func (p *programs) serve(pattern string, h http.HandlerFunc) {
	p.patterns = append(p.patterns, pattern)
	p.mux.HandleFunc(pattern, h)
}

//go:embed openapi.json
var openAPI []byte

// getOpenAPI gives the description of the API.
func getOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(openAPI) // the reader has gone: nobody to tell
}

// owner lets who has the hub's own token pass.
func (p *programs) owner(next http.HandlerFunc) http.HandlerFunc {
	return p.keys.allowed(api.RightLook, func(w http.ResponseWriter, r *http.Request) {
		if a, _ := p.keys.asker(r); a.name != "token" || a.alive != nil || p.keys.tokens == nil {
			httpd.Fail(w, http.StatusForbidden, problem("not_permitted", "口令只能在总部这台电脑上管理。", "Tokens are managed with the hub's own token only.", "在总部的电脑上运行 receiptd hub token。", "Run receiptd hub token on the hub's computer."))
			return
		}
		next(w, r)
	})
}

// shops reads how the shops are. Its methods may be used by many goroutines.
type shops struct {
	hub     Centre
	store   *store.Store
	version string
	now     func() time.Time
}

func (s *shops) status(ctx context.Context) (Status, error) {
	st, _, err := s.overview(ctx)
	return st, err
}

// overview reads the shops once, for what is said of all and of each.
func (s *shops) overview(ctx context.Context) (Status, []ShopLine, error) {
	out := Status{Status: s.hub.Status(), Version: s.version, Shops: map[string]int{}}
	list, err := s.lines(ctx)
	if err != nil {
		return out, nil, err
	}
	for i := range list {
		out.Shops[list[i].Level]++
	}
	counts, err := s.store.Counts(ctx)
	if err != nil {
		return out, nil, err
	}
	out.Oldest, out.Jobs = counts.Oldest, map[string]int{}
	for state, n := range counts.States {
		out.Jobs[string(state)] = n
	}
	out.Last, err = s.store.Last(ctx)
	return out, list, err
}

func (p *programs) getStatus(w http.ResponseWriter, r *http.Request) {
	answer[Status](p.refusals, w, r)(p.shops.status(r.Context()))
}

// answer answers with what a function gave.
func answer[T any](refused refusals, w http.ResponseWriter, r *http.Request) func(T, error) {
	return func(v T, err error) {
		if err != nil {
			refused.failed(w, r, err)
			return
		}
		httpd.Reply(w, http.StatusOK, v)
	}
}

func (s *shops) lines(ctx context.Context) ([]ShopLine, error) {
	shops, err := s.store.Shops(ctx)
	if err != nil {
		return nil, err
	}
	return ranked(shops, s.now()), nil
}

func (p *programs) getShops(w http.ResponseWriter, r *http.Request) {
	list, err := p.shops.lines(r.Context())
	answer[map[string]any](p.refusals, w, r)(map[string]any{"shops": list}, err)
}

func (s *shops) line(ctx context.Context, name string) (ShopLine, error) {
	x, err := s.store.Shop(ctx, name)
	h := healthOf(&x, s.now())
	return ShopLine{Shop: x, Level: h.Level, Reasons: h.Reasons}, err
}

func (p *programs) getShop(w http.ResponseWriter, r *http.Request) {
	answer[ShopLine](p.refusals, w, r)(p.shops.line(r.Context(), r.PathValue("shop")))
}

func limitOf(r *http.Request, usual, most int) int {
	n, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || n <= 0 {
		return usual
	}
	return min(n, most)
}

func (p *programs) getSlips(w http.ResponseWriter, r *http.Request) {
	shop := r.PathValue("shop")
	if _, err := p.store.Shop(r.Context(), shop); err != nil {
		p.refusals.failed(w, r, err)
		return
	}
	list, err := p.store.Slips(r.Context(), shop, r.URL.Query().Get("job_id"), limitOf(r, 100, 1000))
	answer[map[string]any](p.refusals, w, r)(map[string]any{"slips": list}, err)
}

func (p *programs) getJob(w http.ResponseWriter, r *http.Request) {
	answer[store.Job](p.refusals, w, r)(p.store.Job(r.Context(), r.PathValue("shop"), r.PathValue("job")))
}

func (p *programs) getJobs(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if state := store.JobState(q.Get("state")); state != "" && !slices.Contains(store.JobStates(), state) {
		httpd.Fail(w, http.StatusUnprocessableEntity, problem("invalid", "没有这种状态。", "There is no such state.", "用 waiting、published、accepted、expired 或 rejected。", "Use waiting, published, accepted, expired or rejected."))
		return
	}
	list, err := p.store.Jobs(r.Context(), store.Filter{Shop: q.Get("shop"), JobID: q.Get("job_id"), State: store.JobState(q.Get("state")), Open: q.Get("open") == "1", Limit: limitOf(r, 100, 1000)})
	answer[map[string]any](p.refusals, w, r)(map[string]any{"jobs": list}, err)
}

func (p *programs) getCommands(w http.ResponseWriter, r *http.Request) {
	list, err := p.store.Commands(r.Context(), r.PathValue("shop"), limitOf(r, 100, 1000))
	answer[map[string]any](p.refusals, w, r)(map[string]any{"commands": list}, err)
}

// mostWait is how long an asker may wait for events.
const mostWait = 25 * time.Second

// getEvents gives what came after a line, and waits for it where the asker wants to.
func (p *programs) getEvents(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64) // what is no number is the beginning
	wait, _ := time.ParseDuration(q.Get("wait"))
	limit := time.NewTimer(min(max(wait, 0), mostWait))
	defer limit.Stop()
	for {
		changed := p.store.Changed()
		list, err := p.store.Events(r.Context(), after, q.Get("shop"), limitOf(r, 200, 1000))
		if err != nil || len(list) > 0 {
			answer[map[string]any](p.refusals, w, r)(map[string]any{"events": list}, err)
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-limit.C:
			httpd.Reply(w, http.StatusOK, map[string]any{"events": list})
			return
		}
	}
}

func (p *programs) body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	data, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		httpd.Fail(w, http.StatusRequestEntityTooLarge, problem("too_large", "太大了。", "That is too large.", "一个任务最多 256 KiB。", "A job has at most 256 KiB."))
	case err != nil:
		return nil, false // the asker has gone
	}
	return data, err == nil
}

func (p *programs) postJob(w http.ResponseWriter, r *http.Request) {
	data, ok := p.body(w, r)
	if !ok {
		return
	}
	q := r.URL.Query()
	x := hub.Submission{Shop: r.PathValue("shop"), Data: data, Source: "api", New: q.Get("new") == "1"}
	if text := q.Get("expires_in"); text != "" {
		var err error
		if x.Expiry, err = time.ParseDuration(text); err != nil || x.Expiry <= 0 {
			httpd.Fail(w, http.StatusUnprocessableEntity, problem("invalid", "有效期不对。", "That is no time to expire in.", "写 20m、12h 这样的时间。", "Give a time like 20m or 12h."))
			return
		}
	}
	out, err := p.hub.Submit(r.Context(), x)
	switch {
	case err != nil:
		p.refusals.failed(w, r, err)
	case out.Added == store.AddedConflict:
		httpd.Fail(w, http.StatusConflict, problem("conflict", "这家店已有同一 job_id、内容不同的任务。", "There is another job with this job_id for this shop.", "换一个新的 job_id。", "Use a new job_id."))
	case out.Added == store.AddedKnown:
		httpd.Reply(w, http.StatusOK, out)
	default:
		httpd.Reply(w, http.StatusAccepted, out)
	}
}

// An Asked is the body of POST /v1/shops/{shop}/commands.
type Asked struct {
	wire.Command
	Operator string `json:"operator,omitempty"`
	Wait     string `json:"wait,omitempty"` // how long to wait for the reply: 20s
}

func (p *programs) postCommand(w http.ResponseWriter, r *http.Request) {
	data, ok := p.body(w, r)
	if !ok {
		return
	}
	var a Asked
	if err := json.Unmarshal(data, &a); err != nil {
		httpd.Fail(w, http.StatusBadRequest, problem("invalid", "命令读不懂。", "The command cannot be read.", "按 docs/fleet.md 里的格式发。", "Send it as docs/fleet.md says."))
		return
	}
	wait, err := time.ParseDuration(a.Wait)
	if err != nil || wait <= 0 {
		wait = 20 * time.Second
	}
	ctx, cancel := context.WithTimeout(r.Context(), min(wait, 55*time.Second))
	defer cancel()
	c, err := p.hub.Command(ctx, r.PathValue("shop"), a.Command, a.Operator)
	switch {
	case err != nil:
		p.refusals.failed(w, r, err)
	case c.Open:
		httpd.Reply(w, http.StatusAccepted, c)
	default:
		httpd.Reply(w, http.StatusOK, c)
	}
}

// health is for monitors: 200 while the hub is at its broker and stores what comes.
func (p *programs) health(w http.ResponseWriter, _ *http.Request) {
	st := p.hub.Status()
	status := http.StatusOK
	if !st.Connected || st.Store != nil {
		status = http.StatusServiceUnavailable
	}
	httpd.Reply(w, status, map[string]any{"connected": st.Connected, "store": st.Store == nil})
}

func (p *programs) getTokens(w http.ResponseWriter, _ *http.Request) {
	httpd.Reply(w, http.StatusOK, map[string]any{"tokens": p.keys.tokens.All()})
}

// A NewToken is what is shown of a new token, once.
type NewToken struct {
	api.Device
	Token string `json:"token"`
}

func (p *programs) postToken(w http.ResponseWriter, r *http.Request) {
	data, ok := p.body(w, r)
	if !ok {
		return
	}
	var d api.Device
	if err := json.Unmarshal(data, &d); err != nil {
		httpd.Fail(w, http.StatusBadRequest, problem("invalid", "读不懂。", "That cannot be read.", "写 name 和 rights。", "Give name and rights."))
		return
	}
	d.Program = true
	made, secret, err := p.keys.tokens.Add(d)
	switch {
	case errors.Is(err, devices.ErrName), errors.Is(err, devices.ErrRights), errors.Is(err, devices.ErrFull):
		httpd.Fail(w, http.StatusUnprocessableEntity, problem("invalid", "名字重复或不能用，或没有这项权限。", "The name is taken or cannot be used, or there is no such right.", "名字 1 到 40 个字，权限 look、submit、reprint。", "A name of 1 to 40 characters; rights look, submit, reprint."))
	default:
		answer[NewToken](p.refusals, w, r)(NewToken{made, secret}, err)
	}
}

func (p *programs) deleteToken(w http.ResponseWriter, r *http.Request) {
	d, err := p.keys.tokens.Revoke(r.PathValue("token"))
	if errors.Is(err, devices.ErrNone) {
		err = store.ErrNotFound
	}
	answer[api.Device](p.refusals, w, r)(d, err)
}
