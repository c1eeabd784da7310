package templates_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
	"pgregory.net/rapid"
)

func TestUpper(t *testing.T) {
	tests := []struct {
		minor int64
		want  string
	}{
		{0, "零元整"},
		{1, "壹分"},
		{10, "壹角"},
		{56, "伍角陆分"},
		{100, "壹元整"},
		{105, "壹元零伍分"},
		{1000, "壹拾元整"},
		{10010, "壹佰元壹角"},
		{100000, "壹仟元整"},
		{123456, "壹仟贰佰叁拾肆元伍角陆分"},
		{1001000, "壹万零壹拾元整"},
		{1010000, "壹万零壹佰元整"},
		{10000000, "壹拾万元整"},
		{10500000, "壹拾万伍仟元整"},
		{100000000, "壹佰万元整"},
		{1000000100, "壹仟万零壹元整"},
		{10000000000, "壹亿元整"},
		{10000010000, "壹亿零壹佰元整"},
		{1680032000, "壹仟陆佰捌拾万零叁佰贰拾元整"},
		{1000100000000, "壹佰亿零壹佰万元整"},
		{-500, "负伍元整"},
	}
	for _, tt := range tests {
		if got := templates.Upper(&templates.Money{Minor: tt.minor, Currency: "CNY"}); got != tt.want {
			t.Errorf("%d: %s, want %s", tt.minor, got, tt.want)
		}
	}
	if got := templates.Upper(&templates.Money{Minor: 500, Currency: "JPY"}); got != "JPY 500" {
		t.Errorf("yen: %s", got)
	}
}

func TestMoney(t *testing.T) {
	tests := []struct {
		m                    templates.Money
		money, number, price string
	}{
		{templates.Money{Minor: 123456, Currency: "CNY"}, "RMB 1234.56", "1234.56", "￥1234.56"},
		{templates.Money{Minor: -5, Currency: "CNY"}, "RMB -0.05", "-0.05", "-￥0.05"},
		{templates.Money{Minor: 500, Currency: "JPY"}, "JPY 500", "500", "JPY 500"},
		{templates.Money{Minor: 1234, Currency: "KWD"}, "KWD 1.234", "1.234", "KWD 1.234"},
		{templates.Money{Minor: 1890, Currency: "EUR"}, "EUR 18.90", "18.90", "EUR 18.90"},
	}
	for _, tt := range tests {
		if tt.m.String() != tt.money || tt.m.Number() != tt.number || tt.m.Sign() != tt.price {
			t.Errorf("%+v: %s %s %s", tt.m, tt.m.String(), tt.m.Number(), tt.m.Sign())
		}
	}
}

func TestWrapRows(t *testing.T) {
	tests := []struct {
		n       int
		s, want string
	}{
		{10, "one two three", "one two\nthree"},
		{7, "one two three", "one two three"}, // a full row breaks by itself
		{8, "本人确认以上交易，同意", "本人确认以上交\n易，同意"},
		{9, "本人确认，以上", "本人确\n认，以上"},
		{6, "abcdefghij", "abcdefghij"},
		{7, "中文中文", "中文中\n文"},
		{8, "a （b） c", "a （b）\nc"},
		{20, "two\nlines", "two\nlines"},
		{5, "", ""},
	}
	for _, tt := range tests {
		if got := templates.Wrap(receiptline.GB18030Width, tt.n, tt.s); got != tt.want {
			t.Errorf("%d %q: %q, want %q", tt.n, tt.s, got, tt.want)
		}
	}
}

// TestWrapLaw: set in a column of its width, as slips are set, a wrapped text has no empty row, no row too long, and all its words.
func TestWrapLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "of", "AMOUNT", "ACKNOWLEDGE", "中", "交易，", "（", "）", "1234567890123456789012345678901234567890", "\n"}), 1, 12).Draw(t, "words")
		s := templates.CleanLines(strings.Join(words, rapid.SampledFrom([]string{"", " ", "  "}).Draw(t, "between")))
		n := rapid.IntRange(24, 48).Draw(t, "n")
		wrapped := templates.Wrap(receiptline.GB18030Width, n, s)
		layout, diags := receiptline.Set("|"+receiptline.Escape(wrapped), receiptline.Options{Width: n, Words: true})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		var got strings.Builder
		for i, r := range layout.Rows {
			if len(r.Runs) == 0 && s != "" {
				t.Fatalf("row %d is empty: %q", i, wrapped)
			}
			for _, run := range r.Runs {
				got.WriteString(run.Text)
			}
		}
		squeeze := strings.NewReplacer(" ", "", "\n", "")
		if squeeze.Replace(got.String()) != squeeze.Replace(s) {
			t.Fatalf("%q became %q", s, got.String())
		}
	})
}

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{" a ", "a"},
		{"a\tb\x00\x1b[31m", "a b[31m"},
		{"a\r\nb", "a b"},
		{"\u202eabc\u2066", "abc"},
		{"e\u0301", "é"},
		{"\x1b\u009b\u0085", ""},
		{"１２３４", "１２３４"},
		{"a\xffb", "a\ufffdb"},
	}
	for _, tt := range tests {
		if got := templates.Clean(tt.in); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

// TestFunctions: each function of the package's documentation, as a template calls it.
func TestFunctions(t *testing.T) {
	tests := []struct{ action, want string }{
		{`[[.Amount]]`, "RMB 1234.56"},
		{`[[money .Amount]]`, "RMB 1234.56"},
		{`[[number .Amount]]`, "1234.56"},
		{`[[price .Amount]]`, "￥1234.56"},
		{`[[upper .Amount]]`, "壹仟贰佰叁拾肆元伍角陆分"},
		{`[[yuan .Amount]]`, "1234.56元"},
		{`[[yuan .NoCVMLimit]]x`, "x"},
		{`[[date "01/02 15:04" .At]]`, "08/11 12:34"},
		{`[[cells .MerchantName]]`, "8"},
		{`[[fits 8 .MerchantName]] [[fits 7 .MerchantName]]`, "true false"},
		{`[[wrap 24 .Acquirer]]`, "银联商务"},
		{`[[flow 24 .Remarks]]`, "会员卡号 尾号 8812"},
		{`[[padleft 6 .OperatorNo]]x`, "    01x"},
		{`[[padright 6 .OperatorNo]]x`, "01    x"},
		{`[[join "+" .Remarks]]`, "会员卡号 尾号 8812"},
		{`[[sub .Width 8]]`, "40"},
		{`[[printf "%s/%s" .BatchNo .VoucherNo]]`, "000122/105233"},
	}
	for _, tt := range tests {
		set := override(t, "sale.zh-CN", "|:"+tt.action+"\n=\n")
		if got := firstRow(t, set, "zh-CN"); got != ":"+tt.want {
			t.Errorf("%s: %q, want %q", tt.action, got, tt.want)
		}
	}
}

// TestWrapCountsLikeThePrinter: on a printer where accented letters take one cell, words break where its rows end.
func TestWrapCountsLikeThePrinter(t *testing.T) {
	j := sample(t, "sale-3")
	j.Transaction.Remarks = []string{"éééé éééé éééé éééé éééé éééé éééé éééé"}
	one := func(rune) int { return 1 }
	set := load(t)
	for _, tt := range []struct {
		measure func(rune) int
		want    string
	}{
		{one, "éééé éééé éééé éééé éééé éééé"},
		{nil, "éééé éééé éééé"},
		{one, "éééé éééé éééé éééé éééé éééé"},
	} {
		slip, err := set.Render(templates.Input{Job: j, Copy: "merchant", Width: 32, Measure: tt.measure})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range slip.Layout.Rows {
			if len(r.Runs) == 1 && strings.HasPrefix(r.Runs[0].Text, "é") {
				if r.Runs[0].Text != tt.want {
					t.Errorf("got %q, want %q", r.Runs[0].Text, tt.want)
				}
				break
			}
		}
	}
}
