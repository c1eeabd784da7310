package main

import (
	"strings"

	"github.com/receiptd/receiptd/queue"
)

// zhWords are the field's words for the names of the contract. In English the names stand as they are.
var zhWords = map[string]string{
	// states of a copy
	"queued": "排队", "sending": "正在打", "printed": "已打印", "processed": "已处理", "sent": "已发送", "held": "等待", "uncertain": "不确定",
	"defective": "废张", "cancelled": "已取消",
	// outcomes
	"accepted": "已收下", "duplicate": "重复", "conflict": "冲突", "rejected": "无效", "refused": "拒绝",
	// reasons
	"paper_out": "缺纸", "cover_open": "盖子开着", "cutter": "切刀卡住", "hot": "打印头过热", "offline": "脱机", "error": "打印机故障",
	"link_down": "连不上", "proof_lost": "没有等到证明", "power_lost": "打印机断过电", "stopped": "程序停止", "stale": "放太久，等人决定",
	"crash": "打印时程序中断", "not_out": "没有出纸", "late_proof": "证明后到", "superseded": "订单已取消", "moved": "换了打印机",
	"unprintable": "打不出来", "dropped": "不用再打", "printer_unknown": "没有这台打印机", "no_paper": "没有出纸", "blank_slip": "空白",
	// copies
	"merchant": "商户联", "bank": "银行联", "cardholder": "持卡人联", "kitchen": "后厨联", "customer": "顾客联", "delivery": "配送联",
	"document": "单据",
	// marks
	"original": "正本", "late": "延迟打印", "recovery": "补打",
	// transactions
	"sale": "消费", "sale_void": "消费撤销", "refund": "退货", "pre_auth": "预授权", "pre_auth_add": "追加预授权", "pre_auth_void": "预授权撤销",
	"pre_auth_completion": "预授权完成", "pre_auth_completion_advice": "预授权完成通知", "pre_auth_completion_void": "预授权完成撤销",
	"offline_sale": "离线消费", "adjustment": "离线调整", "ec_sale": "电子现金消费", "ec_load": "电子现金圈存", "installment": "分期消费",
	"loyalty": "积分消费", "balance_query": "余额查询", "scan_pay": "扫码支付", "scan_pay_void": "扫码撤销", "scan_pay_refund": "扫码退货",
	"transaction": "交易", "reversal": "冲正", "settlement": "结算", "order": "订单", "command": "指令",
	"new": "新订单", "partial_refund": "部分退款", "reminder": "催单", "interim": "中途总计", "last_settlement": "上批结算",
	// what the mirror says about the money
	"approved": "成功", "declined": "拒绝", "unknown": "结果未知", "voided": "已撤销", "reversal_pending": "冲正待处理",
	"reversal_failed": "冲正失败", "reversed": "已冲正", "resolved": "已处理",
	"completed": "预授权已完成",
	// reversals
	"pending": "待处理", "succeeded": "成功", "failed": "失败", "paid": "已付款", "refunded": "已退款",
	// batches
	"open": "未结算", "settled": "已结算",
	// printers
	"ready": "正常", "idle": "空闲", "printing": "正在打", "down": "连不上",
}

// word gives a name of the contract in the user's language.
func (l language) word(name string) string {
	if zh, ok := zhWords[name]; ok && l == "zh" {
		return zh
	}
	return name
}

// mark tells a duplicate slip from a duplicate request.
func (l language) mark(c *queue.CopyStatus) string {
	if c.Mark == "duplicate" {
		return l.say("重打印", "duplicate")
	}
	return l.word(string(c.Mark))
}

// batch tells a superseded batch from a superseded order.
func (l language) batch(s queue.BatchState) string {
	if s == queue.BatchSuperseded {
		return l.say("未结算，已换批", "superseded")
	}
	return l.word(string(s))
}

// closedBy says who closed a batch: the terminal, or a person with a number.
func (l language) closedBy(by string) string {
	if number, ok := strings.CutPrefix(by, "person"); ok {
		return strings.TrimSpace(l.say("人工", "person") + number)
	}
	if by == "terminal" {
		return l.say("终端", "terminal")
	}
	return by
}

// proof says what proved a copy.
func (l language) proof(p queue.Proof) string {
	switch p {
	case queue.ProofNone, "":
		return "-"
	case queue.ProofPerson:
		return l.say("有人确认", "person")
	case queue.ProofSent:
		return l.say("没有证明", "sent")
	}
	return l.word(string(p))
}
