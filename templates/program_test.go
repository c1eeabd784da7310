package templates_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
)

// Every built-in template runs as a program, and says what text/template makes of it: for every sample, copy, locale
// and width, as plain original and with all marks.
func TestProgramsSayTheSame(t *testing.T) {
	set := load(t)
	all := job.Mark{
		Kind: job.MarkDuplicate, PrintNo: 3, At: reprinted, Operator: "a very long name of an operator 店长", Archive: "TD-07",
		From: "front", Late: true, Voided: true, Reversed: true, TornPiece: true, Possible: true,
	}
	for _, name := range templates.Samples() {
		j := sample(t, name)
		for _, copy := range j.DefaultCopies() {
			for _, locale := range []string{"zh-CN", "en"} {
				for _, width := range []int{24, 32, 42, 48, 64} {
					for _, mark := range []job.Mark{{}, all} {
						sayTheSame(t, set, templates.Input{Job: j, Copy: copy, Locale: locale, Width: width, Small: small[width], Mark: mark})
					}
				}
			}
		}
	}
}

// sayTheSame compares a program's text with that of text/template, and gives it.
func sayTheSame(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, set *templates.Set, in templates.Input) string {
	t.Helper()
	got, ok, want, err := templates.BothWays(set, in)
	if err != nil {
		t.Fatalf("%s %s %d: %v", in.Copy, in.Locale, in.Width, err)
	}
	if !ok {
		t.Fatalf("%s %s %d: no program made it", in.Copy, in.Locale, in.Width)
	}
	if got != want {
		t.Fatalf("%s %s %d: the program says\n%s\ntext/template says\n%s", in.Copy, in.Locale, in.Width, got, want)
	}
	return got
}

// A function that templates may call is one that programs know: else every template that calls it would be slow.
func TestProgramsKnowTheFunctions(t *testing.T) {
	if names := templates.UnknownCalls(); len(names) > 0 {
		t.Errorf("not in calls: %q", names)
	}
}

// What shops may write, and its text from a program.
func TestProgramLanguage(t *testing.T) {
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
	} {
		set := override(t, "sale.zh-CN", row[0]+"\n")
		got := sayTheSame(t, set, templates.Input{Job: sample(t, "sale"), Copy: job.CopyMerchant, Width: 48, Small: 64})
		if got != row[1] {
			t.Errorf("%s\nsays %s\nwant %s", row[0], got, row[1])
		}
	}
}

// What a program does not know, text/template says; so it does where a program fails.
func TestNoProgram(t *testing.T) {
	for _, row := range [][2]string{
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
		in := templates.Input{Job: sample(t, "sale"), Copy: job.CopyMerchant, Width: 48}
		if _, ok, _, _ := templates.BothWays(set, in); ok {
			t.Errorf("%s: a program made it", row[0])
		}
		slip, err := set.Render(in)
		if err != nil {
			t.Fatal(err)
		}
		if slip.Source != row[1] {
			t.Errorf("%s\nsays %s\nwant %s", row[0], slip.Source, row[1])
		}
	}

	set := override(t, "sale.zh-CN", "[[if .OperatorNo]]a[[else]][[.Reversal.Reason]][[end]]\n")
	j := sample(t, "sale")
	j.Transaction.OperatorNo = ""
	_, ok, _, err := templates.BothWays(set, templates.Input{Job: j, Copy: job.CopyMerchant, Width: 48})
	if ok || err == nil || !strings.Contains(err.Error(), "nil pointer evaluating *templates.Reversal.Reason") {
		t.Errorf("a nil pointer: %v, %v", ok, err)
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
