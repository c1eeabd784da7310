package templates_test

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
	"pgregory.net/rapid"
)

func logo(t testing.TB, name string) templates.Logo {
	t.Helper()
	l, err := templates.LoadLogo(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestSettings compares what the shop's settings make of the samples with goldens, at 58 and 80 mm in both languages.
func TestSettings(t *testing.T) {
	comma := []templates.MoneyStyle{{Group: ","}}
	lines := templates.Shop{Hotline: "95516", Logo: logo(t, "1,240,48"), Footer: []string{"谢谢惠顾 THANK YOU", "营业时间 OPEN 9:00-22:00"}}
	for _, setting := range []struct {
		name    string
		shop    templates.Shop
		samples []string
	}{
		{"thousands", templates.Shop{Money: comma}, []string{"sale-4", "sale-6", "order-4", "scan-pay", "settlement"}},
		{"decimal-comma", templates.Shop{Money: []templates.MoneyStyle{{Currency: "EUR", Group: ".", Decimal: ","}, {Group: " ", Decimal: ","}}}, []string{"sale-6", "order-4"}},
		{"negative", templates.Shop{Negative: []string{"void", "refund"}, Money: comma}, []string{"void", "refund", "sale"}},
		{"lines", lines, []string{"sale", "declined", "scan-pay", "order", "reversal", "settlement", "document"}},
	} {
		for _, locale := range []string{"zh-CN", "en"} {
			t.Run(setting.name+"."+locale, func(t *testing.T) {
				set := load(t)
				var b strings.Builder
				for _, name := range setting.samples {
					j := sample(t, name)
					for _, copy := range j.DefaultCopies() {
						for _, width := range []int{32, 48} {
							slip, err := set.Render(templates.Input{Job: j, Copy: copy, Mark: marks[0].mark, Width: width, Small: small[width], Locale: locale, Shop: setting.shop})
							if err != nil {
								t.Fatalf("%s %s %d: %v", name, copy, width, err)
							}
							fmt.Fprintf(&b, "== %s %s %d\n%s", name, copy, width, framed(slip.Layout))
						}
					}
				}
				golden(t, filepath.Join("testdata", "settings", setting.name+"."+locale+".txt"), b.String())
			})
		}
	}
}

// TestMoneyStyles: which style counts, and what it makes of an amount.
func TestMoneyStyles(t *testing.T) {
	for _, c := range []struct {
		name, locale, want string
		total              int64
		currency           string
		styles             []templates.MoneyStyle
	}{
		{"none", "en", "RMB 1234567.89", 123456789, "CNY", nil},
		{"thousands", "en", "RMB 1,234,567.89", 123456789, "CNY", []templates.MoneyStyle{{Group: ","}}},
		{"three digits", "en", "RMB 567.89", 56789, "CNY", []templates.MoneyStyle{{Group: ","}}},
		{"no decimals", "en", "JPY 1,234,567", 1234567, "JPY", []templates.MoneyStyle{{Group: ","}}},
		{"three decimals", "en", "KWD 1'234.567", 1234567, "KWD", []templates.MoneyStyle{{Group: "'"}}},
		{"decimal sign alone", "en", "EUR 1234567,89", 123456789, "EUR", []templates.MoneyStyle{{Decimal: ","}}},
		{"a blank that breaks nowhere", "en", "EUR 1\u00a0234\u00a0567,89", 123456789, "EUR", []templates.MoneyStyle{{Group: " ", Decimal: ","}}},
		{"the first that serves", "de-AT", "EUR 1.234,56", 123456, "EUR", []templates.MoneyStyle{
			{Locale: "d", Group: "'"}, {Locale: "de", Currency: "CHF", Group: "'"}, {Locale: "de", Group: ".", Decimal: ","}, {Group: ","}}},
		{"another language", "en", "EUR 1234.56", 123456, "EUR", []templates.MoneyStyle{{Locale: "de", Group: ".", Decimal: ","}}},
		{"language in another writing", "zh_cn", "RMB 1,234.56", 123456, "CNY", []templates.MoneyStyle{{Locale: "zh-CN", Group: ","}}},
	} {
		j := sample(t, "sale")
		j.Transaction.Amount = job.Amount{Total: c.total, Currency: c.currency}
		slip, err := load(t).Render(templates.Input{Job: j, Copy: job.CopyMerchant, Width: 48, Locale: c.locale, Shop: templates.Shop{Money: c.styles}})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(slip.Source, c.want) {
			t.Errorf("%s: no %q on\n%s", c.name, c.want, slip.Layout.Text())
		}
	}
}

// TestNoCVMLimitKeepsItsDecimals: the sentence drops decimals that are zero, in any style, and no policy turns a limit round.
func TestNoCVMLimitKeepsItsDecimals(t *testing.T) {
	for limit, want := range map[int64]string{100000: "未超1,000元", 100050: "未超1,000.50元"} {
		j := sample(t, "refund")
		j.Transaction.CVM = &job.CVM{PIN: "none", SignatureRequired: new(bool), NoCVMLimit: limit}
		slip, err := load(t).Render(templates.Input{Job: j, Copy: job.CopyMerchant, Width: 48, Locale: "zh-CN", Shop: templates.Shop{Money: []templates.MoneyStyle{{Group: ","}}, Negative: []string{"refund"}}})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(slip.Source, want) {
			t.Errorf("no %q on\n%s", want, slip.Layout.Text())
		}
	}
}

// TestEveryAmountIsWhole: however it is written and however long it is, an amount stands in one row, on every paper.
func TestEveryAmountIsWhole(t *testing.T) {
	set := load(t)
	rapid.Check(t, func(t *rapid.T) {
		d := draws{t}
		style := templates.MoneyStyle{Group: rapid.SampledFrom([]string{"", ",", ".", "'", " "}).Draw(t, "group")}
		if style.Group == "." || rapid.Bool().Draw(t, "comma") && style.Group != "," {
			style.Decimal = ","
		}
		shop := templates.Shop{Money: []templates.MoneyStyle{style}, Negative: []string{"refund"}}
		name := rapid.SampledFrom([]string{"sale-4", "sale-5", "sale-6", "refund", "order-4", "scan-pay", "settlement"}).Draw(t, "sample")
		j, err := templates.Sample(name)
		if err != nil {
			t.Fatal(err)
		}
		currency := d.currency()
		var want []int64
		draw := func(what string) int64 { want = append(want, d.amount(what, 1)); return want[len(want)-1] }
		opt := func(what string) *int64 { m := draw(what); return &m }
		switch {
		case j.Transaction != nil:
			tx := j.Transaction
			tx.Amount = job.Amount{Currency: currency, Surcharge: draw("surcharge") / 4, CashBack: draw("cash back") / 4}
			want = []int64{tx.Amount.Surcharge, tx.Amount.CashBack}
			tx.Amount.Total = tx.Amount.Surcharge + tx.Amount.CashBack + d.amount("base", 1)/2
			want = append(want, tx.Amount.Total, tx.Amount.Total-tx.Amount.Surcharge-tx.Amount.CashBack)
			if tx.DCC != nil {
				tx.DCC.Currency, tx.DCC.Amount = currency, draw("dcc")
			}
			tx.Taxes = []job.Tax{{Rate: "13", Net: opt("net"), Tax: draw("tax"), Gross: opt("gross")}}
		case j.Order != nil:
			o := j.Order
			o.Currency, o.OriginalTotal, o.PaidTotal, o.Change = currency, opt("total"), opt("paid"), opt("change")
			o.Tenders = []job.Tender{{Type: "cash", Amount: draw("tender")}}
			o.Taxes = []job.Tax{{Rate: "13", Net: opt("net"), Tax: draw("tax"), Gross: opt("gross")}}
		default:
			j.Settlement.Currency = currency
			j.Settlement.Details = []job.SettlementDetail{{VoucherNo: "000001", AuthCode: "384928", MaskedPAN: "622202******6620", Amount: draw("detail")}}
		}
		in := d.input(j)
		in.Shop, in.Copy = shop, j.DefaultCopies()[len(j.DefaultCopies())-1]
		slip, err := set.Render(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range want {
			if m == 0 {
				continue
			}
			if name == "refund" {
				m = -m
			}
			if number := written(m, currency, style); !inOneRow(slip.Layout, number) {
				t.Fatalf("%s %s %d cells: %q is not there whole\n%s", name, in.Locale, in.Width, number, slip.Layout.Text())
			}
		}
	})
}

// written is an independent reading of a money style.
func written(minor int64, currency string, s templates.MoneyStyle) string {
	n := job.FormatAmount(minor, currency)
	whole, decimals, has := strings.Cut(n, ".")
	digits := strings.TrimPrefix(whole, "-")
	if s.Group != "" {
		for at := len(digits) - 3; at > 0; at -= 3 {
			digits = digits[:at] + s.Group + digits[at:]
		}
	}
	out := strings.ReplaceAll(strings.Repeat("-", strings.Count(whole, "-"))+digits, " ", "\u00a0")
	if !has {
		return out
	}
	if s.Decimal != "" {
		return out + s.Decimal + decimals
	}
	return out + "." + decimals
}

// inOneRow reports whether a figure stands in one run of a row, with nothing that could be read as a part of it beside it.
func inOneRow(l *receiptline.Layout, number string) bool {
	for _, r := range l.Rows {
		for _, run := range r.Runs {
			before, after, ok := strings.Cut(run.Text, number)
			if ok && (after == "" || after[0] == ' ') && (before == "" || strings.HasSuffix(before, " ") || strings.HasSuffix(before, "￥")) {
				return true
			}
		}
	}
	return false
}

// TestLogo: what is no logo is refused when the configuration is read, and a template of the shop's may ask for one that is not there.
func TestLogo(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	picture := filepath.Join(dir, "logo.png")
	f, err := os.Create(picture)
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewGray(image.Rect(0, 0, 64, 24))
	m.SetGray(3, 3, color.Gray{Y: 255})
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]receiptline.RowKind{picture: receiptline.ImageRow, "7,384,96": receiptline.LogoRow} {
		slip, err := load(t).Render(templates.Input{Job: sample(t, "sale"), Copy: job.CopyMerchant, Width: 32, Locale: "en", Shop: templates.Shop{Logo: logo(t, name)}})
		if err != nil {
			t.Fatal(err)
		}
		if slip.Layout.Rows[0].Kind != want {
			t.Errorf("%s: the slip begins with a row of kind %v", name, slip.Layout.Rows[0].Kind)
		}
	}
	for _, bad := range []string{
		filepath.Join(dir, "none.png"), dir, file("text.png", []byte("no picture")), file("empty.png", nil), file("large.png", make([]byte, 300<<10)),
		"0,384,96", "256,384,96", "1,384,0",
	} {
		_, err := templates.LoadLogo(bad)
		if err == nil {
			t.Errorf("%s is taken for a logo", bad)
			continue
		}
		if zh, en := templates.LogoProblem(bad, err); zh == "" || en == "" {
			t.Errorf("%s: %q %q", bad, zh, en)
		}
	}
	set := override(t, "sale.en", "{logo:shop}\n[[.BatchNo]]\n=\n")
	slip, err := set.Render(templates.Input{Job: sample(t, "sale"), Copy: job.CopyMerchant, Width: 32, Locale: "en"})
	if err != nil || slip.Source != "000122\n=" {
		t.Errorf("a template asks for a logo that is not there: %v, %q", err, slip.Source)
	}
}
