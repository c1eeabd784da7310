package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/capture/line"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/spool"
)

// The exit codes of the contract. The unit of systemd (packaging/linux) starts the daemon again after each of them but
// exitInvalid, exitRefused (the journal was moved away) and exitUsage, so a code that stands for one thing must not come from elsewhere.
const (
	exitDone         = 0
	exitFailed       = 1
	exitBroken       = 2 // never ours: the Go runtime's own after a panic, SIGABRT or SIGSEGV
	exitInvalid      = 3
	exitNotFound     = 4
	exitNotReady     = 5
	exitUncertain    = 6
	exitRefused      = 7
	exitUnreachable  = 8
	exitNotPermitted = 9
	exitUsage        = 64 // EX_USAGE of sysexits.h
)

// refusedPermission is the daemon's code for what a person may not do.
const refusedPermission = "not_permitted"

// usageError is a command line that cannot be understood.
type usageError struct{ error }

// Unwrap gives the cause.
func (e usageError) Unwrap() error { return e.error }

// codeError ends the program with a code after its message; an empty message prints nothing more.
type codeError struct {
	code    int
	message string
}

// Error gives the message.
func (e codeError) Error() string { return e.message }

// problemsError is a job or request with errors.
type problemsError struct {
	code     int
	problems []job.Problem
}

// Error gives the first problem in English.
func (e problemsError) Error() string {
	if len(e.problems) == 0 {
		return "failed"
	}
	return e.problems[0].Message.En
}

// exitCode tells the user what went wrong and maps it to a code: the one place that does.
func (a *app) exitCode(err error) int {
	var (
		usage    usageError
		code     codeError
		problems problemsError
		refusal  *client.Refusal
		conf     *config.Error
		moved    *queue.MovedError
		notReady *api.NotReadyError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		if code.message != "" {
			a.complain(code.message)
		}
		return code.code
	case errors.As(err, &problems):
		faults{a}.list(problems.problems)
		return problems.code
	case errors.As(err, &refusal):
		faults{a}.refused(refusal)
		return refusalCode(refusal)
	case errors.As(err, &notReady):
		a.complain(a.say(notReady.Text.Zh, notReady.Text.En))
		return exitNotReady
	case errors.As(err, &moved):
		a.complain(faults{a}.movedAway(moved))
		return exitRefused
	case errors.As(err, &conf):
		a.complain(conf.Text(string(a.lang)))
		return exitInvalid
	case errors.Is(err, client.ErrNoToken) && !errors.Is(err, client.ErrUnreachable):
		a.complain(a.say("没有权限读口令。请让管理员帮忙：", "no permission to read the token. With an administrator's help: ") + a.say(hint.Join("NAME")) + "\n" + a.said(err))
		return exitNotPermitted
	case errors.Is(err, client.ErrUnreachable):
		a.complain(faults{a}.unreachable(err))
		return exitUnreachable
	case errors.As(err, &usage), isCobraUsage(err):
		a.complain(a.complaint(err) + a.say("\n看用法：", "\nSee: ") + a.help())
		return exitUsage
	case errors.Is(err, queue.ErrLocked), errors.Is(err, spool.ErrLocked), errors.Is(err, line.ErrTaken), errors.Is(err, queue.ErrCorrupt), errors.Is(err, queue.ErrNewer), errors.Is(err, queue.ErrNoWay), errors.Is(err, syscall.EADDRINUSE):
		a.complain(faults{a}.cannotStart(err))
		return exitFailed
	case errors.Is(err, api.ErrNoPrinter):
		a.complain(faults{a}.noPrinter(err))
		return exitNotFound
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, queue.ErrNotFound):
		a.complain(a.say("找不到：", "not found: ") + a.said(err))
		return exitNotFound
	case errors.Is(err, fs.ErrPermission):
		a.complain(faults{a}.noRight(err))
		return exitNotPermitted
	case errors.Is(err, context.Canceled):
		a.complain(a.say("中途停下了。", "stopped on the way."))
		return exitFailed
	}
	t := plain.Error(err)
	a.complain(a.say(t.Zh, t.En))
	return exitFailed
}

// help is the command that shows the help of the command that was asked for.
func (a *app) help() string {
	if a.asked == nil || !a.asked.HasParent() || a.asked.Name() == "help" {
		return "receiptd help"
	}
	return a.asked.CommandPath() + " -h"
}

// said is what the system said, in a shop's words where they are known.
func (a *app) said(err error) string {
	t, ok := plain.Known(err)
	if !ok {
		return a.original(err.Error())
	}
	return a.say(t.Zh, t.En)
}

// original gives a sentence that there is in English only; in Chinese it is quoted.
func (a *app) original(said string) string { return a.say("原文：“"+said+"”", said) }

// withoutPrefix is an error without the words that were said before.
type withoutPrefix struct {
	error
	prefix string
}

// Error gives the rest.
func (e withoutPrefix) Error() string { return strings.TrimPrefix(e.error.Error(), e.prefix) }

// Unwrap gives the whole.
func (e withoutPrefix) Unwrap() error { return e.error }

// faults words errors that say what to do.
type faults struct{ a *app }

// unreachable says that no daemon answers, and why.
func (g faults) unreachable(err error) string {
	return g.a.say("连不上 receiptd：请先启动它（receiptd run 或 "+hint.Start()+"），并检查 --config。\n系统的说法：",
		"receiptd is not reachable: start it (receiptd run, or "+hint.Start()+") and check --config.\n") + g.a.said(withoutPrefix{err, client.ErrUnreachable.Error() + ": "})
}

// noRight says that the system does not permit something, and who can help.
func (g faults) noRight(err error) string {
	var foreign *line.ForeignError
	if !errors.As(err, &foreign) {
		return g.a.say(hint.NeedRights()) + g.a.said(err)
	}
	way := hint.MoveAway(foreign.Path)
	return g.a.say("这个文件是别的用户建的，receiptd 打不开。先停掉那个用户启动的 receiptd，再把它移开：\n  "+way,
		"another user has made this file, and receiptd may not open it. Stop the receiptd which that user has started, then move it away:\n  "+way)
}

// noPrinter says that there is no such printer, and asks whether another was meant.
func (g faults) noPrinter(err error) string {
	var unknown *api.NoPrinterError
	if !errors.As(err, &unknown) {
		return g.a.say("没有这台打印机。用 receiptd printer list 看有哪些。", "there is no such printer. See receiptd printer list.")
	}
	zh, en := plain.Meant(unknown.Name, unknown.Known)
	return g.a.say("没有叫 "+unknown.Name+" 的打印机"+zh+"。用 receiptd printer list 看有哪些。", "there is no printer called "+unknown.Name+en+". See receiptd printer list.")
}

// cannotStart tells why the daemon does not start, and what to do.
func (g faults) cannotStart(err error) string {
	switch {
	case errors.Is(err, queue.ErrLocked):
		return g.a.say("这个数据文件夹已有一个 receiptd 在用：先停掉它，或换一个 data.dir。", "another receiptd uses this data folder: stop it first, or set another data.dir.") + lockedAt(err, queue.ErrLocked)
	case errors.Is(err, spool.ErrLocked):
		return g.a.say("这个投递文件夹已有另一个 receiptd 在收：两个一起收会重复打印。先停掉那一个（"+hint.Stop()+"），或换一个 spool.dir。",
			"another receiptd takes files from this drop folder: two together would print doubles. Stop that one first ("+hint.Stop()+"), or set another spool.dir.") + lockedAt(err, spool.ErrLocked)
	case errors.Is(err, line.ErrTaken):
		return g.a.say("软件打印到的这个文件已有另一个 receiptd（或这份配置里的另一节 [[capture]]）在收：两个一起收，小票会被撕成两半。先停掉那一个（"+hint.Stop()+"），或换一个 [[capture]] listen。",
			"another receiptd, or another [[capture]] of this one, takes what software prints here: two together would tear the slips. Stop that one first ("+hint.Stop()+"), or set another listen of [[capture]].") + lockedAt(err, line.ErrTaken)
	case errors.Is(err, queue.ErrCorrupt):
		return g.a.say("日志库有损坏，没有动它。先备份整个数据文件夹，再用 receiptd journal verify 看坏在哪里；不要删除任何文件。",
			"the journal is damaged and was left as it is. Copy the whole data folder first, then see receiptd journal verify; delete nothing.") + "\n" + g.a.said(err)
	case errors.Is(err, queue.ErrNewer):
		return g.wayBack() + "\n" + g.a.said(err)
	case errors.Is(err, queue.ErrNoWay):
		return g.a.say("升级前的日志库备份写不下，日志库没有动。清出磁盘空间（"+hint.Room("")+"），或先装回原来的版本。", "the copy of the journal from before the upgrade cannot be written; the journal was left as it is. Make room on its disk ("+hint.Room("")+"), or install the version from before again.") + "\n" + g.a.said(err)
	}
	return g.a.say("地址已被占用：可能已有一个 receiptd 在运行，或换一个 http.listen。", "the address is in use: another receiptd may be running, or set another http.listen.") + "\n" + g.a.said(err)
}

// lockedAt is where a folder is held, on a line of its own.
func lockedAt(err, locked error) string {
	if _, path, ok := strings.Cut(err.Error(), locked.Error()+": "); ok {
		return "\n" + path
	}
	return ""
}

// wayBack tells what to do with a journal that a newer program wrote.
func (g faults) wayBack() string {
	text := g.a.say("日志库是更新版本的 receiptd 写的，没有动它：请装回那个版本。", "the journal was written by a newer receiptd, and was left as it is: install that version again.")
	cfg, err := g.a.loadConfig()
	if err != nil {
		return text
	}
	if file := queue.WayBack(filepath.Join(cfg.Data.Dir, "journal.db")); file != "" {
		return text + "\n" + g.a.say("一定要用这个旧版本，就换回升级前的日志库（升级后打印过的它不知道，旧单据再打印时标“可能重复”）：\n  receiptd journal restore "+file,
			"If it must be this older version, put back the journal from before the upgrade (what was printed since is not in it: older slips print\nmarked POSSIBLE DUPLICATE):\n  receiptd journal restore "+file)
	}
	return text + "\n" + g.a.say("旁边没有升级前的备份；有别的备份就用：receiptd journal restore FILE", "no copy from before the upgrade stands beside it; with another backup: receiptd journal restore FILE")
}

// isCobraUsage tells cobra's own complaints about a command line.
func isCobraUsage(err error) bool {
	for _, start := range []string{"unknown command", "unknown flag", "unknown shorthand", "accepts ", "requires ", "required flag", "if any flags in the group"} {
		if strings.HasPrefix(err.Error(), start) {
			return true
		}
	}
	return false
}

func refusalCode(r *client.Refusal) int {
	code := ""
	if len(r.Problems) > 0 {
		code = r.Problems[0].Code
	}
	switch {
	case code == "printer_not_ready":
		return exitNotReady
	case code == refusedPermission, r.Status == http.StatusForbidden, r.Status == http.StatusUnauthorized:
		return exitNotPermitted
	case strings.HasSuffix(code, "_unknown"), r.Status == http.StatusNotFound:
		return exitNotFound
	case r.Status == http.StatusConflict:
		return exitRefused
	case r.Status == http.StatusUnprocessableEntity, r.Status == http.StatusBadRequest:
		return exitInvalid
	}
	return exitFailed
}

// refused tells what the daemon would not do. For programs the whole answer goes to standard output.
func (g faults) refused(r *client.Refusal) {
	if g.a.json {
		var err error
		if r.Answer != nil {
			err = g.a.printJSON(r.Answer)
		} else {
			err = g.a.printJSON(map[string]any{"errors": nonNil(r.Problems)})
		}
		if err != nil {
			g.a.complain(g.a.said(err))
		}
	}
	g.list(r.Problems)
	if len(r.Problems) == 0 {
		g.a.complain(fmt.Sprintf(g.a.say("receiptd 的回答看不懂（HTTP 状态 %d）：那个端口上可能是另一个程序", "the answer cannot be read (HTTP status %d): another program may listen there"), r.Status))
	}
}

// complain writes one diagnostic.
func (a *app) complain(text string) { fmt.Fprintln(a.stderr, "receiptd: "+text) }

// list writes each problem with its place, its code and what to do.
func (g faults) list(problems []job.Problem) {
	for _, p := range problems {
		place := ""
		if p.Line > 0 {
			place = fmt.Sprintf("%d:%d: ", p.Line, p.Column)
		}
		if p.Pointer != "" {
			place += p.Pointer + ": "
		}
		g.a.complain(fmt.Sprintf("%s%s [%s]\n  %s", place, g.a.say(p.Message.Zh, p.Message.En), p.Code, g.a.say(p.Fix.Zh, p.Fix.En)))
	}
}
