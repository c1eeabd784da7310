// Package report shows what receiptd did in a day or a batch: as tables for people, as CSV, and as a document that is printed like any
// other. It repeats what the journal says and concludes nothing about money. It keeps nothing and starts no goroutine.
package report

import (
	"fmt"
	"strconv"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Table is one part of a report.
type Table struct {
	Title string
	Head  []string
	Right []int // columns of numbers
	Rows  [][]string
	Notes []string
}

// Words are how a report is worded.
type Words struct {
	Zh    bool
	Zone  *time.Location           // nil: the machine's
	Label func(name string) string // what people call a printer; nil: its name
}

// leftOut words why a transaction adds nothing, where that is not what became of its money.
var leftOut = map[string]vocabulary.Text{
	"conflict":   {Zh: "同号不同内容", En: "same voucher, other content"},
	"no_sale":    {Zh: "不动钱（预授权、查询、充值）", En: "no money moved (pre-authorisation, balance, load)"},
	"takes_back": {Zh: "撤销交易本身", En: "voids themselves"},
	"adjusted":   {Zh: "已调整，以调整单为准", En: "adjusted: the adjustment stands for it"},
}

func (w Words) say(zh, en string) string {
	if w.Zh {
		return zh
	}
	return en
}

func (w Words) text(t vocabulary.Text) string { return w.say(t.Zh, t.En) }

func word[C ~string](w Words, kind vocabulary.Kind, code C) string {
	if text := w.text(vocabulary.Word(kind, code)); text != "" {
		return text
	}
	return string(code)
}

func (w Words) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(w.zone()).Format("01-02 15:04")
}

// said writes a time that stands on a slip as it stands there: by the terminal's own clock.
func (w Words) said(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("01-02 15:04")
}

func (w Words) zone() *time.Location {
	if w.Zone == nil {
		return time.Local
	}
	return w.Zone
}

func (w Words) printer(name string) string {
	if w.Label == nil {
		return name
	}
	return w.Label(name)
}

func money(minor int64, currency string) string {
	if currency == "" {
		return ""
	}
	return currency + " " + job.FormatAmount(minor, currency)
}

func why(w Words, code string) string {
	if text, ok := leftOut[code]; ok {
		return w.text(text)
	}
	return word(w, vocabulary.KindMoney, code)
}

// Title says what a report is of.
func Title(r *api.Report, w Words) string {
	what, of := heading(r, w)
	if of == "" {
		return what
	}
	return what + w.say("，", ", ") + of
}

// heading is a title in two parts: narrow paper has a line for each.
func heading(r *api.Report, w Words) (what, of string) {
	if r.Day != "" {
		return w.say("日报 ", "The day ") + r.Day, ""
	}
	for _, b := range r.Batches {
		return w.say("批次 ", "Batch ") + b.BatchNo, w.say("终端 ", "terminal ") + b.TerminalNo
	}
	return w.say("报告", "Report"), ""
}

// Tables are the parts of a report that have something in them, the most asked for first.
func Tables(r *api.Report, w Words) []Table {
	var list []Table
	for _, t := range []Table{slips(r, w), sums(r, w), batches(r, w), notable(r, w), reprints(r, w), doubts(r, w), printers(r, w)} {
		if len(t.Rows) > 0 {
			list = append(list, t)
		}
	}
	return list
}

func slips(r *api.Report, w Words) Table {
	t := Table{Title: w.say("小票", "Slips"), Head: []string{w.say("类型", "TYPE"), w.say("张数", "COUNT"), w.say("计入", "COUNTED"), w.say("金额", "AMOUNT")}, Right: []int{1, 2, 3}}
	for _, x := range r.Slips {
		name, counted, amount := word(w, vocabulary.KindJob, x.Kind), "", ""
		if x.Kind == job.KindTransaction {
			name, counted, amount = word(w, vocabulary.KindType, x.Type), strconv.Itoa(x.Counted), money(x.Amount, x.Currency)
		} else if of := word(w, vocabulary.KindType, x.Type); of != "" && of != name && x.Kind != job.KindReversal {
			name += " · " + of
		}
		t.Rows = append(t.Rows, []string{name, strconv.Itoa(x.Count), counted, amount})
	}
	return t
}

func sums(r *api.Report, w Words) Table {
	t := Table{Title: w.say("合计", "Sums"), Head: []string{w.say("币种", "CURRENCY"), w.say("笔数", "COUNT"), w.say("金额", "AMOUNT")}, Right: []int{1, 2},
		Notes: []string{w.say("本机收到的小票加起来是这样；钱以终端的结算为准。", "This is what the slips that came here add up to; the terminal's settlement is what counts.")}}
	for _, x := range r.Sums {
		t.Rows = append(t.Rows, []string{x.Currency, strconv.Itoa(x.Slips), money(x.Amount, x.Currency)})
	}
	for _, x := range r.LeftOut {
		t.Rows = append(t.Rows, []string{w.say("不计：", "not counted: ") + why(w, x.Why) + w.say("（", " (") + x.Currency + w.say("）", ")"), strconv.Itoa(x.Count), ""})
	}
	return t
}

func batches(r *api.Report, w Words) Table {
	t := Table{Title: w.say("结算：终端说的，和小票加起来的", "Settlement: what the terminal said, beside the slips"),
		Head: []string{w.say("批次", "BATCH"), w.say("终端", "TERMINAL"), w.say("小票", "SLIPS"), w.say("终端结算", "SETTLEMENT"), w.say("差", "DIFFERENCE")}, Right: []int{2, 3, 4}}
	for _, b := range r.Batches {
		if len(b.Sums) == 0 {
			t.Rows = append(t.Rows, []string{b.BatchNo, b.TerminalNo, "", word(w, vocabulary.KindBatch, b.State), ""})
		}
		for _, x := range b.Sums {
			said, differ := w.say("没有", "none"), ""
			if x.Settlement != nil {
				said, differ = money(*x.Settlement, x.Currency), agrees(&x, w)
			}
			if x.Paid != nil {
				t.Notes = append(t.Notes, w.say("批次 ", "Batch ")+b.BatchNo+w.say("：小票上减去优惠后实付 ", ": after discounts the slips say paid ")+money(*x.Paid, x.Currency)+
					w.say("。终端按哪个数结算都算一致。", ". A terminal may settle by either sum."))
			}
			t.Rows = append(t.Rows, []string{b.BatchNo, b.TerminalNo, money(x.Amount, x.Currency), said, differ})
		}
	}
	return t
}

// agrees says which sum of the slips the settlement agrees with, or by how much their totals differ from it.
func agrees(x *api.ReportSum, w Words) string {
	switch x.Agrees() {
	case api.AgreesAll:
		return w.say("一致", "the same")
	case api.AgreesTotals:
		return w.say("一致（按优惠前）", "the same (totals)")
	case api.AgreesPaid:
		return w.say("一致（按实付）", "the same (as paid)")
	}
	return money(x.Amount-*x.Settlement, x.Currency)
}

func notable(r *api.Report, w Words) Table {
	t := Table{Title: w.say("撤销、冲正、结果未知", "Voided, reversed, unknown"), Head: []string{w.say("凭证号", "VOUCHER"), w.say("终端", "TERMINAL"), w.say("怎样", "WHAT"), w.say("金额", "AMOUNT"), w.say("时间", "AT"), w.say("操作员", "OPERATOR")}, Right: []int{3}}
	for _, x := range r.Notable {
		t.Rows = append(t.Rows, []string{x.VoucherNo, x.TerminalNo, word(w, vocabulary.KindMoney, x.What), money(x.Amount, x.Currency), w.said(x.At), x.Operator})
	}
	return t
}

func reprints(r *api.Report, w Words) Table {
	t := Table{Title: w.say("补打", "Printed again"), Head: []string{w.say("操作员", "OPERATOR"), w.say("原因", "WHY"), w.say("张数", "COPIES")}, Right: []int{2}}
	for _, x := range r.Reprints {
		who := x.Operator
		switch who {
		case "":
			who = w.say("没写", "not said")
		case "SYSTEM":
			who = w.say("自动", "by itself")
		}
		t.Rows = append(t.Rows, []string{who, word(w, vocabulary.KindMark, x.Why), strconv.Itoa(x.Copies)})
	}
	return t
}

func doubts(r *api.Report, w Words) Table {
	t := Table{Title: w.say("没打清楚的，后来怎样", "Uncertain, and how they ended"), Head: []string{w.say("任务", "JOB"), w.say("联", "COPY"), w.say("打印机", "PRINTER"), w.say("时间", "AT"), w.say("后来", "ENDED"), w.say("谁说的", "BY")}}
	for _, x := range r.Doubts {
		t.Rows = append(t.Rows, []string{x.JobID, word(w, vocabulary.KindCopy, x.Copy), w.printer(x.Printer), w.at(x.At), ended(w, x), x.Operator})
	}
	return t
}

func ended(w Words, x api.ReportDoubt) string {
	switch {
	case x.Ended == "":
		return w.say("还没人说", "nobody has said yet")
	case x.Ended == vocabulary.StatePrinted && x.Proof == vocabulary.ProofPerson:
		return w.say("有人看到出来了", "somebody saw it come out")
	case x.Ended == vocabulary.StatePrinted:
		return w.say("打印机后来确认了", "the printer confirmed it later")
	case x.Ended == vocabulary.StateCancelled:
		return w.say("有人说没出来，补打了", "somebody said that it did not come out; a marked copy followed")
	}
	return word(w, vocabulary.KindState, x.Ended)
}

func printers(r *api.Report, w Words) Table {
	t := Table{Title: w.say("打印机", "Printers"), Head: []string{w.say("打印机", "PRINTER"), w.say("张数", "COPIES"), w.say("用纸", "PAPER"), w.say("小票等它的分钟", "MINUTES WAITED FOR")}, Right: []int{1, 2, 3}}
	unknown := 0
	for _, x := range r.Printers {
		unknown += x.Unknown
		bad := minutes(x.Bad)
		if len(x.Troubles) > 0 && x.Bad > 0 {
			bad += " · " + word(w, vocabulary.KindReason, x.Troubles[0].Reason)
		}
		t.Rows = append(t.Rows, []string{w.printer(x.Printer), strconv.Itoa(x.Copies), metres(x.PaperMM), bad})
	}
	if unknown > 0 {
		t.Notes = append(t.Notes, w.say(fmt.Sprintf("%d 张的长度不知道，没算进用纸。", unknown), fmt.Sprintf("The paper used is without the copies of unknown length: %d.", unknown)))
	}
	return t
}

func metres(mm int64) string { return fmt.Sprintf("%.2f m", float64(mm)/1000) }

func minutes(seconds int64) string {
	if seconds > 0 && seconds < 60 {
		return "<1"
	}
	return strconv.FormatInt((seconds+30)/60, 10)
}
