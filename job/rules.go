package job

import (
	"fmt"
	"slices"
	"strings"
)

// A Rule is one line of the card guard's table.
type Rule struct {
	ID     string // as Problem.Rule names it; of what is no card only the documentation does
	What   Text   // what was met, in a few words
	Why    string // how it is told
	Source string
}

// Rules lists what the guard takes for card data.
func Rules() []Rule {
	return []Rule{
		{"bare", Text{Zh: "连写的卡号", En: "digits in one piece"}, "one whole group of digits, set off by anything but digits, with a scheme's prefix, a length it issues and its check digit", "ISO/IEC 7812-1"},
		{"groups", Text{Zh: "按卡面分组的卡号", En: "grouped as on a card"}, "the same digits in the groups of a card (4-4-4-4, 4-6-5, 4-6-4, 6-13 ...) or spaced out evenly, with one and the same separator; beside it more may stand only behind a blank or a dash", "embossing; payment forms"},
		{"list", Text{Zh: "列表里分组的卡号", En: "a list of a card's groups"}, "entries of a list, cells of a row, or lines that are the groups of one card and nothing else; beside cells with words only if one is a word for cards", "terminal software that writes one group into each entry"},
		{"wrapped", Text{Zh: "分两行写的卡号", En: "broken over two lines"}, "a number that a line break tears apart; the second line holds nothing else, and before the first part only a word for cards may stand", "wrapping at 32 columns"},
		{"exponent", Text{Zh: "写成科学计数的卡号", En: "written with an exponent"}, "a whole number written like 4.111e15", "spreadsheets and JSON libraries"},
		{"emv", Text{Zh: "EMV 数据里的卡号", En: "an EMV tag"}, "tag 5A in hexadecimal digits that are tags from first to last", "EMV book 3, annex A and B"},
		{"own", Text{Zh: "与本任务的 masked_pan 相符", En: "agrees with masked_pan"}, "13 to 19 digits whose first six and last four are those of this job's masked_pan, also without a check digit; nothing explains it away", "the job itself"},
		{"card_field", Text{Zh: "卡号栏没有屏蔽", En: "the card field is not masked"}, "masked_pan shows more than the first six (or eight) and the last four digits", "PCI DSS 3.4.1; PCI SSC FAQ 1091"},
		{"track1", Text{Zh: "一磁道", En: "track 1"}, "B, 12 to 19 digits, ^", "ISO/IEC 7813"},
		{"track2", Text{Zh: "二磁道", En: "track 2"}, "12 to 19 digits, then = or D and a year and month; the number passes its check or a ; stands before it; EMV tags 57 and 9F6B", "ISO/IEC 7813; EMV book 3, annex A"},
		{"name", Text{Zh: "不许出现的名称", En: "a forbidden name"}, "a field called track2, cvv, pin_block, 57 ...", "PCI DSS 3.3; EMV book 3, annex A"},
	}
}

// NotCards lists what explains a bare number away that has the form of a card's. None of it excuses a number grouped as
// on a card, track data, or the number of the job's own card.
func NotCards() []Rule {
	rule := func(id, what, why, source string) Rule { return Rule{id, Text{En: what}, why, source} }
	return []Rule{
		rule("longer", "a part of something longer", "a group of more than 19 digits, or more than five groups of four, is a key, a serial or an account; it is not searched (two cards one after the other are)", "NFC-e keys, e-invoice numbers, channel transaction ids"),
		rule("joined", "several numbers", "nothing is joined across double blanks, tabulators, table strokes, letters, or two sorts of separator; across . / _ and , only what is a card's groups and nothing else", "prices, dates, IP addresses, terminal_batch_voucher"),
		rule("gtin", "EAN-13, JAN, ISBN, GLN", "13 digits with the right check digit; EAN, UPC and ITF-14 in a bar code of that symbology", "GS1 General Specifications, 7.9"),
		rule("letters13", "13 digits that touch a letter", "parcel, licence and tax numbers are written so (SF, YT, T ...), and no card with 13 digits has been issued for decades", "carriers; Japan's registration numbers"),
		rule("ai", "a GS1 element", "behind an application identifier in brackets, with its check digit, or of free length beside an article or parcel number", "GS1 General Specifications, 3"),
		rule("iban", "an account number", "an IBAN or RF reference with its right check digits, in one piece or in groups; it also excuses groups", "ISO 13616, ISO 11649"),
		rule("phone", "a telephone number", "at most 14 digits directly behind +", "ITU-T E.164"),
		rule("fraction", "a decimal fraction", "at most 15 digits behind one to three digits above zero and a point, 17 in all", "coordinates, rates, weights"),
		rule("hash", "a key or hash", "within 32 or more hexadecimal digits with letters among them", "fiscal signatures, UUIDs"),
		rule("resident", "a resident identity number", "18 digits (or 17 and X) with a date and the right check digit", "GB 11643"),
		rule("company", "SIRET, CNPJ", "14 digits with the right check digits and one of the low branch numbers that nearly all have", "INSEE; Receita Federal"),
		rule("order", "a number that names this job", "the digits of order_no, merchant_order_no or channel_transaction_id of the same job, or 17 to 19 digits of its job_id", "the job itself"),
		rule("day", "a number made of the job's day", "16 digits that begin with YYMMDDhhmmss of the job's own day", "the job itself"),
		rule("label", "a number with its name", "behind an order, invoice, serial, parcel or telephone number's name: 订单号, order no., invoice:, RRN ... (the name, then number, no., # or a colon)", "receipts"),
		rule("merchant", "a merchant's payment code", "names 02 to 51 (who the merchant is) and the fixed codes of an EMVCo code; the other values are read one by one", "EMVCo QR Code Specification, Merchant-Presented Mode"),
	}
}

// A Scheme is what the guard knows of one card scheme.
type Scheme struct {
	Name, Prefixes, Lengths, Source string
}

// Schemes lists the prefixes and lengths that are taken for card numbers.
func Schemes() []Scheme {
	var out []Scheme
	for _, s := range schemes {
		prefix := fmt.Sprint(s.low)
		if s.high > s.low {
			prefix += fmt.Sprint("-", s.high)
		}
		lengths := strings.Trim(strings.ReplaceAll(fmt.Sprint(s.lengths), " ", ", "), "[]")
		i := slices.IndexFunc(out, func(o Scheme) bool { return o.Name == s.name && o.Lengths == lengths && o.Source == s.source })
		if i < 0 {
			out = append(out, Scheme{s.name, prefix, lengths, s.source})
		} else {
			out[i].Prefixes += ", " + prefix
		}
	}
	return out
}

// ruleText words a rule for people.
func ruleText(id, scheme string) Text {
	for _, r := range Rules() {
		if r.ID == id {
			if scheme == "" {
				return r.What
			}
			return Text{Zh: scheme + "，" + r.What.Zh, En: scheme + ", " + r.What.En}
		}
	}
	return Text{Zh: id, En: id}
}
