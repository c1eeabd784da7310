package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/archive"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/vocabulary"
)

// archiveCommands are `receiptd archive`.
type archiveCommands struct{ a *app }

func (g archiveCommands) command() *cobra.Command {
	return g.a.group("archive", "小票的存档（[archive]）", "The slips that were kept as files ([archive])", g.status(), g.list(), g.get(), g.check())
}

func (g archiveCommands) status() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: g.a.say("存档开着没有，存到哪一天", "Whether slips are filed, and up to which day"), Args: g.a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			st, err := ask[api.ArchiveStatus](cmd.Context(), cfg, "/v1/archive")
			if err != nil {
				return err
			}
			return g.a.print(st, func(w io.Writer) { g.writeStatus(w, &st) })
		},
	}
}

func (g archiveCommands) writeStatus(w io.Writer, st *api.ArchiveStatus) {
	switch {
	case !st.On:
		fmt.Fprintln(w, g.a.say("没有开存档：配置里写 [archive] on = true。", "Slips are not filed: [archive] on = true in the configuration files them."))
	case st.Stopped != "":
		fmt.Fprintln(w, g.a.say(st.Text.Zh, st.Text.En))
	default:
		fmt.Fprintln(w, g.a.say("存在："+st.Dir, "filed in "+st.Dir))
	}
	if n := len(st.Days); n > 0 {
		fmt.Fprintln(w, g.a.say(fmt.Sprintf("%d 天：%s 到 %s", n, st.Days[n-1], st.Days[0]), fmt.Sprintf("%d days: %s to %s", n, st.Days[n-1], st.Days[0])))
	}
}

func (g archiveCommands) list() *cobra.Command {
	var id, pinFile string
	cmd := &cobra.Command{
		Use: "list [DAY]", Short: g.a.say("列出一天存下的小票（要主管密码）", "List the slips of a day (wants the supervisor's PIN)"),
		Long: g.a.say("DAY 写成 2026-08-11；不写就是最近的一天。--job 只看一个任务的。要取出文件用 receiptd archive get。",
			"DAY is written 2026-08-11; without it the newest one is listed. --job lists those of one job. receiptd archive get\nfetches a file."),
		Example: "  receiptd archive list 2026-08-11 --job c1-000122-105233-a",
		Args:    g.a.want("FROM", 0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir)
			if err != nil {
				return err
			}
			var st api.ArchiveStatus
			if len(args) == 0 {
				if st, err = ask[api.ArchiveStatus](cmd.Context(), cfg, "/v1/archive"); err != nil {
					return err
				}
				if len(st.Days) == 0 {
					return g.a.print(api.FiledSlips{Slips: []api.FiledSlip{}}, func(w io.Writer) { g.writeStatus(w, &st) })
				}
				args = st.Days[:1]
			} else if err := g.filed(cmd.Context(), cfg, args[0]); err != nil {
				return err
			}
			number, err := secrets(g).pinIf(true, pinFile)
			if err != nil {
				return err
			}
			var day api.FiledSlips
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/archive/" + url.PathEscape(args[0]), Pin: number}, &day); err != nil {
				return err
			}
			shown := []api.FiledSlip{}
			for i := range day.Slips {
				if x := &day.Slips[i]; !x.Began && (id == "" || x.JobID == id) {
					shown = append(shown, *x)
				}
			}
			return g.a.print(api.FiledSlips{Slips: shown}, func(w io.Writer) { g.writeSlips(w, args[0], shown) })
		},
	}
	cmd.Flags().StringVar(&id, "job", "", g.a.say("只看这个任务的", "only those of this job"))
	secrets(g).flag(cmd, &pinFile)
	return cmd
}

func (g archiveCommands) writeSlips(w io.Writer, day string, list []api.FiledSlip) {
	if len(list) == 0 {
		fmt.Fprintln(w, g.a.say("没有。", "None."))
		return
	}
	t := newTable(g.a.say("时间", "AT"), g.a.say("联", "COPY"), g.a.say("第几次", "PRINT"), g.a.say("结果", "STATE"), g.a.say("文件", "FILE")).numbers(2)
	for i := range list {
		x := &list[i]
		file := day + "/" + x.File
		switch {
		case !x.Erased.IsZero():
			file = g.a.say(x.JobID+"（已按要求删除）", x.JobID+" (erased on request)")
		case x.File == "":
			file = g.a.say(x.JobID+"（画不出来，没有文件）", x.JobID+" (could not be drawn: no file)")
		}
		t.add(x.At.Format("15:04:05"), word(g.a.lang, vocabulary.KindCopy, x.Name()), strconv.Itoa(x.PrintNo), word(g.a.lang, vocabulary.KindState, x.State), file)
	}
	t.write(w, "")
}

// filed refuses a day that does not exist, and one of which nothing is filed.
func (g archiveCommands) filed(ctx context.Context, cfg *config.Config, day string) error {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return g.a.usage("没有 "+day+" 这一天；日期写成 2026-08-11", "there is no day "+day+"; a day is written 2026-08-11")
	}
	st, err := ask[api.ArchiveStatus](ctx, cfg, "/v1/archive")
	if err != nil || slices.Contains(st.Days, day) {
		return err
	}
	return codeError{exitNotFound, g.a.say("存档里没有 "+day+" 这一天。有哪些天：receiptd archive status", "nothing of "+day+" is filed. receiptd archive status tells which days are.")}
}

func (g archiveCommands) get() *cobra.Command {
	var out, pinFile string
	cmd := &cobra.Command{
		Use: "get DAY/FILE", Short: g.a.say("取出一个文件（要主管密码）", "Fetch a file (wants the supervisor's PIN)"),
		Example: "  receiptd archive get 2026-08-11/01KD2V7T2B3C5D7E9F1G3H5J7K-c1-000122-105233-a-merchant-1.pdf -o slip.pdf",
		Args:    g.a.one("DAY/FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			day, name, _ := strings.Cut(args[0], "/")
			if name == "" || strings.Contains(name, "/") {
				return g.a.usage("DAY/FILE 照 receiptd archive list 列出的写：日期、/、文件名，不是 "+args[0], "DAY/FILE is written as receiptd archive list shows it: the day, /, the file's name, not "+args[0])
			}
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			if err := g.filed(cmd.Context(), cfg, day); err != nil {
				return err
			}
			c, number, err := secrets(g).client(pinFile)
			if err != nil {
				return err
			}
			href := "/v1/archive/" + day + "/" + url.PathEscape(name)
			return jobCommands(g).fetch(cmd, c, client.Call{Method: http.MethodGet, Path: href, Pin: number}, out, name)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", g.a.say("文件名；- 是标准输出", "the file; - is standard output"))
	secrets(g).flag(cmd, &pinFile)
	return cmd
}

func (g archiveCommands) check() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: g.a.say("检查每个文件还是当时存的样子", "Check that every file is as it was filed"),
		Long: g.a.say("每个文件都读一遍，和存档时记的校验值比。只看数据文件夹，receiptd 不用在运行；要有权限读它。",
			"Reads every file and compares it with what was noted when it was filed. It looks into the data folder alone, so\nreceiptd need not run; it takes the right to read there."),
		Args: g.a.none(),
		RunE: func(_ *cobra.Command, _ []string) error {
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			n, wrong, err := archive.Open(daemon.ArchiveDir(cfg)).Check()
			if err != nil {
				return err
			}
			if err := g.a.print(map[string]any{"files": n, "wrong": nonNil(wrong)}, func(w io.Writer) {
				for _, x := range wrong {
					fmt.Fprintln(w, x)
				}
				fmt.Fprintln(w, g.a.say(fmt.Sprintf("看了 %d 个文件，%d 处不对", n, len(wrong)), fmt.Sprintf("%d files looked at, %d not as they were filed", n, len(wrong))))
			}); err != nil || len(wrong) == 0 {
				return err
			}
			return codeError{exitFailed, ""}
		},
	}
}
