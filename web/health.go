package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/receiptd/receiptd/queue"
)

// Health tells service managers and monitors whether jobs would be taken now.
type health struct {
	journal  *queue.Journal
	waiting  *queue.Waiting
	printers Printers
	checks   map[string]func(ctx context.Context) error
	version  string
}

func (h *health) routes(open register) {
	open("GET /healthz", h.getHealth)
	open("GET /readyz", h.getReady)
}

// getHealth says that the process answers, and nothing else.
func (h *health) getHealth(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]string{"status": "ok", "version": h.version})
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready    bool              `json:"ready"`
	Checks   map[string]string `json:"checks"`   // by name: "ok", or what is wrong
	Printers map[string]string `json:"printers"` // by name: its state; a printer that is out of paper is no reason not to be ready
}

// getReady says whether a job sent now would be taken and kept: the journal answers, can be written and has lost nothing that nobody
// knows of, the daemon's own checks pass, and there is a printer to print on. Jobs are taken while a printer is out of paper, so that is shown and
// does not count.
func (h *health) getReady(w http.ResponseWriter, r *http.Request) {
	ans := readiness{Ready: true, Checks: map[string]string{}, Printers: map[string]string{}}
	check := func(name string, fn func(ctx context.Context) error) {
		ctx, cancel := context.WithTimeout(r.Context(), checkTime)
		defer cancel()
		ans.Checks[name] = "ok"
		if err := fn(ctx); err != nil {
			ans.Checks[name], ans.Ready = err.Error(), false
		}
	}
	check("journal", func(ctx context.Context) error {
		if h.journal.DiskFull() {
			return errors.New("the disk is full: states are written, new jobs are not taken")
		}
		if l, lost := h.journal.Loss(); lost {
			return errors.New(l.Text().En)
		}
		if err := h.journal.Writable(ctx); errors.Is(err, queue.ErrBusy) {
			return errors.New("the journal is locked by another program: jobs wait until that ends; close what has journal.db open, an SQLite browser or a copy under way")
		} else if err != nil {
			return err
		}
		_, err := h.waiting.Outstanding(ctx)
		return err
	})
	check("printers", func(context.Context) error {
		list := h.printers.Printers()
		for _, p := range list {
			ans.Printers[p.Name] = string(p.State)
			if p.Reason != "" {
				ans.Printers[p.Name] += " " + string(p.Reason)
			}
		}
		if len(list) == 0 {
			return errors.New("no printer is configured: slips are taken and wait; set one up at /setup or in the configuration")
		}
		return nil
	})
	for name, fn := range h.checks {
		check(name, fn)
	}
	status := http.StatusOK
	if !ans.Ready {
		status = http.StatusServiceUnavailable
	}
	reply(w, status, ans)
}
