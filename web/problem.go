package web

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

func problem(code, zh, en, fixZh, fixEn string) job.Problem {
	return job.Problem{Code: code, Message: job.Text{Zh: zh, En: en}, Fix: job.Text{Zh: fixZh, En: fixEn}}
}

// A visit is an answer to somebody who looks at a browser: what is a problem document for a program is a page there.
type visit struct {
	http.ResponseWriter
	show func(status int, problems []job.Problem)
}

// Unwrap lets http.ResponseController reach the connection.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }

// wantsPage tells a browser's address bar, link or form from a program and from the page's own script: it names HTML.
func wantsPage(r *http.Request) bool {
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" && mode != "navigate" {
		return false
	}
	for _, kind := range strings.Split(r.Header.Get("Accept"), ",") {
		name, more, _ := strings.Cut(kind, ";")
		if strings.EqualFold(strings.TrimSpace(name), "text/html") {
			return strings.ReplaceAll(more, " ", "") != "q=0"
		}
	}
	return false
}

// fail answers with problem+json, or with a page where a person looks; there is at least one problem.
func fail(w http.ResponseWriter, status int, problems ...job.Problem) {
	if v, ok := w.(*visit); ok {
		v.show(status, problems)
		return
	}
	httpd.Fail(w, status, problems...)
}

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, v any) { httpd.Reply(w, status, v) }

// failed answers what the journal would not do.
func failed(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	if status, p := problemOf(r, log, err); status != 0 {
		fail(w, status, p)
	}
}

// problemOf words an error and gives its HTTP status, 0 when the asker has gone. An error of ours is logged here.
func problemOf(r *http.Request, log *slog.Logger, err error) (int, job.Problem) {
	var broken *api.BrokenConfigError
	var unknown *api.NoPrinterError
	switch {
	case errors.Is(err, queue.ErrNotFound):
		return http.StatusNotFound, problem("not_found", "找不到。", "Not found.", "检查号码，或用 receiptd job list 查找。", "Check the number, or look with receiptd job list.")
	case errors.As(err, &unknown):
		zh, en := plain.Meant(unknown.Name, unknown.Known)
		return http.StatusNotFound, problem("printer_unknown", "没有叫 "+unknown.Name+" 的打印机"+zh+"。", "There is no printer called "+unknown.Name+en+".", "用 receiptd printer list 看有哪些。", "See receiptd printer list.")
	case errors.Is(err, api.ErrNoPrinter):
		return http.StatusNotFound, problem("printer_unknown", "没有这台打印机。", "There is no such printer.", "用 receiptd printer list 看有哪些。", "See receiptd printer list.")
	case errors.Is(err, api.ErrNoSetup):
		return http.StatusNotFound, problem("not_found", "这个 receiptd 不在页面上设置。", "This receiptd is not set up on its page.", "改配置文件。", "Change the configuration file.")
	case errors.As(err, &broken):
		return http.StatusConflict, problem("config_invalid", broken.Text.Zh, broken.Text.En, "改正后再试：receiptd config check。", "Correct it, then try again: receiptd config check.")
	case errors.Is(err, queue.ErrFull):
		return http.StatusInsufficientStorage, problem("disk_full", "磁盘满了,没有收下。", "The disk is full; nothing was taken.", "清出空间后重发同一个任务。", "Free some space, then send the same job again.")
	case r.Context().Err() != nil:
		return 0, job.Problem{}
	}
	log.Error("a request failed", "path", r.URL.Path, "err", err)
	return http.StatusInternalServerError, problem("internal", "内部错误,没有做成。", "Internal error; it was not done.", "再试一次;还不行请看日志。", "Try again; if it stays, see the log.")
}

// answered replies with an answer and the status its outcome has (contract, section 5).
func answered(w http.ResponseWriter, a queue.Answer) {
	status := http.StatusAccepted
	switch a.Outcome {
	case queue.Duplicate:
		status = http.StatusOK
	case queue.Conflict:
		status = http.StatusConflict
	case queue.Refused:
		status = http.StatusConflict
		if len(a.Errors) > 0 {
			switch a.Errors[0].Code {
			case "not_permitted":
				status = http.StatusForbidden
			case "voucher_unknown", "job_unknown", "copy_unknown", "printer_unknown":
				status = http.StatusNotFound
			}
		}
	case queue.Rejected:
		status = http.StatusUnprocessableEntity
	}
	reply(w, status, a)
}
