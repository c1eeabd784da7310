package job_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
)

// TestRawFilesAreMasked looks at what is kept of files that are not JSON.
func TestRawFilesAreMasked(t *testing.T) {
	sale, err := os.ReadFile("../examples/jobs/01-sale-chip.json")
	if err != nil {
		t.Fatal(err)
	}
	head := string(sale[:len(sale)/2])
	for _, row := range []struct{ tail, secret string }{
		{`"pan": "4111 1111 1111 1111`, "4111111111111111"},
		{`"pan": "\u0034\u0031\u0031\u0031\u0031\u0031\u0031\u0031\u0031\u0031\u0031\u0031\u0031\u0031\u0031\u0031`, `\u0034\u0031\u0031`},
		{`"x": "%B4111111111111111^A/B^28121010000000000000?`, "28121010000"},
		{`"x": ";4111111111111111=28121010000000000000?`, "28121010000"},
		{`"cvv2": "987`, "987"}, {`"PIN_block": "0412AC89ABCDEF67`, "0412AC89"},
		{`"track2": "4111111111111111D2812`, "2812"},
	} {
		r := job.Parse([]byte(head + row.tail))
		if r.Job != nil || len(r.Redacted) == 0 {
			t.Fatalf("%s: %v", row.tail, r)
		}
		if strings.Contains(string(r.Redacted), row.secret) || strings.Contains(digitsIn(string(r.Redacted)), row.secret) {
			t.Errorf("%s: kept as %s", row.tail, r.Redacted)
		}
	}
}

// TestTrust: the shop answers for its codes, but not for track data, card groups and the job's own card.
func TestTrust(t *testing.T) {
	const own = "6222021234567896620" // agrees with the masked_pan below, and passes no check
	parse := func(trust, block, data string) job.Result {
		quoted, _ := json.Marshal(data)
		extra := ""
		if block == "barcode" {
			extra = `"symbology":"code128",`
		}
		return job.Parser{Trust: strings.Fields(trust)}.Parse([]byte(`{"job_id":"t","kind":"document","payload":{"blocks":[{"type":"` + block + `",` + extra + `"data":` + string(quoted) + `}]}}`))
	}
	for _, row := range []struct {
		trust, block, data, code string
	}{
		{"", "qr", "4111111111111111", "code_withheld"},
		{"barcode", "qr", "4111111111111111", "code_withheld"},
		{"qr", "qr", "4111111111111111", ""},
		{"qr", "barcode", "4111111111111111", "code_withheld"},
		{"qr barcode", "barcode", "4111111111111111", ""},
		{"qr barcode", "qr", "4111 1111 1111 1111", "code_withheld"},
		{"qr barcode", "qr", ";4111111111111111=28121010000000000000?", "track_data"},
	} {
		r := parse(row.trust, row.block, row.data)
		code := ""
		for _, p := range append(r.Errors, r.Warnings...) {
			code += p.Code
		}
		if code != row.code {
			t.Errorf("%+v: %s %v %v", row, code, r.Errors, r.Warnings)
		}
	}
	sale := strings.Replace(string(samples(t)["01-sale-chip.json"]), "会员卡号 尾号 8812", own, 1)
	if r := (job.Parser{Trust: []string{"qr", "barcode"}}).Parse([]byte(sale)); r.Job == nil || leaks(r, own) != "" || r.Warnings[0].Rule != "own" {
		t.Error("the job's own card:", r.Errors, r.Warnings)
	}
	source := `{"job_id":"t","kind":"document","payload":{"receiptline":"{code:4111111111111111;option:qrcode}\n"}}`
	if r := job.Parse([]byte(source)); r.Job == nil || len(r.Warnings) != 1 || r.Warnings[0].Code != "code_withheld" {
		t.Error("not trusted in markup:", r.Errors, r.Warnings)
	}
	if r := (job.Parser{Trust: []string{"qr"}}).Parse([]byte(source)); r.Job == nil || len(r.Warnings) != 0 {
		t.Error("trusted in markup:", r.Errors, r.Warnings)
	}
}
