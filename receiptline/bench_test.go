package receiptline_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/receiptline"
)

// slip is a merchant's copy of a card payment, about as long as they get: 40 lines.
var slip = strings.TrimSuffix(`^^^中国银联 POS签购单
{w:auto}
商户存根 MERCHANT COPY
---
{w:18,*}
商户名称(MERCHANT NAME) |
|北京示范奶茶店 |
商户编号(MERCHANT NO) | 898110258140001
终端编号(TERMINAL NO) | 10042357
操作员号(OPERATOR NO) | 01
{w:auto}
---
发卡行(ISSUER) | 中国工商银行
收单行(ACQUIRER) | 银联商务
卡号(CARD NUMBER)
^^622848*********0018 |
有效期(EXP DATE) | ****
---
交易类型(TXN TYPE)
^^消费 SALE |
{w:20,*}
批次号(BATCH NO) | 000122
凭证号(VOUCHER NO) | 105233
授权码(AUTH NO) | 384920
参考号(REFER NO) | 123456789012
日期/时间(DATE/TIME) | 2026/08/11 12:34:56
{w:auto}
金额(AMOUNT)
^^^RMB 1,234.56 |
小费(TIPS) | ____\_\_\_\_
---
备注(REFERENCE)
|ARQC: 8E19ED4BCA5C670A TVR: 0080048000 |
|AID: A000000333010102 TSI: F800 |
|APPLAB: PBOC Credit ATC: 0052 |
{o:code128,2,60,hri}
{c:105233384920}
---
持卡人签名(CARDHOLDER SIGNATURE)


---
|本人确认以上交易，同意将其记入本卡帐户 |
|I ACKNOWLEDGE SATISFACTORY RECEIPT OF RELATIVE GOODS/SERVICES |
=
`, "\n")

func BenchmarkLayout(b *testing.B) {
	doc, diags := receiptline.Parse(slip, receiptline.Options{})
	if len(diags) > 0 {
		b.Fatal(diags)
	}
	if _, diags := doc.Layout(receiptline.Options{}); len(diags) > 0 {
		b.Fatal(diags)
	}
	b.ReportAllocs()
	for b.Loop() {
		doc.Layout(receiptline.Options{})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		receiptline.Parse(slip, receiptline.Options{})
	}
}

func BenchmarkQR(b *testing.B) {
	c := receiptline.Code{Symbology: "qrcode", Data: "https://example.com/receipt?id=000122-105233", Module: 4, Level: 'm'}
	for b.Loop() {
		if _, err := c.QR(); err != nil {
			b.Fatal(err)
		}
	}
}
