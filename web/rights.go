package web

import (
	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
)

// A need is what somebody must have who is not this machine itself. The zero need is one that nobody else has: what stands in no table is
// done at this machine only.
type need struct {
	right string // see api.Rights
	allow string // also what the shop must allow on its network: see api.Allowable
}

var (
	looks    = need{right: api.RightLook}
	reprints = need{right: api.RightReprint}
	opens    = need{right: api.RightDrawer}
)

// needs says for each pattern what a device of the network, or a program with a token of its own, needs for it.
var needs = map[string]need{
	"GET /{$}": looks, "GET /slips/{id}": looks, "GET /voucher": looks, "GET /search": looks, "GET /batches": looks, "GET /batches/{id}": looks, "GET /reversals/{id}": looks,
	"GET /printers/{name}": looks, "POST /choose/shift": looks, "POST /choose/terminal": looks, "POST /choose/language": looks,

	"GET /v1/jobs": looks, "GET /v1/jobs/{id}": looks, "GET /v1/jobs/{id}/answer": looks, "GET /v1/jobs/{id}/preview.png": looks, "GET /v1/jobs/{id}/preview.txt": looks,
	"GET /v1/jobs/{id}/slips": looks, "GET /v1/jobs/{id}/slips/{file}": looks, "GET /v1/batches": looks, "GET /v1/batches/{id}": looks, "GET /v1/batches/{id}/export": looks,
	"GET /v1/reversals": looks, "GET /v1/printers": looks, "GET /v1/printers/{name}": looks, "GET /v1/printers/{name}/waiting": looks, "GET /v1/events": looks,
	"GET /healthz": looks, "GET /readyz": looks, "GET /metrics": looks, "GET /openapi.json": looks, "GET /v1/schema": looks,

	"POST /do/reprint": reprints, "POST /do/resolve": reprints, "POST /do/release": reprints, "POST /do/defective": reprints, "POST /do/cancel": reprints,
	"POST /do/printer": reprints, "POST /do/pause": reprints,
	"POST /v1/reprints": reprints, "POST /v1/copies/{id}/resolve": reprints, "POST /v1/jobs/{id}/slips": reprints,
	"POST /v1/printers/{name}/test": reprints, "POST /v1/printers/{name}/pause": reprints, "POST /v1/printers/{name}/resume": reprints, "POST /v1/printers/{name}/{command}": reprints,

	"GET /v1/report": looks, "GET /report": looks, "POST /v1/report/print": reprints, "POST /do/report": reprints,
	"GET /v1/archive": looks, "GET /v1/archive/{day}": {api.RightLook, api.AllowArchive}, "GET /v1/archive/{day}/{file}": {api.RightLook, api.AllowArchive},

	"GET /drawer": opens, "GET /v1/drawer": looks, "POST /v1/drawer": opens, "POST /v1/drawer/{id}/answer": opens, "POST /do/drawer": opens, "POST /do/drawer-answer": opens,

	"POST /v1/jobs": {right: anyWrite}, // its commands are looked at: see commandNeed

	"POST /do/settle": {api.RightReprint, api.AllowSettle}, "POST /do/reopen": {api.RightReprint, api.AllowSettle},
	"POST /v1/batches/{id}/settle": {api.RightReprint, api.AllowSettle}, "POST /v1/batches/{id}/reopen": {api.RightReprint, api.AllowSettle},
	"POST /do/archive": {api.RightReprint, api.AllowArchive}, "POST /do/reversal": {api.RightReprint, api.AllowReversal},
	"GET /setup": {api.RightReprint, api.AllowSetup}, "POST /do/setup/find": {api.RightReprint, api.AllowSetup}, "POST /do/setup/plan": {api.RightReprint, api.AllowSetup},
	"POST /do/setup/apply": {api.RightReprint, api.AllowSetup}, "POST /do/setup/probe": {api.RightReprint, api.AllowSetup},
	"GET /pin": {api.RightReprint, api.AllowPIN}, "POST /do/pin": {api.RightReprint, api.AllowPIN},
	"POST /do/cancel-waiting": {api.RightReprint, api.AllowCancel}, "POST /v1/printers/{name}/cancel-waiting": {api.RightReprint, api.AllowCancel},
}

// anyWrite is for who may do something by a job: what is meant, the job says.
const anyWrite = "reprint, submit or drawer"

// commandNeed is what somebody needs for a job that came in: a command does what its button does.
func commandNeed(parsed job.Result) need {
	switch {
	case parsed.Job == nil: // it is refused, and told why
		return need{right: anyWrite}
	case parsed.Job.Command == nil:
		return need{right: api.RightSubmit}
	}
	switch parsed.Job.Command.Name {
	case job.ArchiveCopy:
		return need{api.RightReprint, api.AllowArchive}
	case job.DrawerOpen:
		return opens
	case job.ResolveReversal:
		return need{api.RightReprint, api.AllowReversal}
	}
	return reprints
}

var onlyHere = problem("this_machine_only", "这一步只能在收银机上做。", "This is done at the till itself only.", "到收银机上做；店里允许在别的设备上做的，写在配置 [http] lan_allow 里。",
	"Go to the till. What the shop allows elsewhere stands in the configuration, [http] lan_allow.")
