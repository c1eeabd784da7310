package history

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// details are what events tell in their own words, and the same in Chinese: $1 is a part as it stands, @1 a code to be worded, of
// the kind that stands last.
var details = []struct {
	pattern *regexp.Regexp
	zh      string
	kind    vocabulary.Kind
}{
	{regexp.MustCompile(`^(spool|http|cli|capture|fleet)$`), "@1", vocabulary.KindSource},
	{regexp.MustCompile(`^(voucher_conflict|job_id_reused|late_approval)$`), "@1", vocabulary.KindConflict},
	{regexp.MustCompile(`^duplicate\b(.*)$`), "重复$1", ""},
	{regexp.MustCompile(`^(refused|conflict)\b(.*)$`), "@1$2", vocabulary.KindOutcome},
	{regexp.MustCompile(`^print (\d+) (\w+)$`), "第 $1 张，@2", vocabulary.KindMark},
	{regexp.MustCompile(`^nothing left the computer$`), "数据没有发出", ""},
	{regexp.MustCompile(`^cancelled in the printer$`), "已在打印机内取消", ""},
	{regexp.MustCompile(`^no start on disk$`), "没有开始打印的记录", ""},
	{regexp.MustCompile(`^late proof$`), "确认晚到", ""},
	{regexp.MustCompile(`^order cancelled$`), "订单已取消", ""},
	{regexp.MustCompile(`^none was stopped: (.*)$`), "没有停打任何单：$1", ""},
	{regexp.MustCompile(`^moved from (.+) because of (\w+)$`), "从 $1 转来，原因：@2", vocabulary.KindReason},
	{regexp.MustCompile(`^moved from (.+) to follow the routes$`), "从 $1 转来，按现在的路由", ""},
	{regexp.MustCompile(`^moved from (.+) by ?(.*)$`), "从 $1 人工转来 $2", ""},
	{regexp.MustCompile(`^reported by ?(.*)$`), "人工报告 $1", ""},
	{regexp.MustCompile(`^by ?(.*)$`), "人工操作 $1", ""},
	{regexp.MustCompile(`^the printer is paused$`), "打印机暂停", ""},
	{regexp.MustCompile(`^the printer goes on$`), "打印机恢复", ""},
	{regexp.MustCompile(`^seen (open|closed)$`), "传感器：@1", vocabulary.KindDrawer},
	{regexp.MustCompile(`^came out$`), "打出来了", ""},
	{regexp.MustCompile(`^did not come out$`), "没有打出来", ""},
	{regexp.MustCompile(`^file (\d+) of the (\w+)(\S*) copy$`), "第 $1 份，@2$3", vocabulary.KindCopy},
	{regexp.MustCompile(`^removed by age$`), "到期", ""},
	{regexp.MustCompile(`^on request$`), "应本人要求", ""},
	{regexp.MustCompile(`^(\S+) (\S+) reopened$`), "终端 $1 批次 $2 撤回结算", ""},
	{regexp.MustCompile(`^(\S+) (\S+) without settlement$`), "终端 $1 批次 $2 没有结算就换了批次", ""},
	{regexp.MustCompile(`^(\S+) (\S+) by ` + record.ClosedByTerminal + `$`), "终端 $1 批次 $2 由终端结算", ""},
	{regexp.MustCompile(`^(\S+) (\S+) by person ?(.*)$`), "终端 $1 批次 $2 手工结算 $3", ""},
	{regexp.MustCompile(`^(\d+) case (.*)$`), "凭证 $1 案号 $2", ""},
	{regexp.MustCompile(`^proof came before the printer can have printed: it counts as processed until a probe or proof = "A" says otherwise$`),
		`打印机在能打完之前就答了确认：只算“已处理”，除非探测过或写明 proof = "A"`, ""},
	{regexp.MustCompile(`^nothing shows that its proof waits for the paper: it counts as processed until a slip, a probe or proof = "A" says otherwise$`),
		`看不出它的确认是打完才答的：只算“已处理”，除非以后的小票或探测量到，或写明 proof = "A"`, ""},
	{regexp.MustCompile(`^no proof for (\d+) slips in a row: tier lowered from (.) to (.)$`), "连续 $1 张没有等到确认：证明等级从 $2 降为 $3", ""},
	{regexp.MustCompile(`^another device is there: (\S+) (.+), not (.+)$`), "那里是另一台打印机：$1 $2，不是 $3", ""},
	{regexp.MustCompile(`^it is not known which device is there \((\S+)\): (.*)$`), "不知道那里是哪台打印机（$1）：$2", ""},
	{regexp.MustCompile(`^it is not known which device is there: it does not tell its (\S+) number$`), "不知道那里是哪台打印机：它没有报 $1 号", ""},
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
			zh = strings.ReplaceAll(strings.ReplaceAll(zh, "@"+n, vocabulary.Zh(d.kind, m[i])), "$"+n, m[i])
		}
		return strings.TrimSpace(zh)
	}
	return text
}

// labelled gives what an event tells with what people call the printer that it names.
func (t teller) labelled(detail string) string {
	const moved = "moved from "
	rest, ok := strings.CutPrefix(detail, moved)
	if name, why, found := strings.Cut(rest, " "); ok && found {
		return moved + t.label(name) + " " + why
	}
	return detail
}

// words tells an event in both languages. In English reasons and the states of batches and reversals stand as their codes.
func (t teller) words(e *record.Event) job.Text {
	text := vocabulary.Word(vocabulary.KindEvent, e.Type)
	if e.Type == vocabulary.EventCopy {
		text = vocabulary.Form(vocabulary.KindState, e.State, vocabulary.Step, vocabulary.Long)
	}
	if e.Type == vocabulary.EventDrawer {
		what := vocabulary.Form(vocabulary.KindOpening, vocabulary.Opening(e.State), vocabulary.Step)
		if what == (job.Text{}) {
			what = vocabulary.Word(vocabulary.KindDrawer, vocabulary.DrawerState(e.State))
		}
		text.Zh, text.En = text.Zh+"："+what.Zh, text.En+": "+what.En
	}
	if text == (job.Text{}) {
		text = job.Text{Zh: string(e.Type), En: string(e.Type)}
	}
	add := func(zh, en string) { text.Zh, text.En = text.Zh+zh, text.En+en }
	switch e.Type {
	case vocabulary.EventBatch:
		add(" "+vocabulary.Zh(vocabulary.KindBatch, e.State), " "+string(e.State))
	case vocabulary.EventReversal:
		add(" "+vocabulary.Zh(vocabulary.KindReversal, e.State), " "+string(e.State))
	}
	if e.Reason != "" {
		kind := vocabulary.KindReason
		if e.Type == vocabulary.EventReversal { // how a person ended it
			kind = vocabulary.KindReversal
		}
		add(" · "+vocabulary.Zh(kind, e.Reason), " · "+string(e.Reason))
	}
	if detail := t.labelled(e.Detail); detail != "" {
		zh, en := DetailZh(detail), detail
		if e.Reason == vocabulary.ReasonJournalLost { // it stands there in both languages
			if a, b, ok := strings.Cut(detail, " / "); ok {
				zh, en = a, b
			}
		}
		add(" · "+zh, " · "+en)
	}
	if e.Printer != "" {
		add(" ["+t.label(e.Printer)+"]", " ["+t.label(e.Printer)+"]")
	}
	if e.Operator != "" {
		add(" ("+e.Operator+")", " ("+e.Operator+")")
	}
	return text
}
