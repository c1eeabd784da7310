package main

import (
	"fmt"
	"io"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// writeSummaries shows a list of slips to a person.
func (a *app) writeSummaries(w io.Writer, list []queue.Summary) {
	t := newTable(a.say("时间", "TIME"), a.say("凭证号", "VOUCHER"), a.say("类型", "TYPE"), a.say("金额", "AMOUNT"), a.say("卡尾号", "CARD"),
		a.say("款项", "MONEY"), a.say("各联", "COPIES"), a.say("任务", "JOB")).numbers(3)
	for i := range list {
		j := &list[i]
		at := j.TransactedAt // as the paper says it
		if at.IsZero() {
			at = j.AcceptedAt.Local()
		}
		number := firstOf(j.VoucherNo, j.OrderNo)
		kind := a.word(firstOf(j.Type, string(j.Kind)))
		if j.Test {
			kind += a.say("（测试）", " (test)")
		}
		state := a.copyWords(j.Copies)
		if j.Outcome == queue.Conflict {
			state = a.word(string(j.Outcome))
		}
		t.add(at.Format("01-02 15:04"), number, kind, amountWords(j.Amount, j.Currency), j.Last4, a.word(j.Money), state, j.JobID)
	}
	t.write(w, "")
}

// amountWords writes an amount with its currency, "" when there is none.
func amountWords(minor int64, currency string) string {
	if currency == "" {
		return ""
	}
	return currency + " " + job.FormatAmount(minor, currency)
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
	if s.Summary.BatchNo != "" {
		fmt.Fprintf(w, a.say("商户 %s  终端 %s  批次 %s（%s）\n", "merchant %s  terminal %s  batch %s (%s)\n"),
			s.Summary.MerchantNo, s.Summary.TerminalNo, s.Summary.BatchNo, a.batchWord(s.Summary.BatchState))
	}
	fmt.Fprintln(w)
	names := map[string]string{}
	for _, c := range s.Summary.Copies {
		names[c.CopyID] = a.word(string(c.Copy)) + " "
	}
	a.writeLines(w, s.Lines, names)
}

// writeLines tells what happened; names says which copy an id is.
func (a *app) writeLines(w io.Writer, lines []queue.Line, names map[string]string) {
	for _, l := range lines {
		fmt.Fprintf(w, "  %s  %s%s\n", l.At.Local().Format(time.DateTime), names[l.Event.CopyID], a.say(l.Text.Zh, l.Text.En))
	}
}
