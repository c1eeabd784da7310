package job_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
)

const paymentJob = `{"job_id":"p1","kind":"transaction","payload":{"transaction_type":"sale","result":"approved",
 "merchant":{"name":"Café","no":"310100048140001"},"terminal_no":"54000123","batch_no":"000007","voucher_no":"000418",
 "transacted_at":"2026-08-11T13:59:50+08:00",%s}}`

const ticketJob = `{"job_id":"o1","kind":"order","payload":{"order_no":"A1","status":"new","placed_at":"2026-08-11T13:59:50+08:00",
 "currency":"CNY","bags":[{"items":[{"name":"面","qty":"1"}]}],%s}}`

// TestPartsThatDoNotAddUp: amounts that contradict each other are told of and printed; nothing that was paid is refused.
func TestPartsThatDoNotAddUp(t *testing.T) {
	const plain = `"amount":{"total":10000,"currency":"CNY"}`
	dcc := func(amount int, currency, rate, more string) string {
		return plain + fmt.Sprintf(`,"dcc":{"choice":"cardholder_currency","amount":%d,"currency":%q,"rate":%q%s}`, amount, currency, rate, more)
	}
	for _, c := range []struct{ name, job, part, want string }{
		{"surcharge within", paymentJob, `"amount":{"total":10000,"tip":1000,"cash_back":2000,"surcharge":7000,"currency":"CNY"}`, ""},
		{"surcharge beyond", paymentJob, `"amount":{"total":10000,"tip":1000,"cash_back":2000,"surcharge":7001,"currency":"CNY"}`, "/payload/amount/surcharge"},
		{"rate agrees", paymentJob, dcc(1301, "EUR", "0.1301", ""), ""},
		{"rate is rounded", paymentJob, dcc(1302, "EUR", "0.13", ""), ""},
		{"rate does not agree", paymentJob, dcc(1401, "EUR", "0.1301", ""), "/payload/dcc/rate"},
		{"rate the other way round", paymentJob, dcc(1301, "EUR", "7.6864", `,"rate_of":"cardholder"`), ""},
		{"rate of the wrong side", paymentJob, dcc(1301, "EUR", "7.6864", ""), "/payload/dcc/rate"},
		{"no decimals", paymentJob, dcc(2084, "JPY", "20.84", ""), ""},
		{"three decimals", paymentJob, dcc(4321, "KWD", "0.04321", ""), ""},
		{"currency of hundredths taken for one without", paymentJob, dcc(208400, "JPY", "20.84", ""), "/payload/dcc/rate"},
		{"tax row", paymentJob, plain + `,"taxes":[{"rate":"13","net":8850,"tax":1150,"gross":10000}]`, ""},
		{"tax row that is off", paymentJob, plain + `,"taxes":[{"rate":"13","net":8850,"tax":1150,"gross":9999}]`, "/payload/taxes/0/gross"},
		{"not everything is taxed", paymentJob, plain + `,"taxes":[{"rate":"13","net":850,"tax":110}]`, ""},
		{"more is taxed than was paid", paymentJob, plain + `,"taxes":[{"net":8850,"tax":1150},{"net":1,"tax":0}]`, "/payload/taxes"},
		{"tenders", ticketJob, `"paid_total":8770,"tenders":[{"type":"card","amount":5000},{"type":"cash","amount":5000}],"change":1230`, ""},
		{"tenders too small", ticketJob, `"paid_total":8770,"tenders":[{"type":"card","amount":5000},{"type":"cash","amount":5000}],"change":1231`, "/payload/tenders"},
		{"tenders of a total with discounts", ticketJob, `"original_total":9000,"discounts":[{"name":"满减","amount":-230}],"tenders":[{"type":"cash","amount":8770}]`, ""},
		{"tenders of no total", ticketJob, `"tenders":[{"type":"cash","amount":8770}]`, ""},
		{"taxes of an order", ticketJob, `"paid_total":100,"taxes":[{"tax":101}]`, "/payload/taxes"},
	} {
		r := job.Parse(fmt.Appendf(nil, c.job, c.part))
		if r.Job == nil {
			t.Errorf("%s: refused: %v", c.name, r.Errors)
			continue
		}
		var got []string
		for _, w := range r.Warnings {
			got = append(got, w.Pointer)
			if w.Code != "amounts_differ" || w.Message.Zh == "" || w.Fix.En == "" || w.Line == 0 {
				t.Errorf("%s: %+v", c.name, w)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: warned of %q, want %q", c.name, got, c.want)
		}
	}
}

// TestPartsHaveLimits: what the schema says of the new parts.
func TestPartsHaveLimits(t *testing.T) {
	const plain = `"amount":{"total":10000,"currency":"CNY"}`
	many := func(one string, n int) string { return "[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]" }
	for _, c := range []struct{ job, part, want string }{
		{paymentJob, `"amount":{"total":10000,"surcharge":-1,"currency":"CNY"}`, "too_small /payload/amount/surcharge"},
		{paymentJob, `"amount":{"total":10000,"surcharge":1.5,"currency":"CNY"}`, "bad_amount /payload/amount/surcharge"},
		{paymentJob, plain + `,"dcc":{"choice":"yes","amount":1,"currency":"EUR","rate":"1"}`, "unknown_value /payload/dcc/choice"},
		{paymentJob, plain + `,"dcc":{"choice":"local_currency","amount":1,"currency":"XXQ","rate":"1"}`, "bad_currency /payload/dcc/currency"},
		{paymentJob, plain + `,"dcc":{"choice":"local_currency","amount":1,"currency":"EUR","rate":0.13}`, "wrong_type /payload/dcc/rate"},
		{paymentJob, plain + `,"dcc":{"choice":"local_currency","amount":1,"currency":"EUR","rate":"0,13"}`, "bad_format /payload/dcc/rate"},
		{paymentJob, plain + `,"dcc":{"choice":"local_currency","amount":1,"currency":"EUR"}`, "missing_field /payload/dcc/rate"},
		{paymentJob, plain + `,"taxes":[{"rate":"13%%","tax":1}]`, "bad_format /payload/taxes/0/rate"},
		{paymentJob, plain + `,"taxes":[{"rate":"13"}]`, "missing_field /payload/taxes/0/tax"},
		{paymentJob, plain + `,"taxes":` + many(`{"tax":1}`, 21), "too_many /payload/taxes"},
		{ticketJob, `"tenders":` + many(`{"type":"cash","amount":1}`, 21), "too_many /payload/tenders"},
		{ticketJob, `"tenders":[{"type":"barter","amount":1}]`, "unknown_value /payload/tenders/0/type"},
		{ticketJob, `"change":-5`, "too_small /payload/change"},
	} {
		r := job.Parse(fmt.Appendf(nil, c.job, strings.ReplaceAll(c.part, "%%", "%")))
		var got []string
		for _, p := range r.Errors {
			got = append(got, p.Code+" "+p.Pointer)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q", c.part, got, c.want)
		}
	}
}

// TestCardNumbersInParts: each new text is masked like any other.
func TestCardNumbersInParts(t *testing.T) {
	number := withLuhn("412345678901234")
	for _, c := range []struct{ job, part, pointer string }{
		{ticketJob, `"tenders":[{"type":"card","name":"%s","amount":1}]`, "/payload/tenders/0/name"},
		{ticketJob, `"tenders":[{"type":"card","reference":"%s","amount":1}]`, "/payload/tenders/0/reference"},
		{ticketJob, `"taxes":[{"name":"%s","tax":1}]`, "/payload/taxes/0/name"},
		{paymentJob, `"amount":{"total":100,"currency":"CNY"},"dcc":{"choice":"local_currency","amount":13,"currency":"EUR","rate":"0.13","provider":"%s"}`, "/payload/dcc/provider"},
		{paymentJob, `"amount":{"total":100,"currency":"CNY"},"dcc":{"choice":"local_currency","amount":13,"currency":"EUR","rate":"0.13","rate_source":"%s"}`, "/payload/dcc/rate_source"},
		{paymentJob, `"amount":{"total":100,"currency":"CNY"},"dcc":{"choice":"local_currency","amount":13,"currency":"EUR","rate":"0.13","statement":"%s"}`, "/payload/dcc/statement"},
	} {
		r := job.Parse(fmt.Appendf(nil, c.job, fmt.Sprintf(c.part, number)))
		if r.Job == nil || len(r.Warnings) != 1 || r.Warnings[0].Code != "pan_masked" || r.Warnings[0].Pointer != c.pointer {
			t.Errorf("%s: errors %v, warnings %v", c.pointer, r.Errors, r.Warnings)
		} else if strings.Contains(string(r.Job.JSON), number) {
			t.Errorf("%s: the number is in the journal", c.pointer)
		}
	}
}
