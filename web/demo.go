package web

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/receiptd/receiptd/api"
)

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

// demoPicture shows the virtual printer's paper.
func (s *Server) demoPicture(w http.ResponseWriter, r *http.Request) {
	picture := r.PathValue("picture")
	if s.o.Demo == "" || picture != "roll.png" && picture != "hanging.png" {
		http.NotFound(w, r)
		return
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, s.o.Demo+"/"+picture, nil)
	if err != nil {
		s.failed(w, r, err)
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

// doDemo makes a fault, or mends it: only the changes that the page has buttons for.
func (s *Server) doDemo(w http.ResponseWriter, r *http.Request) {
	for _, f := range faults {
		if s.o.Demo == "" || f.Key != r.PostFormValue("fault") {
			continue
		}
		req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, s.o.Demo+"/state", bytes.NewReader([]byte(f.Change)))
		if err != nil {
			s.broken(w, r, err)
			return
		}
		resp, err := demoClient.Do(req)
		if err != nil {
			s.broken(w, r, err)
			return
		}
		resp.Body.Close()
		http.Redirect(w, r, backOf(r), http.StatusSeeOther)
		return
	}
	s.broken(w, r, api.ErrNoPrinter)
}
