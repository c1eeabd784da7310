package job_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
)

// change parses a sample after replacing one text in it.
func change(t *testing.T, name, old, with string) job.Result {
	t.Helper()
	data := string(samples(t)[name])
	if !strings.Contains(data, old) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	return job.Parse([]byte(strings.Replace(data, old, with, 1)))
}

// TestHashIsOverKindAndPayload holds what changes a job's identity and what does not.
func TestHashIsOverKindAndPayload(t *testing.T) {
	const sale = "01-sale-chip.json"
	first := job.Parse(samples(t)[sale]).Job.Hash
	for _, row := range []struct {
		name, old, with string
		same            bool
	}{
		{"id", "c1-000122-105233-a", "retry-2", true},
		{"time of the file", "2026-08-11T12:34:56", "2026-08-11T12:35:56", true},
		{"white space", `"result": "approved"`, `"result":"approved"`, true},
		{"escapes", `"人民商场"`, `"\u4eba民商场"`, true},
		{"leading zeros", `"voucher_no": "105233"`, `"voucher_no": "105233", "order_no": null`, true},
		{"unknown name", `"result"`, `"retry_no": 2, "result"`, true},
		{"amount", "123456,", "123457,", false},
		{"remark", "8812", "8813", false},
		{"masking", "622202******6620", "6222 02** **** 6620", true},
	} {
		r := change(t, sale, row.old, row.with)
		if r.Job == nil {
			t.Errorf("%s: %v", row.name, r.Errors)
		} else if same := r.Job.Hash == first; same != row.same {
			t.Errorf("%s: same hash %v", row.name, same)
		}
	}
}

// TestMaskedOriginalComparesEqual sends a job with a full card number twice: the second must be known again.
func TestMaskedOriginalComparesEqual(t *testing.T) {
	full := change(t, "01-sale-chip.json", "622202******6620", "4111111111111111")
	again := change(t, "01-sale-chip.json", "622202******6620", "4111111111111111")
	if full.Job == nil || full.Job.Hash != again.Job.Hash {
		t.Fatal("not equal")
	}
}

// TestOrderOfNamesDoesNotMatter writes a job with its members the other way round.
func TestOrderOfNamesDoesNotMatter(t *testing.T) {
	data := samples(t)["17-settlement.json"]
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := job.Parse(data).Job.Hash, job.Parse(sorted).Job.Hash; a != b {
		t.Error("the order of names changes the hash")
	}
}

func TestNumbersArePadded(t *testing.T) {
	r := change(t, "03-sale-void.json", `"voucher_no": "105236"`, `"voucher_no": "123"`)
	if r.Job == nil {
		t.Fatal(r.Errors)
	}
	if got := r.Job.Transaction.VoucherNo; got != "000123" {
		t.Errorf("voucher %q", got)
	}
	if !strings.Contains(string(r.Job.JSON), `"voucher_no":"000123"`) {
		t.Error("the journal keeps the short number")
	}
	for in, want := range map[string]string{"1": "000001", "105233": "105233", "1234567": "1234567", "12a": "12a", "": ""} {
		if got := job.NormalVoucher(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestNaturalKey(t *testing.T) {
	sale := job.Parse(samples(t)["01-sale-chip.json"]).Job.Transaction
	adjusted := change(t, "01-sale-chip.json", `"transaction_type": "sale"`, `"transaction_type": "adjustment"`).Job.Transaction
	want := job.NaturalKey{MerchantNo: "898510154110283", TerminalNo: "00012345", BatchNo: "000122", VoucherNo: "105233", Type: job.Sale}
	if sale.NaturalKey() != want {
		t.Errorf("%+v", sale.NaturalKey())
	}
	if sale.NaturalKey() == adjusted.NaturalKey() {
		t.Error("an adjustment has its sale's key")
	}
}

// TestDefaultCopies holds the contract's list.
func TestDefaultCopies(t *testing.T) {
	for name, want := range map[string][]job.CopyName{
		"01-sale-chip.json":            {job.CopyMerchant, job.CopyCardholder},
		"14-sale-declined.json":        {job.CopyCardholder},
		"07-reversal-pending.json":     {job.CopyMerchant},
		"17-settlement.json":           {job.CopyMerchant},
		"11-order-meituan.json":        {job.CopyKitchen, job.CopyCustomer},
		"12-document-receiptline.json": {job.CopyDocument},
		"10-reprint-last.json":         nil,
	} {
		if got := job.Parse(samples(t)[name]).Job.DefaultCopies(); !slices.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestUnknownResultPrintsNothing asks for copies of a transaction whose result nobody knows.
func TestUnknownResultPrintsNothing(t *testing.T) {
	r := change(t, "01-sale-chip.json", `"result": "approved"`, `"result": "unknown"`)
	if r.Job == nil {
		t.Fatal(r.Errors)
	}
	if len(r.Job.Copies) > 0 || r.Job.DefaultCopies() != nil {
		t.Errorf("copies %v, default %v", r.Job.Copies, r.Job.DefaultCopies())
	}
	if len(r.Warnings) != 1 || r.Warnings[0].Code != "copies_ignored" || r.Warnings[0].Line != 7 {
		t.Errorf("warnings %+v", r.Warnings)
	}
	if r.Job.Transaction.NeedsSignature() {
		t.Error("it would carry a signature line")
	}
}

// TestReversalCopies: a notice is the customer's only when the money is known to go back.
func TestReversalCopies(t *testing.T) {
	for name, want := range map[string]bool{
		"07-reversal-pending.json": false, "08-reversal-succeeded.json": true, "09-reversal-failed.json": false,
	} {
		if got := job.Parse(samples(t)[name]).Job.AllowsCopy(job.CopyCardholder); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestPreAuthVoid may name the authorisation instead of the voucher.
func TestPreAuthVoid(t *testing.T) {
	code := change(t, "15-pre-auth-completion.json", `"pre_auth_completion"`, `"pre_auth_void"`)
	if code.Job == nil {
		t.Error(code.Errors)
	}
	none := change(t, "05-pre-auth.json", `"pre_auth"`, `"pre_auth_void"`)
	if none.Job != nil || none.Errors[0].Code != "missing_original" {
		t.Error(none.Errors)
	}
}

func TestTypedFields(t *testing.T) {
	j := job.Parse(samples(t)["16-sale-euro.json"]).Job
	x := j.Transaction
	if x.Amount.Total != 1890 || x.Amount.Tip != 200 || x.Amount.Paid != nil || x.Card.Domestic == nil || *x.Card.Domestic {
		t.Errorf("%+v %+v", x.Amount, x.Card)
	}
	if _, offset := x.TransactedAt.Zone(); offset != 7200 || x.TransactedAt.Hour() != 13 {
		t.Errorf("the terminal's own time is lost: %v", x.TransactedAt)
	}
	if j.TerminalNo() != "54000123" || x.NeedsSignature() || j.Locale != "en" {
		t.Errorf("%+v", j)
	}
	c := job.Parse(samples(t)["22-resolve-uncertain.json"]).Job.Command
	if c.CameOut == nil || *c.CameOut || c.Copy != job.CopyCardholder {
		t.Errorf("%+v", c)
	}
}

func TestMoney(t *testing.T) {
	for _, row := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{123456, "CNY", "1234.56"}, {5, "CNY", "0.05"}, {0, "CNY", "0.00"}, {-4250, "CNY", "-42.50"}, {-5, "EUR", "-0.05"},
		{1234, "JPY", "1234"}, {0, "JPY", "0"}, {1234, "KWD", "1.234"}, {-1, "BHD", "-0.001"}, {12345, "CLF", "1.2345"},
		{-9223372036854775808, "CNY", "-92233720368547758.08"}, {100, "???", "1.00"},
	} {
		if got := job.FormatAmount(row.minor, row.currency); got != row.want {
			t.Errorf("%d %s: %q, want %q", row.minor, row.currency, got, row.want)
		}
	}
	for code, want := range map[string]bool{"CNY": true, "USD": true, "JPY": true, "RMB": false, "cny": false, "": false, "D A": false, "EDA": false, "CN": false} {
		if _, ok := job.CurrencyExponent(code); ok != want {
			t.Errorf("%q: %v", code, ok)
		}
	}
}
