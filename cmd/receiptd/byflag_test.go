package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/job"
)

// What a refusal tells programs to send is told to people as a command or flag.
func TestRefusalsNameCommands(t *testing.T) {
	for _, x := range []struct{ code, pointer, fix, wantPointer, want string }{
		{"terminal_ambiguous", "/payload/terminal_no", "give one of these as terminal_no and try again", "--terminal", "give one of these as --terminal and try again"},
		{"batch_settled", "/payload/batch_no", "for a retrieval request: archive_copy with batch_no, voucher_no, case_no (needs permission); the settlement slip: reprint_settlement", "",
			"for a retrieval request: receiptd reprint --archive with --batch, --voucher, --case (needs permission); the settlement slip: receiptd reprint --settlement"},
		{"no_slip", "", `check terminal_no; an order or document is reprinted with {"command":"reprint_job","target_job_id":"..."}`, "", "check --terminal; an order or document is reprinted with receiptd reprint --job ID"},
		{"voucher_changed", "/payload/expect_voucher_no", `{"command":"reprint_by_voucher","voucher_no":"105233"}`, "--expect-voucher", "receiptd reprint --voucher 105233"},
		{"job_unknown", "/payload/target_job_id", "give the job_id of the slip itself, not of a command, as target_job_id", "ID", "look it up: receiptd job list"},
	} {
		err := byFlag(&client.Refusal{Problems: []job.Problem{{Code: x.code, Pointer: x.pointer, Fix: job.Text{Zh: x.fix, En: x.fix}}}}, "VOUCHER", "ID")
		var refusal *client.Refusal
		if !errors.As(err, &refusal) || refusal.Problems[0].Pointer != x.wantPointer || refusal.Problems[0].Fix.En != x.want || strings.Contains(refusal.Problems[0].Fix.Zh, "_no") {
			t.Errorf("%s: %+v, want %q %q", x.code, refusal.Problems[0], x.wantPointer, x.want)
		}
	}
}
