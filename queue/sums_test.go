package queue_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue"
)

// TestSlipsAddUp holds what each kind of slip adds to the sum of its batch against a day in which every kind happened.
func TestSlipsAddUp(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := func(minute int) string { return fmt.Sprintf("2026-08-11T12:%02d:00+08:00", minute) }
	voucher := 0
	take := func(id, typ, result, original string, amount int) {
		voucher++
		text := slip{id: id, typ: typ, result: result, amount: amount, voucher: fmt.Sprintf("%06d", voucher), at: at(voucher)}.String()
		if original != "" {
			text = strings.Replace(text, `"amount":{`, `"original":{`+original+`},"amount":{`, 1)
		}
		s.accept(text)
	}
	take("sale", "sale", "", "", 10000)
	take("voided", "sale", "", "", 2000)
	take("void", "sale_void", "", `"voucher_no":"000002"`, 2000)
	take("refund", "refund", "", `"reference_no":"224512345678","transacted_on":"2026-08-10"`, 1500)
	take("declined", "sale", "declined", "", 777)
	take("unknown", "sale", "unknown", "", 888)
	take("preauth", "pre_auth", "", "", 50000)
	take("completion", "pre_auth_completion", "", `"auth_code":"384928","transacted_on":"2026-08-11"`, 30000)
	s.accept(slip{id: "training", voucher: "000099", amount: 999, at: at(9), more: `,"test":true`}.String()) // of no batch
	take("offline", "offline_sale", "", "", 4000)
	s.accept(slip{id: "adjustment", typ: "adjustment", amount: 4400, voucher: "000009", at: at(20)}.String())
	s.accept(slip{id: "clash", amount: 1, voucher: "000001", at: at(21)}.String())
	take("pending", "sale", "", "", 5000)
	s.accept(reversal("n1", "pending", "000010", at(22)))
	take("reversed", "sale", "", "", 5000)
	s.accept(reversal("n2", "succeeded", "000011", at(23)))
	take("paid", "sale", "", "", 600)
	s.accept(reversal("n3", "failed", "000012", at(24)))
	permitted(s, "paid", `"command":"resolve_reversal","terminal_no":"00012345","voucher_no":"000012","resolution":"paid","case_no":"C1","operator_no":"99"`)
	take("refunded", "sale", "", "", 700)
	s.accept(reversal("n4", "failed", "000013", at(25)))
	permitted(s, "refunded", `"command":"resolve_reversal","terminal_no":"00012345","voucher_no":"000013","resolution":"refunded","case_no":"C2","operator_no":"99"`)
	want := map[string]string{
		"sale": "100.00", "voided": "voided", "void": "takes_back", "refund": "-15.00", "declined": "declined", "unknown": "unknown", "preauth": "no_sale",
		"completion": "300.00", "offline": "adjusted", "adjustment": "44.00", "clash": "conflict", "pending": "reversal_pending",
		"reversed": "reversed", "paid": "6.00", "refunded": "reversed",
	}
	rows := slipRows(t, s)
	got := map[string]string{}
	for _, r := range rows {
		got[r["job_id"]] = r["counted"]
		if r["left_out"] != "" {
			got[r["job_id"]] = r["left_out"]
			if r["counted"] != "0.00" {
				t.Errorf("%s is left out and counts %s", r["job_id"], r["counted"])
			}
		}
	}
	for id, w := range want {
		if got[id] != w {
			t.Errorf("%s: %q, want %q", id, got[id], w)
		}
	}
	if len(got) != len(want) || len(rows) != len(want) {
		t.Errorf("%d rows, want %d: %v", len(rows), len(want), got)
	}
	const net = 10000 - 1500 + 30000 + 4400 + 600
	sum := theSum(t, s)
	if sum.Currency != "CNY" || sum.Slips != 5 || sum.LeftOut != 10 || sum.Amount != net || sum.Settlement != nil {
		t.Errorf("%+v", sum)
	}
	// The terminal counts the void as credit and its sale as debit: the net is the same.
	s.accept(strings.Replace(settlement("s", "00012345", "000122", "2026-08-11T22:00:00+08:00", "settlement"),
		`"debit":{"count":1,"amount":4250},"credit":{"count":0,"amount":0}`, fmt.Sprintf(`"debit":{"count":5,"amount":%d},"credit":{"count":2,"amount":3500}`, net+3500), 1))
	if sum := theSum(t, s); sum.Settlement == nil || *sum.Settlement != net || sum.Amount != net {
		t.Errorf("settled: %+v", sum)
	}
}

// TestVoidOfAnEarlierBatch: the earlier batch was settled with the sale in it, the money goes back in the later one.
func TestVoidOfAnEarlierBatch(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(slip{id: "a", voucher: "000001", amount: 4250, typ: "sale"}.String())
	s.accept(settlement("s", "00012345", "000122", "2026-08-11T22:00:00+08:00", "settlement"))
	s.accept(strings.Replace(slip{id: "v", voucher: "000009", amount: 4250, typ: "sale_void", original: "000001", batch: "000123", at: "2026-08-12T09:00:00+08:00"}.String(),
		`"original":{`, `"original":{"batch_no":"000122",`, 1))
	first := theSum(t, s)
	if first.Amount != 4250 || first.Settlement == nil || *first.Settlement != 4250 {
		t.Errorf("the settled batch: %+v", first)
	}
	list, err := s.q.Batches.Sums(t.Context(), 2)
	if err != nil || len(list) != 1 || list[0].Amount != -4250 {
		t.Errorf("the later batch: %+v %v", list, err)
	}
	if err := s.q.Batches.ExportSlips(t.Context(), 99, &bytes.Buffer{}, "csv"); err == nil {
		t.Error("a batch that is not there")
	}
}

// TestSettledEitherWay: a payment with a discount may be settled at its total or at what was paid. Both agree, and what agrees is told; a third
// sum differs.
func TestSettledEitherWay(t *testing.T) {
	t.Parallel()
	scan, err := os.ReadFile("../examples/jobs/06-scan-pay-wechat.json") // 38.00 less 3.00
	if err != nil {
		t.Fatal(err)
	}
	for settled, want := range map[int]api.Agreement{3800 - 1000: api.AgreesTotals, 3500 - 1000: api.AgreesPaid, 3600: api.AgreesNot} {
		s := newShop(t)
		s.accept(string(scan))
		s.accept(strings.Replace(slip{id: "back", typ: "refund", voucher: "105290", amount: 1000}.String(), `"amount":{`, `"original":{"reference_no":"224512345678","transacted_on":"2026-08-10"},"amount":{`, 1))
		if sum := theSum(t, s); sum.Paid != nil || sum.Agrees() != api.AgreesNot {
			t.Errorf("not settled: %+v", sum)
		}
		s.accept(strings.Replace(settlement("s", "00012345", "000122", "2026-08-11T22:00:00+08:00", "settlement"), `"amount":4250`, fmt.Sprintf(`"amount":%d`, settled), 1))
		sum := theSum(t, s)
		if sum.Amount != 2800 || sum.Paid == nil || *sum.Paid != 2500 || sum.Agrees() != want {
			t.Errorf("settled at %d: %+v %q, want %q", settled, sum, sum.Agrees(), want)
		}
		r, err := s.q.Reports.Batch(t.Context(), 1)
		if err != nil || len(r.Batches) != 1 || len(r.Batches[0].Sums) != 1 || r.Batches[0].Sums[0].Agrees() != want {
			t.Errorf("reported: %+v %v", r.Batches, err)
		}
	}
}

// TestPaidBesideASettlement: what was paid stands only beside a settlement in its currency.
func TestPaidBesideASettlement(t *testing.T) {
	t.Parallel()
	scan, err := os.ReadFile("../examples/jobs/06-scan-pay-wechat.json")
	if err != nil {
		t.Fatal(err)
	}
	s := newShop(t)
	s.accept(string(scan))
	s.accept(strings.Replace(settlement("s", "00012345", "000122", "2026-08-11T22:00:00+08:00", "settlement"), `"currency":"CNY"`, `"currency":"HKD"`, 1))
	list, err := s.q.Batches.Sums(t.Context(), 1)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	for _, x := range list {
		if x.Settlement == nil && x.Paid != nil {
			t.Errorf("%s: paid %d, and there is no settlement", x.Currency, *x.Paid)
		}
	}
}

// permitted gives a command as a supervisor.
func permitted(s *shop, id, fields string) {
	s.t.Helper()
	a := s.arrive(queue.Arrival{Parsed: parse(s.t, command("permitted-"+id, fields)), Source: queue.SourceHTTP, Permitted: true})
	if a.Outcome != queue.Accepted {
		s.t.Fatalf("%+v", a)
	}
}

func slipRows(t *testing.T, s *shop) []map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := s.q.Batches.ExportSlips(t.Context(), 1, &b, "csv"); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\uFEFF"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// theSum gives the one sum of batch 1, which the export and the batch must tell alike.
func theSum(t *testing.T, s *shop) queue.Sum {
	t.Helper()
	list, err := s.q.Batches.Sums(t.Context(), 1)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	var b bytes.Buffer
	if err := s.q.Batches.ExportSlips(t.Context(), 1, &b, "json"); err != nil {
		t.Fatal(err)
	}
	var file struct {
		Batch queue.Batch       `json:"batch"`
		Slips []json.RawMessage `json:"slips"`
		Sums  []queue.Sum       `json:"sums"`
	}
	if err := json.Unmarshal(b.Bytes(), &file); err != nil || file.Batch.ID != 1 || len(file.Sums) != 1 || file.Sums[0].Amount != list[0].Amount ||
		len(file.Slips) != list[0].Slips+list[0].LeftOut {
		t.Errorf("export: %v %s", err, b.Bytes())
	}
	return list[0]
}
