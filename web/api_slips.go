package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

func (x *jobsAPI) slipRoutes(handle register) {
	handle("POST /v1/jobs/{id}/slips", x.postSlip)
	handle("GET /v1/jobs/{id}/slips", x.getSlips)
	handle("GET /v1/jobs/{id}/slips/{file}", x.getSlip)
}

// A slipLink is an electronic copy and where its file is.
type slipLink struct {
	api.ElectronicCopy
	Href string `json:"href"` // the PDF file, on this server
}

func linksOf(list []api.ElectronicCopy) []slipLink {
	links := make([]slipLink, len(list))
	for i := range list {
		links[i] = slipLink{list[i], "/v1/jobs/" + list[i].JobID + "/slips/" + strconv.Itoa(list[i].No) + ".pdf"}
	}
	return links
}

// postSlip makes one electronic copy, by a command like every other: the Idempotency-Key is its job id.
func (x *jobsAPI) postSlip(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Copy       string `json:"copy"`
		Station    string `json:"station"`
		OperatorNo string `json:"operator_no"`
		Reason     string `json:"reason"`
		CaseNo     string `json:"case_no"`
	}
	if err := decodeBody(r, &q); err != nil && !errors.Is(err, io.EOF) {
		fail(w, http.StatusUnprocessableEntity, bodyProblem(err))
		return
	}
	payload := map[string]any{"command": string(job.ElectronicCopy), "target_job_id": r.PathValue("id")}
	for k, v := range map[string]string{"copy": q.Copy, "station": q.Station, "operator_no": q.OperatorNo, "reason": q.Reason, "case_no": q.CaseNo} {
		if v != "" {
			payload[k] = v
		}
	}
	permitted, ok := x.door.permitted(w, r)
	if !ok {
		return
	}
	a, err := x.requests.Accept(r.Context(), queue.Arrival{Parsed: commandJob(r, payload, "", ""), Source: queue.SourceHTTP, Permitted: permitted})
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	if a.Outcome != queue.Accepted && a.Outcome != queue.Duplicate {
		answered(w, a)
		return
	}
	list, err := x.jobs.Electronic(r.Context(), a.JobID)
	for i := range list {
		if err == nil {
			_, err = x.slipFile(r, &list[i])
		}
	}
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	status := http.StatusCreated
	if a.Outcome == queue.Duplicate {
		status = http.StatusOK
	}
	reply(w, status, map[string]any{"answer": a, "slips": linksOf(list)})
}

func (x *jobsAPI) getSlips(w http.ResponseWriter, r *http.Request) {
	list, err := x.jobs.Electronic(r.Context(), r.PathValue("id"))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{"slips": linksOf(list)})
}

// getSlip sends a file as it was made.
func (x *jobsAPI) getSlip(w http.ResponseWriter, r *http.Request) {
	number, isPDF := strings.CutSuffix(r.PathValue("file"), ".pdf")
	no, err := strconv.Atoi(number)
	list, listErr := x.jobs.Electronic(r.Context(), r.PathValue("id"))
	if err != nil || !isPDF {
		listErr = queue.ErrNotFound
	}
	for i := range list {
		if listErr != nil || list[i].No != no {
			continue
		}
		file, err := x.slipFile(r, &list[i])
		if err != nil {
			failed(w, r, x.log, err)
			return
		}
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Content-Disposition", `inline; filename="`+list[i].JobID+"-"+number+`.pdf"`)
		_, _ = w.Write(file) // the reader has gone: nobody to tell
		return
	}
	if listErr == nil {
		listErr = queue.ErrNotFound
	}
	failed(w, r, x.log, listErr)
}

// slipFile gives the file of an electronic copy. It is made once, by the first who wants it, from what the journal says of it.
func (x *jobsAPI) slipFile(r *http.Request, e *api.ElectronicCopy) ([]byte, error) {
	file, err := x.jobs.ElectronicFile(r.Context(), e.JobID, e.No)
	if err != nil || file != nil {
		return file, err
	}
	story, err := x.jobs.Show(r.Context(), e.JobID)
	if err != nil {
		return nil, err
	}
	j, err := job.FromJSON(story.Job)
	if err != nil {
		return nil, queue.ErrNotFound
	}
	var made bytes.Buffer
	if err := x.previews.Preview(&made, j, e.Name(), e.Mark, "pdf"); err != nil {
		return nil, err
	}
	if err := x.requests.KeepElectronic(r.Context(), e.JobID, e.No, made.Bytes()); err != nil {
		return nil, err
	}
	return x.jobs.ElectronicFile(r.Context(), e.JobID, e.No) // another who asked at the same time may have been first
}
