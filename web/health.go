package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
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
	Ready    bool                       `json:"ready"`
	Checks   map[string]string          `json:"checks"`             // by name: "ok", or what is wrong
	Problems map[string]vocabulary.Text `json:"problems,omitempty"` // what is wrong, by the same names, for a person
	Printers map[string]string          `json:"printers"`           // by name: its state; a printer that is out of paper is no reason not to be ready
}

// getReady says whether a job sent now would be taken and kept: the journal answers, can be written and has lost nothing that nobody
// knows of, the daemon's own checks pass, and there is a printer to print on. Jobs are taken while a printer is out of paper, so that is shown and
// does not count.
func (h *health) getReady(w http.ResponseWriter, r *http.Request) {
	ans := readiness{Ready: true, Checks: map[string]string{}, Problems: map[string]vocabulary.Text{}, Printers: map[string]string{}}
	check := func(name string, fn func(ctx context.Context) error) {
		ctx, cancel := context.WithTimeout(r.Context(), checkTime)
		defer cancel()
		ans.Checks[name] = "ok"
		if err := fn(ctx); err != nil {
			ans.Checks[name], ans.Ready = err.Error(), false
			ans.Problems[name] = vocabulary.Text{Zh: plain.Error(err).Zh, En: err.Error()}
		}
	}
	check("journal", func(ctx context.Context) error {
		if h.journal.DiskFull() {
			return plain.New("磁盘满了：小票的状态还能记，新任务收不了", "the disk is full: states are written, new jobs are not taken")
		}
		if l, lost := h.journal.Loss(); lost {
			return plain.New(l.Text().Zh, l.Text().En)
		}
		if err := h.journal.Writable(ctx); errors.Is(err, queue.ErrBusy) {
			return plain.New("日志库被别的程序锁住了，任务在等；关掉打开着 journal.db 的程序（SQLite 浏览器、正在做的复制）",
				"the journal is locked by another program: jobs wait until that ends; close what has journal.db open, an SQLite browser or a copy under way")
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
			return plain.New("没有配置打印机：小票收下后在等；在 /setup 页面或配置文件里设置一台", "no printer is configured: slips are taken and wait; set one up at /setup or in the configuration")
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
