package job_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
)

// TestFormsThatAreFound holds the forms in which card numbers come, each with the rule that finds it.
func TestFormsThatAreFound(t *testing.T) {
	const (
		remarks  = `"会员卡号 尾号 8812"`
		number   = "4111111111111111"
		circled  = "④①①①①①①①①①①①①①①①"
		dingbats = "❹❶❶❶➀➀➀➀➊➊➊➊⓵⓵⓵⓵"
	)
	for _, row := range []struct{ name, file, old, with, number, rule string }{
		{"an id, set off by letters", "01-sale-chip.json", `"c1-000122-105233-a"`, `"sale4111111111111111a"`, number, "bare"},
		{"an id, set off by -", "01-sale-chip.json", `"c1-000122-105233-a"`, `"c1-4111111111111111-a"`, number, "bare"},
		{"an id, in groups", "01-sale-chip.json", `"c1-000122-105233-a"`, `"c1-4111-1111-1111-1111"`, number, "groups"},
		{"an id, the job's own card", "01-sale-chip.json", `"c1-000122-105233-a"`, `"6222021234567896620"`, "6222021234567896620", "own"},
		{"an order number, the job's own card", "01-sale-chip.json", `"reference_no"`, `"order_no": "6222021234566620", "reference_no"`, "6222021234566620", "own"},
		{"a target", "23-reprint-job.json", `"mt-5415221202244734"`, `"mt-4111111111111111"`, number, "bare"},
		{"a list of groups", "01-sale-chip.json", remarks, `"4111","1111","1111","1111"`, number, "list"},
		{"a list of groups among others", "01-sale-chip.json", remarks, `"会员卡号 尾号 8812","4111","1111","1111","1111","谢谢 2"`, number, "list"},
		{"a list with a word", "01-sale-chip.json", remarks, `"卡号 4111 1111","1111 1111"`, number, "list"},
		{"a list, American Express", "01-sale-chip.json", remarks, `"3782","822463","10005"`, "378282246310005", "list"},
		{"two lines of markup", "12-document-receiptline.json", "班次 | 早班", `卡号 4111 1111\n1111 1111`, number, "list"},
		{"two lines of markup, torn", "12-document-receiptline.json", "班次 | 早班", `卡号：4111111111\n111111`, number, "wrapped"},
		{"two lines with outer strokes", "12-document-receiptline.json", "班次 | 早班", `|4111 1111|\n|1111 1111|`, number, "list"},
		{"two lines in a column", "12-document-receiptline.json", "班次 | 早班", `卡号 | 4111 1111\n | 1111 1111`, number, "list"},
		{"a row of markup", "12-document-receiptline.json", "班次 | 早班", `4111|1111|1111|1111`, number, "list"},
		{"a row with a word", "12-document-receiptline.json", "班次 | 早班", `卡号|4111|1111|1111|1111`, number, "list"},
		{"decoration", "12-document-receiptline.json", "班次 | 早班", `^41\"111111\"11111111`, number, "bare"},
		{"a comment of markup", "12-document-receiptline.json", "班次 | 早班", `{_:4111111111111111}`, number, "bare"},
		{"circled", "01-sale-chip.json", remarks, `"` + circled + `"`, number, "bare"},
		{"dingbats", "01-sale-chip.json", remarks, `"` + dingbats + `"`, number, "bare"},
		{"6-13", "01-sale-chip.json", remarks, `"622848 0402564890018"`, "6228480402564890018", "groups"},
		{"EMV tags", "01-sale-chip.json", remarks, `"9F02060000000012345A084111111111111111"`, number, "emv"},
		{"EMV tags, spaced", "01-sale-chip.json", remarks, `"5A 08 41 11 11 11 11 11 11 11"`, number, "emv"},
		{"EMV track", "01-sale-chip.json", remarks, `"57134111111111111111D28121010000000000000F"`, number, "track2"},
		{"track in groups", "01-sale-chip.json", remarks, `"4111 1111 1111 1111=2812101"`, number, "track2"},
		{"an EMVCo field", "20-document-blocks.json", "https://example.com/shift/20260811", merchantCode("010211", "5802CN", object("62", object("01", number))), number, "bare"},
		{"a name in an EMVCo code", "20-document-blocks.json", "https://example.com/shift/20260811", merchantCode("010211", "5802CN", object("59", "卡 "+number)), number, "bare"},
		{"an EPC code", "20-document-blocks.json", "https://example.com/shift/20260811", `BCD\n002\n1\nSCT\n\nShop\nDE89370400440532013000\nEUR1.00\n\n\n` + number, number, "bare"},
		{"a barcode", "20-document-blocks.json", `"type": "qr"`, `"type": "barcode", "symbology": "code128", "text": "` + number + `"`, number, "bare"},
	} {
		r := change(t, row.file, row.old, row.with)
		if where := leaks(r, row.number); where != "" {
			t.Errorf("%s: %s", row.name, where)
		}
		all := append(r.Errors, r.Warnings...)
		if len(all) == 0 || all[0].Rule != row.rule {
			t.Errorf("%s: %+v", row.name, all)
		}
	}
}

// TestMaskedPANWithOddSeparators: what is no masked number is withheld whole, also in the copy of the refused job.
func TestMaskedPANWithOddSeparators(t *testing.T) {
	for _, in := range []string{"4111/1111/1111/1111", "4111|1111|1111|1111", "卡4111111111111111", "4111:1111:1111:1111", "4111,1111,1111,1111", "④111(1111)11111111", "6222~02~6620"} {
		r := change(t, "01-sale-chip.json", "622202******6620", in)
		if r.Job != nil || r.Errors[0].Code != "bad_masked_pan" || !strings.Contains(string(r.Redacted), `"masked_pan": "[withheld]"`) || strings.Contains(string(r.Redacted), in) {
			t.Errorf("%q: %v %s", in, r.Errors, r.Redacted)
		}
	}
}

// TestSpans: the answer says where and by which rule, each number for itself.
func TestSpans(t *testing.T) {
	r := change(t, "01-sale-chip.json", "会员卡号 尾号 8812", "卡 4111 1111 1111 1111 和 5555555555554444")
	if len(r.Warnings) != 2 {
		t.Fatal(r.Warnings)
	}
	for i, want := range []job.Problem{{Rule: "groups", Span: &job.Span{From: 3, To: 21}}, {Rule: "bare", Span: &job.Span{From: 25, To: 40}}} {
		p := r.Warnings[i]
		if p.Rule != want.Rule || p.Span == nil || *p.Span != *want.Span || p.Pointer != "/payload/remarks/0" {
			t.Errorf("%+v", p)
		}
	}
	if got := r.Warnings[0].Message; !strings.Contains(got.Zh, "第 3 到 21 个字：Visa，按卡面分组的卡号") || !strings.Contains(got.En, "characters 3 to 21: Visa, grouped as on a card") {
		t.Error(got)
	}
}

// TestNames: in a file's name a number may stand spaced evenly beside another.
func TestNames(t *testing.T) {
	for _, name := range []string{"244 353 011 133 330 000 0.json", "4 6 2 0 0 0 0 0 0 0 0 0 0 0 0 0 5.json", "12 41 11 11 11 11 11 11 11.json", "9 4111.1111.1111.1111.json", "card-4111111111111111.json"} {
		if got, hit := job.MaskCardNumbers(name); !hit {
			t.Error(got)
		}
	}
	for _, name := range []string{"60270435_931619_129632.json", "4-931619-129632-123456789012.json", "c1-000122-105233-a.json", "550e8400-e29b-41d4-a716-446655440000.json"} {
		if got, hit := job.MaskCardNumbers(name); hit {
			t.Error(name, got)
		}
	}
}

// TestWhatIsNoCard holds single cases in which something explains a number away, or does not.
func TestWhatIsNoCard(t *testing.T) {
	for text, card := range map[string]bool{
		"4000000000105": false, "4222222222222": true, "T4222222222222": false, // EAN-13; an old Visa; a registration number
		"订单号 4111111111111111": false, "订单号：4111111111111111": false, "订单 4111111111111111": true, "卡号 4111111111111111": true, "号4111111111111111": true,
		"Order #4111111111111111": false, "order no. 4111111111111111": false, "order 4111111111111111": true, "RRN 4111111111111111": false,
		"订单号 4111 1111 1111 1111": true, "Order #4111-1111-1111-1111": true,
		"+4915112345678": false, "121.4111111111111111": true, "0.4111111111111111": true, "1.36227206271667": false, "(01)04012345678901": false,
		"41111111111111111": false, "4111111111111111.00": true, "4111111111111112": false,
	} {
		if got, hit := job.MaskCardNumbers(text); hit != card {
			t.Errorf("%q became %q", text, got)
		}
	}
}
