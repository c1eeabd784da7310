package templates

import "github.com/receiptd/receiptd/vocabulary"

// language is what the words on a slip are taken from; the built-in locales have one each.
type language uint8

const (
	english language = iota
	chinese
)

// word is a term in both languages. The Chinese slip shows both, as UnionPay terminals do.
type word struct{ zh, en string }

// paren gives 消费(SALE) on a Chinese slip, SALE on an English one.
func (w word) paren(l language) string {
	if l == chinese && w.zh != "" {
		return w.zh + "(" + w.en + ")"
	}
	return w.en
}

func (w word) in(l language) string {
	if l == chinese {
		return w.zh
	}
	return w.en
}

// slipWord words a code as slips print it, or in the form that is named if there is one.
func slipWord(kind vocabulary.Kind, code string, forms ...string) word {
	text := vocabulary.Form(kind, code, append(forms, vocabulary.Slip)...)
	return word{text.Zh, text.En}
}

var channelWords = map[string]word{
	"wechat":      {"微信支付", "WECHAT PAY"},
	"alipay":      {"支付宝", "ALIPAY"},
	"unionpay_qr": {"银联二维码", "UNIONPAY QR"},
	"ecny":        {"数字人民币", "E-CNY"},
	"other":       {"其他", "OTHER"},
}

// entryLetters follow the card's number: how it was read. The letters are those of the UnionPay terminal programs of
// LiaoYang and wizarPOS; other acquirers print other ones.
var entryLetters = map[string]string{
	"chip": "I", "contactless": "C", "swipe": "S", "fallback_swipe": "S", "manual": "M", "none": "N",
}

var verdictWords = map[string]word{
	"balanced":    {"对账平", "BALANCED"},
	"unbalanced":  {"对账不平", "UNBALANCED"},
	"error":       {"对账出错", "RECONCILE ERROR"},
	"not_checked": {"未对账", "NOT CHECKED"},
}

var blockWords = map[string]word{
	"domestic": {"内卡", "DOMESTIC CARDS"},
	"foreign":  {"外卡", "FOREIGN CARDS"},
}

var reasonWords = map[string]word{
	"no_response": {"主机无应答", "NO RESPONSE"},
	"bad_mac":     {"校验错", "BAD MAC"},
	"other":       {"其他", "OTHER"},
}

var feeWords = map[string]word{
	"packing":  {"包装费", "Packing"},
	"box":      {"餐盒费", "Boxes"},
	"delivery": {"配送费", "Delivery"},
	"service":  {"服务费", "Service"},
	"tax":      {"税费", "Tax"},
	"tip":      {"小费", "Tip"},
	"other":    {"其他费用", "Other"},
}

var tenderWords = map[string]word{
	"cash":        {"现金", "Cash"},
	"card":        {"银行卡", "Card"},
	"wechat":      {"微信支付", "WeChat Pay"},
	"alipay":      {"支付宝", "Alipay"},
	"unionpay_qr": {"银联二维码", "UnionPay QR"},
	"ecny":        {"数字人民币", "e-CNY"},
	"voucher":     {"代金券", "Voucher"},
	"gift_card":   {"储值卡", "Gift card"},
	"points":      {"积分", "Points"},
	"deposit":     {"定金", "Deposit"},
	"account":     {"挂账", "On account"},
	"rounding":    {"抹零", "Rounding"},
	"other":       {"其他", "Other"},
}

var paymentWords = map[string]word{
	"paid":             {"已支付", "PAID"},
	"cash_on_delivery": {"货到付款", "CASH ON DELIVERY"},
	"unpaid":           {"未支付", "NOT PAID"},
}

var fulfilmentWords = map[string]word{
	"delivery": {"外送", "DELIVERY"},
	"pickup":   {"自取", "PICKUP"},
	"dine_in":  {"堂食", "DINE IN"},
}
