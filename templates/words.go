package templates

import "github.com/receiptd/receiptd/job"

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

// typeWords are the names that UnionPay terminals print for a type of transaction.
var typeWords = map[job.TransactionType]word{
	job.Sale:                    {"消费", "SALE"},
	job.SaleVoid:                {"消费撤销", "VOID"},
	job.Refund:                  {"退货", "REFUND"},
	job.PreAuth:                 {"预授权", "AUTH"},
	job.PreAuthAdd:              {"追加预授权", "ADD-AUTH"},
	job.PreAuthVoid:             {"预授权撤销", "CANCEL"},
	job.PreAuthCompletion:       {"预授权完成请求", "AUTH COMPLETE"},
	job.PreAuthCompletionAdvice: {"预授权完成通知", "AUTH SETTLEMENT"},
	job.PreAuthCompletionVoid:   {"预授权完成撤销", "COMPLETE VOID"},
	job.OfflineSale:             {"离线结算", "OFFLINE"},
	job.Adjustment:              {"结算调整", "ADJUST"},
	job.ECSale:                  {"电子现金消费", "EC SALE"},
	job.ECLoad:                  {"圈存", "LOAD"},
	job.Installment:             {"分期付款消费", "INSTALLMENT"},
	job.Loyalty:                 {"积分消费", "BONUS"},
	job.BalanceQuery:            {"余额查询", "ENQUIRY"},
	job.ScanPay:                 {"扫码支付", "SCAN PAY"},
	job.ScanPayVoid:             {"扫码撤销", "SCAN VOID"},
	job.ScanPayRefund:           {"扫码退货", "SCAN REFUND"},
}

// totalWords differ from typeWords where a settlement slip says it shorter.
var totalWords = map[job.TransactionType]word{
	job.PreAuthCompletion:       {"完成", "AUTH COMPLETE"},
	job.PreAuthCompletionAdvice: {"完成(通知)", "AUTH SETTLEMENT"},
	job.OfflineSale:             {"离线", "OFFLINE"},
	job.ECSale:                  {"电子现金", "EC SALE"},
	job.Installment:             {"分期付款", "INSTALLMENT"},
}

func totalWord(t job.TransactionType) word {
	if w, ok := totalWords[t]; ok {
		return w
	}
	return typeWords[t]
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

var copyWords = map[job.CopyName]word{
	job.CopyMerchant:   {"商户存根", "MERCHANT COPY"},
	job.CopyBank:       {"银行存根", "BANK COPY"},
	job.CopyCardholder: {"持卡人存根", "CARDHOLDER COPY"},
	job.CopyKitchen:    {"厨房联", "KITCHEN"},
	job.CopyCustomer:   {"顾客联", "CUSTOMER COPY"},
	job.CopyDelivery:   {"配送联", "DELIVERY COPY"},
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
