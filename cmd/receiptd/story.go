package main

import (
	"fmt"
	"io"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// writeSummaries shows a list of slips to a person.
func (g jobCommands) writeSummaries(w io.Writer, list []queue.Summary) {
	t := newTable(g.a.say("时间", "TIME"), g.a.say("凭证号", "VOUCHER"), g.a.say("类型", "TYPE"), g.a.say("金额", "AMOUNT"), g.a.say("卡尾号", "CARD"),
		g.a.say("款项", "MONEY"), g.a.say("各联", "COPIES"), g.a.say("任务", "JOB")).numbers(3)
	for i := range list {
		j := &list[i]
		at := j.TransactedAt // as the paper says it
		if at.IsZero() {
			at = j.AcceptedAt.In(g.a.zone)
		}
		number := firstOf(j.VoucherNo, j.OrderNo)
		kind := word(g.a.lang, vocabulary.KindJob, j.Kind)
		switch {
		case j.Kind == job.KindCommand:
			kind = word(g.a.lang, vocabulary.KindCommand, j.Type)
		case j.Type != "":
			kind = word(g.a.lang, vocabulary.KindType, j.Type)
		}
		if j.Test {
			kind += g.a.say("（测试）", " (test)")
		}
		state := g.a.lang.copies(j.Copies)
		if j.Outcome == queue.Conflict {
			state = word(g.a.lang, vocabulary.KindOutcome, j.Outcome)
		}
		t.add(at.Format("01-02 15:04"), number, kind, amountWords(j.Amount, j.Currency), j.Last4, word(g.a.lang, vocabulary.KindMoney, j.Money), state, j.JobID)
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
func (g jobCommands) writeStory(w io.Writer, s queue.Story) {
	g.writeSummaries(w, []queue.Summary{s.Summary})
	if s.Summary.BatchNo != "" {
		fmt.Fprintf(w, g.a.say("商户 %s  终端 %s  批次 %s（%s）\n", "merchant %s  terminal %s  batch %s (%s)\n"),
			s.Summary.MerchantNo, s.Summary.TerminalNo, s.Summary.BatchNo, word(g.a.lang, vocabulary.KindBatch, s.Summary.BatchState))
	}
	sender(g).writeWarnings(w, s.Answer.Warnings)
	fmt.Fprintln(w)
	names := map[string]string{}
	for _, c := range s.Summary.Copies {
		names[c.CopyID] = word(g.a.lang, vocabulary.KindCopy, c.Name()) + " "
	}
	g.writeLines(w, s.Lines, names)
}

// writeLines tells what happened; names says which copy an id is.
func (g jobCommands) writeLines(w io.Writer, lines []queue.Line, names map[string]string) {
	for _, l := range lines {
		fmt.Fprintf(w, "  %s  %s%s\n", l.At.In(g.a.zone).Format(time.DateTime), names[l.Event.CopyID], g.a.say(l.Text.Zh, l.Text.En))
	}
}
