package queue

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/receiptd/receiptd/job"
)

// stateWords say what a state means, without claiming more than is known.
var stateWords = map[State]job.Text{
	Queued:    {Zh: "等待打印", En: "waits to be printed"},
	Sending:   {Zh: "开始打印", En: "printing began"},
	Printed:   {Zh: "已打印", En: "printed"},
	Processed: {Zh: "打印机已收完，状态正常", En: "the printer has read it all and its status is clean"},
	Sent:      {Zh: "已发送，打印机无法确认", En: "sent; this printer cannot confirm"},
	Held:      {Zh: "等待打印机", En: "held"},
	Uncertain: {Zh: "不确定是否出纸", En: "uncertain: nobody knows whether it came out"},
	Defective: {Zh: "报为废票", En: "reported defective"},
	Cancelled: {Zh: "已取消", En: "cancelled"},
}

var eventWords = map[EventType]job.Text{
	EventAccepted:   {Zh: "收到", En: "accepted"},
	EventAnswered:   {Zh: "再次收到，已答复", En: "asked again and answered"},
	EventRejected:   {Zh: "内容有误，未接收", En: "rejected"},
	EventBatch:      {Zh: "批次", En: "batch"},
	EventReversal:   {Zh: "冲正", En: "reversal"},
	EventConflict:   {Zh: "内容冲突", En: "conflict"},
	EventAlarm:      {Zh: "请查看", En: "please look"},
	EventLateProof:  {Zh: "打印机后来确认已打印", En: "the printer confirmed it later"},
	EventPersonSaid: {Zh: "人员答复", En: "a person said"},
	EventRetention:  {Zh: "按期清理", En: "removed by retention"},
}

// zhNames are the Chinese words for names that stand in English texts as they are.
var zhNames = map[string]string{
	// copies
	"merchant": "商户联", "bank": "银行联", "cardholder": "持卡人联", "kitchen": "后厨联", "customer": "顾客联", "delivery": "配送联", "document": "单据联",
	// marks
	"original": "正本", "late": "延迟打印", "duplicate": "重打印", "recovery": "故障后重打",
	// reasons
	"paper_out": "缺纸", "cover_open": "盖子开着", "cutter": "切刀卡住", "hot": "打印头过热", "offline": "打印机脱机", "error": "打印机故障",
	"link_down": "连不上打印机", "proof_lost": "没有等到打印机确认", "power_lost": "打印机断过电", "stopped": "程序停止", reasonStale: "等得太久，等人决定",
	reasonCrash: "打印时程序中断", reasonNotOut: "没有打出来", reasonLateProof: "前一张后来确认打出", reasonCancelled: "有人取消",
	reasonSuperseded: "订单已取消", reasonMoved: "换了打印机", reasonUnproven: "打印机无法确认，等人决定", reasonUnprinted: "无法排版", reasonDropped: "决定不打",
	reasonOrderUnclear: "取消单对不上唯一一单", "printer_unknown": "没有这台打印机", "blank_slip": "空白", "lost": "遗失", "other": "其他原因",
	// batches
	"open": "未结算", "superseded batch": "已换批次，未结算", "settled": "已结算",
	// reversals
	"pending": "待处理", "succeeded": "成功", "failed": "不成功", "resolved": "已人工处理", "paid": "已收款", "refunded": "已退款",
	// outcomes; a duplicate request is no duplicate slip
	"conflict": "冲突", "refused": "拒绝",
	"voucher_conflict": "同凭证号内容不一致", "job_id_reused": "任务号已用于另一份内容", "late_approval": "有冲正记录，又收到“成功”",
	// sources
	string(SourceSpool): "投递文件夹", string(SourceHTTP): "HTTP", string(SourceCLI): "命令行",
}

// zhName words a name in Chinese; one that is not known stays.
func zhName(name string) string {
	if zh, ok := zhNames[name]; ok {
		return zh
	}
	return name
}

// zhState words a state as far as it fits into a sentence.
func zhState(s State) string { return stateWords[s].Zh }

// details are what events tell in their own words, and the same in Chinese: $1 is a part as it stands, @1 a name to be worded.
var details = []struct {
	pattern *regexp.Regexp
	zh      string
}{
	{regexp.MustCompile(`^(spool|http|cli)$`), "@1"},
	{regexp.MustCompile(`^(voucher_conflict|job_id_reused|late_approval)$`), "@1"},
	{regexp.MustCompile(`^duplicate\b(.*)$`), "重复$1"},
	{regexp.MustCompile(`^(refused|conflict)\b(.*)$`), "@1$2"},
	{regexp.MustCompile(`^print (\d+) (\w+)$`), "第 $1 张，@2"},
	{regexp.MustCompile(`^nothing left the computer$`), "数据没有发出"},
	{regexp.MustCompile(`^cancelled in the printer$`), "已在打印机内取消"},
	{regexp.MustCompile(`^no start on disk$`), "没有开始打印的记录"},
	{regexp.MustCompile(`^late proof$`), "确认晚到"},
	{regexp.MustCompile(`^order cancelled$`), "订单已取消"},
	{regexp.MustCompile(`^none was stopped: (.*)$`), "没有停打任何单：$1"},
	{regexp.MustCompile(`^moved from (\S+) because of (\w+)$`), "从 $1 转来，原因：@2"},
	{regexp.MustCompile(`^moved from (\S+) to follow the routes$`), "从 $1 转来，按现在的路由"},
	{regexp.MustCompile(`^moved from (\S+) by ?(.*)$`), "从 $1 人工转来 $2"},
	{regexp.MustCompile(`^reported by ?(.*)$`), "人工报告 $1"},
	{regexp.MustCompile(`^by ?(.*)$`), "人工操作 $1"},
	{regexp.MustCompile(`^came out$`), "打出来了"},
	{regexp.MustCompile(`^did not come out$`), "没有打出来"},
	{regexp.MustCompile(`^removed by age$`), "到期"},
	{regexp.MustCompile(`^(\S+) (\S+) reopened$`), "终端 $1 批次 $2 撤回结算"},
	{regexp.MustCompile(`^(\S+) (\S+) without settlement$`), "终端 $1 批次 $2 没有结算就换了批次"},
	{regexp.MustCompile(`^(\S+) (\S+) by ` + closedByTerminal + `$`), "终端 $1 批次 $2 由终端结算"},
	{regexp.MustCompile(`^(\S+) (\S+) by person ?(.*)$`), "终端 $1 批次 $2 手工结算 $3"},
	{regexp.MustCompile(`^(\d+) case (.*)$`), "凭证 $1 案号 $2"},
	{regexp.MustCompile(`^proof came before the printer can have printed: it counts as processed until a probe or proof = "A" says otherwise$`),
		`打印机在能打完之前就答了确认：只算“已收完”，除非探测过或写明 proof = "A"`},
	{regexp.MustCompile(`^nothing shows that its proof waits for the paper: it counts as processed until a slip, a probe or proof = "A" says otherwise$`),
		`看不出它的确认是打完才答的：只算“已收完”，除非以后的小票或探测量到，或写明 proof = "A"`},
	{regexp.MustCompile(`^no proof for (\d+) slips in a row: tier lowered from (.) to (.)$`), "连续 $1 张没有等到确认：证明等级从 $2 降为 $3"},
}

// DetailZh gives a text that an event or a printer tells in English in Chinese; a text that is not known stays.
func DetailZh(text string) string {
	for _, d := range details {
		m := d.pattern.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		zh := d.zh
		for i := len(m) - 1; i > 0; i-- {
			n := fmt.Sprint(i)
			zh = strings.ReplaceAll(strings.ReplaceAll(zh, "@"+n, zhName(m[i])), "$"+n, m[i])
		}
		return strings.TrimSpace(zh)
	}
	return text
}

// words tells an event in both languages.
func words(e *Event) job.Text {
	text, ok := eventWords[e.Type]
	if e.Type == EventCopy {
		text, ok = stateWords[e.State]
	}
	if !ok {
		text = job.Text{Zh: string(e.Type), En: string(e.Type)}
	}
	add := func(zh, en string) { text.Zh, text.En = text.Zh+zh, text.En+en }
	if e.Type == EventBatch || e.Type == EventReversal {
		name := string(e.State)
		if e.State == State(BatchSuperseded) { // orders are superseded too
			name += " batch"
		}
		add(" "+zhName(name), " "+string(e.State))
	}
	if e.Reason != "" {
		add(" · "+zhName(e.Reason), " · "+e.Reason)
	}
	if e.Detail != "" {
		add(" · "+DetailZh(e.Detail), " · "+e.Detail)
	}
	if e.Printer != "" {
		add(" ["+e.Printer+"]", " ["+e.Printer+"]")
	}
	if e.Operator != "" {
		add(" ("+e.Operator+")", " ("+e.Operator+")")
	}
	return text
}
