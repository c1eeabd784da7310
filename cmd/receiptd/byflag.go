package main

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/job"
)

// flagOf names the flag that a key of a command's request was made from.
var flagOf = map[string]string{"terminal_no": "--terminal", "operator_no": "--operator", "batch_no": "--batch", "case_no": "--case", "copies": "--copies",
	"copy": "--copy", "reason": "--reason", "printer": "--printer", "expect_voucher_no": "--expect-voucher", "job_id": "--id"}

// inCommands puts what a refusal tells programs to send into what people type.
var inCommands = []struct {
	sent  *regexp.Regexp
	typed string
}{
	{regexp.MustCompile(`\{"command":"reprint_job"[^}]*\}`), "receiptd reprint --job ID"},
	{regexp.MustCompile(`\{"command":"reprint_by_voucher","voucher_no":"([^"]*)"\}`), "receiptd reprint --voucher $1"},
	{regexp.MustCompile(`\{"command":"cancel"[^}]*\}`), "receiptd job cancel ID"},
	{regexp.MustCompile(`\barchive_copy\b`), "receiptd reprint --archive"},
	{regexp.MustCompile(`\breprint_settlement\b`), "receiptd reprint --settlement"},
	{regexp.MustCompile(`\bvoucher_no\b`), "--voucher"},
	{regexp.MustCompile(`\bterminal_no\b`), "--terminal"},
	{regexp.MustCompile(`\bbatch_no\b`), "--batch"},
	{regexp.MustCompile(`\bcase_no\b`), "--case"},
	{regexp.MustCompile(`\bcopies\b`), "--copies"},
}

// typed is a sentence for programs as people need it at the command line.
func typed(text string) string {
	for _, c := range inCommands {
		text = c.sent.ReplaceAllString(text, c.typed)
	}
	return text
}

// byFlag names what the person wrote - a flag, or an argument - in the problems of a request that was made from the command
// line, not a place in JSON that nobody has seen, and says as a command what to do instead.
func byFlag(err error, voucher, id string) error {
	var refusal *client.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	refusal.Problems = slices.Clone(refusal.Problems) // the answer keeps its own
	for i := range refusal.Problems {
		p := &refusal.Problems[i]
		key, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(p.Pointer, "/payload"), "/"), "/")
		p.Line, p.Column = 0, 0
		switch {
		case key == "voucher_no":
			p.Pointer = voucher
		case key == "target_job_id":
			p.Pointer = id
		case p.Code == "batch_settled" && key == "batch_no": // the sentence names the batch; nobody named it in the command
			p.Pointer = ""
		default:
			p.Pointer = cmp.Or(flagOf[key], p.Pointer)
		}
		p.Fix = job.Text{Zh: typed(p.Fix.Zh), En: typed(p.Fix.En)}
		if p.Code == "job_unknown" {
			p.Fix = job.Text{Zh: "查号码：receiptd job list", En: "look it up: receiptd job list"}
		}
	}
	return err
}
