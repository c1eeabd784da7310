package queue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

const shopNo = "898510154110283"

// notice is a reversal notice with nothing that is optional, the merchant aside.
func notice(id, status, merchant, batch, voucher, at string) string {
	m := ""
	if merchant != "" {
		m = fmt.Sprintf(`"merchant":{"name":"人民商场","no":%q},`, merchant)
	}
	return fmt.Sprintf(`{"job_id":%q,"kind":"reversal","payload":{"status":%q,%s"terminal_no":"00012345","batch_no":%q,"voucher_no":%q,
		"amount":{"total":5000,"currency":"CNY"},"updated_at":%q}}`, id, status, m, batch, voucher, at)
}

var batchRules = []struct {
	name  string
	steps []step
}{
	{"an unknown result is learned while its reversal is pending: a conflict, no slip", []step{
		{do: slip{id: "u", result: "unknown"}.String(), want: "accepted"},
		{do: notice("n", "pending", shopNo, "000122", "105233", "2026-08-11T12:00:20+08:00"), want: "accepted ~reversal_pending merchant:queued"},
		{do: slip{id: "late"}.String(), want: "conflict late_approval"},
		{print: ok, paper: "n merchant original 1"},
		{do: resolveAs("x", "105233", "paid"), pin: true, want: "accepted"},
		{do: slip{id: "paid"}.String(), want: queued2},
		{print: ok, paper: "paid merchant original 1; paid cardholder original 1"},
	}},
	{"an adjustment of a sale whose reversal was tried is no late approval", []step{
		{do: slip{id: "a", typ: "offline_sale"}.String(), want: queued2},
		{do: notice("n", "failed", shopNo, "000122", "105233", "2026-08-11T12:00:20+08:00"), want: "accepted merchant:queued"},
		{do: slip{id: "b", typ: "adjustment", amount: 4700}.String(), want: queued2},
	}},
	{"a notice after the settlement moves the alarm that stands, and closes nothing", []step{
		{do: slip{id: "a", voucher: "000001"}.String(), want: queued2},
		{do: notice("n", "pending", shopNo, "000122", "000002", "2026-08-11T12:00:20+08:00"), want: "accepted ~reversal_pending merchant:queued"},
		{print: ok},
		{do: settlement("s", "00012345", "000122", "2026-08-11T13:00:00+08:00", "settlement"), want: "accepted ~reversal_pending_at_settlement merchant:queued"},
		{do: slip{id: "b", batch: "000123", voucher: "000003", at: "2026-08-11T13:10:00+08:00"}.String(), want: queued2},
		{do: notice("n2", "succeeded", shopNo, "000122", "000002", "2026-08-11T13:20:00+08:00"), want: "accepted merchant:queued"},
		{do: notice("n3", "failed", shopNo, "000122", "000001", "2026-08-11T13:21:00+08:00"), want: "accepted merchant:queued"},
		{print: ok},
		{do: last("l", ""), want: queued2},
		{batches: "000122 settled, 000123 open", alarms: "000001 failed in 000122"},
	}},
	{"a notice of a batch never seen supersedes none; its first slip does", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: notice("n", "pending", shopNo, "000123", "000007", "2026-08-11T13:00:00+08:00"), want: "accepted ~reversal_pending merchant:queued"},
		{batches: "000122 open, 000123 open"},
		{do: slip{id: "b", voucher: "000002", at: "2026-08-11T13:01:00+08:00"}.String(), want: queued2},
		{do: slip{id: "c", batch: "000123", voucher: "000008", at: "2026-08-11T13:02:00+08:00"}.String(), want: queued2},
		{batches: "000122 superseded, 000123 open"},
	}},
	{"a notice that opened a batch does not make its late slips the latest", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: notice("n", "pending", shopNo, "000121", "000007", "2026-08-11T13:00:00+08:00"), want: "accepted ~reversal_pending merchant:queued"},
		{do: slip{id: "b", batch: "000121", voucher: "000002", at: "2026-08-10T13:00:00+08:00"}.String(), want: queued2},
		{batches: "000122 open, 000121 superseded"},
		{print: ok},
		{do: last("l", `,"expect_voucher_no":"105233"`), want: queued2},
	}},
	{"a notice without a merchant is about its batch", []step{
		{do: notice("n", "pending", "", "000122", "105233", "2026-08-11T12:00:20+08:00"), want: "accepted ~reversal_pending merchant:queued"},
		{do: slip{id: "late"}.String(), want: "conflict late_approval"},
		{do: slip{id: "a", voucher: "000001"}.String(), want: queued2},
		{do: notice("n2", "pending", "", "000122", "000001", "2026-08-11T12:00:20+08:00"), want: "accepted ~reversal_pending merchant:queued"},
		{print: ok},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted ~reversal_pending_at_settlement merchant:queued"},
		{batches: "000122 settled", alarms: "000001 pending in 000122, 105233 pending in 000122"},
		{do: last("l", ""), want: "refused batch_settled"},
	}},
	{"a batch known only by a notice without a merchant is settled with its number", []step{
		{do: notice("n", "pending", "", "000122", "105233", "2026-08-11T12:00:20+08:00"), want: "accepted ~reversal_pending merchant:queued"},
		{print: ok},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted ~reversal_pending_at_settlement merchant:queued"},
		{batches: "000122 settled"},
	}},
	{"the last slip's batch is settled: an older one that nobody settled is not the last", []step{
		{do: slip{id: "old", voucher: "000001"}.String(), want: queued2},
		{do: slip{id: "new", batch: "000130", voucher: "000002", at: "2026-08-11T13:00:00+08:00"}.String(), want: queued2},
		{print: ok},
		{do: settlement("s", "00012345", "000130", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: last("l", ""), want: "refused batch_settled"},
		{do: byVoucher("v", "1", ""), want: queued2},
	}},
	{"a slip of the second of its settlement belongs to the settled batch", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: ok},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: slip{id: "z", voucher: "000009", at: nightful}.String(), want: "accepted ~late_arrival merchant:queued cardholder:queued"},
		{batches: "000122 settled"},
	}},
	{"a batch closed by hand keeps its slips though the terminal's clock is ahead", []step{
		{do: slip{id: "a", voucher: "000001", at: "2026-08-11T19:59:00+08:00"}.String(), want: queued2},
		{do: slip{id: "b", voucher: "000002", at: "2026-08-11T20:03:00+08:00"}.String(), want: queued2},
		{print: ok, paper: "a merchant original 1; a cardholder original 1; b merchant original 1; b cardholder original 1"},
		{close: 1, want: "accepted"},
		{do: slip{id: "again", voucher: "000002", at: "2026-08-11T20:03:00+08:00"}.String(), want: "duplicate merchant:printed cardholder:printed"},
		{batches: "000122 settled"},
	}},
	{"a batch settled by a clock that is behind keeps its slips", []step{
		{do: slip{id: "a", at: "2026-08-11T22:03:00+08:00"}.String(), want: queued2},
		{print: ok},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: slip{id: "again", at: "2026-08-11T22:03:00+08:00"}.String(), want: "duplicate merchant:printed cardholder:printed"},
	}},
	{"000000 is a voucher number like any other", []step{
		{do: slip{id: "a", voucher: "000000"}.String(), want: queued2},
		{do: slip{id: "b", voucher: "000000"}.String(), want: "duplicate merchant:queued cardholder:queued"},
		{do: slip{id: "c", voucher: "000000", amount: 1}.String(), want: "conflict voucher_conflict"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1"},
		{do: byVoucher("r", "0", `,"copies":["merchant"]`), want: "accepted merchant:queued"},
		{do: byVoucher("r2", "1", ""), want: "refused voucher_unknown"},
		{print: ok, paper: "a merchant duplicate 2"},
	}},
	{"a terminal's year is wrong at New Year: the order of arrival counts", []step{
		{do: slip{id: "dec", batch: "000200", voucher: "000001", at: "2026-12-31T23:00:00+08:00"}.String(), want: queued2},
		{do: slip{id: "jan", batch: "000201", voucher: "000002", at: "2026-01-01T09:00:00+08:00"}.String(), want: queued2},
		{do: slip{id: "late", batch: "000200", voucher: "000009", at: "2026-12-31T23:30:00+08:00"}.String(), want: queued2},
		{batches: "000200 superseded, 000201 open"},
		{print: ok, paper: "dec merchant original 1; dec cardholder original 1; jan merchant original 1; jan cardholder original 1; late merchant original 1; late cardholder original 1"},
		{do: last("l", `,"copies":["merchant"],"expect_voucher_no":"000002"`), want: "accepted merchant:queued"},
		{do: slip{id: "late2", batch: "000200", voucher: "000009", at: "2026-12-31T23:30:00+08:00"}.String(), want: "duplicate merchant:printed cardholder:printed"},
	}},
}

func TestBatchRules(t *testing.T) {
	t.Parallel()
	for _, r := range batchRules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			newShop(t).play(r.steps)
		})
	}
}

// TestSettledAgain reopens a batch and drops its settlement once more, under its own id or a fresh one: the batch is settled again,
// and no second original comes out.
func TestSettledAgain(t *testing.T) {
	t.Parallel()
	for _, hand := range []bool{false, true} {
		for _, id := range []string{"s", "fresh"} {
			t.Run(fmt.Sprint(id, " ", hand), func(t *testing.T) {
				s := newShop(t)
				steps := []step{
					{do: slip{id: "a"}.String(), want: queued2},
					{print: ok, paper: "a merchant original 1; a cardholder original 1"},
				}
				first := "accepted merchant:queued"
				if hand {
					steps = append(steps, step{close: 1, want: "accepted"})
					first = "accepted ~already_settled merchant:queued"
				}
				s.play(append(steps, step{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: first}, step{print: ok}))
				if a, err := s.q.Decisions.ReopenBatch(t.Context(), 1, "boss"); err != nil || a.Outcome != queue.Accepted {
					t.Fatal(a, err)
				}
				s.play([]step{
					{do: settlement("other", "00012345", "000122", nightful, "interim"), want: "accepted merchant:queued"},
					{print: ok, batches: "000122 open"},
					{do: settlement(id, "00012345", "000122", nightful, "settlement"), want: "duplicate merchant:printed", batches: "000122 settled"},
					{do: last("l", ""), want: "refused batch_settled"},
					{do: settlement(id, "00012345", "000122", nightful, "settlement"), want: "duplicate merchant:printed", batches: "000122 settled"},
				})
			})
		}
	}
}

// shows compares the batches, the first opened first, and the standing alarms, the latest first, with what a step wants. Their
// merchant must be known.
func (s *shop) shows(step int, wantBatches, wantAlarms string) {
	s.t.Helper()
	list, err := s.q.Batches.List(s.t.Context(), "")
	if err != nil {
		s.t.Fatal(err)
	}
	var batches, alarms []string
	for _, b := range slices.Backward(list) {
		batches = append(batches, fmt.Sprint(b.BatchNo, " ", b.State))
		if b.MerchantNo != shopNo {
			s.t.Errorf("step %d: batch %s of merchant %q", step, b.BatchNo, b.MerchantNo)
		}
	}
	standing, err := s.q.Jobs.Reversals(s.t.Context(), false)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range standing {
		alarms = append(alarms, fmt.Sprint(r.VoucherNo, " ", r.Status, " in ", r.BatchNo))
		if r.MerchantNo != shopNo {
			s.t.Errorf("step %d: reversal %s of merchant %q", step, r.VoucherNo, r.MerchantNo)
		}
	}
	if got := strings.Join(batches, ", "); got != wantBatches {
		s.t.Errorf("step %d: batches %s\nwant %s", step, got, wantBatches)
	}
	if got := strings.Join(alarms, ", "); wantAlarms != "" && got != wantAlarms {
		s.t.Errorf("step %d: alarms %s\nwant %s", step, got, wantAlarms)
	}
}
