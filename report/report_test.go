package report_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/report"
	"github.com/receiptd/receiptd/vocabulary"
)

func sample() *api.Report {
	said := int64(30000)
	at := time.Date(2026, 8, 11, 4, 0, 0, 0, time.UTC)
	r := &api.Report{Day: "2026-08-11",
		Slips:    []api.ReportSlips{{Kind: job.KindTransaction, Type: "sale", Currency: "CNY", Count: 3, Counted: 2, Amount: 31000}, {Kind: job.KindOrder, Type: "new", Count: 4}},
		LeftOut:  []api.ReportLeftOut{{Why: "takes_back", Currency: "CNY", Count: 1}, {Why: "voided", Currency: "CNY", Count: 1}},
		Sums:     []api.ReportSum{{Currency: "CNY", Slips: 2, LeftOut: 2, Amount: 31000}},
		Batches:  []api.ReportBatch{{ID: 1, BatchNo: "000122", TerminalNo: "00012345", State: "settled", Sums: []api.ReportSum{{Currency: "CNY", Slips: 2, Amount: 31000, Settlement: &said}}}},
		Notable:  []api.ReportSlip{{What: vocabulary.MoneyVoided, JobID: "=cmd", Type: "sale", TerminalNo: "00012345", VoucherNo: "000007", Amount: 500, Currency: "CNY", At: at.In(time.FixedZone("", 9*3600))}},
		Reprints: []api.ReportReprints{{Operator: "07", Why: job.MarkDuplicate, Copies: 3}, {Operator: "SYSTEM", Why: job.MarkRecovery, Copies: 1}},
		Doubts:   []api.ReportDoubt{{JobID: "b", Copy: job.CopyMerchant, Printer: "front", At: at, Ended: vocabulary.StatePrinted, Proof: vocabulary.ProofPerson, Operator: "03"}, {JobID: "c", Copy: job.CopyMerchant, Printer: "front", At: at}},
		Printers: []api.ReportPrinter{{Printer: "front", Copies: 9, PaperMM: 1234, Unknown: 1, Bad: 90, Troubles: []api.ReportTrouble{{Reason: vocabulary.ReasonPaperOut, Seconds: 90}}}},
	}
	return r
}

func text(r *api.Report, w report.Words) string {
	var b strings.Builder
	for _, t := range report.Tables(r, w) {
		fmt.Fprintln(&b, t.Title)
		for _, row := range t.Rows {
			fmt.Fprintln(&b, strings.Join(row, "|"))
		}
		for _, n := range t.Notes {
			fmt.Fprintln(&b, n)
		}
	}
	return b.String()
}

// A report says in both languages what came, what the terminal said beside it and by how much they differ, and never who is right.
func TestTables(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	label := func(string) string { return "前台" }
	for lang, wants := range map[string][]string{
		"zh": {"消费|3|2|CNY 310.00", "不计：撤销交易本身（CNY）|1|", "000122|00012345|CNY 310.00|CNY 300.00|CNY 10.00", "000007|00012345|已撤销|CNY 5.00|08-11 13:00|", "自动|故障后重打|1",
			"b|商户存根|前台|08-11 12:00|有人看到出来了|03", "还没人说", "前台|9|1.23 m|2 · ", "1 张的长度不知道", "以终端的结算为准"},
		"en": {"Sale|3|2|CNY 310.00", "not counted: voids themselves (cny)|1|", "by itself|", "somebody saw it come out", "nobody has said yet", "the terminal's settlement is what counts"},
	} {
		got := text(sample(), report.Words{Zh: lang == "zh", Zone: zone, Label: label})
		for _, want := range wants {
			if !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
				t.Errorf("%s: no %q in\n%s", lang, want, got)
			}
		}
	}
}

// What a settlement agrees with is told: the totals, what was paid, or neither.
func TestAgrees(t *testing.T) {
	paid := int64(30500)
	for said, wants := range map[int64][2]string{31000: {"CNY 310.00|一致（按优惠前）", "CNY 310.00|the same (totals)"}, 30500: {"CNY 305.00|一致（按实付）", "CNY 305.00|the same (as paid)"},
		30000: {"CNY 300.00|CNY 10.00", "CNY 300.00|CNY 10.00"}} {
		r := sample()
		r.Batches[0].Sums[0].Settlement, r.Batches[0].Sums[0].Paid = &said, &paid
		for i, note := range []string{"批次 000122：小票上减去优惠后实付 CNY 305.00", "Batch 000122: after discounts the slips say paid CNY 305.00"} {
			got := text(r, report.Words{Zh: i == 0, Zone: time.UTC})
			if !strings.Contains(got, wants[i]+"\n") || !strings.Contains(got, note) {
				t.Errorf("settled at %d: no %q or %q in\n%s", said, wants[i], note, got)
			}
		}
		var b bytes.Buffer
		if err := report.CSV(&b, r); err != nil || !strings.Contains(b.String(), ",305.00\n") {
			t.Errorf("%v\n%s", err, b.String())
		}
	}
}

// Its CSV has a row for each figure, can be read back, and holds no formula.
func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := report.CSV(&b, sample()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 14 {
		t.Errorf("%d rows:\n%s", len(rows), b.String())
	}
	for _, want := range []string{"slips,transaction,sale,3,2,CNY,310.00,", "batch,settled,,2,,CNY,310.00,300.00,000122", "'=cmd", "printer,,,9,,,,,,,,,,front,,,,90,1234"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// TestNoFormula: a name that begins as a formula does is a text, by the wide signs too; a negative amount stays a number.
func TestNoFormula(t *testing.T) {
	for _, name := range []string{"=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋cmd", "－2", "＠SUM"} {
		var b bytes.Buffer
		if err := report.CSV(&b, &api.Report{Reprints: []api.ReportReprints{{Operator: name, Copies: 1}}, Sums: []api.ReportSum{{Currency: "CNY", Amount: -1200}}}); err != nil {
			t.Fatal(err)
		}
		if text := b.String(); !strings.Contains(text, "'"+name) || !strings.Contains(text, ",-12.00,") {
			t.Errorf("%q:\n%s", name, text)
		}
	}
}

// On paper it is a document that the job's schema takes and that says that it is no receipt.
func TestDocument(t *testing.T) {
	r := sample()
	for range 200 {
		r.Notable = append(r.Notable, r.Notable[0])
		r.Doubts = append(r.Doubts, r.Doubts[0])
	}
	for _, zh := range []bool{true, false} {
		for _, x := range []*api.Report{r, {Day: "2026-08-12"}} {
			data, err := report.Document(x, report.Words{Zh: zh, Zone: time.UTC}, "report-1", "front", time.Date(2026, 8, 12, 1, 2, 3, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			res := job.Parse(data)
			if res.Job == nil || len(res.Errors) > 0 || len(res.Warnings) > 0 || res.Job.Printer != "front" || !strings.Contains(string(data), "NOT A RECEIPT") ||
				x == r && !strings.Contains(string(data), map[bool]string{true: "张数 ", false: "COUNT "}[zh]) {
				t.Errorf("%+v %+v\n%.2000s", res.Errors, res.Warnings, data)
			}
		}
	}
}

// What differs stands under its own name on paper, beside what the slips and the terminal say: the batch's number has no amount beside it.
func TestDocumentOfABatch(t *testing.T) {
	r := sample()
	r.Day = ""
	open := r.Batches[0]
	open.BatchNo, open.Sums = "000123", []api.ReportSum{{Currency: "CNY", Slips: 1, Amount: 700}}
	r.Batches = append(r.Batches, open)
	for lang, wants := range map[string][]string{
		"zh": {`"text":"批次 000122"`, `"text":"终端 00012345"`, `["小票","CNY 310.00"]`, `["终端结算","CNY 300.00"]`, `["差","CNY 10.00"]`, `["小票","CNY 7.00"]`, `["终端结算","没有"]`, `["消费","CNY 310.00"]`, `["000007","CNY 5.00"]`, `"text":"不计：已撤销（CNY）"`},
		"en": {`"text":"Batch 000122"`, `"text":"terminal 00012345"`, `["SLIPS","CNY 310.00"]`, `["SETTLEMENT","CNY 300.00"]`, `["DIFFERENCE","CNY 10.00"]`},
	} {
		data, err := report.Document(r, report.Words{Zh: lang == "zh", Zone: time.UTC}, "report-1", "", time.Date(2026, 8, 12, 1, 2, 3, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(data), want) {
				t.Errorf("%s: no %s in\n%s", lang, want, data)
			}
		}
	}
}
