package queue_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

// elsewhere is a job of another terminal.
func elsewhere(text, terminal string) string { return strings.ReplaceAll(text, "00012345", terminal) }

var commandRules = []struct {
	name  string
	steps []step
}{
	{"a blank slip is reported although a later copy was cancelled", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: ok},
		{do: last("l", ""), want: queued2},
		{do: command("d0", `"command":"mark_defective","target_job_id":"a","copy":"merchant"`), want: "refused not_yet_printed"},
		{do: command("c", `"command":"cancel","target_job_id":"l"`), want: "accepted"},
		{do: command("d", `"command":"mark_defective","target_job_id":"a","copy":"merchant"`), want: "accepted merchant:queued"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1; a merchant duplicate 2"},
		{do: slip{id: "a"}.String(), want: "duplicate merchant:defective(blank_slip) cardholder:printed"},
	}},
	{"a blank slip that never came out cannot be reported", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: command("c", `"command":"cancel","target_job_id":"a"`), want: "accepted"},
		{do: command("d", `"command":"mark_defective","target_job_id":"a","copy":"merchant"`), want: "refused not_yet_printed"},
	}},
	{"a reversal is resolved without its terminal only when there is one", []step{
		{do: notice("n1", "failed", shopNo, "000122", "000050", "2026-08-11T12:00:00+08:00"), want: "accepted merchant:queued"},
		{do: elsewhere(notice("n2", "failed", shopNo, "000122", "000050", "2026-08-11T12:00:01+08:00"), "00099999"), want: "accepted merchant:queued"},
		{do: elsewhere(notice("n3", "failed", shopNo, "000122", "000051", "2026-08-11T12:00:01+08:00"), "00099999"), want: "accepted merchant:queued"},
		{do: resolution("x0", `"voucher_no":"50"`), pin: true, want: "refused terminal_ambiguous"},
		{do: resolution("x1", `"voucher_no":"50","terminal_no":"7"`), pin: true, want: "refused voucher_unknown"},
		{do: resolution("x2", `"voucher_no":"50","terminal_no":"12345"`), pin: true, want: "accepted"},
		{batches: "000122 open, 000122 open", alarms: "000051 failed in 000122, 000050 failed in 000122"},
		{do: resolution("x3", `"voucher_no":"50"`), pin: true, want: "accepted"},
		{batches: "000122 open, 000122 open", alarms: "000051 failed in 000122"},
		{do: resolution("x4", `"voucher_no":"51"`), pin: true, want: "accepted"},
	}},
	{"reversals of one voucher in two batches are told apart by the batch", []step{
		{do: notice("n1", "failed", shopNo, "000122", "000050", "2026-08-11T12:00:00+08:00"), want: "accepted merchant:queued"},
		{do: notice("n2", "failed", shopNo, "000123", "000050", "2026-08-11T12:00:01+08:00"), want: "accepted merchant:queued"},
		{do: resolution("x0", `"voucher_no":"50","terminal_no":"00012345"`), pin: true, want: "refused terminal_ambiguous"},
		{do: resolution("x1", `"voucher_no":"50","batch_no":"122"`), pin: true, want: "accepted"},
		{batches: "000122 open, 000123 open", alarms: "000050 failed in 000123"},
	}},
	{"an order ticket that a person saw does not come again", []step{
		{do: order("o", "77", "new"), want: "accepted kitchen:queued"},
		{print: append(failing(queue.Uncertain, "link_down"), noPaper...), paper: "o kitchen original 1"},
		{do: order("o", "77", "new"), want: "duplicate kitchen:uncertain(link_down) kitchen:held(paper_out)"},
		{do: command("c", `"command":"resolve_uncertain","target_job_id":"o","copy":"kitchen","came_out":true`), want: "accepted"},
		{print: ok},
		{do: order("o", "77", "new"), want: "duplicate kitchen:printed kitchen:cancelled(late_proof)"},
	}},
}

// noPaper is a printer that stays without paper for a step.
var noPaper = slices.Repeat([]queue.Result{{State: queue.Queued, Reason: "paper_out"}}, 100)

func resolution(id, fields string) string {
	return command(id, `"command":"resolve_reversal","resolution":"paid","case_no":"K1",`+fields)
}

func TestCommandRules(t *testing.T) {
	t.Parallel()
	for _, r := range commandRules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			newShop(t).play(r.steps)
		})
	}
}
