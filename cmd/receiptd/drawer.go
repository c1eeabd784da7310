package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/vocabulary"
)

// drawerCommands are `receiptd drawer`.
type drawerCommands struct{ a *app }

func (g drawerCommands) command() *cobra.Command {
	return g.a.group("drawer", "开钱箱，查看谁开过", "Open the cash drawer, see who opened it", g.open(), g.list(), g.answer())
}

// drawerWait is longer than an opening stands.
const drawerWait = 15 * time.Second

func (g drawerCommands) open() *cobra.Command {
	var printer, operator, reason string
	cmd := &cobra.Command{
		Use: "open", Short: g.a.say("开钱箱", "Open the cash drawer"), Args: g.a.none(),
		Long: g.a.say("马上开，或者不开：打印机十秒内没有空就不开，以后也不会自动开。写出结果；不确定的信号不会再发。",
			"At once or never: a printer that is not free within ten seconds does not open it, and nothing does so later. It tells what became of it; a pulse that is uncertain is not repeated."),
		Example: "  receiptd drawer open --operator 01 --reason change",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			body := map[string]string{"printer": printer, "operator_no": operator, "reason": reason}
			return byFlag(sender(g).call(cmd.Context(), c, client.Call{Method: http.MethodPost, Path: "/v1/drawer", Body: body}, drawerWait), "", "")
		},
	}
	f := cmd.Flags()
	f.StringVar(&printer, "printer", "", g.a.say("钱箱接在哪台打印机上；有几台时要写，或在配置里写 drawer_pin", "the printer that the drawer hangs on; needed when there are several and none has drawer_pin"))
	g.operatorFlag(cmd, &operator)
	f.StringVar(&reason, "reason", "", g.a.say("为什么开，例如 找零", "why, e.g. change"))
	return cmd
}

// operatorFlag says who opens it: that stands in the list.
func (g drawerCommands) operatorFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "operator", g.a.env("RECEIPTD_OPERATOR", ""), g.a.say("操作员号（RECEIPTD_OPERATOR）", "operator number (RECEIPTD_OPERATOR)"))
}

func (g drawerCommands) list() *cobra.Command {
	limit := 50
	cmd := &cobra.Command{
		Use: "list", Short: g.a.say("谁在什么时候为什么开过钱箱", "Who opened the drawer when and why"), Args: g.a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			var page api.Openings
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/drawer?limit=" + fmt.Sprint(limit)}, &page); err != nil {
				return err
			}
			return g.a.print(page, func(w io.Writer) { g.write(w, page.Openings) })
		},
	}
	cmd.Flags().IntVar(&limit, "limit", limit, g.a.say("最多列出几次", "at most so many"))
	return cmd
}

func (g drawerCommands) write(w io.Writer, list []api.Opening) {
	if len(list) == 0 {
		fmt.Fprintln(w, g.a.say("没有人开过钱箱。", "Nobody has opened a drawer."))
		return
	}
	t := newTable(g.a.say("时间", "AT"), g.a.say("打印机", "PRINTER"), g.a.say("操作员", "OPERATOR"), g.a.say("为什么", "WHY"), g.a.say("来源", "FROM"), g.a.say("结果", "RESULT"), g.a.say("任务", "JOB"))
	for i := range list {
		o := &list[i]
		t.add(o.At.In(g.a.zone).Format("01-02 15:04:05"), o.Printer, o.OperatorNo, string(o.Wanted), word(g.a.lang, vocabulary.KindSource, o.Source), g.result(o), o.JobID)
	}
	t.write(w, "")
}

// result tells what became of an opening, in a few words.
func (g drawerCommands) result(o *api.Opening) string {
	s := word(g.a.lang, vocabulary.KindOpening, o.State)
	if o.Reason != "" {
		s += ": " + word(g.a.lang, vocabulary.KindReason, o.Reason)
	}
	if o.Seen != "" {
		s += ", " + word(g.a.lang, vocabulary.KindDrawer, o.Seen)
	}
	return s
}

func (g drawerCommands) answer() *cobra.Command {
	var operator, open string
	cmd := &cobra.Command{
		Use: "answer ID --open yes|no", Short: g.a.say("软件要开钱箱时，回答开不开", "Say whether a drawer that a program wants open is to be opened"),
		Long:    g.a.say("ID 是 receiptd drawer list 里的任务号。问题只等一分钟。", "ID is the job in receiptd drawer list. The question stands for a minute."),
		Example: "  receiptd drawer answer cap-till-mf3k2a-0a1b2c3d4e --open yes --operator 01",
		Args:    g.a.one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if open != "yes" && open != "no" {
				return g.a.usage("写明 --open yes 或 --open no", "say --open yes or --open no")
			}
			c, err := g.a.client()
			if err != nil {
				return err
			}
			body := map[string]any{"open": open == "yes", "operator_no": operator}
			return byFlag(sender(g).call(cmd.Context(), c, client.Call{Method: http.MethodPost, Path: "/v1/drawer/" + url.PathEscape(args[0]) + "/answer", Body: body}, drawerWait), "", "ID")
		},
	}
	cmd.Flags().StringVar(&open, "open", "", g.a.say("yes：开；no：不开", "yes or no"))
	g.operatorFlag(cmd, &operator)
	return cmd
}
