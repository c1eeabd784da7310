package main

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
)

// reprintFlags are the flags of `receiptd reprint`.
type reprintFlags struct {
	last, settlement, archive                  bool
	voucher, jobID, terminal, operator, reason string
	printer, batch, caseNo, expect             string
	copies                                     []string
	key, pinFile                               string
	wait                                       time.Duration
}

// reprintCommand is `receiptd reprint`.
type reprintCommand struct{ a *app }

func (g reprintCommand) command() *cobra.Command {
	var f reprintFlags
	cmd := &cobra.Command{
		Use:   "reprint --last | --voucher NO | --settlement | --job ID",
		Short: g.a.say("补打一张，带重打印标记", "Print a slip again, marked as a duplicate"),
		Long: g.a.say("补打最后一单、未结算批次里的任何凭证号、结算单，或一份订单、单据。每一张都印 重打印凭证/DUPLICATED、第几次、时间和操作员。\n"+
			"结算之后该批次拒绝补打；调单用 --archive，要主管密码。",
			"Prints the last slip, any voucher of the open batch, the settlement slip, or an order or document once more. Every\n"+
				"reprint is marked 重打印凭证/DUPLICATED with its number, time and operator. After settlement the batch's slips are\n"+
				"refused; --archive prints a retrieval copy (调单副本) with the supervisor's PIN."),
		Example: "  receiptd reprint --last\n  receiptd reprint --voucher 105233 --copies cardholder --operator 01 --wait\n" +
			"  receiptd reprint --archive --batch 000122 --voucher 105233 --case TD20260901-07",
		Args: g.a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error { return g.reprint(cmd, &f) },
	}
	fl := cmd.Flags()
	fl.BoolVar(&f.last, "last", false, g.a.say("终端的最后一单", "the terminal's last slip"))
	fl.StringVar(&f.voucher, "voucher", "", g.a.say("凭证号，前面的零可以不写", "voucher number; leading zeros may be left out"))
	fl.BoolVar(&f.settlement, "settlement", false, g.a.say("最后一张结算单", "the last settlement slip"))
	fl.StringVar(&f.jobID, "job", "", g.a.say("订单或单据的任务号", "job id of an order or document"))
	fl.BoolVar(&f.archive, "archive", false, g.a.say("已结算批次的调单副本；要 --batch、--voucher、--case 和主管密码", "a retrieval copy of a closed batch; needs --batch, --voucher, --case and the supervisor's PIN"))
	fl.StringVar(&f.terminal, "terminal", "", g.a.say("终端号；有多台终端时要写", "terminal number; needed when there are several"))
	fl.StringSliceVar(&f.copies, "copies", nil, g.a.say("哪几联，例如 merchant,cardholder；档口的单子写 kitchen@bar（不写：全部）", "which copies, e.g. merchant,cardholder; a station's ticket is kitchen@bar (default: all)"))
	g.a.operatorFlag(cmd, &f.operator)
	fl.StringVar(&f.reason, "reason", "", g.a.say("原因：no_paper、lost、customer_request、blank_slip", "why: no_paper, lost, customer_request, blank_slip"))
	fl.StringVar(&f.printer, "printer", "", g.a.say("换一台打印机", "another printer than the slip's own"))
	fl.StringVar(&f.batch, "batch", "", g.a.say("批次号；--archive 时必写", "batch number; required with --archive"))
	fl.StringVar(&f.caseNo, "case", "", g.a.say("案号，配 --archive", "with --archive: the retrieval case number"))
	fl.StringVar(&f.expect, "expect-voucher", "", g.a.say("以为是这个凭证号；不是就不打", "print only if the slip has this voucher number"))
	fl.StringVar(&f.key, "id", "", g.a.say("幂等键：同一个键发多少次都只打一次", "idempotency key: the same key prints once, however often it is sent"))
	secrets(g).flag(cmd, &f.pinFile)
	sender(g).waitFlag(cmd, &f.wait)
	completeFlag(cmd, "copies", copyNames)
	completeFlag(cmd, "reason", []string{"no_paper", "lost", "customer_request", "blank_slip"})
	printerCommands(g).complete(cmd, "printer")
	return cmd
}

// check refuses what is not one clear wish.
func (f *reprintFlags) check(a *app) error {
	n := 0
	for _, given := range []bool{f.last, f.voucher != "", f.settlement, f.jobID != ""} {
		if given {
			n++
		}
	}
	if n != 1 {
		return a.usage("写明补打什么，只写一个：--last、--voucher NO、--settlement、--job ID", "say what to reprint, exactly one of: --last, --voucher NO, --settlement, --job ID")
	}
	if f.archive && (f.voucher == "" || f.batch == "" || f.caseNo == "") {
		return a.usage("--archive 要同时写 --batch、--voucher、--case", "--archive needs --batch, --voucher and --case")
	}
	return nil
}

func (g reprintCommand) reprint(cmd *cobra.Command, f *reprintFlags) error {
	if err := f.check(g.a); err != nil {
		return err
	}
	body := map[string]any{}
	for name, value := range map[string]string{"voucher_no": f.voucher, "target_job_id": f.jobID, "terminal_no": f.terminal, "operator_no": f.operator,
		"reason": f.reason, "printer": f.printer, "batch_no": f.batch, "case_no": f.caseNo, "expect_voucher_no": f.expect} {
		if value != "" {
			body[name] = value
		}
	}
	for name, on := range map[string]bool{"last": f.last, "settlement": f.settlement, "archive": f.archive} {
		if on {
			body[name] = true
		}
	}
	if len(f.copies) > 0 {
		body["copies"] = f.copies
	}
	c, err := g.a.client()
	if err != nil {
		return err
	}
	if f.archive { // a batch that does not exist is said before the PIN is asked for
		if _, err := batchCommands(g).numbered(cmd.Context(), c, f.batch); err != nil {
			return err
		}
	}
	pin, err := secrets(g).pinIf(f.archive, f.pinFile)
	if err != nil {
		return err
	}
	if f.key == "" {
		f.key = "cli-" + rand.Text()[:20]
	}
	err = sender(g).call(cmd.Context(), c, client.Call{Method: http.MethodPost, Path: "/v1/reprints", Body: body, Key: f.key, Pin: pin}, f.wait)
	return byFlag(err, "--voucher", "--job")
}
