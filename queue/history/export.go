package history

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/receiptd/receiptd/internal/sheet"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// Export writes one batch instance, the earliest slip first: "json" (one object with the batch and its jobs, each with
// its summary and sanitised content) or "csv" (a line for each copy, one for a job without copies; UTF-8 with a byte
// order mark for spreadsheets). Amounts of copies do not add up: see ExportSlips. Errors: ErrNotFound, and those of w.
func (h *Batches) Export(ctx context.Context, batch int64, w io.Writer, format string) error {
	return h.export(ctx, batch, w, format, exportJSON, exportCSV)
}

// A writeBatch writes one batch in one format.
type writeBatch func(s record.View, b *record.BatchRow, w io.Writer) error

// export writes a batch in the format that is asked for.
func (h *Batches) export(ctx context.Context, batch int64, w io.Writer, format string, asJSON, asCSV writeBatch) error {
	s := h.db.Read(ctx)
	b, err := record.BatchByID(s, batch)
	if err != nil {
		return fmt.Errorf("batch %d: %w", batch, err)
	}
	switch format {
	case "json":
		return asJSON(s, &b, w)
	case "csv":
		return asCSV(s, &b, w)
	}
	return fmt.Errorf("format %q: want json or csv", format)
}

// eachJob calls fn for a batch's jobs in the order of their arrival, without holding them all.
func eachJob(s record.View, batch int64, fn func(Summary, []byte) error) error {
	return eachRow(s, batch, "outcome IN ('accepted', 'conflict') AND kind <> 'command'", func(r *record.JobRow) error {
		sum, err := summary(s, r)
		if err != nil {
			return err
		}
		text, err := record.Content(s, r.Seq)
		if err != nil {
			return err
		}
		return fn(sum, text)
	})
}

func exportJSON(s record.View, b *record.BatchRow, w io.Writer) error {
	head, err := batchHead(s, b)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "{\"batch\":%s,\n\"jobs\":[", head); err != nil {
		return err
	}
	sep := "\n"
	err = eachJob(s, b.ID, func(sum Summary, raw []byte) error {
		line, err := json.Marshal(struct {
			Summary
			Job json.RawMessage `json:"job,omitempty"`
		}{sum, raw})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s%s", sep, line)
		sep = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}

// batchHead gives a batch as JSON.
func batchHead(s record.View, b *record.BatchRow) ([]byte, error) {
	open, err := unprinted(s)
	if err != nil {
		return nil, err
	}
	head, err := batchOf(s, b, open)
	if err != nil {
		return nil, err
	}
	return json.Marshal(head)
}

var csvHead = []string{
	"job_id", "kind", "type", "money", "merchant_no", "terminal_no", "batch_no", "voucher_no", "amount", "currency", "last4", "operator_no",
	"transacted_at", "copy", "print_no", "mark", "state", "proof", "printer", "at",
}

func exportCSV(s record.View, b *record.BatchRow, w io.Writer) error {
	return writeCSV(w, csvHead, func(line func(...string) error) error {
		return eachJob(s, b.ID, func(sum Summary, _ []byte) error {
			base := []string{
				sum.JobID, string(sum.Kind), sum.Type, string(sum.Money), sum.MerchantNo, sum.TerminalNo, sum.BatchNo, sum.VoucherNo,
				amountText(&sum), sum.Currency, sum.Last4, sum.Operator, sum.TransactedAt.Format(time.RFC3339),
			}
			if len(sum.Copies) == 0 {
				return line(append(base, "", "", "", "", "", "", "")...)
			}
			for _, x := range sum.Copies {
				row := append(base[:len(base):len(base)], string(x.Copy), strconv.Itoa(x.PrintNo), string(x.Mark), string(x.State), string(x.Proof),
					x.Printer, x.At.Format(time.RFC3339))
				if err := line(row...); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// writeCSV writes a table for spreadsheets: a byte order mark, its head, and what lines writes line by line.
func writeCSV(w io.Writer, head []string, lines func(line func(...string) error) error) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	if err := c.Write(head); err != nil {
		return err
	}
	err := lines(func(row ...string) error {
		for i := range row {
			row[i] = sheet.Inert(row[i])
		}
		return c.Write(row)
	})
	if err != nil {
		return err
	}
	c.Flush()
	return c.Error()
}

// amountText writes the amount of a line; a settlement and other slips without a currency have none.
func amountText(s *Summary) string {
	if s.Currency == "" {
		return ""
	}
	return job.FormatAmount(s.Amount, s.Currency)
}
