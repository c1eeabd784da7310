package job

import (
	"slices"
	"strings"
)

// explained reports whether a bare group that has the form of a card number is known to be something else.
func (f *finder) explained(i int, g group) bool {
	d := f.of(g)
	f.steps += len(d)
	text := written(d)
	if gtin(d) || f.search.facts != nil && (slices.Contains(f.search.facts.known, text) || len(d) == 16 && slices.Contains(f.search.facts.days, text[:6]) && clock(text[6:12])) {
		return true
	}
	if len(d) == 13 && (latin(g.before) || latin(g.after)) {
		return true
	}
	if f.search.identifier {
		return false
	}
	return len(d) <= 14 && g.before == '+' || f.residentID(g) || siret(text) || cnpj(text) ||
		f.fraction(i, g) || f.behindAI(g) || f.inIBAN(i, i+1) || f.search.labels && f.label(int(f.digits[g.at].from)) || f.inHash(g)
}

func latin(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

// gtin checks the last digit of an EAN-13, ISBN-13, JAN or GLN (GS1 General Specifications, 7.9).
func gtin(d []digit) bool { return len(d) == 13 && gs1Check(d) }

// gs1Check checks the last digit of a GS1 key of any length.
func gs1Check(d []digit) bool {
	sum := 0
	for i := range d {
		v := int(d[len(d)-1-i].v)
		if i%2 == 1 {
			v *= 3
		}
		sum += v
	}
	return sum%10 == 0
}

// clock reports whether six digits are a time of day.
func clock(s string) bool { return s[:2] < "24" && s[2:4] < "60" && s[4:6] < "61" }

// residentID checks a Chinese resident identity number (GB 11643): a date at its place, and the check digit of ISO 7064,
// MOD 11-2, which may be an X.
func (f *finder) residentID(g group) bool {
	d := f.of(g)
	if len(d) != 18 && (len(d) != 17 || g.after|0x20 != 'x') {
		return false
	}
	if y, m, day := number(d[6:10]), number(d[10:12]), number(d[12:14]); y < 1900 || y > 2099 || m < 1 || m > 12 || day < 1 || day > 31 {
		return false
	}
	sum := 0
	for _, x := range d {
		sum = (sum*2 + int(x.v)) % 11
	}
	if len(d) == 17 {
		sum = (sum*2 + 10) % 11
	}
	return sum == 1
}

// siret checks a French establishment number: its first nine digits (SIREN) and the whole pass the Luhn check, and the
// establishment has one of the low numbers that nearly all have.
func siret(s string) bool {
	return len(s) == 14 && s[9:12] == "000" && luhnText(s[:9])
}

func luhnText(s string) bool {
	d := make([]digit, len(s))
	for i := range len(s) {
		d[i].v = s[i] - '0'
	}
	return luhn(d)
}

// cnpj checks a Brazilian company number: a low branch number and two check digits.
func cnpj(s string) bool {
	if len(s) != 14 || s[8:11] != "000" {
		return false
	}
	for n := 12; n <= 13; n++ {
		sum, w := 0, 2
		for i := n - 1; i >= 0; i-- {
			sum += int(s[i]-'0') * w
			if w++; w > 9 {
				w = 2
			}
		}
		want := 11 - sum%11
		if want > 9 {
			want = 0
		}
		if int(s[n]-'0') != want {
			return false
		}
	}
	return true
}

// fraction reports whether a group is what stands behind the point of a number of one to three digits that is not zero:
// a coordinate, a rate, a weight. No such number has more than 17 digits that mean something (IEEE 754, binary64), and none
// with two before the point more than 15 behind.
func (f *finder) fraction(i int, g group) bool {
	if i == 0 || g.gap != '.' {
		return false
	}
	whole := f.groups[i-1]
	return whole.n <= 3 && g.n <= 15 && whole.n+g.n <= 17 && number(f.of(whole)) > 0
}

// elements are the GS1 application identifiers that a number of 13 to 19 digits may follow, with its length where that is
// fixed and checked (GS1 General Specifications, 3.2).
var elements = map[string]int{
	"00": 18, "01": 14, "02": 14, "410": 13, "411": 13, "412": 13, "413": 13, "414": 13, "415": 13, "416": 13, "417": 13, "402": 17, "8006": 18, "8018": 18, "8017": 18,
	"10": 0, "21": 0, "22": 0, "235": 0, "240": 0, "241": 0, "250": 0, "251": 0, "253": 0, "254": 0, "255": 0, "400": 0, "401": 0, "403": 0, "710": 0,
	"8002": 0, "8003": 0, "8004": 0, "8010": 0, "8012": 0, "8020": 0, "90": 0, "91": 0, "92": 0, "93": 0, "94": 0, "95": 0, "96": 0, "97": 0, "98": 0, "99": 0,
}

// behindAI reports whether a group is the value behind an application identifier in brackets: of fixed length with the
// right check digit, or of free length in a text that also names an article or a parcel that way.
func (f *finder) behindAI(g group) bool {
	from := int(f.digits[g.at].from)
	open := strings.LastIndexByte(f.text[max(0, from-6):from], '(')
	if open < 0 || f.text[from-1] != ')' {
		return false
	}
	n, ok := elements[f.text[max(0, from-6)+open+1:from-1]]
	if !ok {
		return false
	}
	if n > 0 {
		return g.n == n && (n == 17 || gs1Check(f.of(g)))
	}
	const far = 120
	head := f.text[max(0, from-far):from]
	f.steps += len(head)
	for _, ai := range []string{"(01)", "(02)", "(00)"} {
		at := strings.LastIndex(head, ai)
		if at < 0 {
			continue
		}
		key := head[at+len(ai):]
		if n := elements[ai[1:3]]; len(key) >= n && gs1Text(key[:n]) {
			return true
		}
	}
	return false
}

func gs1Text(s string) bool {
	d := make([]digit, len(s))
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		d[i].v = s[i] - '0'
	}
	return gs1Check(d)
}

// hashLength is how long a row of hexadecimal digits is that is taken for a key, a hash or a UUID.
const hashLength = 32

// inHash reports whether a group stands in a long row of hexadecimal digits that has letters too.
func (f *finder) inHash(g group) bool {
	from, to := f.bytes(g.at, g.at+g.n)
	letters := 0
	low, high := from, to
	for low > 0 && hexDigit(f.text[low-1]) && from-low < hashLength {
		low--
		letters += int(f.text[low] >> 6)
	}
	for high < len(f.text) && hexDigit(f.text[high]) && high-to < hashLength {
		letters += int(f.text[high] >> 6)
		high++
	}
	f.steps += high - low
	return letters > 1 && high-low >= hashLength
}

func hexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// ibanLengths are the lengths of account numbers by country (SWIFT, IBAN Registry).
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22,
	"CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22,
	"GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30,
	"KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20,
	"MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
	"RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26,
	"UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}

// inIBAN reports whether groups [lo, hi) lie in an account number (ISO 13616) or a creditor reference (ISO 11649) with
// its right check digits.
func (f *finder) inIBAN(lo, hi int) bool {
	from, to := f.bytes(f.groups[lo].at, f.groups[lo].at+f.length(lo, hi))
	const longest = 42 // 34 characters and eight blanks
	for at := from - 2; at >= 0 && to-at <= longest; at-- {
		f.steps++
		c := f.text[at]
		if c >= 0x80 {
			return false
		}
		if !upper(c) || !upper(f.text[at+1]) || at > 0 && alnum(f.text[at-1]) {
			continue
		}
		f.steps += longest
		if f.ibanAt(at, to) {
			return true
		}
	}
	return false
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
func alnum(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }

// ibanAt reports whether an account number begins at a byte and reaches at least to another.
func (f *finder) ibanAt(at, to int) bool {
	want := ibanLengths[f.text[at:at+2]]
	reference := f.text[at:at+2] == "RF"
	if want == 0 && !reference {
		return false
	}
	var chars []byte
	for i := at; i < len(f.text) && len(chars) < 34; i++ {
		c := f.text[i]
		switch {
		case alnum(c):
			chars = append(chars, c)
		case (c == ' ' || c == '-') && i+1 < len(f.text) && alnum(f.text[i+1]):
		default:
			return i >= to && reference && mod97(chars)
		}
		if len(chars) == want && i+1 >= to {
			return mod97(chars)
		}
	}
	return reference && mod97(chars)
}

// mod97 checks the two digits behind the country (ISO 7064, MOD 97-10).
func mod97(chars []byte) bool {
	if len(chars) < 5 {
		return false
	}
	rest := 0
	for _, c := range slices.Concat(chars[4:], chars[:4]) {
		switch {
		case c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		default:
			rest = (rest*100 + int(c|0x20-'a') + 10) % 97
		}
	}
	return rest == 1
}

// cardWords say that what follows is a card's number. numbers are words that by themselves say which other number
// follows; things are words for what has a number: "number", or a colon, must stand between.
var (
	cardWords = []string{"卡", "card", "pan", "visa", "银联"}
	numbers   = []string{
		"电话", "手机", "热线", "传真", "rrn", "stan", "awb", "imei", "imeisv", "iccid", "sn", "tid", "mid", "vat", "tin", "siret", "siren", "cnpj", "ogrn",
		"gtin", "ean", "jan", "isbn", "sku", "sscc", "gln", "phone", "tel", "mobile", "fax",
	}
	things = []string{
		"订单", "单", "流水", "参考", "检索", "凭证", "批次", "交易", "发票", "税", "识别", "设备", "机身", "序列", "运单", "快递", "物流", "条", "条形", "商品", "追溯",
		"监管", "防伪", "校验", "终端", "商户", "信用代", "执照", "许可证", "证件", "身份证", "预约", "取件", "桌",
		"order", "ref", "reference", "trace", "invoice", "receipt", "tracking", "parcel", "waybill", "shipment", "serial", "batch", "voucher", "terminal",
		"merchant", "txn", "transaction", "trade", "ticket", "booking", "tax", "barcode", "fiscal", "fn",
	}
	hanEnds   = []string{"编号", "号码", "号", "码"}
	latinEnds = []string{"number", "num", "no", "nr", "id", "code"}
)

// label reports whether what directly precedes a byte says what number follows: an order's, an invoice's.
func (f *finder) label(at int) bool {
	word, numbered := f.wordBefore(at)
	is := func(l string) bool { return endsIn(word, l) }
	return slices.ContainsFunc(numbers, is) || numbered && slices.ContainsFunc(things, is)
}

// cardWord reports whether a word for cards directly precedes a byte.
func (f *finder) cardWord(at int) bool {
	word, _ := f.wordBefore(at)
	return slices.ContainsFunc(cardWords, func(l string) bool { return endsIn(word, l) })
}

// wordBefore gives the word before a byte in lower case, without marks and without "number" at its end; numbered says
// that there was such a word, or a colon, an equals sign or #.
func (f *finder) wordBefore(at int) (word string, numbered bool) {
	const (
		far   = 40
		marks = " \t:：=#＃№.．_"
	)
	f.steps += far
	head := strings.ToLower(f.text[max(0, at-far):at])
	s := strings.TrimRight(head, marks)
	numbered = strings.ContainsAny(head[len(s):], ":：=#＃№")
	for _, end := range hanEnds {
		if rest, ok := strings.CutSuffix(s, end); ok && rest != "" {
			return rest, true
		}
	}
	for _, end := range latinEnds {
		if rest, ok := strings.CutSuffix(s, end); ok && rest != "" {
			return strings.TrimRight(rest, marks+"-"), true
		}
	}
	return s, numbered
}

// endsIn reports whether a text ends in a word: in Latin letters nothing may touch it in front.
func endsIn(s, word string) bool {
	rest, ok := strings.CutSuffix(s, word)
	return ok && (word[0] >= 0x80 || rest == "" || !alnum(rest[len(rest)-1]))
}
