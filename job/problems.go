package job

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A wording is what a problem says. It may hold one %s: a number or names out of the schema, never a value of the file.
type wording struct{ zh, en, fixZh, fixEn string }

// wordings holds every code a job can be answered with.
var wordings = map[string]wording{
	"incomplete":     {"文件不完整", "the file ends before the JSON object is complete", "请写完再改名为 .json，或重新投递", "write it to a temporary name and rename it when done, or drop it again"},
	"empty":          {"文件是空的", "the file is empty", "请重新投递任务文件", "drop the job file again"},
	"too_large":      {"文件超过 256 KiB", "the file is larger than 256 KiB", "请拆成几个任务", "split it into several jobs"},
	"not_json":       {"不是合法的 JSON", "this is not JSON", "请检查此处的引号、逗号和括号", "look for a wrong quote, comma or bracket here"},
	"not_object":     {"文件应当是一个 JSON 对象", "the file must be one JSON object", "内容要以 { 开头", "begin with {"},
	"trailing_data":  {"JSON 对象后面还有内容", "there is something after the JSON object", "一个文件只放一个任务", "put one job into each file"},
	"invalid_utf8":   {"不是 UTF-8 文字", "this is not UTF-8 text", "请以 UTF-8 编码保存（不要用 GBK 或 UTF-16）", "save the file as UTF-8 (not GBK or UTF-16)"},
	"too_deep":       {"嵌套太深", "arrays and objects are nested too deep", "最多嵌套 32 层", "nest 32 levels at most"},
	"duplicate_key":  {"同一个名称出现两次", "this name is there twice", "请删去其中一个", "remove one of the two"},
	"missing_field":  {"缺少此项", "this field is missing", "请补上", "add it"},
	"wrong_type":     {"类型不对，应为%s", "wrong type: it must be %s", "请按说明改正", "write it as the schema says"},
	"bad_amount":     {"金额要写成整数的最小货币单位", "an amount is a whole number of minor units", "12.34 元写成 1234，不加引号和小数点", "write 12.34 as 1234, without quotes or a point"},
	"unknown_kind":   {"不认识的任务种类", "unknown kind of job", "可用：%s", "one of: %s"},
	"unknown_value":  {"不认识的取值", "unknown value", "可用：%s", "one of: %s"},
	"bad_format":     {"格式不对", "wrong format", "应为：%s", "write %s"},
	"bad_time":       {"时间格式不对，要带时区", "not a time with its offset", "例：2026-08-11T12:34:56+08:00", "for example 2026-08-11T12:34:56+08:00"},
	"time_utc":       {"时间以 Z 结尾，没有写明当地时区，小票按 UTC 打印", "a time that ends in Z tells no local clock; the slip shows it in UTC", "写当地时间，例：2026-08-11T12:34:56+08:00；或在配置里写 [shop] timezone", "write the local time, for example 2026-08-11T12:34:56+08:00, or set timezone in [shop]"},
	"bad_date":       {"日期格式不对", "not a date", "例：2026-08-11", "for example 2026-08-11"},
	"bad_currency":   {"不认识的货币代码", "unknown currency", "请用 ISO 4217 代码，例：CNY", "use the ISO 4217 code, for example CNY"},
	"bad_masked_pan": {"卡号没有按规定屏蔽", "not a masked card number", "写成前六后四，例：622202******6620", "write the first six and last four digits, for example 622202******6620"},
	"too_small":      {"数值太小", "the number is too small", "至少 %s", "at least %s"},
	"too_big":        {"数值太大", "the number is too big", "最多 %s", "at most %s"},
	"too_short":      {"内容太短", "the text is too short", "至少 %s 个字", "at least %s characters"},
	"too_long":       {"内容太长", "the text is too long", "最多 %s 个字", "at most %s characters"},
	"too_few":        {"项数太少", "too few entries", "至少 %s 项", "at least %s"},
	"too_many":       {"项数太多", "too many entries", "最多 %s 项", "at most %s"},
	"not_unique":     {"有重复的项", "an entry is there twice", "请删去重复的", "remove the second one"},
	"unknown_key":    {"不认识的名称，已忽略", "unknown name, ignored", "请检查拼写%s；不影响打印", "check the spelling; the slip is printed without it%s"},
	"invalid":        {"不符合任务格式", "does not fit the schema", "请对照 receiptd job schema", "compare with receiptd job schema"},

	"missing_original": {"缺少原交易的信息", "the original transaction is not named", "请补上 %s", "add %s"},
	"amount_mismatch":  {"金额前后不符", "the amounts do not agree", "应有：%s", "it must hold: %s"},
	"amounts_differ":   {"各项金额加起来对不上（应有：%s），小票照原样打印", "the parts do not add up (it should hold: %s); the slip is printed as it is", "不用再投递；请核对收银软件的算法", "do not drop it again; look at how the software adds up"},
	"amount_needed":    {"数量乘单价不是整数分，要写明小计", "quantity times unit price is no whole amount, so the price of the line is needed", "请补上 amount", "add amount"},
	"copy_not_allowed": {"这种单据没有此联", "there is no such copy of this slip", "可用：%s", "one of: %s"},
	"copies_ignored":   {"结果未知的交易不打印，所要的联已忽略", "a transaction with an unknown result prints nothing; the copies are ignored", "知道结果后请再投递", "drop the job again when the result is known"},
	"block_twice":      {"同一类卡的结算汇总出现两次", "this group of cards is settled twice", "内卡、外卡各一块", "write one block for domestic and one for foreign cards"},
	"document_source":  {"receiptline 和 blocks 只能写一个", "exactly one of receiptline and blocks is needed", "请保留其中一个", "keep one of them"},
	"weights_mismatch": {"列宽数目与列数不同", "there must be one weight for each cell", "请写 %s 个", "write %s of them"},

	"card_data_key":     {"不允许的卡片数据（磁道、CVV、PIN 等）", "card data that must not be here (track, CVV, PIN or the like)", "请让收银软件不要写出此项", "let the terminal software leave this field out"},
	"track_data":        {"含有磁道数据（%s）", "this holds track data (%s)", "请让收银软件不要写出磁道数据", "let the terminal software leave track data out"},
	"pan_in_identifier": {"编号里含有完整卡号（%s）", "this identifier holds a full card number (%s)", "请换一个编号，不要用卡号；不是卡号的 13 到 16 位数字，前面加日期就不会混淆", "use another identifier, made without the card number; 13 to 16 digits that are none are told apart by a date in front"},
	"pan_masked":        {"含有完整卡号（%s），已屏蔽，只留后四位", "this held a full card number (%s); all but its last digits were masked", "请让收银软件写出屏蔽后的卡号；若不是卡号，请在前面写明是什么号（如“订单号”），并核对 docs/job.md 的规则", "let the terminal software write masked numbers; if it is none, write before it what it is (\"order no.\"), and see the rules in docs/job.md"},
	"code_withheld":     {"条码或二维码含有完整卡号（%s），未打印此码", "this code held a full card number (%s) and is not printed", "请让收银软件去掉码里的卡号；若是法定必须的码，店家可在配置里写 [guard] trust", "let the terminal software keep card numbers out of codes; if the law demands this code, the shop can trust it: [guard] trust in the configuration"},
}

// typeNames words the types of JSON.
var typeNames = map[string][2]string{
	"string": {"文字（加引号）", "a string"}, "integer": {"整数（不加引号）", "a whole number"},
	"boolean": {"true 或 false", "true or false"}, "object": {"对象 { }", "an object"}, "array": {"列表 [ ]", "an array"},
}

// problem words a code at a place of the file.
func problem(code, pointer string, zh, en string) Problem {
	w := wordings[code]
	fill := func(s, with string) string {
		if strings.Contains(s, "%s") {
			return fmt.Sprintf(s, with)
		}
		return s
	}
	return Problem{
		Code: code, Pointer: pointer,
		Message: Text{Zh: fill(w.zh, zh), En: fill(w.en, en)},
		Fix:     Text{Zh: fill(w.fixZh, zh), En: fill(w.fixEn, en)},
	}
}

// A cursor finds lines and columns, from the front of a file to its end.
type cursor struct {
	data             []byte
	at, line, column int
}

func newCursor(data []byte) *cursor {
	return &cursor{data: data, line: 1, column: 1}
}

// placed words a problem of the whole file that was met at one place.
func placed(code string, data []byte, off int) Problem {
	return newCursor(data).place(found{problem(code, "", "", ""), off})
}

// place gives a problem with its line and column. Problems come in the order of the file.
func (c *cursor) place(f found) Problem {
	for c.at < min(f.off, len(c.data)) {
		r, n := utf8.DecodeRune(c.data[c.at:])
		switch r {
		case '\n':
			c.line, c.column = c.line+1, 1
		case '\ufeff':
		default:
			c.column++
		}
		c.at += n
	}
	f.Line, f.Column = c.line, c.column
	return f.Problem
}

// pointerToken writes one name of a JSON pointer (RFC 6901), short and without card numbers, for it may come from the
// file.
func pointerToken(key string) string {
	const longest = 64
	if !plain(key) {
		key, _ = MaskCardNumbers(key)
		if r := []rune(key); len(r) > longest {
			key = string(r[:longest]) + "..."
		}
		key = strings.ToValidUTF8(key, "?")
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// plain reports whether a key is short and of the sort that the schema uses.
func plain(key string) bool {
	return len(key) < minPAN && utf8.ValidString(key)
}
