package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// reversalCommands are `receiptd reversal`.
type reversalCommands struct{ a *app }

func (g reversalCommands) command() *cobra.Command {
	return g.a.group("reversal", "查看和处理冲正", "List and resolve reversals", g.list(), g.resolve())
}

func (g reversalCommands) list() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "list", Short: g.a.say("列出还没处理完的冲正", "List the reversals that are still open"), Args: g.a.none(),
		Long: g.a.say("有冲正待处理时请勿重复刷卡：先在终端上查询这笔交易。", "While a reversal is pending do not charge again: first run a query on the terminal."),
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := g.ask(cmd.Context(), all)
			if err != nil {
				return err
			}
			return g.a.print(page, func(w io.Writer) { g.write(w, page.Reversals) })
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, g.a.say("处理完的也列出", "also those that are closed"))
	return cmd
}

// A reversalPage is the answer of GET /v1/reversals.
type reversalPage struct {
	Reversals []queue.Reversal `json:"reversals"`
}

// ask asks for the open reversals, or for all.
func (g reversalCommands) ask(ctx context.Context, all bool) (page reversalPage, err error) {
	c, err := g.a.client()
	if err != nil {
		return page, err
	}
	path := "/v1/reversals"
	if all {
		path += "?all=1"
	}
	err = c.Do(ctx, client.Call{Method: http.MethodGet, Path: path}, &page)
	return page, err
}

// known refuses a voucher that no reversal has, before anybody looks for the PIN.
func (g reversalCommands) known(ctx context.Context, voucher string) error {
	same := func(r queue.Reversal) bool { return job.NormalVoucher(r.VoucherNo) == job.NormalVoucher(voucher) }
	for _, all := range []bool{false, true} { // of all that are kept the list has the newest only, and an open one may be old
		page, err := g.ask(ctx, all)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(page.Reversals, same) {
			return nil
		}
	}
	return codeError{exitNotFound, g.a.say("没有凭证号 "+voucher+" 的冲正。有哪些：receiptd reversal list --all", "no reversal has the voucher "+voucher+". receiptd reversal list --all shows them.")}
}

func (g reversalCommands) write(w io.Writer, list []queue.Reversal) {
	if len(list) == 0 {
		fmt.Fprintln(w, g.a.say("没有待处理的冲正。", "No reversal is open."))
		return
	}
	t := newTable(g.a.say("开始", "SINCE"), g.a.say("凭证号", "VOUCHER"), g.a.say("批次", "BATCH"), g.a.say("终端", "TERMINAL"), g.a.say("金额", "AMOUNT"), g.a.say("卡尾号", "CARD"),
		g.a.say("状态", "STATUS"), g.a.say("处理", "RESOLUTION"), g.a.say("编号", "CASE")).numbers(4)
	open := false
	for _, r := range list {
		open = open || r.Status == "pending" || r.Status == "failed"
		t.add(r.Since.In(g.a.zone).Format("01-02 15:04"), r.VoucherNo, r.BatchNo, r.TerminalNo, amountWords(r.Amount, r.Currency), r.Last4, word(g.a.lang, vocabulary.KindReversal, r.Status), word(g.a.lang, vocabulary.KindReversal, r.Resolution), r.CaseNo)
	}
	t.write(w, "")
	if open {
		fmt.Fprintln(w, g.a.say("请勿重复刷卡：先在终端上查询，再联系收单机构。", "Do not charge again: run a query on the terminal, then ask the acquirer."))
	}
}

func (g reversalCommands) resolve() *cobra.Command {
	var terminal, batch, operator, caseNo, pinFile string
	var paid, refunded bool
	cmd := &cobra.Command{
		Use: "resolve VOUCHER --paid|--refunded --case NO", Short: g.a.say("按收单机构的答复登记一笔冲正的结果（要主管密码）", "Settle a reversal by the acquirer's answer (supervisor's PIN)"),
		Long: g.a.say("只记录收单机构说了什么，不会动钱。--paid：款项确实收到；--refunded：款项已退回持卡人。",
			"Notes what the acquirer said; it moves no money. --paid: the shop has the money; --refunded: it went back to the card."),
		Example: "  receiptd reversal resolve 105242 --refunded --case KF-88120 --operator 01",
		Args:    g.a.one("VOUCHER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if paid == refunded {
				return g.a.usage("写明 --paid 或 --refunded，只写一个", "say --paid or --refunded, one of them")
			}
			if caseNo == "" {
				return g.a.usage("要写 --case：收单机构的受理编号", "--case is needed: the acquirer's case number")
			}
			if err := g.known(cmd.Context(), args[0]); err != nil {
				return err
			}
			pin, err := secrets(g).pinIf(true, pinFile)
			if err != nil {
				return err
			}
			resolution := "paid"
			if refunded {
				resolution = "refunded"
			}
			return sender(g).command(cmd.Context(), map[string]any{"command": "resolve_reversal", "voucher_no": args[0], "resolution": resolution,
				"case_no": caseNo, "terminal_no": terminal, "batch_no": batch, "operator_no": operator}, pin, time.Duration(0))
		},
	}
	f := cmd.Flags()
	f.BoolVar(&paid, "paid", false, g.a.say("收单机构确认：款项已收到", "the acquirer confirms: the shop has the money"))
	f.BoolVar(&refunded, "refunded", false, g.a.say("收单机构确认：款项已退回", "the acquirer confirms: the money went back"))
	f.StringVar(&caseNo, "case", "", g.a.say("收单机构的受理编号", "the acquirer's case number"))
	f.StringVar(&terminal, "terminal", "", g.a.say("终端号；有多台终端时要写", "terminal number; needed when there are several"))
	f.StringVar(&batch, "batch", "", g.a.say("批次号；这个凭证号有几笔冲正时要写", "batch number; needed when the voucher has several reversals"))
	g.a.operatorFlag(cmd, &operator)
	secrets(g).flag(cmd, &pinFile)
	return cmd
}
