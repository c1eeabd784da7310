package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/queue"
)

func newReprintCommand(a *app) *cobra.Command {
	var (
		last, settlement, archive bool
		body                      = map[string]any{}
		wait                      time.Duration
		pinFile, key              string
		texts                     = map[string]*string{}
		copies                    []string
	)
	cmd := &cobra.Command{
		Use:   "reprint --last | --voucher NO | --settlement | --job ID",
		Short: "Print a slip again, marked as a duplicate",
		Long: "Prints the last slip, any voucher of the open batch, the settlement slip, or an order or document once more. Every\n" +
			"reprint is marked 重打印凭证/DUPLICATED with its number, time and operator. After settlement the batch's slips are\n" +
			"refused; --archive prints a retrieval copy (调单副本) with the supervisor's PIN.",
		Example: "  receiptd reprint --last\n  receiptd reprint --voucher 105233 --copies cardholder --operator 01 --wait",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for name, value := range texts {
				if *value != "" {
					body[name] = *value
				}
			}
			if len(copies) > 0 {
				body["copies"] = copies
			}
			if last {
				body["last"] = true
			}
			if settlement {
				body["settlement"] = true
			}
			if archive {
				body["archive"] = true
			}
			pin, err := a.pinIf(archive, pinFile)
			if err != nil {
				return err
			}
			if key == "" {
				key = "cli-" + rand.Text()[:20]
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			var ans queue.Answer
			call := client.Call{Method: http.MethodPost, Path: "/v1/reprints", Body: body, Key: key, Pin: pin}
			if err := c.Do(cmd.Context(), call, &ans); err != nil {
				return err
			}
			return a.finish(cmd.Context(), c, ans, wait)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&last, "last", false, "the terminal's last slip")
	f.BoolVar(&settlement, "settlement", false, "the last settlement slip")
	f.BoolVar(&archive, "archive", false, "a retrieval copy of a closed batch; needs --batch, --voucher, --case and the supervisor's PIN")
	text := func(flag, field, help string) {
		texts[field] = new(string)
		f.StringVar(texts[field], flag, "", help)
	}
	text("voucher", "voucher_no", "voucher number; leading zeros may be left out")
	text("job", "target_job_id", "job id of an order or document")
	text("terminal", "terminal_no", "terminal number; needed when there are several")
	text("operator", "operator_no", "who asks, printed on the slip")
	text("reason", "reason", "why: no_paper, lost, customer_request, blank_slip")
	text("printer", "printer", "another printer than the slip's own")
	text("batch", "batch_no", "with --archive: the closed batch")
	text("case", "case_no", "with --archive: the retrieval case number")
	f.StringSliceVar(&copies, "copies", nil, "which copies, e.g. merchant,cardholder (default: all)")
	f.StringVar(&key, "id", "", "idempotency key: the same key prints once, however often it is sent")
	f.StringVar(&pinFile, "pin-file", "", "file with the supervisor's PIN (default: ask)")
	addWait(cmd, &wait)
	cmd.MarkFlagsOneRequired("last", "voucher", "settlement", "job")
	cmd.MarkFlagsMutuallyExclusive("last", "voucher", "settlement", "job")
	return cmd
}

// addWait adds --wait[=60s].
func addWait(cmd *cobra.Command, wait *time.Duration) {
	cmd.Flags().DurationVar(wait, "wait", 0, "wait for the outcome, at most this long (--wait alone: 60s)")
	cmd.Flags().Lookup("wait").NoOptDefVal = "60s"
}

// finish waits if asked, prints the answer, and turns it into an exit code.
func (a *app) finish(ctx context.Context, c *client.Client, ans queue.Answer, wait time.Duration) error {
	if wait > 0 && ans.JobID != "" {
		limit, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		waited, err := c.WaitAnswer(limit, ans.JobID, settled)
		if err != nil {
			return err
		}
		if waited.JobID != "" {
			ans = waited
		}
	}
	if err := a.print(ans, func(w io.Writer) { a.writeAnswer(w, ans) }); err != nil {
		return err
	}
	if wait > 0 {
		return a.waitedCode(ans)
	}
	return nil
}

// settled tells whether nothing more will happen to an answer by itself soon.
func settled(ans queue.Answer) bool {
	for _, c := range ans.Copies {
		switch c.State {
		case queue.Queued, queue.Sending, queue.Held:
			return false
		}
	}
	return true
}

func (a *app) waitedCode(ans queue.Answer) error {
	for _, c := range ans.Copies {
		switch c.State {
		case queue.Uncertain:
			return codeError{exitUncertain, a.say("不能确定出没出纸。请看柜台上,然后:receiptd job resolve "+ans.JobID+" --copy "+string(c.Copy)+" --came-out yes|no",
				"it is not known whether the slip came out. Look at the counter, then: receiptd job resolve "+ans.JobID+" --copy "+string(c.Copy)+" --came-out yes|no")}
		case queue.Held, queue.Queued, queue.Sending:
			return codeError{exitNotReady, a.say("打印机还没有打完:"+c.Reason+"。小票没有丢,好了会自动打。", "not printed yet: "+c.Reason+". The slip is kept and printed when the printer is well.")}
		case queue.Sent:
			a.complain(a.say("已发送,但这台打印机不能证明出纸;请看一眼。", "sent; this printer cannot prove that it came out. Have a look."))
		}
	}
	return nil
}

// writeAnswer shows an answer to a person.
func (a *app) writeAnswer(w io.Writer, ans queue.Answer) {
	fmt.Fprintf(w, "%s  %s\n", ans.JobID, ans.Outcome)
	for _, c := range ans.Copies {
		fmt.Fprintf(w, "  %-10s  #%d  %-9s  %s  %s", c.Copy, c.PrintNo, c.State, c.Mark, c.Printer)
		if c.Reason != "" {
			fmt.Fprintf(w, "  (%s)", c.Reason)
		}
		fmt.Fprintln(w)
	}
	for _, p := range ans.Warnings {
		fmt.Fprintf(w, "  ! %s\n", a.say(p.Message.Zh, p.Message.En))
	}
}
