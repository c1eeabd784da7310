package job_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
)

// values is how many random values each kind of legitimate text gets; the whole measure is 1000.
var values = flag.Int("values", 60, "random values for each kind of legitimate text")

// A maker makes values from the public descriptions of their formats. It never makes one that is a card number by form
// and by nothing else: those are listed in docs/job.md.
type maker struct{ *rand.Rand }

// d gives n random digits.
func (m maker) d(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + m.IntN(10))
	}
	return string(b)
}

// n gives a number between two bounds, with leading zeros.
func (m maker) n(low, high, width int) string {
	return fmt.Sprintf("%0*d", width, low+m.IntN(high-low+1))
}

func (m maker) of(s string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = s[m.IntN(len(s))]
	}
	return string(b)
}

func (m maker) pick(s ...string) string { return s[m.IntN(len(s))] }

const (
	upperHex = "0123456789ABCDEF"
	lowerHex = "0123456789abcdef"
	alnum    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	base64   = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)

// gs1 adds the check digit of GS1 keys.
func gs1(s string) string {
	sum := 0
	for i := range len(s) {
		v := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			v *= 3
		}
		sum += v
	}
	return s + fmt.Sprint((10-sum%10)%10)
}

func (m maker) ean() string {
	return gs1(m.pick("690", "692", "694", "697", "400", "431", "471", "489", "500", "541", "570", "560", "621", "627", "640", "880", "978") + m.d(9))
}

func (m maker) mobile() string { return m.pick("13", "15", "17", "18", "19") + m.d(9) }
func (m maker) landline() string {
	return m.pick("010", "021", "0755", "0571") + "-" + m.n(20000000, 89999999, 8)
}
func (m maker) price() string { return fmt.Sprintf("%d.%02d", m.IntN(2000), m.IntN(100)) }
func (m maker) date() string {
	return m.n(2024, 2029, 4) + m.n(1, 12, 2) + m.n(1, 28, 2)
}
func (m maker) clock() string { return m.n(0, 23, 2) + m.n(0, 59, 2) + m.n(0, 59, 2) }
func (m maker) uuid() string {
	return m.of(lowerHex, 8) + "-" + m.of(lowerHex, 4) + "-4" + m.of(lowerHex, 3) + "-a" + m.of(lowerHex, 3) + "-" + m.of(lowerHex, 12)
}

// iban makes an account number of one of the countries, with its right check digits.
func (m maker) iban() string {
	country := m.pick("DE18", "FR23", "AT16", "BE12", "NL14", "DK14", "FI14", "NO11", "ES20", "PL24", "IT23", "CH17", "GB18", "SE20", "PT21", "CZ20")
	n := 0
	var bban string
	fmt.Sscan(country[2:], &n)
	country = country[:2]
	switch country {
	case "NL", "GB":
		bban = m.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 4) + m.d(n-4)
	case "IT":
		bban = m.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1) + m.d(n-1)
	case "FR":
		bban = m.d(10) + m.of(alnum, 11) + m.d(2)
	default:
		bban = m.d(n)
	}
	return check97(country, bban)
}

func check97(country, bban string) string {
	rest := 0
	for _, c := range bban + country + "00" {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return country + fmt.Sprintf("%02d", 98-rest) + bban
}

// object writes one data object of an EMVCo code.
func object(id, value string) string { return fmt.Sprintf("%s%02d%s", id, len([]rune(value)), value) }

// merchantCode closes an EMVCo code with its check sum (ISO/IEC 13239, CRC-16/CCITT-FALSE).
func merchantCode(parts ...string) string {
	s := "000201" + strings.Join(parts, "") + "6304"
	crc := uint16(0xFFFF)
	for i := range len(s) {
		crc ^= uint16(s[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return fmt.Sprintf("%s%04X", s, crc)
}

// A kindOf is one kind of legitimate value and where it is met.
type kindOf struct {
	name  string
	where string // text, qr, cells, id (a job_id), reference, order, merchant, terminal, barcode SYMBOLOGY
	make  func(m maker) string
}

// TestRealDataPasses: nothing of this is refused, and nothing touched.
func TestRealDataPasses(t *testing.T) {
	if len(legitimate) < 80 {
		t.Fatalf("%d kinds", len(legitimate))
	}
	for i, k := range legitimate {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			m := maker{rand.New(rand.NewPCG(uint64(i), 11))}
			touched, refused := 0, 0
			for range *values {
				v := k.make(m)
				r := job.Parse(jobWith(k.where, v))
				switch {
				case r.Job == nil:
					refused++
					t.Logf("refused %q: %v", v, r.Errors)
				case len(r.Warnings) > 0:
					touched++
					t.Logf("touched %q: %v", v, r.Warnings)
				}
			}
			if refused > 0 || touched > *values/1000 {
				t.Errorf("of %d: %d refused, %d touched", *values, refused, touched)
			}
		})
	}
}

// jobWith puts a value where its kind belongs.
func jobWith(where, v string) []byte {
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	sale, _ := os.ReadFile("../examples/jobs/01-sale-chip.json")
	in := func(old, with string) []byte { return []byte(strings.Replace(string(sale), old, with, 1)) }
	block := func(s string) []byte {
		return []byte(`{"job_id":"legit-1","kind":"document","payload":{"blocks":[` + s + `]}}`)
	}
	where, symbology, _ := strings.Cut(where, " ")
	switch where {
	case "qr":
		return block(`{"type":"qr","data":` + quoted(v) + `}`)
	case "barcode":
		return block(`{"type":"barcode","symbology":"` + symbology + `","data":` + quoted(v) + `}`)
	case "cells":
		cells, _ := json.Marshal(strings.Split(v, "\t"))
		return block(`{"type":"columns","cells":` + string(cells) + `}`)
	case "id":
		return in(`"c1-000122-105233-a"`, quoted(v))
	case "reference":
		return in(`"123456123456"`, quoted(v))
	case "terminal":
		return in(`"00012345"`, quoted(v))
	case "merchant":
		return in(`"898510154110283"`, quoted(v))
	case "remark":
		return in(`"会员卡号 尾号 8812"`, quoted(v))
	case "markup":
		return []byte(`{"job_id":"legit-1","kind":"document","payload":{"receiptline":` + quoted(v) + `}}`)
	}
	return block(`{"type":"text","text":` + quoted(v) + `}`)
}

var legitimate = []kindOf{
	{"EAN, quantity, prices", "text", func(m maker) string { return fmt.Sprint(m.ean(), "  ", 1+m.IntN(9), "  ", m.price(), "  ", m.price()) }},
	{"EAN, quantity, price, single blanks", "text", func(m maker) string { return fmt.Sprint(m.ean(), " ", 1+m.IntN(9), " ", m.price(), " ", m.price()) }},
	{"EAN in cells", "cells", func(m maker) string { return fmt.Sprint(m.ean(), "\t", 1+m.IntN(99), "\t", m.price(), "\t", m.price()) }},
	{"EAN line in markup", "markup", func(m maker) string {
		return fmt.Sprint(m.ean(), " | ", 1+m.IntN(99), " | ", m.price(), "\n", m.ean(), " | 2 | ", m.price())
	}},
	{"several EAN", "text", func(m maker) string { return m.ean() + " " + m.ean() + " " + m.ean() }},
	{"EAN list over lines", "text", func(m maker) string { return m.ean() + "\n" + m.ean() + "\n" + m.ean() }},
	{"EAN bar code", "barcode ean", func(m maker) string { return m.ean() }},
	{"UPC bar code", "barcode upc", func(m maker) string { return gs1(m.d(11)) }},
	{"ITF-14 bar code", "barcode itf", func(m maker) string { return gs1(m.n(1, 8, 1) + m.ean()[:12]) }},
	{"UPC and EAN-8", "text", func(m maker) string { return gs1(m.d(11)) + " " + gs1(m.d(7)) + " x" + fmt.Sprint(m.IntN(9)) }},
	{"two mobiles", "text", func(m maker) string { return "电话 " + m.mobile() + " " + m.mobile() }},
	{"landline and mobile", "text", func(m maker) string { return m.landline() + " " + m.mobile() }},
	{"mobile in groups", "text", func(m maker) string { s := m.mobile(); return "+86 " + s[:3] + " " + s[3:7] + " " + s[7:] }},
	{"German mobile", "text", func(m maker) string { return "+49 151 " + m.d(8) + " / +49151" + m.d(8) }},
	{"international numbers", "text", func(m maker) string { return m.pick("+55119", "+4479", "+3361", "+6281", "+9198") + m.d(8) }},
	{"telephone, labelled", "text", func(m maker) string { return "电话：49151" + m.d(8) + " Tel. 41791234" + m.d(5) }},
	{"French telephones", "text", func(m maker) string {
		return "06 " + m.d(2) + " " + m.d(2) + " " + m.d(2) + " " + m.d(2) + " / 01 " + m.d(2) + " " + m.d(2) + " " + m.d(2) + " " + m.d(2)
	}},
	{"IBAN", "text", func(m maker) string { return m.iban() }},
	{"IBAN in groups", "text", func(m maker) string { return "IBAN " + between(m.iban(), " ", 4) + " BIC GENODEF1" }},
	{"IBAN in a QR", "qr", func(m maker) string { return "SPD*1.0*ACC:" + m.iban() + "*AM:" + m.price() + "*CC:EUR" }},
	{"creditor reference", "text", func(m maker) string { return check97("RF", m.d(10+m.IntN(8))) }},
	{"EPC", "qr", func(m maker) string {
		return "BCD\n002\n1\nSCT\nGENODEF1XXX\nHafen Café\n" + m.iban() + "\nEUR" + m.price() + "\n\n" + check97("RF", m.d(14)) + "\n"
	}},
	{"Swiss QR bill", "qr", func(m maker) string {
		return "SPC\n0200\n1\n" + check97("CH", m.d(17)) + "\nS\nMuster AG\nGasse\n12\n8000\nZürich\nCH\n\n\n\n\n\n\n\n" + m.price() + "\nCHF\n\n\n\n\n\n\n\nQRR\n" + m.d(27) + "\n\nEPD"
	}},
	{"NFC-e key", "qr", func(m maker) string { return "http://app.example.gov/nfce?chNFe=" + m.d(44) + "&tpAmb=2" }},
	{"NFC-e key in fours", "text", func(m maker) string { return between(m.pick("35", "51", "43", "26")+m.d(42), " ", 4) }},
	{"CNPJ", "text", func(m maker) string { return cnpjOf(m.d(8) + "000" + m.n(1, 9, 1)) }},
	{"CNPJ, written", "text", func(m maker) string {
		s := cnpjOf(m.d(8) + "0001")
		return s[:2] + "." + s[2:5] + "." + s[5:8] + "/" + s[8:12] + "-" + s[12:]
	}},
	{"SIRET", "text", func(m maker) string { return siretOf(m) }},
	{"SIRET in groups", "text", func(m maker) string { s := siretOf(m); return s[:3] + " " + s[3:6] + " " + s[6:9] + " " + s[9:] }},
	{"Chinese e-invoice, old", "qr", func(m maker) string {
		return "01,10," + m.d(12) + "," + m.d(8) + "," + m.price() + "," + m.date() + "," + m.d(20) + "," + m.of(upperHex, 4) + ","
	}},
	{"Chinese e-invoice, digital", "qr", func(m maker) string {
		return "01,31,," + m.n(23, 29, 2) + m.d(18) + "," + m.price() + "," + m.date() + ",," + m.of(upperHex, 4)
	}},
	{"PromptPay", "qr", func(m maker) string {
		return merchantCode("010212", object("29", object("00", "A000000677010111")+object("01", "0066"+m.d(9))), "5802TH", "5303764", object("54", m.price()))
	}},
	{"PromptPay with tax number", "qr", func(m maker) string {
		return merchantCode("010211", object("29", object("00", "A000000677010111")+object("02", m.d(13))), "5303764", object("54", fmt.Sprint(m.IntN(1e7))), "5802TH")
	}},
	{"EMVCo merchant code", "qr", func(m maker) string {
		return merchantCode("010211", object("02", "4"+m.d(15)), object("04", "5"+m.d(15)), object("15", m.d(31)), "52045812", "5303156", object("54", m.price()), "5802CN", object("59", "人民商场"), object("60", "BEIJING"),
			object("62", object("01", m.d(12))+object("05", m.date()+m.d(12))+object("07", m.d(8))))
	}},
	{"QRIS", "qr", func(m maker) string {
		return merchantCode("010211", object("26", object("00", "COM.NOBUBANK.WWW")+object("01", "93600503"+m.d(10))+object("02", m.d(14))+object("03", "UMI")), "52045812", "5303360", "5802ID", object("59", "TOKO"), object("60", "JAKARTA"))
	}},
	{"PIX", "qr", func(m maker) string {
		return merchantCode(object("26", object("00", "br.gov.bcb.pix")+object("01", m.uuid())), "52040000", "5303986", object("54", m.price()), "5802BR", object("59", "LOJA"), object("60", "SAO PAULO"), object("62", object("05", m.of(alnum, 25))))
	}},
	{"TSE", "qr", func(m maker) string {
		return "V0;955002-00;Kassenbeleg-V1;Beleg^0.00_" + m.price() + "_0.00_0.00_0.00^" + m.price() + ":Bar;" + m.d(6) + ";" + m.d(7) + ";2026-11-29T18:41:04.000Z;2026-11-29T18:41:04.000Z;ecdsa-plain-SHA256;unixTime;" + m.of(base64, 86) + "==;" + m.of(base64, 86) + "=="
	}},
	{"RKSV", "qr", func(m maker) string {
		p := func() string { return strings.ReplaceAll(m.price(), ".", ",") }
		return "_R1-AT1_KASSE" + m.d(3) + "_" + m.d(6) + "_2026-11-29T11:23:44_" + p() + "_" + p() + "_" + p() + "_0,00_0,00_" + m.of(base64, 11) + "=_" + m.of(lowerHex, 8) + "_" + m.of(base64, 11) + "=_" + m.of(base64, 86) + "=="
	}},
	{"Russian fiscal code", "qr", func(m maker) string {
		return "t=20261129T1234&s=" + m.price() + "&fn=9" + m.d(15) + "&i=" + m.d(5) + "&fp=" + m.d(10) + "&n=1"
	}},
	{"Portuguese code", "qr", func(m maker) string {
		return "A:" + m.d(9) + "*B:" + m.d(9) + "*C:PT*D:FS*E:N*F:20261129*G:FS 1/" + m.d(4) + "*H:CSDF7T5H-" + m.d(4) + "*N:" + m.price() + "*O:" + m.price() + "*Q:" + m.of(base64[:62], 4) + "*R:9999"
	}},
	{"Spanish code", "qr", func(m maker) string {
		return "https://www2.agenciatributaria.example/ValidarQR?nif=" + m.d(8) + "K&numserie=" + m.d(8) + "-G33&fecha=01-09-2026&importe=" + m.price()
	}},
	{"Croatian code", "qr", func(m maker) string {
		return "https://porezna.example/rn?jir=" + m.uuid() + "&datv=20261129_1234&izn=" + m.d(5)
	}},
	{"Slovenian code", "qr", func(m maker) string { return m.d(60) }},
	{"Taiwanese code", "qr", func(m maker) string {
		return "AB" + m.d(8) + "115" + m.d(4) + m.d(4) + m.of(lowerHex, 16) + m.d(16) + m.of(base64, 22) + "==:**********:3:3:1:乾電池:1:105:"
	}},
	{"Japanese registration number", "text", func(m maker) string { return "登録番号 T" + m.d(13) }},
	{"UPI", "qr", func(m maker) string {
		return "upi://pay?pa=shop" + m.d(10) + "@bank&pn=Shop&am=" + m.price() + "&tr=" + m.date() + m.d(10)
	}},
	{"tax QR with labels", "qr", func(m maker) string {
		return "https://tax.example/q?invoiceNo=" + m.d(16) + "&serial=" + m.d(19) + "&sign=" + m.of(lowerHex, 64)
	}},
	{"Meituan order in a remark", "remark", func(m maker) string { return "美团订单号 54" + m.d(14) }},
	{"Ele.me order in a text", "text", func(m maker) string { return "饿了么订单号：" + m.pick("80", "62", "30") + m.d(17) }},
	{"order number behind #", "text", func(m maker) string { return "Order #" + m.d(16) + " Booking no. " + m.d(15) }},
	{"WeChat transaction", "text", func(m maker) string { return "4200" + m.d(24) }},
	{"Alipay transaction", "text", func(m maker) string { return m.date() + "2200" + m.d(16) }},
	{"UnionPay QR address", "qr", func(m maker) string { return "https://qr.95516.com/00010000/62" + m.d(30) }},
	{"tracking numbers", "text", func(m maker) string { return m.pick("SF", "YT", "JT", "JD") + m.d(13) }},
	{"tracking numbers, labelled", "text", func(m maker) string { return "快递单号 " + m.d(15) + " tracking no: " + m.d(16) }},
	{"postal item", "text", func(m maker) string { return "RA" + m.d(9) + "CN 1Z" + m.of(alnum, 16) + " 9400" + m.d(18) }},
	{"snowflake", "id", func(m maker) string { return m.pick("1", "2", "62") + m.d(17) }},
	{"snowflake of 18 digits", "id", func(m maker) string { return "62" + m.d(16) }},
	{"UUID", "id", func(m maker) string { return m.uuid() }},
	{"UUID in a text", "text", func(m maker) string { return strings.ToUpper(m.uuid()) + " " + strings.ReplaceAll(m.uuid(), "-", "") }},
	{"terminal_batch_voucher", "id", func(m maker) string { return m.d(8) + "_" + m.d(6) + "_" + m.d(6) }},
	{"counter-batch-voucher-RRN", "id", func(m maker) string { return m.n(1, 99, 1) + "-" + m.d(6) + "-" + m.d(6) + "-" + m.d(12) }},
	{"time as id", "id", func(m maker) string { return "pos-" + m.date() + m.clock() + m.d(3) }},
	{"day of the job as id", "id", func(m maker) string { return "260811" + m.clock() + m.d(4) }},
	{"milliseconds as id", "id", func(m maker) string { return "17" + m.d(11) }},
	{"microseconds as id", "id", func(m maker) string { return "17" + m.d(14) }},
	{"RRN", "reference", func(m maker) string { return m.d(12) }},
	{"reference with a date", "reference", func(m maker) string { return m.date() + m.d(8) }},
	{"reference of 17 to 19 digits", "reference", func(m maker) string { return m.d(17 + m.IntN(3)) }},
	{"terminal of 8", "terminal", func(m maker) string { return m.d(8) }},
	{"merchant of 15", "merchant", func(m maker) string { return m.d(15) }},
	{"batch, voucher, auth code, RRN", "text", func(m maker) string {
		return "批次 " + m.d(6) + " 凭证 " + m.d(6) + " 授权 " + m.d(6) + " 参考号 " + m.d(12)
	}},
	{"batch, voucher, RRN, bare", "text", func(m maker) string { return m.d(6) + " " + m.d(6) + " " + m.d(12) }},
	{"three amounts", "text", func(m maker) string { return m.price() + " " + m.price() + " " + m.price() }},
	{"four amounts", "text", func(m maker) string { return m.price() + "  " + m.price() + "  " + m.price() + "  " + m.price() }},
	{"amounts in cells", "cells", func(m maker) string { return "合计\t" + m.price() + "\t" + m.price() + "\t" + m.price() }},
	{"whole amounts in cells", "cells", func(m maker) string {
		return "早班\t" + m.n(1000, 9999, 4) + "\t" + m.n(1000, 9999, 4) + "\t" + m.n(1000, 9999, 4) + "\t" + m.n(1000, 9999, 4)
	}},
	{"whole amounts, double blanks", "text", func(m maker) string {
		return m.n(1000, 9999, 4) + "  " + m.n(1000, 9999, 4) + "  " + m.n(1000, 9999, 4) + "  " + m.n(1000, 9999, 4)
	}},
	{"thousands", "text", func(m maker) string {
		return m.n(1, 999, 1) + "," + m.d(3) + "," + m.d(3) + "." + m.d(2) + " " + m.n(1, 99, 1) + "." + m.d(3) + "." + m.d(3) + "," + m.d(2)
	}},
	{"times", "text", func(m maker) string {
		return "2026-11-29 12:34:56 至 " + m.date() + m.clock() + " " + m.date() + " " + m.clock()
	}},
	{"ISBN", "text", func(m maker) string { return "978-7-" + m.d(3) + "-" + m.d(5) + "-" + m.d(1) + " " + gs1("978"+m.d(9)) }},
	{"GS1 elements", "qr", func(m maker) string {
		return "(01)" + gs1(m.n(0, 9, 1)+m.d(12)) + "(17)281231(10)" + m.d(16) + "(21)" + m.d(15)
	}},
	{"SSCC", "text", func(m maker) string { return "(00)" + gs1(m.d(17)) }},
	{"IMEI", "text", func(m maker) string { return withLuhn(m.pick("35", "86") + m.d(12)) }},
	{"IMEISV, labelled", "text", func(m maker) string { return "IMEISV " + m.pick("35", "86") + m.d(14) }},
	{"ICCID", "text", func(m maker) string { return withLuhn("8986" + m.d(15)) }},
	{"credit code", "text", func(m maker) string { return "91" + m.d(6) + m.of("0123456789ABCDEFGHJKLMNPQRTUWXY", 10) }},
	{"resident identity number", "text", func(m maker) string {
		return residentOf(m.pick("620102", "630102", "650102", "500101") + m.n(1940, 2010, 4) + m.n(1, 12, 2) + m.n(1, 28, 2) + m.d(3))
	}},
	{"Australian, Russian, Turkish tax numbers", "text", func(m maker) string { return m.d(11) + " " + m.d(12) + " " + "1" + m.d(12) }},
	{"coordinates", "text", func(m maker) string { return m.n(10, 53, 2) + "." + m.d(6) + "," + m.n(73, 135, 2) + "." + m.d(6) }},
	{"coordinates of full precision", "text", func(m maker) string { return m.n(10, 53, 2) + "." + m.d(15) + ", " + m.n(73, 135, 2) + "." + m.d(14) }},
	{"fiscal signature", "text", func(m maker) string { return m.of(upperHex, 128) }},
	{"SHA-256", "qr", func(m maker) string { return "sha256=" + m.of(lowerHex, 64) }},
	{"key in fives", "text", func(m maker) string {
		return m.of(alnum, 5) + "-" + m.of(alnum, 5) + "-" + m.of(alnum, 5) + "-" + m.of(alnum, 5) + "-" + m.of(alnum, 5)
	}},
	{"key in eights", "text", func(m maker) string {
		return m.of(upperHex, 8) + "-" + m.of(upperHex, 8) + "-" + m.of(upperHex, 8) + "-" + m.of(upperHex, 8) + "-" + m.of(upperHex, 8)
	}},
	{"base64", "qr", func(m maker) string { return m.of(base64, 342) + "==" }},
	{"IPv6 and MAC", "text", func(m maker) string {
		return "2400:3200:" + m.d(4) + ":" + m.d(4) + ":" + m.d(4) + ":" + m.d(4) + ":" + m.d(4) + ":" + m.d(4) + " " + between(m.of(upperHex, 12), ":", 2)
	}},
	{"versions", "text", func(m maker) string {
		return fmt.Sprintf("v%d.%d.%d build %s", m.IntN(9), m.IntN(20), m.IntN(99), m.date()+"."+m.d(4))
	}},
	{"masked cards", "text", func(m maker) string {
		return "6222 " + m.d(2) + "** **** " + m.d(4) + " 4" + m.d(5) + "******" + m.d(4)
	}},
	{"Polish account without country", "text", func(m maker) string { s := check97("PL", m.d(24))[2:]; return s[:2] + " " + between(s[2:], " ", 4) }},
	{"Chinese address and telephone", "text", func(m maker) string {
		return "五一路" + m.n(1, 2000, 1) + "号三单元" + someInWords(m, m.n(101, 3010, 1)) + "室 " + m.mobile() + " " + someInWords(m, m.d(4))
	}},
	{"Chinese dates", "text", func(m maker) string {
		s := m.date() + m.clock()
		return someInWords(m, s[:4]) + "年" + someInWords(m, s[4:6]) + "月" + someInWords(m, s[6:8]) + "日 " + s + m.pick("", " ", "-") + someInWords(m, m.d(2)) + " 周" + m.pick("一", "四", "五", "六") + s + m.d(2)
	}},
	{"tables and portions", "text", func(m maker) string {
		s, all := m.pick("、", "，", " "), ""
		for range 16 {
			all += someInWords(m, m.n(1, 20, 1)) + m.pick("号桌", "份") + s
		}
		return all
	}},
	{"order number beside Chinese digits", "text", func(m maker) string {
		return m.pick("一号桌 ", "三份，", "第二单 ") + "订单号 62" + m.d(11+m.IntN(5)) + m.pick("", " ", "-") + m.pick("二份", "九号桌", "三")
	}},
	{"dates side by side", "cells", func(m maker) string { return m.date() + "\t" + m.date() + "\t" + m.clock() + "\t" + m.clock() }},
}

// someInWords writes digits in Chinese words, all or none.
func someInWords(m maker, s string) string {
	if m.IntN(2) == 0 {
		return s
	}
	return inWords(s, "〇一二三四五六七八九")
}

// cnpjOf adds the two check digits of a Brazilian company number.
func cnpjOf(s string) string {
	for range 2 {
		sum, w := 0, 2
		for i := len(s) - 1; i >= 0; i-- {
			sum += int(s[i]-'0') * w
			if w++; w > 9 {
				w = 2
			}
		}
		if d := 11 - sum%11; d > 9 {
			s += "0"
		} else {
			s += fmt.Sprint(d)
		}
	}
	return s
}

// siretOf makes a French establishment number.
func siretOf(m maker) string { return withLuhn(withLuhn(m.n(3, 9, 1)+m.d(7)) + "000" + m.d(1)) }

// residentOf adds the check character of a Chinese identity number.
func residentOf(s string) string {
	sum := 0
	for i := range len(s) {
		sum = (sum*2 + int(s[i]-'0')) % 11
	}
	return s + string("10X98765432"[sum*2%11])
}
