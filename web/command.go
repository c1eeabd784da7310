package web

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"github.com/receiptd/receiptd/job"
)

// commandJob makes a command a job, named by the request's Idempotency-Key.
func commandJob(r *http.Request, payload map[string]any, printer, counter string) job.Result {
	envelope := map[string]any{"job_id": cmp.Or(r.Header.Get("Idempotency-Key"), "http-"+rand.Text()[:20]), "kind": "command",
		"created_at": time.Now().Format(time.RFC3339), "payload": payload}
	if printer != "" {
		envelope["printer"] = printer
	}
	if counter != "" {
		envelope["counter"] = counter
	}
	data, err := json.Marshal(envelope)
	if err != nil {
		return job.Result{Errors: []job.Problem{problem("invalid", err.Error(), err.Error(), "", "")}}
	}
	return job.Parse(data)
}

// drawerOpen is the command that opens the drawer, for a reason.
func drawerOpen(operator, reason string) map[string]any {
	p := map[string]any{"command": job.DrawerOpen}
	if operator != "" {
		p["operator_no"] = operator
	}
	if reason != "" {
		p["reason"] = reason
	}
	return p
}
