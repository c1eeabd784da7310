package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Slip is one transaction of a batch as it adds up.
type Slip struct {
	Summary
	Counted int64  `json:"counted"`            // minor units, signed: what it adds to its currency's sum
	LeftOut string `json:"left_out,omitempty"` // why it adds nothing: one of the LeftOut codes, or what Money says
}

// Why a slip adds nothing to the sum of its batch, where that is not what became of its money.
const (
	leftOutConflict  = "conflict"   // another slip of this voucher came first, with other content
	leftOutNoSale    = "no_sale"    // no money moved: a pre-authorisation, a balance, a load of a chip
	leftOutTakesBack = "takes_back" // a void: the slip that it takes back stands here and adds nothing either
	leftOutAdjusted  = "adjusted"   // an adjustment of the same voucher stands for it
	leftOutReversed  = "reversed"   // a person said that the money went back
)

// A Sum is what the slips of a batch add up to in one currency, beside the terminal's own figure. Where they differ the terminal's is
// the one that counts: slips may be missing here.
type Sum = api.ReportSum

// signs says what a transaction adds: money taken, money given back. A type that is not here moves none.
var signs = map[job.TransactionType]int64{
	job.Sale: 1, job.PreAuthCompletion: 1, job.PreAuthCompletionAdvice: 1, job.OfflineSale: 1, job.Adjustment: 1, job.ECSale: 1,
	job.Installment: 1, job.Loyalty: 1, job.ScanPay: 1,
	job.Refund: -1, job.ScanPayRefund: -1, job.SaleVoid: -1, job.PreAuthCompletionVoid: -1, job.ScanPayVoid: -1,
}

// eachSlip calls fn for a batch's transactions (training slips belong to no batch) in the order of their arrival.
func eachSlip(s record.View, batch int64, fn func(r *record.JobRow) error) error {
	return eachRow(s, batch, "outcome IN ('accepted', 'conflict') AND kind = 'transaction'", fn)
}

// counted says what a transaction adds to the sum of its batch, and why when it adds nothing. It repeats what the terminal and people said
// and concludes nothing.
func counted(s record.View, r *record.JobRow) (amount int64, left string, err error) {
	said, err := money(s, r)
	if err != nil {
		return 0, "", err
	}
	if left, err = leftOut(s, r, said); err != nil || left != "" {
		return 0, left, err
	}
	return signs[job.TransactionType(r.Type)] * max(r.Amount, -r.Amount), "", nil
}

// leftOut gives why a slip adds nothing, "" when it adds up.
func leftOut(s record.View, r *record.JobRow, money vocabulary.Money) (string, error) {
	switch {
	case r.Outcome != vocabulary.OutcomeAccepted:
		return leftOutConflict, nil
	case !r.Approved():
		return r.Result, nil
	}
	switch money {
	case vocabulary.MoneyReversalPending, vocabulary.MoneyReversalFailed, vocabulary.MoneyReversed:
		return string(money), nil
	case vocabulary.MoneyResolved:
		m, err := record.ReversalOf(s, r.Batch, r.Voucher)
		if err != nil {
			return "", err
		}
		if m.Resolution == job.ResolutionRefunded {
			return leftOutReversed, nil
		}
	}
	if signs[job.TransactionType(r.Type)] == 0 {
		return leftOutNoSale, nil
	}
	return replaced(s, r, money == vocabulary.MoneyVoided)
}

// sameBatch is the condition that void u names slip o of its own batch. A void names the slip by its voucher there; one that names it otherwise
// is of another batch.
const sameBatch = `u.batch = o.batch AND u.original = o.voucher AND u.seq <> o.seq AND u.type IN ('sale_void', 'pre_auth_completion_void', 'scan_pay_void')
	AND o.kind = 'transaction' AND o.outcome = 'accepted'`

// replaced finds the slip of the same batch that makes this one add nothing. A slip that a void of a later batch takes back still
// adds up in its own, as it did in the terminal's settlement, and the void gives the money back in the later one.
func replaced(s record.View, r *record.JobRow, voided bool) (string, error) {
	var adjusted, here, takesBack bool
	err := s.Row(replacedQuery, r.Seq).Scan(&adjusted, &here, &takesBack)
	switch {
	case err != nil:
		return "", fmt.Errorf("what replaces slip %s: %w", r.JobID, err)
	case voided && here:
		return string(vocabulary.MoneyVoided), nil
	case adjusted:
		return leftOutAdjusted, nil
	case takesBack:
		return leftOutTakesBack, nil
	}
	return "", nil
}

// replacedQuery asks of slip ?1 whether an adjustment stands for it, whether a void of its batch takes it back, and whether it is such a void:
// then a slip v is the o of the condition, and it is its u.
var replacedQuery = func() string {
	asVoid := strings.NewReplacer("u.", "o.", "o.", "v.").Replace
	return `SELECT EXISTS (SELECT 1 FROM jobs a WHERE a.batch = o.batch AND a.voucher = o.voucher AND a.seq > o.seq AND a.type = 'adjustment'
			AND a.kind = 'transaction' AND a.result = 'approved' AND a.outcome = 'accepted' AND a.test = 0),
		EXISTS (SELECT 1 FROM jobs u WHERE ` + sameBatch + `), EXISTS (SELECT 1 FROM jobs v WHERE ` + asVoid(sameBatch) + `)
		FROM jobs o WHERE o.seq = ?1`
}()

// Sums adds up the slips of a batch, a line for each currency. It reads every slip of the batch. Error: ErrNotFound.
func (h *Batches) Sums(ctx context.Context, id int64) ([]Sum, error) {
	s := h.db.Read(ctx)
	b, err := record.BatchByID(s, id)
	if err != nil {
		return nil, err
	}
	return sums(s, &b, nil)
}

// sums adds up the slips of a batch, each of which it shows to fn; nil looks at none.
func sums(s record.View, b *record.BatchRow, fn func(*Slip) error) ([]Sum, error) {
	list := []Sum{}
	of := func(currency string) *Sum {
		for i := range list {
			if list[i].Currency == currency {
				return &list[i]
			}
		}
		list = append(list, Sum{Currency: currency})
		return &list[len(list)-1]
	}
	var added []entry
	err := eachSlip(s, b.ID, func(r *record.JobRow) error {
		amount, left, err := counted(s, r)
		if err != nil {
			return err
		}
		sum := of(r.Currency)
		if left == "" {
			sum.Slips++
			sum.Amount += amount
			if b.Settlement != 0 {
				added = append(added, entry{r.Seq, amount})
			}
		} else {
			sum.LeftOut++
		}
		if fn == nil {
			return nil
		}
		line, err := summary(s, r)
		if err != nil {
			return err
		}
		return fn(&Slip{Summary: line, Counted: amount, LeftOut: left})
	})
	if err != nil || b.Settlement == 0 {
		return list, err
	}
	currency, net, err := settled(s, b.Settlement)
	switch {
	case errors.Is(err, record.ErrNotFound): // retention took it
		return list, nil
	case err != nil:
		return nil, err
	}
	of(currency).Settlement = &net
	err = discounted(s, added, of)
	return list, err
}

// An entry is what a slip adds to the sum of its batch.
type entry struct{ seq, amount int64 }

// discounted adds what was paid to the sums in which slips say that a discount made it another amount than their total.
func discounted(s record.View, added []entry, of func(currency string) *Sum) error {
	less := map[string]int64{}
	for part := range slices.Chunk(added, slipsAtOnce) {
		seqs := make([]int64, len(part))
		amounts := map[int64]int64{}
		for i, x := range part {
			seqs[i], amounts[x.seq] = x.seq, x.amount
		}
		err := eachContent(s, seqs, func(seq int64, text []byte) error {
			if !bytes.Contains(text, []byte(`"paid"`)) {
				return nil // nothing to read there
			}
			var j struct {
				Payload struct {
					Amount job.Amount `json:"amount"`
				} `json:"payload"`
			}
			if err := json.Unmarshal(text, &j); err != nil {
				return fmt.Errorf("read what was paid: %w", err)
			}
			if a := j.Payload.Amount; a.Paid != nil {
				off := a.Total - *a.Paid
				if amounts[seq] < 0 {
					off = -off
				}
				less[a.Currency] += off
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for currency, off := range less {
		if sum := of(currency); off != 0 && sum.Settlement != nil {
			paid := sum.Amount - off
			sum.Paid = &paid
		}
	}
	return nil
}

// eachContent calls fn for the contents of jobs.
func eachContent(s record.View, seqs []int64, fn func(seq int64, text []byte) error) error {
	rows, err := s.Query("SELECT seq, json FROM jobs WHERE seq IN (SELECT value FROM json_each(?)) AND json IS NOT NULL", numbers(seqs))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var kept []byte
		if err := rows.Scan(&seq, &kept); err != nil {
			return err
		}
		text, err := record.Unpack(kept)
		if err != nil {
			return err
		}
		if err := fn(seq, text); err != nil {
			return err
		}
	}
	return rows.Err()
}

// settled reads debit less credit of a settlement: what was taken and stayed taken, however the terminal counts its voids.
func settled(s record.View, seq int64) (currency string, net int64, err error) {
	text, err := record.Content(s, seq)
	if err != nil {
		return "", 0, err
	}
	var j struct {
		Payload job.Settlement `json:"payload"`
	}
	if err := json.Unmarshal(text, &j); err != nil {
		return "", 0, fmt.Errorf("read settlement: %w", err)
	}
	for _, b := range j.Payload.Blocks {
		net += b.Debit.Amount - b.Credit.Amount
	}
	return j.Payload.Currency, net, nil
}

// ExportSlips writes a batch as what adds up, the earliest slip first: a row for each transaction with its signed amount. "json": one
// object with the batch, its slips and their sums; "csv": a line for each slip, no line of sums, so that a column can be added up.
// Errors: ErrNotFound, and those of w.
func (h *Batches) ExportSlips(ctx context.Context, batch int64, w io.Writer, format string) error {
	return h.export(ctx, batch, w, format, slipsJSON, slipsCSV)
}

func slipsJSON(s record.View, b *record.BatchRow, w io.Writer) error {
	head, err := batchHead(s, b)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "{\"batch\":%s,\n\"slips\":[", head); err != nil {
		return err
	}
	sep := "\n"
	list, err := sums(s, b, func(slip *Slip) error {
		line, err := json.Marshal(slip)
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
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n],\n\"sums\":%s}\n", text)
	return err
}

var slipsHead = []string{
	"job_id", "type", "result", "money", "counted", "left_out", "merchant_no", "terminal_no", "batch_no", "voucher_no", "amount", "currency", "last4",
	"operator_no", "transacted_at",
}

func slipsCSV(s record.View, b *record.BatchRow, w io.Writer) error {
	return writeCSV(w, slipsHead, func(line func(...string) error) error {
		_, err := sums(s, b, func(x *Slip) error {
			return line(x.JobID, x.Type, x.Result, string(x.Money), job.FormatAmount(x.Counted, x.Currency), x.LeftOut, x.MerchantNo, x.TerminalNo, x.BatchNo,
				x.VoucherNo, amountText(&x.Summary), x.Currency, x.Last4, x.Operator, x.TransactedAt.Format(time.RFC3339))
		})
		return err
	})
}
