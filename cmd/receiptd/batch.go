package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// batchCommands are `receiptd batch`: batches and their settlement.
type batchCommands struct{ a *app }

func (g batchCommands) command() *cobra.Command {
	return g.a.group("batch", "查看批次；手工结算、重开、导出", "List batches; close, reopen or export one by hand",
		g.list(), g.show(),
		g.turn("settle", "手工结算一个批次（软件不投递结算任务时用；要主管密码）", "Close a batch by hand, for software that drops no settlement job (supervisor's PIN)",
			job.Text{Zh: "已结算", En: "settled"}),
		g.turn("reopen", "重开误结算的批次（要主管密码）", "Open a batch that was closed by mistake (supervisor's PIN)",
			job.Text{Zh: "已重开", En: "reopened"}),
		g.export())
}

func (g batchCommands) list() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: g.a.say("列出批次，最新的在前", "List batches, newest first"), Args: g.a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			var page struct {
				Batches []queue.Batch `json:"batches"`
			}
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/batches"}, &page); err != nil {
				return err
			}
			return g.a.print(map[string]any{"batches": nonNil(page.Batches)}, func(w io.Writer) { g.write(w, page.Batches) })
		},
	}
}

func (g batchCommands) write(w io.Writer, list []queue.Batch) {
	if len(list) == 0 {
		fmt.Fprintln(w, g.a.say("还没有批次。", "There is no batch yet."))
		return
	}
	t := newTable("ID", g.a.say("批次", "BATCH"), g.a.say("商户", "MERCHANT"), g.a.say("终端", "TERMINAL"), g.a.say("状态", "STATE"), g.a.say("小票", "SLIPS"),
		g.a.say("未出", "UNPRINTED"), g.a.say("开始", "BEGAN"), g.a.say("结算", "CLOSED"), g.a.say("由谁", "BY")).numbers(5, 6)
	for _, b := range list {
		closed := ""
		if !b.ClosedAt.IsZero() {
			closed = b.ClosedAt.In(g.a.zone).Format("01-02 15:04")
		}
		t.add(idPrefix+strconv.FormatInt(b.ID, 10), b.BatchNo, b.MerchantNo, b.TerminalNo, word(g.a.lang, vocabulary.KindBatch, b.State), strconv.Itoa(b.Slips), strconv.Itoa(b.Unprinted),
			b.OpenedAt.In(g.a.zone).Format("01-02 15:04"), closed, g.a.lang.closedBy(b.ClosedBy))
	}
	t.write(w, "")
}

// idPrefix marks a batch's id: a bare number is what every slip and page shows, the batch number.
const idPrefix = "id:"

// find gives the batch that an argument means: a batch number that only one batch has, or id:N of batch list.
func (g batchCommands) find(ctx context.Context, c *client.Client, arg string) (queue.Batch, error) {
	if id, ok := strings.CutPrefix(arg, idPrefix); ok {
		if _, err := strconv.ParseInt(id, 10, 64); err != nil {
			return queue.Batch{}, g.usage(arg)
		}
		var b struct {
			Batch queue.Batch `json:"batch"`
		}
		err := c.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/batches/" + id}, &b)
		return b.Batch, err
	}
	list, err := g.numbered(ctx, c, arg)
	switch {
	case err != nil:
		return queue.Batch{}, err
	case len(list) == 1:
		return list[0], nil
	}
	no := job.NormalVoucher(arg)
	text := g.a.say("批次号 "+no+" 有几个批次，写明是哪一个：", "several batches have the number "+no+"; say which:")
	for _, b := range list {
		text += "\n  " + idPrefix + strconv.FormatInt(b.ID, 10) + "  " + g.facts(&b) + g.a.say("，", ", ") + word(g.a.lang, vocabulary.KindBatch, b.State)
	}
	return queue.Batch{}, codeError{exitRefused, text}
}

// numbered gives the batches that have a number, at least one.
func (g batchCommands) numbered(ctx context.Context, c *client.Client, number string) ([]queue.Batch, error) {
	if len(number) > 6 || strings.Trim(number, "0123456789") != "" || number == "" {
		return nil, g.usage(number)
	}
	var page struct {
		Batches []queue.Batch `json:"batches"`
	}
	if err := c.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/batches?batch_no=" + number}, &page); err != nil {
		return nil, err
	}
	if len(page.Batches) == 0 {
		no := job.NormalVoucher(number)
		return nil, codeError{exitNotFound, g.a.say("没有批次 "+no+"。用 receiptd batch list 看有哪些。", "there is no batch "+no+". See receiptd batch list.")}
	}
	return page.Batches, nil
}

func (g batchCommands) usage(arg string) error {
	return g.a.usage("BATCH 是批次号（000122），或 batch list 第一列的 id:3，不是 "+arg, "BATCH is a batch number (000122), or id:3 from the first column of batch list, not "+arg)
}

// facts names a batch so that a person can tell it from another.
func (g batchCommands) facts(b *queue.Batch) string {
	slips := g.a.say(" 张小票", " slips")
	if b.Slips == 1 {
		slips = g.a.say(" 张小票", " slip")
	}
	return g.a.say("批次 ", "batch ") + b.BatchNo + g.a.say("，终端 ", ", terminal ") + b.TerminalNo + g.a.say("，", ", ") + strconv.Itoa(b.Slips) + slips
}

func (g batchCommands) show() *cobra.Command {
	return &cobra.Command{
		Use: "show BATCH", Short: g.a.say("一个批次的小票、笔数和经过", "A batch's slips, counts and story"), Args: g.a.one("BATCH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			found, err := g.find(cmd.Context(), c, args[0])
			if err != nil {
				return err
			}
			var b struct {
				Batch queue.Batch     `json:"batch"`
				Tally []queue.Tally   `json:"tally"`
				Sums  []queue.Sum     `json:"sums"`
				Jobs  []queue.Summary `json:"jobs"`
				Next  string          `json:"next,omitempty"`
				Lines []queue.Line    `json:"lines"`
			}
			path := fmt.Sprintf("/v1/batches/%d", found.ID)
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
			return g.a.print(b, func(w io.Writer) {
				g.write(w, []queue.Batch{b.Batch})
				fmt.Fprintln(w)
				g.writeTally(w, b.Tally)
				g.writeSums(w, b.Sums)
				jobCommands(g).writeSummaries(w, b.Jobs)
				fmt.Fprintln(w)
				jobCommands(g).writeLines(w, b.Lines, nil)
			})
		},
	}
}

// writeTally shows receiptd's own count. The terminal's figures are the ones that count.
func (g batchCommands) writeTally(w io.Writer, list []queue.Tally) {
	if len(list) == 0 {
		return
	}
	t := newTable(g.a.say("类型", "TYPE"), g.a.say("结果", "RESULT"), g.a.say("笔数", "COUNT"), g.a.say("金额", "AMOUNT")).numbers(2, 3)
	for _, x := range list {
		t.add(word(g.a.lang, vocabulary.KindType, x.Type), word(g.a.lang, vocabulary.KindMoney, x.Result), strconv.Itoa(x.Count), amountWords(x.Amount, x.Currency))
	}
	t.write(w, "  ")
	fmt.Fprintln(w, g.a.say("  （本机收到的笔数，仅供参考；以终端的结算为准）\n", "  (what arrived here, for information; the terminal's settlement is what counts)\n"))
}

// writeSums says what the slips add up to, beside the terminal's own figure.
func (g batchCommands) writeSums(w io.Writer, list []queue.Sum) {
	for _, x := range list {
		text := g.a.say("合计 ", "sum: ") + amountWords(x.Amount, x.Currency) + g.a.say("，", ", ") + strconv.Itoa(x.Slips) + g.a.say(" 笔计入", " slips counted")
		if x.LeftOut > 0 {
			text += g.a.say("，", ", ") + strconv.Itoa(x.LeftOut) + g.a.say(" 笔不计（撤销、拒绝、冲正、结果未知等）", " not counted (voided, declined, reversed, unknown, ...)")
		}
		switch agrees := x.Agrees(); {
		case x.Settlement == nil:
			text += g.a.say("；还没有这个币种的终端结算", "; no settlement of the terminal in this currency yet")
		case agrees == api.AgreesAll:
			text += g.a.say("；与终端结算一致", "; the terminal's settlement says the same")
		case agrees == api.AgreesTotals:
			text += g.a.say("；与终端结算一致，按优惠前；实付 ", "; the terminal's settlement says the same, before discounts; paid: ") + amountWords(*x.Paid, x.Currency)
		case agrees == api.AgreesPaid:
			text += g.a.say("，减去优惠后实付 ", ", paid after discounts: ") + amountWords(*x.Paid, x.Currency) + g.a.say("；终端结算与实付一致", "; the terminal's settlement says what was paid")
		default:
			text += g.a.say("；终端结算是 ", "; the terminal's settlement says ") + amountWords(*x.Settlement, x.Currency) +
				g.a.say("，差 ", ", a difference of ") + amountWords(x.Amount-*x.Settlement, x.Currency) + g.a.say("：以终端为准，本机可能缺小票", ": the terminal's counts, slips may be missing here")
		}
		fmt.Fprintln(w, "  "+text)
	}
	if len(list) > 0 {
		fmt.Fprintln(w)
	}
}

// turn makes batch settle and batch reopen: both need the supervisor's PIN.
func (g batchCommands) turn(verb, zh, en string, done job.Text) *cobra.Command {
	var pinFile, operator string
	cmd := &cobra.Command{
		Use: verb + " BATCH", Short: g.a.say(zh, en), Args: g.a.one("BATCH"),
		Example: "  receiptd batch " + verb + " 000122 --operator 99",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			b, err := g.find(cmd.Context(), c, args[0])
			if err != nil {
				return err
			}
			if !g.a.quiet {
				fmt.Fprintln(g.a.stderr, g.facts(&b)) // what the PIN is asked for
			}
			pin, err := secrets(g).pinIf(true, pinFile)
			if err != nil {
				return err
			}
			path := fmt.Sprintf("/v1/batches/%d/%s?operator_no=%s", b.ID, verb, url.QueryEscape(operator))
			var ans queue.Answer
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: path, Pin: pin}, &ans); err != nil {
				return err
			}
			return g.a.print(ans, func(w io.Writer) {
				fmt.Fprintln(w, g.facts(&b)+g.a.say("："+done.Zh, ": "+done.En))
				sender(g).writeWarnings(w, ans.Warnings)
			})
		},
	}
	g.a.operatorFlag(cmd, &operator)
	secrets(g).flag(cmd, &pinFile)
	return cmd
}

func (g batchCommands) export() *cobra.Command {
	var out, format, rows string
	cmd := &cobra.Command{
		Use: "export BATCH", Short: g.a.say("把一个批次导出成 JSON 或 CSV", "Export a batch as JSON or CSV"), Args: g.a.one("BATCH"),
		Long: g.a.say("写到 -o 的文件（按扩展名定格式），不写就到标准输出。卡号已掩码。\n\n--rows copies（默认）每联一行：同一笔有两联就有两行，金额不能相加。\n--rows slips 每笔一行：counted 一列是带正负号的金额，可以直接求和；撤销、拒绝、冲正、结果未知的不计，left_out 一列写明原因。",
			"Writes to the file of -o, whose name says the format, else to standard output. Card numbers are masked.\n\n--rows copies (the default) has a row for each copy: a slip of two copies stands there twice, so its amounts do not add up.\n--rows slips has a row for each transaction: add up the column counted, a signed amount; what was voided, declined, reversed or is unknown does not count, and left_out says why."),
		Example: "  receiptd batch export 000122 -o batch-000122.csv\n  receiptd batch export 000122 --rows slips -o slips-000122.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			if format == "" {
				if format = strings.TrimPrefix(filepath.Ext(out), "."); format == "" {
					format = "json"
				}
			}
			if format != "json" && format != "csv" {
				return g.a.usage("格式只有 json 和 csv，不能是 "+format, "the format is json or csv, not "+format)
			}
			if rows != "copies" && rows != "slips" {
				return g.a.usage("--rows 只有 copies 和 slips，不能是 "+rows, "--rows is copies or slips, not "+rows)
			}
			c, err := g.a.client()
			if err != nil {
				return err
			}
			var b queue.Batch
			if err := longWork(g).during(g.a.say("找批次", "looking for the batch"), func() (err error) { // one of thousands of slips is counted for seconds
				b, err = g.find(cmd.Context(), c, args[0])
				return err
			}); err != nil {
				return longWork(g).unlessStopped(cmd.Context(), err, "没有导出，也没有留下半个文件。", "nothing was exported, and there is no half of a file.")
			}
			call := client.Call{Method: http.MethodGet, Path: fmt.Sprintf("/v1/batches/%d/export?format=%s&rows=%s", b.ID, format, rows)}
			if out == "" || out == "-" {
				return c.Stream(cmd.Context(), call, g.a.stdout)
			}
			n, err := journalCommands(g).download(cmd, c, call, out, os.O_TRUNC)
			if err != nil {
				return longWork(g).unlessStopped(cmd.Context(), err, "没有导出，也没有留下半个文件。", "nothing was exported, and there is no half of a file.")
			}
			return g.a.print(map[string]any{"file": out, "bytes": n}, func(w io.Writer) { fmt.Fprintln(w, out) })
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", g.a.say("文件名（不写：标准输出）", "file (default: standard output)"))
	cmd.Flags().StringVar(&rows, "rows", "copies", g.a.say("copies（每联一行，金额不能相加）或 slips（每笔一行，可以求和）", "copies (a row for each copy; amounts do not add up) or slips (a row for each transaction, to be added up)"))
	cmd.Flags().StringVar(&format, "format", "", g.a.say("json 或 csv（不写：看文件名）", "json or csv (default: from the file's name)"))
	return cmd
}
