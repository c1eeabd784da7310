package report

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/sheet"
	"github.com/receiptd/receiptd/job"
)

// csvHead are the columns of a report as CSV: what does not apply is empty. Codes stand as in the API, amounts with their decimal point.
var csvHead = []string{"section", "code", "type", "count", "counted", "currency", "amount", "settlement", "batch_no", "terminal_no", "voucher_no", "job_id", "copy", "printer", "operator_no", "at", "ended", "seconds", "paper_mm", "paid"}

// A line is a row of CSV by its columns.
type line map[string]string

// CSV writes a report for spreadsheets and programs: UTF-8 with a byte order mark. An error is w's.
func CSV(w io.Writer, r *api.Report) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	_ = out.Write(csvHead) // its error comes again with Error
	for _, x := range lines(r) {
		row := make([]string, len(csvHead))
		for i, name := range csvHead {
			row[i] = sheet.Inert(x[name])
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}

func lines(r *api.Report) []line {
	var list []line
	amount := func(x line, minor int64, currency string) line {
		if currency != "" {
			x["currency"], x["amount"] = currency, job.FormatAmount(minor, currency)
		}
		return x
	}
	when := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	for _, x := range r.Slips {
		list = append(list, amount(line{"section": "slips", "code": string(x.Kind), "type": x.Type, "count": strconv.Itoa(x.Count), "counted": strconv.Itoa(x.Counted)}, x.Amount, x.Currency))
	}
	for _, x := range r.Sums {
		list = append(list, amount(line{"section": "sum", "count": strconv.Itoa(x.Slips)}, x.Amount, x.Currency))
	}
	for _, x := range r.LeftOut {
		list = append(list, line{"section": "left_out", "code": x.Why, "count": strconv.Itoa(x.Count), "currency": x.Currency})
	}
	for _, b := range r.Batches {
		for _, x := range b.Sums {
			row := amount(line{"section": "batch", "code": string(b.State), "batch_no": b.BatchNo, "terminal_no": b.TerminalNo, "count": strconv.Itoa(x.Slips), "operator_no": b.ClosedBy, "at": when(b.ClosedAt)}, x.Amount, x.Currency)
			if x.Settlement != nil {
				row["settlement"] = job.FormatAmount(*x.Settlement, x.Currency)
			}
			if x.Paid != nil {
				row["paid"] = job.FormatAmount(*x.Paid, x.Currency)
			}
			list = append(list, row)
		}
	}
	for _, x := range r.Notable {
		list = append(list, amount(line{"section": "notable", "code": string(x.What), "type": x.Type, "terminal_no": x.TerminalNo, "voucher_no": x.VoucherNo, "job_id": x.JobID, "operator_no": x.Operator, "at": when(x.At)}, x.Amount, x.Currency))
	}
	for _, x := range r.Reprints {
		list = append(list, line{"section": "reprints", "code": string(x.Why), "operator_no": x.Operator, "count": strconv.Itoa(x.Copies)})
	}
	for _, x := range r.Doubts {
		list = append(list, line{"section": "doubt", "code": string(x.Ended), "type": string(x.Proof), "job_id": x.JobID, "copy": string(x.Copy), "printer": x.Printer, "operator_no": x.Operator, "at": when(x.At), "ended": when(x.EndedAt)})
	}
	for _, x := range r.Printers {
		list = append(list, line{"section": "printer", "printer": x.Printer, "count": strconv.Itoa(x.Copies), "seconds": strconv.FormatInt(x.Bad, 10), "paper_mm": strconv.FormatInt(x.PaperMM, 10)})
		for _, t := range x.Troubles {
			list = append(list, line{"section": "trouble", "printer": x.Printer, "code": string(t.Reason), "seconds": strconv.FormatInt(t.Seconds, 10)})
		}
	}
	return list
}

// onPaper bounds the rows of one part on paper.
const onPaper = 60

// Document gives a report as a job: a document that is no slip and says so. id is the job's, printer where it is to come out, "" for
// where documents go.
func Document(r *api.Report, w Words, id, printer string, now time.Time) ([]byte, error) {
	what, of := heading(r, w)
	blocks := []job.Block{{Type: job.BlockText, Text: what, Align: "center", Bold: true, Scale: 2}}
	if of != "" {
		blocks = append(blocks, job.Block{Type: job.BlockText, Text: of, Align: "center", Bold: true})
	}
	blocks = append(blocks, job.Block{Type: job.BlockText, Text: w.say("非凭证 NOT A RECEIPT ", "NOT A RECEIPT ") + now.In(w.zone()).Format("2006-01-02 15:04"), Align: "center"})
	tables := Tables(r, w)
	if len(tables) == 0 {
		blocks = append(blocks, job.Block{Type: job.BlockRule}, job.Block{Type: job.BlockText, Text: w.say("没有小票。", "No slips.")})
	}
	for _, t := range tables {
		blocks = append(blocks, job.Block{Type: job.BlockRule}, job.Block{Type: job.BlockText, Text: t.Title, Bold: true})
		for _, row := range t.Rows[:min(len(t.Rows), onPaper)] {
			blocks = append(blocks, rowOf(&t, row)...)
		}
		if more := len(t.Rows) - onPaper; more > 0 {
			blocks = append(blocks, job.Block{Type: job.BlockText, Text: w.say(fmt.Sprintf("还有 %d 行，见页面或 CSV。", more), fmt.Sprintf("%d more rows stand on the page and in the CSV.", more))})
		}
		for _, note := range t.Notes {
			blocks = append(blocks, job.Block{Type: job.BlockText, Text: note})
		}
	}
	blocks = append(blocks, job.Block{Type: job.BlockCut})
	locale := "en"
	if w.Zh {
		locale = "zh-CN"
	}
	doc := map[string]any{"job_id": id, "kind": "document", "created_at": now.Format(time.RFC3339), "locale": locale, "payload": map[string]any{"title": Title(r, w), "blocks": blocks}}
	if printer != "" {
		doc["printer"] = printer
	}
	return json.Marshal(doc)
}

// rowOf lays a row of a table on narrow paper: what it is, and an amount beside it; below, everything else with the name of its column.
// Of several amounts each has a line of its own with its name: an amount beside the row's name would pass for the whole.
func rowOf(t *Table, row []string) []job.Block {
	name := cmp.Or(row[0], "-")
	first := job.Block{Type: job.BlockText, Text: name}
	var amounts []int
	for _, i := range t.Right {
		if isMoney(row[i]) {
			amounts = append(amounts, i)
		}
	}
	several := len(amounts) > 1 || len(amounts) == 1 && len(t.Right) > 1 && amounts[0] < len(row)-1 // or could be
	var rest []string
	var lines []job.Block
	for i := 1; i < len(row); i++ {
		switch {
		case row[i] == "":
		case !several && slices.Contains(amounts, i):
			first = besides(name, row[i])
		case several && slices.Contains(t.Right, i):
			lines = append(lines, besides(t.Head[i], row[i]))
		default:
			rest = append(rest, t.Head[i]+" "+row[i])
		}
	}
	blocks := []job.Block{first}
	if len(rest) > 0 {
		blocks = append(blocks, job.Block{Type: job.BlockText, Text: "  " + strings.Join(rest, " · ")})
	}
	return append(blocks, lines...)
}

func besides(name, amount string) job.Block {
	return job.Block{Type: job.BlockColumns, Cells: []string{name, amount}, Weights: []int{3, 2}}
}

// isMoney reports whether a cell holds what money wrote: a currency's three letters and an amount.
func isMoney(cell string) bool {
	currency, amount, _ := strings.Cut(cell, " ")
	return len(currency) == 3 && strings.ContainsAny(amount, "0123456789") && strings.Trim(amount, "-.0123456789") == ""
}
