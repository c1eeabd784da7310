package web

import (
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// The jobsAPI takes jobs from programs and tells what became of them.
type jobsAPI struct {
	door      *door
	requests  *queue.Requests
	decisions *queue.Decisions
	jobs      *queue.Jobs
	previews  Previews
	parse     func(data []byte) job.Result
	log       *slog.Logger
}

func (x *jobsAPI) routes(handle register) {
	handle("POST /v1/jobs", x.postJob)
	handle("GET /v1/jobs", x.getJobs)
	handle("GET /v1/jobs/{id}", x.getJob)
	handle("GET /v1/jobs/{id}/answer", x.getAnswer)
	handle("POST /v1/copies/{id}/resolve", x.postResolve)
}

// postJob takes a job as the drop folder does. It is idempotent by job_id.
func (x *jobsAPI) postJob(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	if err != nil && !errors.As(err, &large) {
		fail(w, http.StatusRequestTimeout, problem("not_read", "任务没有收全，没有接收。", "The job did not come in whole and was not taken.", "再发一次；同一个 job_id 不会打两遍。", "Send it again; the same job_id is never printed twice."))
		return
	}
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, problem("too_large", "任务太大。", "The job is too large.", "一个任务最多 256 KiB。", "A job has at most 256 KiB."))
		return
	}
	x.accept(w, r, x.parse(body))
}

func (x *jobsAPI) accept(w http.ResponseWriter, r *http.Request, parsed job.Result) {
	a, _ := x.door.asker(r) // who was let in is known
	if p := x.door.forbids(a, commandNeed(parsed)); p != nil {
		fail(w, http.StatusForbidden, *p)
		return
	}
	permitted, ok := x.door.permitted(w, r)
	if !ok {
		return
	}
	answer, err := x.requests.Accept(r.Context(), queue.Arrival{Parsed: parsed, Source: queue.SourceHTTP, Permitted: permitted})
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	answered(w, answer)
}

func (x *jobsAPI) getJobs(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, bad := listQuery(q)
	if bad != nil {
		fail(w, http.StatusUnprocessableEntity, *bad)
		return
	}
	list, next, err := x.jobs.List(r.Context(), queue.Filter{Batch: q.Get("batch"), Loose: q.Get("loose") == "true", Terminal: q.Get("terminal"),
		State: q.Get("state"), Q: q.Get("q"), Limit: limit, Cursor: q.Get("cursor")})
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{"jobs": list, "next": next})
}

func (x *jobsAPI) getJob(w http.ResponseWriter, r *http.Request) {
	story, err := x.jobs.Show(r.Context(), r.PathValue("id"))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	reply(w, http.StatusOK, story)
}

func (x *jobsAPI) getAnswer(w http.ResponseWriter, r *http.Request) {
	a, err := x.jobs.Answer(r.Context(), r.PathValue("id"))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	reply(w, http.StatusOK, a)
}

// postResolve records what a person saw on the counter.
func (x *jobsAPI) postResolve(w http.ResponseWriter, r *http.Request) {
	var body struct {
		CameOut    *bool  `json:"came_out"`
		OperatorNo string `json:"operator_no"`
	}
	if err := decodeBody(r, &body); err != nil {
		fail(w, http.StatusUnprocessableEntity, bodyProblem(err))
		return
	}
	if body.CameOut == nil {
		fail(w, http.StatusUnprocessableEntity, problem("invalid", "没有说出纸没有。", "It does not say whether the slip came out.", `发送 {"came_out":true} 或 {"came_out":false}`, `Send {"came_out":true} or {"came_out":false}`))
		return
	}
	a, err := x.decisions.Resolve(r.Context(), r.PathValue("id"), *body.CameOut, operatorOf(body.OperatorNo))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	answered(w, a)
}
