package raster_test

import (
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/receiptd/receiptd/printer/escpos"
)

// byHand is the reference slip (testdata/sale.receipt) on generic-80 as one who knows the protocol would write it to
// use the fewest bytes: alignment set once for several lines, own tab stops at the columns that come back, rules of
// three characters eight times as wide, positions where they beat spaces, the bar code in set C.
func byHand(t testing.TB) []byte {
	const (
		rule = "\x1d!\x70───\n\x1d!\x00"
		tall = "\x1bJ\x36"         // ends a tall line, with white below
		tabs = "\x1bD\x28\x2a\x00" // columns 40 and 42
	)
	text := "商户名称(MERCHANT NAME):\n望京小腰烧烤店\n" +
		"商户编号(MERCHANT NO)\x1b$\x8c\x01105290054110001\n" +
		"终端编号(TERMINAL NO)\t10523312\n" +
		"操作员号(OPERATOR NO)\x1b$\x28\x0201\n" + rule +
		"发卡行(ISSUER)\t招商银行\n收单行(ACQUIRER)\t建设银行\n卡号(CARD NO):\n" +
		"\x1d!\x016225 88** **** 1234 /C" + tall + "\x1d!\x00交易类型(TXN. TYPE):\n\x1d!\x01消费(SALE)" + tall + "\x1d!\x00" +
		"有效期(EXP. DATE)\t 2030/05\n批次号(BATCH NO)\t\t000122\n凭证号(VOUCHER NO)\t\t105233\n" +
		"授权码(AUTH NO)\t\t482913\n参考号(REF. NO)\x1b$\xb0\x01123456789012\n" +
		"日期/时间(DATE/TIME)\x1b$\x5c\x012026/08/11 12:34:56\n金额(AMOUNT):\n" +
		"\x1d!\x11RMB 1234.56\n" + rule +
		"备注(REFERENCE):\n\x1bM\x01\x1b3\x00AID: A000000333010102\nARQC: 8F3A2B19C0D4E5F6\n\x1b2TVR: 0000008000  TSI: F800\n\x1bM\x00" +
		"\x1bE\x01持卡人签名(CARDHOLDER SIGNATURE)\x1bE\x00:\n\n\n\n" + rule +
		"本人确认以上交易，同意将其记入本卡账户\nI ACKNOWLEDGE SATISFACTORY RECEIPT\nOF RELATIVE GOODS/SERVICES\n"
	head := "\x1b@\x1c&\x1da\xff" + tabs + "\x1ba\x01"
	title := "\x1d!\x01银联POS签购单" + tall + "\x1d!\x00\x1bE\x01POS SALES SLIP\n\x1bE\x00商户存根 MERCHANT COPY\n"
	code := "\x1ba\x01\x1dh\x3c\x1dw\x02\x1dkI\x0c{C\x0a\x34\x21\x14\x1a\x08\x0b\x0c\x22\x38"
	return []byte(head + gbk(t, title) + "\x1ba\x00" + gbkKeep(t, rule) + gbkKeep(t, text) + code + gbk(t, "客服热线 95516\n"))
}

func gbk(t testing.TB, s string) string {
	t.Helper()
	out, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// gbkKeep encodes text between command bytes from 80 on, which are no characters.
func gbkKeep(t testing.TB, s string) string {
	t.Helper()
	out := ""
	for i, r := range s {
		if r == 0xFFFD {
			out += s[i : i+1]
			continue
		}
		out += gbk(t, string(r))
	}
	return out
}

// A slip is at most a twentieth longer than the fewest bytes that a person finds for the same paper.
func TestBytesAgainstByHand(t *testing.T) {
	p := load(t, "generic-80")
	slip, _ := escpos.Encode(layout(t, "sale", p, p.Columns), p, escpos.Options{})
	hand := byHand(t)
	ours := printed(t, model(p), slip.Content, 1)[0]
	theirs := printed(t, model(p), hand, 1)[0]
	same(t, theirs.Image(), ours.Image())
	if ours.Text() != theirs.Text() {
		t.Errorf("not the same slip:\n%s\n%s", ours.Text(), theirs.Text())
	}
	t.Logf("%d bytes, by hand %d: %.3f", len(slip.Content), len(hand), float64(len(slip.Content))/float64(len(hand)))
	if 100*len(slip.Content) > 105*len(hand) {
		t.Errorf("%d bytes; by hand %d, a twentieth more is allowed", len(slip.Content), len(hand))
	}
}
