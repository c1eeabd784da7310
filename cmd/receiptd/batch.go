package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/queue"
)

func newBatchCommand(a *app) *cobra.Command {
	return a.group("batch", "查看批次；手工结算、重开、导出", "List batches; close, reopen or export one by hand",
		newBatchList(a), newBatchShow(a),
		newBatchTurn(a, "settle", "手工结算一个批次（软件不投递结算任务时用；要主管密码）", "Close a batch by hand, for software that drops no settlement job (supervisor's PIN)"),
		newBatchTurn(a, "reopen", "重开误结算的批次（要主管密码）", "Open a batch that was closed by mistake (supervisor's PIN)"),
		newBatchExport(a))
}

func newBatchList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: a.say("列出批次，最新的在前", "List batches, newest first"), Args: a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			var page struct {
				Batches []queue.Batch `json:"batches"`
			}
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/batches"}, &page); err != nil {
				return err
			}
			return a.print(map[string]any{"batches": nonNil(page.Batches)}, func(w io.Writer) { a.writeBatches(w, page.Batches) })
		},
	}
}

func (a *app) writeBatches(w io.Writer, list []queue.Batch) {
	if len(list) == 0 {
		fmt.Fprintln(w, a.say("还没有批次。", "There is no batch yet."))
		return
	}
	t := newTable("ID", a.say("批次", "BATCH"), a.say("商户", "MERCHANT"), a.say("终端", "TERMINAL"), a.say("状态", "STATE"), a.say("小票", "SLIPS"),
		a.say("未出", "UNPRINTED"), a.say("开始", "BEGAN"), a.say("结算", "CLOSED"), a.say("由谁", "BY")).numbers(0, 5, 6)
	for _, b := range list {
		closed := ""
		if !b.ClosedAt.IsZero() {
			closed = b.ClosedAt.Local().Format("01-02 15:04")
		}
		by := b.ClosedBy
		if by == "terminal" {
			by = a.say("终端", "terminal")
		}
		t.add(strconv.FormatInt(b.ID, 10), b.BatchNo, b.MerchantNo, b.TerminalNo, a.batchWord(b.State), strconv.Itoa(b.Slips), strconv.Itoa(b.Unprinted),
			b.OpenedAt.Local().Format("01-02 15:04"), closed, by)
	}
	t.write(w, "")
}

// batchID reads the number of the first column of batch list.
func (a *app) batchID(arg string) (string, error) {
	if _, err := strconv.ParseInt(arg, 10, 64); err != nil {
		return "", a.usage("ID 是 batch list 第一列的数字，不是 "+arg, "ID is the number in the first column of batch list, not "+arg)
	}
	return arg, nil
}

func newBatchShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: a.say("一个批次的小票、笔数和经过", "A batch's slips, counts and story"), Args: a.one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := a.batchID(args[0])
			if err != nil {
				return err
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			var b struct {
				Batch queue.Batch     `json:"batch"`
				Tally []queue.Tally   `json:"tally"`
				Jobs  []queue.Summary `json:"jobs"`
				Next  string          `json:"next,omitempty"`
				Lines []queue.Line    `json:"lines"`
			}
			path := "/v1/batches/" + id
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: path}, &b); err != nil {
				return err
			}
			for b.Next != "" {
				next := b.Next
				jobs := b.Jobs
				b.Jobs, b.Next = nil, ""
				if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: path + "?cursor=" + url.QueryEscape(next)}, &b); err != nil {
					return err
				}
				b.Jobs = append(jobs, b.Jobs...)
			}
			return a.print(b, func(w io.Writer) {
				a.writeBatches(w, []queue.Batch{b.Batch})
				fmt.Fprintln(w)
				a.writeTally(w, b.Tally)
				a.writeSummaries(w, b.Jobs)
				fmt.Fprintln(w)
				a.writeLines(w, b.Lines, nil)
			})
		},
	}
}

// writeTally shows receiptd's own count. The terminal's figures are the ones that count.
func (a *app) writeTally(w io.Writer, list []queue.Tally) {
	if len(list) == 0 {
		return
	}
	t := newTable(a.say("类型", "TYPE"), a.say("结果", "RESULT"), a.say("笔数", "COUNT"), a.say("金额", "AMOUNT")).numbers(2, 3)
	for _, x := range list {
		t.add(a.word(x.Type), a.word(x.Result), strconv.Itoa(x.Count), amountWords(x.Amount, x.Currency))
	}
	t.write(w, "  ")
	fmt.Fprintln(w, a.say("  （本机收到的笔数，仅供参考；以终端的结算为准）\n", "  (what arrived here, for information; the terminal's settlement is what counts)\n"))
}

// newBatchTurn makes batch settle and batch reopen: both need the supervisor's PIN.
func newBatchTurn(a *app, verb, zh, en string) *cobra.Command {
	var pinFile, operator string
	cmd := &cobra.Command{
		Use: verb + " ID", Short: a.say(zh, en), Args: a.one("ID"),
		Example: "  receiptd batch " + verb + " 3 --operator 99",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := a.batchID(args[0])
			if err != nil {
				return err
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			pin, err := a.pinIf(true, pinFile)
			if err != nil {
				return err
			}
			path := fmt.Sprintf("/v1/batches/%s/%s?operator_no=%s", id, verb, url.QueryEscape(operator))
			return a.call(cmd.Context(), c, client.Call{Method: http.MethodPost, Path: path, Pin: pin}, 0)
		},
	}
	a.operatorFlag(cmd, &operator)
	a.pinFlag(cmd, &pinFile)
	return cmd
}

func newBatchExport(a *app) *cobra.Command {
	var out, format string
	cmd := &cobra.Command{
		Use: "export ID", Short: a.say("把一个批次导出成 JSON 或 CSV", "Export a batch as JSON or CSV"), Args: a.one("ID"),
		Long: a.say("写到 -o 的文件（按扩展名定格式），不写就到标准输出。卡号已掩码。",
			"Writes to the file of -o, whose name says the format, else to standard output. Card numbers are masked."),
		Example: "  receiptd batch export 3 -o batch-000122.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := a.batchID(args[0])
			if err != nil {
				return err
			}
			if format == "" {
				if format = strings.TrimPrefix(filepath.Ext(out), "."); format == "" {
					format = "json"
				}
			}
			if format != "json" && format != "csv" {
				return a.usage("格式只有 json 和 csv，不能是 "+format, "the format is json or csv, not "+format)
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			call := client.Call{Method: http.MethodGet, Path: "/v1/batches/" + id + "/export?format=" + format}
			if out == "" || out == "-" {
				return c.Stream(cmd.Context(), call, a.stdout)
			}
			n, err := a.download(cmd, c, call, out, os.O_TRUNC)
			if err != nil {
				return err
			}
			return a.print(map[string]any{"file": out, "bytes": n}, func(w io.Writer) { fmt.Fprintln(w, out) })
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", a.say("文件名（不写：标准输出）", "file (default: standard output)"))
	cmd.Flags().StringVar(&format, "format", "", a.say("json 或 csv（不写：看文件名）", "json or csv (default: from the file's name)"))
	return cmd
}
