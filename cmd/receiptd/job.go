package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// jobCommands are `receiptd job`: check, preview, submit and find jobs, and decide about their copies.
type jobCommands struct{ a *app }

func (g jobCommands) command() *cobra.Command {
	return g.a.group("job", "检查、预览、提交、查找任务", "Check, preview, submit and find jobs", g.check(), g.preview(), g.submit(),
		g.list(), g.show(), g.schema(), g.cancel(), g.defective(), g.resolve(), g.slip())
}

// checked is what one file's check found.
type checked struct {
	File     string        `json:"file"`
	Errors   []job.Problem `json:"errors"`
	Warnings []job.Problem `json:"warnings"`
}

func (g jobCommands) check() *cobra.Command {
	return &cobra.Command{
		Use: "check FILE...", Short: g.a.say("按投递文件夹的规矩检查任务文件；- 是标准输入", "Check job files as the drop folder would; - is standard input"),
		Example: "  receiptd job check examples/jobs/01-sale-chip.json\n  receiptd job check --json - < job.json",
		Args:    g.a.some("FILE"),
		RunE: func(_ *cobra.Command, names []string) error {
			bad := false
			var all []checked
			set, err := templateCommands(g).set()
			if err != nil {
				return err
			}
			parser, err := g.parser()
			if err != nil {
				return err
			}
			c, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			for _, name := range names {
				data, err := g.a.readFileArg(name)
				if err != nil {
					return err
				}
				r := parser.Parse(data)
				if r.Job != nil {
					var notes []job.Problem
					r.Errors, notes = daemon.ExamineJob(c, set, r.Job)
					r.Warnings = append(r.Warnings, notes...)
				}
				bad = bad || len(r.Errors) > 0
				all = append(all, checked{name, nonNil(r.Errors), nonNil(r.Warnings)})
			}
			if err := g.a.print(all, func(w io.Writer) { g.writeChecked(w, all) }); err != nil {
				return err
			}
			if bad {
				return codeError{code: exitInvalid}
			}
			return nil
		},
	}
}

// parser reads jobs as the daemon would with this configuration.
func (g jobCommands) parser() (job.Parser, error) {
	c, err := g.a.loadConfig()
	if err != nil {
		return job.Parser{}, err
	}
	return job.Parser{Trust: c.Guard.Trust}, nil
}

func (g jobCommands) writeChecked(w io.Writer, all []checked) {
	for _, c := range all {
		if len(c.Errors) == 0 {
			fmt.Fprintf(w, "%s: %s\n", c.File, g.a.say("没有错误", "good"))
		}
		for _, p := range append(c.Errors, c.Warnings...) {
			code := p.Code
			if p.Rule != "" {
				code += " " + p.Rule
			}
			fmt.Fprintf(w, "%s:%d:%d: %s: %s [%s]\n    %s\n", c.File, p.Line, p.Column, p.Pointer, g.a.say(p.Message.Zh, p.Message.En), code, g.a.say(p.Fix.Zh, p.Fix.En))
		}
	}
}

// jobFilter is what job list is asked for.
type jobFilter struct {
	batch, terminal, state, search string
	limit                          int
}

func (g jobCommands) list() *cobra.Command {
	var f jobFilter
	cmd := &cobra.Command{
		Use: "list", Short: g.a.say("列出小票，最新的在前", "List slips, newest first"), Args: g.a.none(),
		Example: "  receiptd job list\n  receiptd job list --state uncertain\n  receiptd job list --batch all --search 6620",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.limit < 1 || f.limit > 100000 {
				return g.a.usage("--limit 是 1 到 100000", "--limit is 1 to 100000")
			}
			if f.state != "" && !api.KnownState(f.state) {
				zh, en := plain.Meant(f.state, api.States())
				return g.a.usage("没有这种状态："+f.state+zh, "there is no state "+f.state+en)
			}
			if f.state != "" && !cmd.Flags().Changed("batch") {
				f.batch = "all" // an order in that state is of no batch, a conflict perhaps of an earlier one
			}
			c, err := g.a.client()
			if err != nil {
				return err
			}
			list, next, err := listJobs(cmd, c, f)
			if err != nil {
				return err
			}
			return g.a.print(map[string]any{"jobs": nonNil(list), "next": next}, func(w io.Writer) {
				if len(list) == 0 {
					fmt.Fprintln(w, g.a.say("没有小票。", "There are no slips."))
					return
				}
				g.writeSummaries(w, list)
			})
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.batch, "batch", "current", g.a.say("current（未结算的批次；不写 --terminal 时还有最近一天的订单和文档）、all，或批次号；写了 --state 时默认 all", "current (batches that are not settled; without --terminal also orders and documents of the last day), all, or a batch number; with --state the default is all"))
	fl.StringVar(&f.terminal, "terminal", "", g.a.say("只看这台终端", "only this terminal"))
	fl.StringVar(&f.state, "state", "", g.a.say("只看有这种状态的：queued、held、uncertain、printed 等，或 conflict、in_pieces（打成两截，等人决定）", "only slips with a copy in this state: queued, held, uncertain, printed, ..., or conflict or in_pieces (in two pieces, a person decides)"))
	fl.StringVar(&f.search, "search", "", g.a.say("凭证号、金额、卡尾号、订单号或时间", "voucher, amount, last four digits, order number or time"))
	completeFlag(cmd, "state", api.States())
	fl.IntVar(&f.limit, "limit", 50, g.a.say("最多列多少张", "at most this many"))
	return cmd
}

// listJobs reads as many pages as the limit asks for.
func listJobs(cmd *cobra.Command, c *client.Client, f jobFilter) (list []queue.Summary, next string, err error) {
	for len(list) < f.limit {
		q := url.Values{"batch": {f.batch}, "terminal": {f.terminal}, "state": {f.state}, "q": {f.search}, "cursor": {next},
			"limit": {strconv.Itoa(min(f.limit-len(list), 500))}}
		if f.batch == "current" && f.terminal == "" {
			q.Set("loose", "true")
		}
		var page struct {
			Jobs []queue.Summary `json:"jobs"`
			Next string          `json:"next"`
		}
		if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/jobs?" + q.Encode()}, &page); err != nil {
			return nil, "", err
		}
		list, next = append(list, page.Jobs...), page.Next
		if next == "" {
			break
		}
	}
	return list, next, nil
}

func (g jobCommands) show() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: g.a.say("讲一张小票的来龙去脉", "Tell a slip's whole story"), Args: g.a.one("ID"),
		Example: "  receiptd job show c1-000122-105233-a",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			var story queue.Story
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/jobs/" + url.PathEscape(args[0])}, &story); err != nil {
				return err
			}
			return g.a.print(story, func(w io.Writer) { g.writeStory(w, story) })
		},
	}
}

func (g jobCommands) schema() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: g.a.say("输出任务的 JSON Schema", "Print the JSON Schema of jobs"), Args: g.a.none(),
		Example: "  receiptd job schema > receiptd.job.schema.json",
		RunE: func(*cobra.Command, []string) error {
			if _, err := g.a.stdout.Write(job.SchemaJSON()); err != nil {
				return fmt.Errorf("write schema: %w", err)
			}
			return nil
		},
	}
}
