package web

import (
	_ "embed"
	"net/http"

	"github.com/receiptd/receiptd/job"
)

//go:embed openapi.json
var openAPI []byte

// getOpenAPI gives the description of the API.
func getOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(openAPI) // the reader has gone: nobody to tell
}

// getSchema gives the JSON Schema of jobs.
func getSchema(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/schema+json")
	_, _ = w.Write(job.SchemaJSON()) // the reader has gone: nobody to tell
}

// configAPI says how the configuration in force differs from the file.
type configAPI struct {
	waiting func() []string // sections whose change waits for a restart; nil: none do
}

func (x *configAPI) routes(handle register) { handle("GET /v1/config", x.getConfig) }

// getConfig says how the configuration in force differs from the file.
func (x *configAPI) getConfig(w http.ResponseWriter, _ *http.Request) {
	waiting := []string{}
	if x.waiting != nil {
		waiting = append(waiting, x.waiting()...)
	}
	reply(w, http.StatusOK, map[string]any{"waits_for_restart": waiting})
}
