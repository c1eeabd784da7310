package templates_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
)

// What shops may write, and the text it makes.
func TestTemplateLanguage(t *testing.T) {
	for _, row := range [][2]string{
		{`[[.BatchNo]] [[.Width]] [[.Wide]] [[.Amount]] [[.Tip]]`, `000122 48 true RMB 1234.56 \x00`},
		{`[[.BatchNo | print]] [[print .Width .Half]] [[print "a" .BatchNo 1]]`, `000122 48 24 a0001221`},
		{`[[print .Amount .Width]] [[print "x" "y"]] [[print]] [["\\|{"]] [[7]]`, `RMB 1234.56 48 xy \x00 \\\|\{ 7`},
		{`{code:[[.BatchNo]]}`, `{code:000122}`},
		{`[[money .Amount]] [[number .Amount]] [[.Amount | price]] [[yuan .Amount]]`, `RMB 1234.56 1234.56 ￥1234.56 1234.56元`},
		{`[[.Amount.Number]] [[.Tip.Sign]] [[$.Small .EMV]] [[.EMV | .Small]] [[with .Amount]][[.String]][[end]]`,
			`1234.56 \x00 64 64 RMB 1234.56`},
		{`[[upper .Amount]] [[upper .Tip]]`, `壹仟贰佰叁拾肆元伍角陆分 \x00`},
		{`[[date "2006" .At]] [[join "/" .EMV | cells]] [[.EMV | join "" | fits 9]]`, `2026 134 false`},
		{`[[padleft 8 .BatchNo]]<[[padright 8 .BatchNo]]>[[cells .BatchNo]]`, `~ 000122<000122 ~>6`},
		{`[[sub 9 4]] [[wrap 4 "ab cd ef"]] [[flow 99 .EMV | cells]]`, `5 ab\ncd\nef 134`},
		{`[[if eq .Width 48]]a[[end]][[if ne .Copy "bank"]]b[[end]][[if lt 1 2]]c[[end]]`, `abc`},
		{`[[if le 2 1]]a[[else if gt "b" "a"]]b[[end]][[if ge .Half 24]]c[[end]]`, `bc`},
		{`[[if and .Wide .Card .EMV]]a[[end]][[if or .Tip .Base]]b[[else]]c[[end]]`, `ac`},
		{`[[if not .Tip]]a[[end]][[if .Width]]b[[end]][[if .Mark]]c[[end]][[if true]]d[[end]]`, `abcd`},
		{`[[with .Tip]]a[[else with .Card]][[.Entry]][[$.Half]][[end]]`, `I24`},
		{`[[with print "x" .BatchNo]][[.]][[end]][[with sub 3 1]][[.]][[end]]`, `x0001222`},
		{`[[range .Messages]]a[[else]]b[[end]][[range .EMV]][[if fits 8 .]][[.]];[[end]][[end]]`, `bTSI:E800;ATC:0012;AIP:7C00;`},
		{`[[define "own"]][[.]] [[$]];[[end]][[with .Card]][[template "own" .Entry]][[template "own" $.Half]][[end]]`, `I I;24 24;`},
		{`[[define "e"]][[with .Number]][[$.Entry]][[end]][[end]][[with .Card]][[template "e" .]][[end]]`, `I`},
		{`[[define "w"]][[$.Width]][[.Width]][[end]][[template "w" .]][[with .Card]][[template "w" $]][[end]]`, `48484848`},
		{`[[$x := 1]][[$x]]`, `1`},
		{`[[range $i, $l := .EMV]][[$i]][[end]]`, `012345678`},
		{`[[range .EMV]]a[[break]][[end]]`, `a`},
		{`[[range 3]][[.]][[end]]`, `012`},
		{`[[(.Amount).Number]]`, `1234.56`},
		{`[[printf "%03d" .Half]]`, `024`},
		{`[[len .BatchNo]] [[index .EMV 0 | slice | fits 0]]`, `6 false`},
		{`[[or .Tip .BatchNo]]`, `000122`},
		{`[[1.5]] [['a']]`, `1.5 97`},
		{`[[010]]`, `8`},
		{`[[define "r"]][[if .]]a[[template "r" slice . 1]][[end]][[end]][[template "r" "bcd"]]`, `aaa`},
	} {
		set := override(t, "sale.zh-CN", row[0]+"\n")
		slip, err := set.Render(templates.Input{Job: sample(t, "sale"), Copy: job.CopyMerchant, Width: 48, Small: 64})
		if err != nil {
			t.Fatal(err)
		}
		if slip.Source != row[1] {
			t.Errorf("%s\nsays %s\nwant %s", row[0], slip.Source, row[1])
		}
	}
}

// A nil pointer within a template costs no slip: the built-in one is used, and the warning says where it was.
func TestTemplateNilPointer(t *testing.T) {
	set := override(t, "sale.zh-CN", "[[if .OperatorNo]]a[[else]][[.Reversal.Reason]][[end]]\n")
	j := sample(t, "sale")
	j.Transaction.OperatorNo = ""
	slip, err := set.Render(templates.Input{Job: j, Copy: job.CopyMerchant, Width: 48})
	if err != nil {
		t.Fatal(err)
	}
	last := slip.Warnings[len(slip.Warnings)-1]
	if last.Code != "template_fallback" || !strings.Contains(last.En, "Reason is asked for, but this job does not have") {
		t.Errorf("a nil pointer: %+v", last)
	}
}

// A section means the same wherever it is called from: its dollar is its own dot, its variables end with it, and it may
// call itself.
func TestSectionsMeanTheSame(t *testing.T) {
	const text = `[[define "own"]][[.]] [[$]]|[[end]]
[[define "width"]][[$.Width]][[.Width]][[end]]
[[define "sets"]][[$x := 2]][[$x]][[end]]
[[define "less"]][[if .]][[len .]] [[template "less" (slice . 1)]][[end]][[end]]
[[define "twice"]][[template "width" .]]+[[template "width" .]][[end]]
[[$x := 1]]
[[with .Card]][[with .Number]]|A [[template "own" .]][[end]][[end]]
|B [[template "twice" .]]
|C [[template "sets" .]] [[$x]]
|D [[template "less" "abc"]]
|E [[range .EMV]][[if fits 6 .]][[template "own" .]][[end]][[end]][[with .Original]][[template "dates" $]][[end]]
[[define "dates"]]|[[.BatchNo]][[end]]
=`
	set := override(t, "sale.zh-CN", text)
	slip, err := set.Render(templates.Input{Job: sample(t, "sale"), Copy: job.CopyMerchant, Width: 48})
	if err != nil {
		t.Fatal(err)
	}
	const want = "|A 6222 02** **** 6620 6222 02** **** 6620|\n|B 4848+4848\n|C 2 1\n|D 3 2 1 \n|E |000122\n\n="
	if got := strings.TrimLeft(slip.Source, "\n"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
