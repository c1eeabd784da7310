package job_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
)

// TestOrderNumbersMayBeRepeated: one order number in ten looks like a card number, and remarks repeat it.
func TestOrderNumbersMayBeRepeated(t *testing.T) {
	const number = "5555555555554444"
	data := strings.ReplaceAll(string(samples(t)["11-order-meituan.json"]), "5415221202244734", number)
	r := job.Parse([]byte(strings.Replace(data, "谢谢", "单号 "+number+" 卡 4111111111111111", 1)))
	if r.Job == nil || len(r.Warnings) != 1 {
		t.Fatal(r.Errors, r.Warnings)
	}
	if s := r.Job.Order.Remark; !strings.Contains(s, number) || strings.Contains(s, "4111111111111111") {
		t.Errorf("remark %q", s)
	}
}

// TestOrderNumbersOnlyWhereTheyBelong: a name that the kind of the job does not have excuses nothing, and neither does a
// value that is no order number.
func TestOrderNumbersOnlyWhereTheyBelong(t *testing.T) {
	const number = "4111111111111111"
	for _, text := range []string{
		`{"job_id":"d","kind":"document","payload":{"order_no":"` + number + `","blocks":[{"type":"text","text":"卡 ` + number + `"}]}}`,
		`{"job_id":"d","kind":"document","payload":{"scan":{"merchant_order_no":"` + number + `"},"blocks":[{"type":"text","text":"卡 ` + number + `"}]}}`,
		strings.Replace(strings.Replace(string(samples(t)["11-order-meituan.json"]), "5415221202244734", "卡 "+number, 1), "谢谢", number, 1),
	} {
		if where := leaks(job.Parse([]byte(text)), number); where != "" {
			t.Error(where)
		}
	}
}

// TestIdentifiers holds job_ids that are and are not refused.
func TestIdentifiers(t *testing.T) {
	sale := string(samples(t)["01-sale-chip.json"])
	order := string(samples(t)["11-order-meituan.json"])
	for _, row := range []struct {
		name, data, id string
		refused        bool
	}{
		{"voucher", sale, "c4-000122-105233-a", false},
		{"batch, voucher and try that pass Luhn", sale, "400122-105208-1", false},
		{"time", sale, "pos-20260811123456", false},
		{"card", sale, "4111111111111111", true},
		{"card inside", sale, "sale-4111111111111111-a", true},
		{"grouped card", sale, "4111-1111-1111-1111", true},
		{"amex", sale, "3782-822463-10005", true},
		{"order number", strings.ReplaceAll(order, "5415221202244734", "5555555555554444"), "mt-5555555555554444", false},
		{"order number and card", strings.ReplaceAll(order, "5415221202244734", "5555555555554444"), "mt-5555555555554444-4111111111111111", true},
	} {
		old := job.Parse([]byte(row.data)).ID
		r := job.Parse([]byte(strings.Replace(row.data, `"job_id": "`+old+`"`, `"job_id": "`+row.id+`"`, 1)))
		if refused := r.Job == nil; refused != row.refused {
			t.Errorf("%s: refused %v, %v", row.name, refused, r.Errors)
		}
		if row.refused && (r.ID != "" || r.Errors[0].Code != "pan_in_identifier") {
			t.Errorf("%s: id %q, %v", row.name, r.ID, r.Errors)
		}
	}
}

// TestCardField looks at what becomes of the one field that is made for a masked number.
func TestCardField(t *testing.T) {
	sale := string(samples(t)["01-sale-chip.json"])
	for _, row := range []struct{ in, out, code string }{
		{"622202******6620", "622202******6620", ""},
		{"6222 02** **** 6620", "622202******6620", ""},
		{"622202xxxxxx6620", "622202******6620", ""},
		{"622202●●●●●●6620", "622202******6620", ""},
		{"62220212****6620", "62220212****6620", ""},
		{"************4242", "************4242", ""},
		{"4111111111111111", "411111******1111", "pan_masked"},
		{"4111 1111 1111 1112", "411111******1112", "pan_masked"}, // Luhn is no proof of absence
		{"４１１１１１１１１１１１１１１１", "411111******1111", "pan_masked"},
		{"6222021234**96620", "622202*******6620", "pan_masked"},
		{"6222021*****96620", "622202*******6620", "pan_masked"}, {"62220212****96620", "622202*******6620", "pan_masked"},
		{"36227206271667", "**********1667", "pan_masked"},
		{"6620", "", "bad_masked_pan"},
		{"卡号", "", "bad_masked_pan"},
		{";4111111111111111=2812101?", "", "track_data"},
		{"4111111111111111D2812101", "", "track_data"},
	} {
		r := job.Parse([]byte(strings.Replace(sale, "622202******6620", row.in, 1)))
		code := ""
		for _, p := range append(r.Errors, r.Warnings...) {
			code += p.Code
		}
		if code != row.code {
			t.Errorf("%q: code %q, want %q", row.in, code, row.code)
		}
		if r.Job != nil && r.Job.Transaction.Card.MaskedPAN != row.out {
			t.Errorf("%q became %q, want %q", row.in, r.Job.Transaction.Card.MaskedPAN, row.out)
		}
		if strings.Contains(digitsIn(string(r.Redacted)), "4111111111111111") {
			t.Errorf("%q is in %s", row.in, r.Redacted)
		}
	}
}
