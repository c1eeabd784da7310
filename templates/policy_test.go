package templates_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
)

// text renders one copy and gives its rows as a person reads them, without the gaps of enlarged text.
func text(t *testing.T, in templates.Input) string {
	t.Helper()
	if in.Width == 0 {
		in.Width = 48
	}
	slip, err := load(t).Render(in)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range slip.Layout.Rows {
		for i, run := range r.Runs {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(run.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestMaskPolicies(t *testing.T) {
	tests := []struct {
		pan    string
		policy templates.MaskPolicy
		want   string
	}{
		{"622202******6620", "", "6222 02** **** 6620"},
		{"622202******6620", templates.MaskUnionPay64, "6222 02** **** 6620"},
		{"622202******6620", templates.MaskLast4, "**** **** **** 6620"},
		{"622202******6620", templates.MaskLast5NoExpiry, "**** **** **** 6620"},
		{"62220212***36620", templates.MaskUnionPay64, "6222 02** **** 6620"}, // eight and five clear digits came in
		{"62220212***36620", templates.MaskLast5NoExpiry, "**** **** ***3 6620"},
		{"622202*********6620", templates.MaskUnionPay64, "6222 02** **** ***6 620"},
		{"622202XXXXXX6620", "", "6222 02** **** 6620"},
		{"****4242", templates.MaskLast4, "**** 4242"},
		{"", "", ""},
	}
	for _, tt := range tests {
		if got := templates.MaskCard(tt.pan, tt.policy); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.pan, tt.policy, got, tt.want)
		}
	}
}

func TestExpiryPolicies(t *testing.T) {
	tests := []struct {
		shop                 templates.Shop
		merchant, cardholder bool
	}{
		{templates.Shop{}, false, false},
		{templates.Shop{PrintExpiry: templates.ExpiryNever}, false, false},
		{templates.Shop{PrintExpiry: templates.ExpiryMerchantOnly}, true, false},
		{templates.Shop{PrintExpiry: templates.ExpiryBoth}, true, true},
		{templates.Shop{PrintExpiry: templates.ExpiryBoth, MaskPolicy: templates.MaskLast5NoExpiry}, false, false},
	}
	j := sample(t, "sale")
	j.Transaction.Card.Expiry = "2029-12"
	for _, tt := range tests {
		for copy, want := range map[job.CopyName]bool{job.CopyMerchant: tt.merchant, job.CopyCardholder: tt.cardholder} {
			got := strings.Contains(text(t, templates.Input{Job: j, Copy: copy, Shop: tt.shop}), "2029/12")
			if got != want {
				t.Errorf("%+v %s: expiry printed %v", tt.shop, copy, got)
			}
		}
	}
	j.Transaction.Card.Expiry = "0000-00"
	if strings.Contains(text(t, templates.Input{Job: j, Copy: job.CopyMerchant, Shop: templates.Shop{PrintExpiry: templates.ExpiryBoth}}), "EXP.") {
		t.Error("an expiry of zeros is printed")
	}
}

// TestWhatACopyCarries: signature, acknowledgement, no-sign sentence, chip block, per copy and case.
func TestWhatACopyCarries(t *testing.T) {
	const (
		sign  = "持卡人签名"
		legal = "本人确认以上交易"
		free  = "免密免签"
		noSig = "无需签名"
		chip  = "ARQC:"
	)
	yes, no := true, false
	tests := []struct {
		name, sample string
		copy         job.CopyName
		change       func(*job.Job)
		mark         job.Mark
		has, lacks   []string
	}{
		{"signed, merchant", "sale", job.CopyMerchant, nil, job.Mark{}, []string{sign, legal, chip}, []string{free, noSig}},
		{"signed, bank", "sale", job.CopyBank, nil, job.Mark{}, []string{legal, "BANK COPY"}, []string{sign}},
		{"signed, cardholder", "sale", job.CopyCardholder, nil, job.Mark{}, []string{legal}, []string{sign, free}},
		{"no-sign", "sale-2", job.CopyMerchant, nil, job.Mark{}, []string{"交易金额未超1000元，" + free, legal}, []string{sign}},
		{"PIN, no signature", "sale", job.CopyMerchant, func(j *job.Job) { j.Transaction.CVM.SignatureRequired = &no }, job.Mark{}, []string{noSig}, []string{sign, free}},
		{"nothing said", "sale", job.CopyMerchant, func(j *job.Job) { j.Transaction.CVM = nil }, job.Mark{}, []string{sign}, []string{noSig}},
		{"swipe", "refund", job.CopyMerchant, nil, job.Mark{}, []string{"原参考号", "2026/08/02"}, []string{chip, "原凭证号"}},
		{"swipe with a chip block", "sale", job.CopyMerchant, func(j *job.Job) { j.Transaction.Card.EntryMode = "swipe" }, job.Mark{}, nil, []string{chip}},
		{"void", "void", job.CopyMerchant, nil, job.Mark{}, []string{"原凭证号", "105234", "消费撤销(VOID)"}, nil},
		{"completion", "completion", job.CopyMerchant, nil, job.Mark{}, []string{"预授权码", "551201"}, nil},
		{"declined", "declined", job.CopyCardholder, func(j *job.Job) { j.Transaction.CVM.SignatureRequired = &yes }, job.Mark{}, []string{"交易未成功", "DECLINED", "51", "非付款凭证"}, []string{sign, legal, "签购单"}},
		{"scan", "scan-pay", job.CopyMerchant, nil, job.Mark{}, []string{"微信支付", "4200002026081155667788990011", "RMB 35.00"}, []string{sign, legal, "卡号"}},
		{"pending", "reversal", job.CopyMerchant, nil, job.Mark{}, []string{"非凭证联", "请勿重复刷卡", "冲正待处理"}, []string{sign, legal, "COPY"}},
		{"reversed", "reversal-2", job.CopyMerchant, nil, job.Mark{}, []string{"非凭证联", "冲正成功", "款项退回原卡"}, []string{sign}},
		{"not reversed", "reversal-3", job.CopyMerchant, nil, job.Mark{}, []string{"非凭证联", "请人工处理", "只做为故障处理凭据"}, []string{sign, "冲正成功"}},
		{"archive", "sale", job.CopyMerchant, nil, job.Mark{PrintNo: 2, Archive: "TD1"}, []string{"调单副本", "TD1", "签名原件以纸质商户存根为准", "DUPLICATED"}, []string{sign}},
		{"reprint by nobody", "sale", job.CopyCardholder, nil, job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: reprinted}, []string{"补打 第1次", "未登记/NOT GIVEN"}, []string{"SYSTEM"}},
		{"reprint", "sale", job.CopyCardholder, nil, job.Mark{PrintNo: 4, At: reprinted, Operator: "SYSTEM", Reversed: true}, []string{"****重打印凭证/DUPLICATED****", "补打 第3次", "2026/08/11 12:50:30", "系统/SYSTEM", "已冲正"}, nil},
		{"kitchen", "order", job.CopyKitchen, nil, job.Mark{}, []string{"担担面", "少辣", "x2", "不要香菜"}, []string{"￥", "36.00", "人民路 88", "131****"}},
		{"customer", "order", job.CopyCustomer, nil, job.Mark{}, []string{"￥36.00", "￥61.90", "人民路 88", "131****0501"}, nil},
		{"cancelled", "order-2", job.CopyKitchen, nil, job.Mark{}, []string{"取消/退单"}, nil},
		{"collect cash", "order", job.CopyDelivery, func(j *job.Job) { j.Order.Payment = job.OrderPayment{Status: "cash_on_delivery"} }, job.Mark{}, []string{"货到付款", "应付"}, []string{"实付"}},
		{"options", "order", job.CopyCustomer, func(j *job.Job) { j.Order.Bags[0].Items[0].Options = []string{"不要盐", "多加醋"} }, job.Mark{}, []string{"不要盐、多加醋"}, nil},
		{"order unpaid", "order", job.CopyCustomer, func(j *job.Job) { j.Order.Payment, j.Order.PaidTotal = job.OrderPayment{Status: "unpaid"}, new(int64) }, job.Mark{}, []string{"原价", "未支付"}, []string{"应付", "实付", "￥0.00"}},
		{"order all off", "order", job.CopyCustomer, func(j *job.Job) {
			j.Order.Payment, j.Order.PaidTotal = job.OrderPayment{Status: "unpaid"}, new(int64)
			j.Order.Discounts = []job.OrderDiscount{{Name: "免单", Amount: -*j.Order.OriginalTotal}}
		}, job.Mark{}, []string{"应付", "￥0.00"}, nil},
		{"voided", "sale", job.CopyMerchant, nil, job.Mark{PrintNo: 2, At: reprinted, Voided: true}, []string{"VOIDED"}, []string{sign, legal, "ACKNOWLEDGE"}},
		{"reversed", "sale", job.CopyMerchant, nil, job.Mark{PrintNo: 2, At: reprinted, Reversed: true}, []string{"REVERSED"}, []string{sign, legal, "ACKNOWLEDGE"}},
		{"offline sale of another", "sale", job.CopyMerchant, func(j *job.Job) {
			j.Transaction.Type, j.Transaction.Original = job.OfflineSale, job.Original{VoucherNo: "000777"}
		}, job.Mark{}, []string{"原凭证号 VOUCHER 000777"}, nil},
		{"an original's batch alone", "sale-2", job.CopyMerchant, func(j *job.Job) {
			j.Transaction.Original, j.Transaction.Remarks, j.Transaction.EMV = job.Original{BatchNo: "000121"}, nil, nil
		}, job.Mark{}, nil, []string{"备注"}},
		{"cancelled, at once", "order-2", job.CopyKitchen, func(j *job.Job) { j.Order.DeliverImmediately = true }, job.Mark{}, []string{"取消/退单"}, []string{"立即送达", "期望送达"}},
		{"tip and cash-back", "sale", job.CopyMerchant, func(j *job.Job) {
			j.Transaction.Amount = job.Amount{Total: 12000, Tip: 1500, CashBack: 500, Currency: "CNY"}
		}, job.Mark{}, []string{"金额 AMOUNT RMB 100.00小费 TIPS RMB 15.00取现 CASH BACK RMB 5.00总计 TOTAL", "RMB 120.00"}, nil},
		{"scan with coupon and tip", "scan-pay", job.CopyMerchant, func(j *job.Job) {
			j.Transaction.Amount.Tip, j.Transaction.Scan.Coupon = 200, 250
		}, job.Mark{}, []string{"金额 AMOUNT RMB 36.00小费 TIPS RMB 2.00订单金额 ORDER RMB 38.00优惠 DISCOUNT RMB 3.00优惠券 COUPON RMB 2.50实付金额 PAID"}, nil},
		{"scan with coupon alone", "scan-pay", job.CopyMerchant, func(j *job.Job) {
			j.Transaction.Amount = job.Amount{Total: 3800, Currency: "CNY"}
		}, job.Mark{}, []string{"优惠券 COUPON RMB 3.00"}, []string{"ORDER RMB"}},
		{"test", "sale", job.CopyMerchant, func(j *job.Job) { j.Test = true }, job.Mark{}, []string{"测试/TESTING,凭证无效"}, nil},
		{"original", "sale", job.CopyMerchant, nil, job.Mark{Kind: job.MarkOriginal, PrintNo: 1, At: reprinted}, nil, []string{"重打印", "补打", "延迟", "打印时间", "测试"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := sample(t, tt.sample)
			if tt.change != nil {
				tt.change(j)
			}
			for _, width := range widths {
				got := text(t, templates.Input{Job: j, Copy: tt.copy, Mark: tt.mark, Width: width, Locale: "zh-CN"})
				flat := strings.ReplaceAll(got, "\n", "")
				for _, s := range tt.has {
					if !strings.Contains(flat, s) {
						t.Errorf("%d cells: %q is missing\n%s", width, s, got)
					}
				}
				for _, s := range tt.lacks {
					if strings.Contains(flat, s) {
						t.Errorf("%d cells: %q is there\n%s", width, s, got)
					}
				}
			}
		})
	}
}

func TestNoSlip(t *testing.T) {
	set := load(t)
	unknown := sample(t, "sale")
	unknown.Transaction.Result = job.Unknown
	for _, j := range []*job.Job{nil, {}, {Kind: job.KindCommand, Command: &job.Command{}}, unknown} {
		if slip, err := set.Render(templates.Input{Job: j, Copy: job.CopyMerchant}); !errors.Is(err, templates.ErrNoSlip) || slip != nil {
			t.Errorf("%+v: %v, %v", j, slip, err)
		}
	}
}

// TestSettlementSaysWhatTheTerminalSays: verdicts per block, and receiptd's own count only when given and only as a hint.
func TestSettlementSaysWhatTheTerminalSays(t *testing.T) {
	j := sample(t, "settlement")
	j.Settlement.Blocks[1].Reconciliation = "unbalanced"
	n := 7
	got := text(t, templates.Input{Job: j, Copy: job.CopyMerchant, Received: &n})
	for _, s := range []string{"对账平 BALANCED", "对账不平 UNBALANCED", "本机收到 7 笔(仅供参考)", "1234.56", "1312.06"} {
		if !strings.Contains(got, s) {
			t.Errorf("%q is missing\n%s", s, got)
		}
	}
	if got = text(t, templates.Input{Job: j, Copy: job.CopyMerchant}); strings.Contains(got, "本机") {
		t.Error("a count that nobody gave")
	}
	for scope, title := range map[job.SettlementScope]string{
		job.ScopeSettlement: "结算总计单", job.ScopeInterim: "交易总计单", job.ScopeLastSettlement: "上批结算总计",
	} {
		j.Settlement.Scope = scope
		if got := text(t, templates.Input{Job: j, Copy: job.CopyMerchant}); !strings.HasPrefix(got, title) {
			t.Errorf("%s begins %q", scope, got[:40])
		}
	}
}

// TestEveryTypeHasItsName: each type of transaction prints in both languages at each width, with a name of its own.
func TestEveryTypeHasItsName(t *testing.T) {
	for _, typ := range []job.TransactionType{
		job.Sale, job.SaleVoid, job.Refund, job.PreAuth, job.PreAuthAdd, job.PreAuthVoid, job.PreAuthCompletion,
		job.PreAuthCompletionAdvice, job.PreAuthCompletionVoid, job.OfflineSale, job.Adjustment, job.ECSale, job.ECLoad,
		job.Installment, job.Loyalty, job.BalanceQuery, job.ScanPay, job.ScanPayVoid, job.ScanPayRefund,
	} {
		j := sample(t, "sale")
		j.Transaction.Type = typ
		for _, locale := range []string{"zh-CN", "en"} {
			for _, width := range widths {
				got := text(t, templates.Input{Job: j, Copy: job.CopyMerchant, Width: width, Locale: locale})
				_, after, found := strings.Cut(got, "TXN. TYPE")
				name := strings.TrimSpace(after)
				name, _, _ = strings.Cut(name, "\n")
				if !found || name == "" || name == "()" || strings.HasPrefix(name, "BATCH") || (locale == "zh-CN" && !strings.HasSuffix(name, ")")) {
					t.Errorf("%s %s %d: the type reads %q", typ, locale, width, name)
				}
			}
		}
	}
}

// TestDocumentMarks: every piece of a reprinted document carries the marks, and the document cannot change or hide them.
func TestDocumentMarks(t *testing.T) {
	j := sample(t, "document")
	j.Document.ReceiptLine = "{border:line;width:4,4}\na|b\n=\nc|d\n=\n"
	mark := job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: reprinted, Operator: "02"}
	slip, err := load(t).Render(templates.Input{Job: j, Copy: job.CopyDocument, Width: 32, Mark: mark})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, r := range slip.Layout.Rows {
		switch {
		case r.Kind == receiptline.CutRow:
			order = append(order, "cut")
		case len(r.Runs) > 0 && strings.Contains(r.Runs[0].Text, "DUPLICATED"):
			order = append(order, "mark")
		case len(r.Runs) > 0 && len(r.Runs[0].Text) == 1:
			order = append(order, r.Runs[0].Text)
		}
	}
	if diff := cmp.Diff([]string{"mark", "a", "cut", "mark", "c", "cut"}, order); diff != "" {
		t.Error(diff)
	}
}

// TestDocumentErrors: a document's own mistakes come back with their places, and nothing is printed.
func TestDocumentErrors(t *testing.T) {
	j := sample(t, "document")
	j.Document.ReceiptLine = "fine\n{command:\\x1bp}\n"
	_, err := load(t).Render(templates.Input{Job: j, Copy: job.CopyDocument})
	var e *templates.Error
	if !errors.As(err, &e) || !receiptline.HasError(e.Diagnostics) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v", err)
	}
}

// TestEndsInOneCut: every slip ends in its only cut.
func TestEndsInOneCut(t *testing.T) {
	set := load(t)
	for _, name := range templates.Samples() {
		j := sample(t, name)
		for _, copy := range j.DefaultCopies() {
			slip, err := set.Render(templates.Input{Job: j, Copy: copy})
			if err != nil {
				t.Fatal(err)
			}
			cuts := 0
			for _, r := range slip.Layout.Rows {
				if r.Kind == receiptline.CutRow {
					cuts++
				}
			}
			if rows := slip.Layout.Rows; cuts != 1 || rows[len(rows)-1].Kind != receiptline.CutRow {
				t.Errorf("%s %s: %d cuts, last row %v", name, copy, cuts, rows[len(rows)-1].Kind)
			}
		}
	}
}

// TestFieldOrder: the labels come in the order of the UnionPay slip.
func TestFieldOrder(t *testing.T) {
	j := sample(t, "sale")
	j.Transaction.Card.Scheme = "visa"
	j.Transaction.Card.Expiry = "2029-12"
	j.Transaction.SettlementDate = "2026-08-12"
	j.Transaction.OrderNo = "A1"
	j.Transaction.HostMessages.Issuer = "OK"
	mark := job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: reprinted, Operator: "02"}
	for _, width := range widths {
		got := text(t, templates.Input{
			Job: j, Copy: job.CopyMerchant, Width: width, Locale: "zh-CN", Mark: mark,
			Shop: templates.Shop{PrintExpiry: templates.ExpiryBoth},
		})
		rest := got
		for _, label := range []string{
			"POS签购单", "商户存根", "MERCHANT COPY", "商户名称 MERCHANT NAME", "商户编号 MERCHANT NO", "终端编号 TERMINAL NO",
			"操作员号 OPERATOR NO", "发卡行 ISSUER", "收单行 ACQUIRER", "卡号 CARD NO", "6222 02** **** 6620", "/I",
			"外卡组织 SCHEME", "VISA", "交易类型 TXN. TYPE", "消费(SALE)", "有效期 EXP. DATE", "2029/12", "批次号 BATCH NO", "000122",
			"凭证号 VOUCHER NO", "105233", "授权码 AUTH NO", "384928", "参考号 REF. NO", "123456123456", "日期/时间 DATE/TIME",
			"2026/08/11 12:34:50", "清算日期", "08/12", "订单号", "A1", "金额 AMOUNT", "RMB 1234.56", "备注 REFERENCE", "会员卡号",
			"发卡行返回: OK", "ARQC:", "AID:", "****重打印凭证/DUPLICATED****", "持卡人签名 CARDHOLDER SIGNATURE", "本人确认以上交易",
			"I ACKNOWLEDGE",
		} {
			_, after, found := strings.Cut(rest, label)
			if !found {
				t.Fatalf("%d cells: %q is missing or out of place\n%s", width, label, got)
			}
			rest = after
		}
	}
}

// TestLargeAmountsStayWhole: no amount is broken over two rows, however large and in whatever currency.
func TestLargeAmountsStayWhole(t *testing.T) {
	for _, name := range []string{"sale", "scan-pay", "reversal", "order"} {
		for _, locale := range []string{"zh-CN", "en"} {
			for _, width := range widths {
				j := sample(t, name)
				var want string
				switch total, paid := int64(123456789012), int64(123456789011); {
				case j.Transaction != nil:
					j.Transaction.Amount = job.Amount{Total: total, Paid: &paid, Discount: 1, Currency: "IDR"}
					want = "IDR 1234567890.11"
				case j.Reversal != nil:
					j.Reversal.Amount = job.Amount{Total: total, Currency: "IDR"}
					want = "IDR 1234567890.12"
				default:
					paid = 123456789
					j.Order.PaidTotal = &paid
					want = "￥1234567.89"
				}
				for _, copy := range j.DefaultCopies() {
					if copy == job.CopyKitchen {
						continue
					}
					got := text(t, templates.Input{Job: j, Copy: copy, Width: width, Locale: locale})
					if !strings.Contains(got, want) {
						t.Errorf("%s %s %d: %q is broken\n%s", name, locale, width, want, got)
					}
				}
			}
		}
	}
}
