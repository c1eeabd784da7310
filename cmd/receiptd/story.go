package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// writeSummaries shows a list of slips to a person.
func (a *app) writeSummaries(w io.Writer, list []queue.Summary) {
	for _, j := range list {
		states := make([]string, len(j.Copies))
		for i, c := range j.Copies {
			states[i] = fmt.Sprintf("%s:%s", c.Copy, c.State)
			if c.PrintNo > 1 {
				states[i] = fmt.Sprintf("%s#%d:%s", c.Copy, c.PrintNo, c.State)
			}
		}
		at := j.TransactedAt
		if at.IsZero() {
			at = j.AcceptedAt
		}
		money := ""
		if j.Currency != "" {
			money = j.Currency + " " + job.FormatAmount(j.Amount, j.Currency)
		}
		fmt.Fprintf(w, "%s  %-6s  %-14s  %14s  %-4s  %s  %s\n", at.Local().Format("01-02 15:04"), j.VoucherNo, firstOf(j.Type, string(j.Kind)), money, j.Last4, j.JobID, strings.Join(states, " "))
	}
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// writeStory tells a slip's story to a person.
func (a *app) writeStory(w io.Writer, s queue.Story) {
	a.writeSummaries(w, []queue.Summary{s.Summary})
	for _, l := range s.Lines {
		fmt.Fprintf(w, "  %s  %s\n", l.At.Local().Format(time.DateTime), a.say(l.Text.Zh, l.Text.En))
	}
}
