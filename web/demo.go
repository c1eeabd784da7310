package web

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/queue"
)

// A demo lets the page play with the virtual printer, which is on this machine.
type demo struct {
	frame   *frame
	address string // of the virtual printer's control, "" outside the demo
	log     *slog.Logger
}

func (d *demo) routes(paired register) {
	paired("GET /demo/{picture}", d.picture)
	paired("POST /do/demo", d.do)
}

// A fault is one button of the demo: what the virtual printer is told.
type fault struct{ Key, Change string }

var faults = []fault{
	{"demo.out", `{"paper":"out"}`}, {"demo.in", `{"paper":"ok"}`}, {"demo.near", `{"paper":"near_end"}`},
	{"demo.open", `{"cover":"open"}`}, {"demo.close", `{"cover":"closed"}`},
	{"demo.jam", `{"cutter":"jam"}`}, {"demo.unjam", `{"cutter":"ok"}`},
	{"demo.hot", `{"head":"hot"}`}, {"demo.cool", `{"head":"ok"}`},
	{"demo.drop", `{"link":"drop"}`}, {"demo.up", `{"link":"up"}`},
	{"demo.off", `{"power":"off"}`}, {"demo.on", `{"power":"on"}`},
}

// demoClient reaches the virtual printer's control, which is on this machine.
var demoClient = &http.Client{Timeout: 5 * time.Second}

// picture shows the virtual printer's paper.
func (d *demo) picture(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("picture")
	if d.address == "" || name != "roll.png" && name != "hanging.png" {
		d.frame.broken(w, r, queue.ErrNotFound)
		return
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, d.address+"/"+name, nil)
	if err != nil {
		failed(w, r, d.log, err)
		return
	}
	resp, err := demoClient.Do(req)
	if err != nil {
		http.Error(w, "", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	w.Header().Set("Content-Type", "image/png")
	_, _ = io.Copy(w, resp.Body) // the reader has gone: nobody to tell
}

// do makes a fault, or mends it: only the changes that the page has buttons for.
func (d *demo) do(w http.ResponseWriter, r *http.Request) {
	for _, f := range faults {
		if d.address == "" || f.Key != r.PostFormValue("fault") {
			continue
		}
		req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, d.address+"/state", bytes.NewReader([]byte(f.Change)))
		if err != nil {
			d.frame.broken(w, r, err)
			return
		}
		resp, err := demoClient.Do(req)
		if err != nil {
			d.frame.broken(w, r, err)
			return
		}
		resp.Body.Close()
		http.Redirect(w, r, httpd.Back(r), http.StatusSeeOther)
		return
	}
	d.frame.broken(w, r, api.ErrNoPrinter)
}
