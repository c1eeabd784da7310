package main

import (
	"time"

	"github.com/spf13/cobra"
)

func (g jobCommands) cancel() *cobra.Command {
	var operator, reason, copyName string
	cmd := &cobra.Command{
		Use: "cancel ID", Short: g.a.say("取消还没有发给打印机的", "Cancel what has not been sent to a printer"), Args: g.a.one("ID"),
		Example: "  receiptd job cancel mt-5415221202244734 --operator 02 --reason \"guest called off\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			return sender(g).command(cmd.Context(), map[string]any{"command": "cancel", "target_job_id": args[0], "copy": copyName,
				"operator_no": operator, "reason": reason}, "", 0)
		},
	}
	g.a.copyFlag(cmd, &copyName, g.a.say("只取消这一联（不写：全部）", "only this copy (default: all)"))
	g.a.operatorFlag(cmd, &operator)
	cmd.Flags().StringVar(&reason, "reason", "", g.a.say("原因", "why"))
	return cmd
}

func (g jobCommands) defective() *cobra.Command {
	var operator, reason, copyName string
	var wait time.Duration
	cmd := &cobra.Command{
		Use: "defective ID --copy C", Short: g.a.say("报告空白或看不清的小票；会补打一张，带标记", "Report a blank or unreadable slip; a marked copy is printed"),
		Long: g.a.say("热敏纸装反了会空白。先把纸卷翻过来，再报告。批次已结算的只记录，不补打。",
			"Thermal paper put in the wrong way round stays blank: turn the roll first. In a settled batch it is noted and nothing is printed."),
		Example: "  receiptd job defective c1-000122-105233-a --copy merchant --operator 01 --wait",
		Args:    g.a.one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if copyName == "" {
				return g.a.usage("要写明是哪一联：--copy merchant、cardholder 等", "say which copy: --copy merchant, cardholder, ...")
			}
			return sender(g).command(cmd.Context(), map[string]any{"command": "mark_defective", "target_job_id": args[0], "copy": copyName,
				"operator_no": operator, "reason": reason}, "", wait)
		},
	}
	g.a.copyFlag(cmd, &copyName, g.a.say("哪一联：merchant、cardholder 等；档口的单子：kitchen@bar", "which copy: merchant, cardholder, ...; a station's ticket: kitchen@bar"))
	g.a.operatorFlag(cmd, &operator)
	cmd.Flags().StringVar(&reason, "reason", "blank_slip", g.a.say("原因", "why"))
	sender(g).waitFlag(cmd, &wait)
	return cmd
}

func (g jobCommands) resolve() *cobra.Command {
	var copyName, cameOut, operator string
	var wait time.Duration
	cmd := &cobra.Command{
		Use: "resolve ID --copy C --came-out yes|no", Short: g.a.say("回答不确定的小票出没出纸（no：补打一张，带标记）", "Say whether an uncertain slip came out (no: one more, marked)"),
		Long: g.a.say("先看柜台上和打印机出纸口，再回答。yes：就是那一张；no：补打一张，印上重打印标记。这里不会判断钱有没有收到。",
			"Look at the counter and into the printer first. yes: that is the slip; no: one more is printed, marked. This says\nnothing about the money."),
		Example: "  receiptd job resolve c1-000122-105234-a --copy cardholder --came-out no --wait",
		Args:    g.a.one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if copyName == "" || cameOut == "" {
				return g.a.usage("要写明 --copy 和 --came-out yes|no", "--copy and --came-out yes|no are needed")
			}
			if cameOut != "yes" && cameOut != "no" {
				return g.a.usage("--came-out 只能是 yes 或 no", "--came-out is yes or no")
			}
			return sender(g).command(cmd.Context(), map[string]any{"command": "resolve_uncertain", "target_job_id": args[0], "copy": copyName,
				"came_out": cameOut == "yes", "operator_no": operator}, "", wait)
		},
	}
	g.a.copyFlag(cmd, &copyName, g.a.say("哪一联：merchant、cardholder 等；档口的单子：kitchen@bar", "which copy: merchant, cardholder, ...; a station's ticket: kitchen@bar"))
	cmd.Flags().StringVar(&cameOut, "came-out", "", g.a.say("yes 或 no：柜台上看到的", "yes or no: what lies on the counter"))
	g.a.operatorFlag(cmd, &operator)
	sender(g).waitFlag(cmd, &wait)
	return cmd
}

// copyNames are what --copy may say, for completion.
var copyNames = []string{"merchant", "bank", "cardholder", "kitchen", "customer", "delivery", "document"}

// copyFlag adds --copy.
func (a *app) copyFlag(cmd *cobra.Command, to *string, help string) {
	cmd.Flags().StringVar(to, "copy", "", help)
	completeFlag(cmd, "copy", copyNames)
}

// completeFlag lets a shell complete a flag's values.
func completeFlag(cmd *cobra.Command, flag string, values []string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // a flag that is not defined just above
	}
}
