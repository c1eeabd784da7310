package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

func (g jobCommands) submit() *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use: "submit FILE...", Short: g.a.say("把任务交给 receiptd;- 是标准输入", "Hand jobs to the daemon; - is standard input"),
		Long: g.a.say("和投递文件夹一样：同一个任务号只收一次，重复提交不会多打。多个文件按写的顺序提交，一个有错不影响别的。",
			"The same as the drop folder: a job_id is taken once, and sending it again prints nothing more. Several files are\n"+
				"taken in the order in which they stand; one that is bad does not keep back the others."),
		Example: "  receiptd job submit sale.json --wait\n  receiptd job submit day/*.json --json",
		Args:    g.a.some("FILE"),
		RunE: func(cmd *cobra.Command, names []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			if len(names) == 1 {
				data, err := g.a.readFileArg(names[0])
				if err != nil {
					return err
				}
				return sender(g).submit(cmd.Context(), c, data, wait)
			}
			return g.submitAll(cmd.Context(), c, names, wait)
		},
	}
	sender(g).waitFlag(cmd, &wait)
	return cmd
}

// submitted is what became of one file of many.
type submitted struct {
	File string `json:"file"`
	queue.Answer
	err error
}

// What Ctrl-C leaves of many files.
var (
	errNotSubmitted = errors.New("not submitted")
	errMaySubmitted = errors.New("stopped while it was handed over")
)

// submitAll hands over many files, then waits for all of them, and ends with the code of the first that failed.
func (g jobCommands) submitAll(ctx context.Context, c *client.Client, names []string, wait time.Duration) error {
	all := make([]submitted, len(names))
	meter := longWork(g).steps(len(names), g.a.say("已提交", "submitted"))
	for i, name := range names {
		all[i].File = name
		if ctx.Err() != nil {
			all[i].err = errNotSubmitted
			continue
		}
		data, err := g.a.readFileArg(name)
		if err == nil {
			err = c.Do(ctx, client.Call{Method: http.MethodPost, Path: "/v1/jobs", Body: data}, &all[i].Answer)
		}
		var refused *client.Refusal
		if errors.As(err, &refused) && refused.Answer != nil {
			all[i].Answer = *refused.Answer
		}
		if err != nil && ctx.Err() != nil {
			err = errMaySubmitted
		}
		all[i].err = err
		meter.step()
	}
	meter.done()
	if wait > 0 && ctx.Err() == nil {
		limit, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		meter = longWork(g).steps(len(names), g.a.say("已有结果", "finished"))
		for i := range all {
			if all[i].err == nil && all[i].JobID != "" {
				ans, err := c.WaitAnswer(limit, all[i].JobID, settled)
				if err == nil && ans.JobID != "" {
					ans.Outcome = all[i].Outcome // a duplicate stays one
					all[i].Answer = ans
				}
				all[i].err = err
			}
			meter.step()
		}
		meter.done()
	}
	return g.reportAll(all, wait > 0)
}

// reportAll shows every file's answer and gives the first failure.
func (g jobCommands) reportAll(all []submitted, waited bool) error {
	err := g.a.print(all, func(w io.Writer) {
		t := newTable(g.a.say("文件", "FILE"), g.a.say("任务", "JOB"), g.a.say("结果", "OUTCOME"), g.a.say("各联", "COPIES"))
		for _, s := range all {
			t.add(s.File, s.JobID, word(g.a.lang, vocabulary.KindOutcome, s.Outcome), g.a.lang.copies(s.Copies))
		}
		t.write(w, "")
	})
	if err != nil {
		return err
	}
	first, left := exitDone, 0
	for _, s := range all {
		err := s.err
		if err == nil && waited {
			err = sender(g).waitedCode(s.Answer)
		}
		if err == nil {
			continue
		}
		switch {
		case errors.Is(err, errNotSubmitted):
			left++
			continue
		case errors.Is(err, errMaySubmitted):
			g.a.complain(s.File + g.a.say("：正在提交时停下了，不知道收没收到；再提交一次，不会多打。", ": stopped while it was handed over, and nobody knows whether it was taken; submit it again, nothing more is printed."))
			first = cmp.Or(first, exitFailed)
			continue
		}
		g.a.complain(s.File + ":")
		quiet := *g.a
		quiet.json = false // the table of all answers is the one result
		if code := quiet.exitCode(err); first == exitDone {
			first = code
		}
	}
	if left > 0 {
		return codeError{exitFailed, fmt.Sprintf(g.a.say("中途停下了：还有 %d 个文件没有提交。", "stopped on the way: files that were not submitted: %d."), left)}
	}
	if first != exitDone {
		return codeError{code: first}
	}
	return nil
}

// sender hands jobs and commands to the daemon and tells what became of them.
type sender struct{ a *app }

// submit hands one job, or one command, to the daemon and tells what became of it.
func (g sender) submit(ctx context.Context, c *client.Client, body any, wait time.Duration) error {
	return g.call(ctx, c, client.Call{Method: http.MethodPost, Path: "/v1/jobs", Body: body}, wait)
}

// call asks for something that is answered with an answer.
func (g sender) call(ctx context.Context, c *client.Client, call client.Call, wait time.Duration) error {
	var ans queue.Answer
	if err := c.Do(ctx, call, &ans); err != nil {
		return err
	}
	return g.finish(ctx, c, ans, wait)
}

// command submits a command job.
func (g sender) command(ctx context.Context, payload map[string]any, pin string, wait time.Duration) error {
	c, err := g.a.client()
	if err != nil {
		return err
	}
	if name, _ := payload["copy"].(string); strings.Contains(name, "@") { // kitchen@bar
		payload["copy"], payload["station"], _ = strings.Cut(name, "@")
	}
	for k, v := range payload {
		if v == "" {
			delete(payload, k)
		}
	}
	body := map[string]any{"job_id": "cli-" + rand.Text()[:20], "kind": "command", "created_at": time.Now().Format(time.RFC3339), "payload": payload}
	err = g.call(ctx, c, client.Call{Method: http.MethodPost, Path: "/v1/jobs", Body: body, Pin: pin}, wait)
	return byFlag(err, "VOUCHER", "ID")
}

// waitFlag adds --wait[=60s].
func (g sender) waitFlag(cmd *cobra.Command, wait *time.Duration) {
	cmd.Flags().DurationVar(wait, "wait", 0, g.a.say("等到有结果，最多这么久（只写 --wait 是 60s）", "wait for the outcome, at most this long (--wait alone: 60s)"))
	cmd.Flags().Lookup("wait").NoOptDefVal = "60s"
}

// finish waits if asked, prints the answer, and turns it into an exit code.
func (g sender) finish(ctx context.Context, c *client.Client, ans queue.Answer, wait time.Duration) error {
	if wait > 0 && ans.JobID != "" {
		limit, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		last := ""
		waited, err := c.WaitAnswer(limit, ans.JobID, func(now queue.Answer) bool {
			if line := g.a.lang.copies(now.Copies); line != last && !settled(now) {
				last = line
				g.a.progress(line)
			}
			return settled(now)
		})
		if err != nil {
			return err
		}
		if waited.JobID != "" {
			waited.Outcome = ans.Outcome // a duplicate stays one
			ans = waited
		}
	}
	if err := g.a.print(ans, func(w io.Writer) { g.writeAnswer(w, ans) }); err != nil {
		return err
	}
	if wait > 0 {
		return g.waitedCode(ans)
	}
	return nil
}

// progress tells a person who waits how far things are.
func (a *app) progress(line string) {
	if !a.quiet && !a.json {
		fmt.Fprintln(a.stderr, "... "+line)
	}
}

// settled tells whether nothing more will happen to an answer by itself soon.
func settled(ans queue.Answer) bool {
	for _, c := range ans.Copies {
		switch c.State {
		case queue.Queued, queue.Sending, queue.Held:
			return false
		}
	}
	return ans.Drawer == nil || ans.Drawer.State.Over()
}

// waitedCode is the exit code of what was waited for: uncertain before not ready, as it needs a person.
func (g sender) waitedCode(ans queue.Answer) error {
	failed := g.drawerCode(ans.Drawer)
	waiting := ""
	for i := range ans.Copies {
		c := &ans.Copies[i]
		switch c.State {
		case queue.Uncertain:
			id := ans.JobID
			if ans.TargetJobID != "" {
				id = ans.TargetJobID
			}
			line := "receiptd job resolve " + id + " --copy " + string(c.Name()) + " --came-out yes|no"
			return codeError{exitUncertain, g.a.say("不能确定出没出纸。请看柜台上，然后："+line, "it is not known whether the slip came out. Look at the counter, then: "+line)}
		case queue.Held, queue.Queued, queue.Sending:
			if waiting == "" || c.Reason != "" { // the copy that is at the printer has the reason
				waiting = word(g.a.lang, vocabulary.KindState, c.State)
				if c.Reason != "" {
					waiting = word(g.a.lang, vocabulary.KindReason, c.Reason)
				}
			}
		case queue.Cancelled:
			if c.Reason == "unprintable" {
				failed = codeError{exitFailed, g.a.say("这一联打不出来："+word(g.a.lang, vocabulary.KindCopy, c.Name())+"。原因见 receiptd job show。", "this copy cannot be printed: "+string(c.Name())+". receiptd job show tells why.")}
			}
		case queue.Sent:
			g.a.complain(g.a.say("已发送，但这台打印机不能证明出纸；请看一眼。", "sent; this printer cannot prove that it came out. Have a look."))
		}
	}
	if failed == nil && waiting != "" {
		return codeError{exitNotReady, g.a.say("还没有打完："+waiting+"。小票没有丢，打印机好了会自动打。", "not printed yet: "+waiting+". The slip is kept and printed when the printer is well.")}
	}
	return failed
}

// drawerCode is the exit code of a drawer that was to be opened.
func (g sender) drawerCode(o *queue.Opening) error {
	switch {
	case o == nil:
	case o.State == vocabulary.OpeningUncertain:
		return codeError{exitUncertain, g.a.say(o.Text.Zh, o.Text.En)}
	case o.State == vocabulary.OpeningNotSent:
		return codeError{exitNotReady, g.a.say(o.Text.Zh, o.Text.En)}
	}
	return nil
}

// writeAnswer shows an answer to a person.
func (g sender) writeAnswer(w io.Writer, ans queue.Answer) {
	fmt.Fprintf(w, "%s  %s\n", ans.JobID, word(g.a.lang, vocabulary.KindOutcome, ans.Outcome))
	if len(ans.Copies) > 0 {
		t := newTable(g.a.say("联", "COPY"), g.a.say("第几次", "PRINT"), g.a.say("状态", "STATE"), g.a.say("证明", "PROOF"), g.a.say("标记", "MARK"), g.a.say("打印机", "PRINTER"), g.a.say("原因", "REASON")).numbers(1)
		for i := range ans.Copies {
			c := &ans.Copies[i]
			no := "-"
			if c.PrintNo > 0 {
				no = fmt.Sprint(c.PrintNo)
			}
			t.add(word(g.a.lang, vocabulary.KindCopy, c.Name()), no, word(g.a.lang, vocabulary.KindState, c.State), g.a.lang.proof(c.Proof), word(g.a.lang, vocabulary.KindMark, c.Mark), c.Printer, word(g.a.lang, vocabulary.KindReason, c.Reason))
		}
		t.write(w, "  ")
	}
	if o := ans.Drawer; o != nil {
		fmt.Fprintf(w, "  %s [%s]: %s\n", g.a.say("钱箱", "drawer"), o.Printer, drawerCommands(g).result(o))
	}
	g.writeWarnings(w, ans.Warnings)
}

func (g sender) writeWarnings(w io.Writer, list []job.Problem) {
	for _, p := range list {
		fmt.Fprintf(w, "  ! %s\n", g.a.say(p.Message.Zh, p.Message.En))
	}
}

// copies tells all copies in one line: merchant printed, cardholder sending.
func (l language) copies(list []queue.CopyStatus) string {
	out := make([]string, len(list))
	for i := range list {
		c := &list[i]
		name := word(l, vocabulary.KindCopy, c.Name())
		if c.PrintNo > 1 {
			name += fmt.Sprintf("#%d", c.PrintNo)
		}
		out[i] = name + " " + word(l, vocabulary.KindState, c.State)
		if c.Reason != "" && (c.State == queue.Held || c.State == queue.Uncertain || c.State == queue.Queued) {
			out[i] += l.say("（", " (") + word(l, vocabulary.KindReason, c.Reason) + l.say("）", ")")
		}
	}
	return strings.Join(out, l.say("，", ", "))
}
