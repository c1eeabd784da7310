package web

import "net/http"

func (x *jobsAPI) reprintRoutes(handle register) { handle("POST /v1/reprints", x.postReprint) }

// reprintRequest is the body of POST /v1/reprints.
type reprintRequest struct {
	Last            bool     `json:"last"`
	Settlement      bool     `json:"settlement"`
	Archive         bool     `json:"archive"`
	VoucherNo       string   `json:"voucher_no"`
	TargetJobID     string   `json:"target_job_id"`
	ExpectVoucherNo string   `json:"expect_voucher_no"`
	TerminalNo      string   `json:"terminal_no"`
	BatchNo         string   `json:"batch_no"`
	CaseNo          string   `json:"case_no"`
	Copies          []string `json:"copies"`
	Station         string   `json:"station"` // of a kitchen copy; "" is all of them
	OperatorNo      string   `json:"operator_no"`
	Reason          string   `json:"reason"`
	Printer         string   `json:"printer"`
	Counter         string   `json:"counter"`
}

// command names the command that the request means, "" when it names none or several slips.
func (q *reprintRequest) command() string {
	name, selectors := "", 0
	for _, x := range []struct {
		given bool
		name  string
	}{{q.Last, "reprint_last"}, {q.VoucherNo != "" && !q.Archive, "reprint_by_voucher"}, {q.Settlement, "reprint_settlement"},
		{q.TargetJobID != "", "reprint_job"}, {q.Archive, "archive_copy"}} {
		if x.given {
			name, selectors = x.name, selectors+1
		}
	}
	if selectors != 1 {
		return ""
	}
	return name
}

func (q *reprintRequest) payload() map[string]any {
	p := map[string]any{"command": q.command()}
	for k, v := range map[string]string{"voucher_no": q.VoucherNo, "target_job_id": q.TargetJobID, "expect_voucher_no": q.ExpectVoucherNo,
		"terminal_no": q.TerminalNo, "batch_no": q.BatchNo, "case_no": q.CaseNo, "operator_no": q.OperatorNo, "reason": q.Reason, "station": q.Station} {
		if v != "" {
			p[k] = v
		}
	}
	if len(q.Copies) > 0 {
		copiesOf(p, q.Copies)
	}
	return p
}

// postReprint turns the request into a command job, so that it goes the way of every command. The Idempotency-Key is its
// job id: a second click with the same key prints nothing more.
func (x *jobsAPI) postReprint(w http.ResponseWriter, r *http.Request) {
	var q reprintRequest
	if err := decodeBody(r, &q); err != nil {
		fail(w, http.StatusUnprocessableEntity, bodyProblem(err))
		return
	}
	if q.command() == "" {
		fail(w, http.StatusUnprocessableEntity, problem("invalid", "看不懂要补打什么。", "It is not clear what to reprint.",
			`只用其中一个:{"last":true}、{"voucher_no":"105233"}、{"settlement":true}、{"target_job_id":"..."},或 archive 加 voucher_no`,
			`Send exactly one of {"last":true}, {"voucher_no":"105233"}, {"settlement":true}, {"target_job_id":"..."}, or archive with voucher_no`))
		return
	}
	x.accept(w, r, commandJob(r, q.payload(), q.Printer, q.Counter))
}
