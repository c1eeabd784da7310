package rules_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/capture/rules"
	"github.com/receiptd/receiptd/job"
)

var noon = time.Date(2026, 8, 11, 12, 34, 56, 0, time.FixedZone("", 8*3600))

func union(t *testing.T) *rules.Set {
	t.Helper()
	s, err := rules.Load("unionpay")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sale is a slip as terminals print it; what stands in change replaces its lines.
func sale(change ...string) string {
	return strings.NewReplacer(change...).Replace(`        银联POS签购单
商户存根(MERCHANT COPY)
商户名称:人民商场
商户编号:898510154110283
终端编号:00012345    操作员号:01
发卡行:工商银行  收单行:银联商务
卡号(CARD NO):
 622202******6620 /C
交易类型:消费(SALE)
批次号:000122     凭证号:105233
授权码:384928  参考号:123456123456
日期/时间:2026/08/11 12:30:50
金额(AMOUNT):RMB 1234.56
备注(REFERENCE)
ARQC:0123456789ABCDEF
持卡人签名`)
}

func settlement(change ...string) string {
	return strings.NewReplacer(change...).Replace(`        结算总计单
商户名称:人民商场
商户编号:898510154110283
终端编号:00012345
批次号:000122
日期/时间:2026/08/11 12:31:00
类型/TYPE  笔数/SUM  金额/AMOUNT
内卡:对账平
消费/SALE     11      333.00
退货/REFUND    1        3.00`)
}

// TestUnionPay: what the shipped rules find on slips as terminals print them, and on odd ones.
func TestUnionPay(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"sale":              {sale(), "transaction sale merchant 00012345/000122/105233 123456 6620"},
		"full width":        {sale("凭证号:105233", "凭证号：１０５２３３", "RMB 1234.56", "￥１，２３４．５６"), "transaction sale merchant 00012345/000122/105233 123456 6620"},
		"thousands":         {sale("RMB 1234.56", "RMB 1,234.56"), "transaction sale merchant 00012345/000122/105233 123456 6620"},
		"short numbers":     {sale("000122", "122", "105233", "7"), "transaction sale merchant 00012345/000122/000007 123456 6620"},
		"values below":      {sale("批次号:000122     凭证号:105233", "批次号:\n000122\n凭证号:\n105233"), "transaction sale merchant 00012345/000122/105233 123456 6620"},
		"amount below":      {sale("金额(AMOUNT):RMB 1234.56", "金额(AMOUNT):\n   RMB 1234.56"), "transaction sale merchant 00012345/000122/105233 123456 6620"},
		"cardholder's":      {sale("商户存根(MERCHANT COPY)", "持卡人存根(CARDHOLDER COPY)"), "transaction sale cardholder 00012345/000122/105233 123456 6620"},
		"reprint":           {sale("备注(REFERENCE)", "****重打印凭证/DUPLICATED****"), "transaction sale merchant 00012345/000122/105233 123456 6620 duplicate"},
		"void":              {sale("消费(SALE)", "消费撤销(VOID)", "备注(REFERENCE)", "原凭证号(VOUCHER):000100", "RMB 1234.56", "RMB -1234.56"), "transaction sale_void merchant 00012345/000122/105233 -123456 6620 of 000100"},
		"refund":            {sale("消费(SALE)", "退货(REFUND)"), "transaction refund merchant 00012345/000122/105233 123456 6620"},
		"pre-authorisation": {sale("消费(SALE)", "预授权(AUTH)"), "transaction pre_auth merchant 00012345/000122/105233 123456 6620"},
		"contradiction":     {sale("备注(REFERENCE)", "凭证号:105234"), ""},
		"no batch":          {sale("批次号:000122", "批号:000122"), ""},
		"declined":          {sale("备注(REFERENCE)", "交易失败"), ""},
		"odd amount":        {sale("RMB 1234.56", "RMB 1.234.56"), ""},
		"settlement in it":  {sale("备注(REFERENCE)", "请在 POS结算总计 后保管"), "transaction sale merchant 00012345/000122/105233 123456 6620"},
		"settlement's line": {sale("备注(REFERENCE)", "结算总计单"), ""},
		"settlement":        {settlement(), "settlement settlement  00012345/000122/ 33300 "},
		"its reprint":       {settlement("结算总计单", "POS结算总计单(重打印)"), "settlement settlement  00012345/000122/ 33300  duplicate"},
		"interim":           {settlement("结算总计单", "交易总计单"), "settlement interim  00012345/000122/ none "},
		"no total":          {settlement("333.00", "none", "3.00", "none"), "settlement settlement  00012345/000122/ none "},
		"two totals":        {settlement("退货/REFUND    1        3.00", "外卡:对账平\n消费/SALE   2   10.00"), "settlement settlement  00012345/000122/ 33300  doubt"},
		"two terminals":     {settlement("批次号", "终端编号:00012346\n批次号"), ""},
		"somebody's words":  {"Kitchen 12\n备注: 结算总计单 终端编号:00012345 批次号:000122 消费 1 1.00", ""},
		"nothing":           {"", ""},
	} {
		r := union(t).Find(strings.Split(row.text, "\n"), noon)
		if got := short(r.Facts); got != row.want || r.TooMuch {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

func short(l *job.Lifted) string {
	if l == nil {
		return ""
	}
	amount := "none"
	if l.Amount != nil {
		amount = strings.Replace(job.FormatAmount(*l.Amount, l.Currency), ".", "", 1)
	}
	s := strings.Join([]string{string(l.Kind), l.Type, string(l.Copy), l.Terminal + "/" + l.Batch + "/" + l.Voucher, amount, l.Last4}, " ")
	if l.Original != "" {
		s += " of " + l.Original
	}
	if l.Duplicate {
		s += " duplicate"
	}
	if l.Doubt {
		s += " doubt"
	}
	return s
}

// TestTime: a slip's own time counts where it can be.
func TestTime(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2026/08/11 12:30:50": time.Date(2026, 8, 11, 12, 30, 50, 0, noon.Location()),
		"2025/08/11 12:30:50": {}, // a wrong clock
		"2026/13/11 12:30:50": {},
	} {
		r := union(t).Find(strings.Split(sale("2026/08/11 12:30:50", text), "\n"), noon)
		if !r.Facts.At.Equal(want) {
			t.Errorf("%s: %v", text, r.Facts.At)
		}
	}
}

func TestAmount(t *testing.T) {
	for text, want := range map[string]int64{
		"1234.56": 123456, "1,234.56": 123456, "1.234,56": 123456, "1 234,56": 123456, "1'234.56": 123456, "¥12.00": 1200, "RMB -3.00": -300, "-3.00": -300, "3.00-": -300,
		"12": 1200, "1,234": 123400, "12,34": 1234, "１，２３４．５６": 123456, "0.05": 5, "€ 4,00": 400, "12,345,678.90": 1234567890,
	} {
		if got, ok := rules.Amount(text, "CNY", ""); !ok || got != want {
			t.Errorf("%s: %d %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "x", "1.234.56", "1,23,456.00", "0.123", "1.2", "12.3456", "--3.00", "-3.00-", "1,234 567.00", "99999999999999999999", "1.5e3"} {
		if got, ok := rules.Amount(text, "CNY", ""); ok {
			t.Errorf("%s: %d", text, got)
		}
	}
	for _, row := range []struct {
		text, currency, decimal string
		want                    int64
		ok                      bool
	}{{"1.234", "KWD", "", 1234, true}, {"1,234", "JPY", "", 1234, true}, {"1.234", "EUR", ",", 123400, true}, {"1.234", "EUR", ".", 0, false}, {"12.34", "EUR", ",", 0, false}, {"12,34", "EUR", ",", 1234, true}} {
		if got, ok := rules.Amount(row.text, row.currency, row.decimal); ok != row.ok || got != row.want && ok {
			t.Errorf("%+v: %d %v", row, got, ok)
		}
	}
}

// TestMistakes: a file that cannot be used is told of by its place, in both languages.
func TestMistakes(t *testing.T) {
	good := "[[rule]]\nname=\"a\"\nkind=\"document\"\nwhen=['TOTAL']\n"
	for text, want := range map[string]string{
		"":                    "need 1 to 40 sections",
		"[[rule":              "line 1",
		good + "wenn=['x']\n": "line 5: unknown key rule.wenn",
		good + good:           "a name of its own",
		"[[rule]]\nname=\"a\"\nkind=\"sale\"\nwhen=['x']":   `kind = "sale" is not known`,
		"[[rule]]\nname=\"a\"\nkind=\"document\"":           "when needs a pattern",
		good + `facts=['(?P<vouher>\d+)']`:                  "no fact called vouher",
		good + `facts=['\d+']`:                              "it needs a named group",
		good + `facts=['(?P<voucher>\d+']`:                  "facts, pattern 1: the pattern is wrong",
		good + `facts=['(?P<voucher>(\d{1000}){50})']`:      "the pattern is",
		good + `facts=['凭证号：(?P<voucher>\d+)']`:             "write 凭证号:(?P<voucher>",
		good + `unless=['x*']`:                              "fits everything",
		good + `currency="XXQ"`:                             "no currency",
		good + `set={voucher="1"}`:                          "set.voucher",
		good + `set={terminal="a b"}`:                       "set.terminal",
		good + `types=[{is="x",line='y'}]`:                  "types.is",
		good + "facts=['" + strings.Repeat("x", 501) + "']": "1 to 500 bytes",
		strings.Repeat("#", 65<<10):                         "64 KB",
	} {
		_, err := rules.Parse("till.toml", []byte(text))
		var m *rules.Mistake
		if !errors.As(err, &m) || !strings.Contains(m.Text.En, want) || m.Text.Zh == "" || !strings.Contains(m.Text.Zh, "till.toml") {
			t.Errorf("%.60q: %v, want %s", text, err, want)
		}
	}
	var unread *rules.Mistake
	if _, err := rules.Load("./no-such-folder/till.toml"); !errors.As(err, &unread) || !strings.Contains(unread.Text.Zh, "没有这个文件") || strings.Contains(unread.Text.Zh, "no such") {
		t.Errorf("a file that is not there: %v", unread)
	}
	if _, err := rules.Load("unionpai"); err == nil || !strings.Contains(err.Error(), "unionpay") {
		t.Errorf("a mistyped name: %v", err)
	}
	if _, err := rules.Load("/dev/zero"); err == nil || !strings.Contains(err.Error(), "no ordinary file") {
		t.Errorf("a device: %v", err)
	}
}

// TestBounded: patterns that take long, on the longest text, are given up; the slip is one without rules.
func TestBounded(t *testing.T) {
	slow := "[[rule]]\nname=\"a\"\nkind=\"document\"\nwhen=[" + strings.Repeat(`'(?:a|b|ab|[a-z])*x{900}y',`, 100) + "]\n"
	s, err := rules.Parse("slow.toml", []byte(slow))
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Repeat("ab", 250)
	if r := s.Find(strings.Split(strings.Repeat(line+"\n", 5000), "\n"), noon); !r.TooMuch || r.Facts != nil { // work is counted, not time
		t.Errorf("%v, %v", r.TooMuch, r.Facts)
	}
	if r := union(t).Find(strings.Split(strings.Repeat(sale()+"\n", 20), "\n"), noon); r.TooMuch {
		t.Error("twenty slips in one are too much for the shipped rules")
	}
}

// TestSet: software whose slips name no terminal or batch has them in its rules.
func TestSet(t *testing.T) {
	s, err := rules.Parse("kasse.toml", []byte(`[[rule]]
name = "beleg"
kind = "transaction"
currency = "EUR"
decimal = ","
when = ['(?i)rechnung']
set = { terminal = "KASSE1", batch = "1" }
facts = ['Beleg-Nr\.?\s*(?P<voucher>\d{1,6})$', '(?i)summe.*\s(?P<amount>[\d.]+,\d\d)']
`))
	if err != nil {
		t.Fatal(err)
	}
	r := s.Find(strings.Split("RECHNUNG\nBeleg-Nr. 417\nSumme EUR   1.204,50", "\n"), noon)
	if got := short(r.Facts); got != "transaction sale  KASSE1/000001/000417 120450 " {
		t.Error(got)
	}
}
