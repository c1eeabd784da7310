package job_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/receiptd/receiptd/job"
)

// digitsIn is the test's own idea of what a text shows: all its digits, whatever stands between them.
func digitsIn(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKC.String(s) {
		if at := strings.IndexRune("〇一二三四五六七八九零壹贰叁肆伍陆柒捌玖○", r); at >= 0 {
			fmt.Fprint(&b, at/3%10) // each takes three bytes
		} else if '0' <= r && r <= '9' {
			b.WriteRune(r)
		} else if unicode.IsDigit(r) {
			v := 0
			for unicode.IsDigit(r-1) && v < 9 {
				r, v = r-1, v+1
			}
			fmt.Fprint(&b, v)
		}
	}
	return b.String()
}

// shows reports whether any text of a JSON value shows the number; what is not JSON is searched as a whole.
func shows(data []byte, number string) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return strings.Contains(digitsIn(string(data)), number)
	}
	found := false
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				found = found || strings.Contains(digitsIn(k), number)
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		case string:
			found = found || strings.Contains(digitsIn(v), number)
		case json.Number:
			found = found || strings.Contains(digitsIn(v.String()), number)
		}
	}
	walk(v)
	return found
}

// leaks tells where a result still shows a card number.
func leaks(r job.Result, number string) string {
	if r.Job != nil {
		if shows(r.Job.JSON, number) {
			return "Job.JSON: " + string(r.Job.JSON)
		}
		if b, _ := json.Marshal(r.Job.Transaction); shows(b, number) {
			return "payload: " + string(b)
		}
	}
	if shows(r.Redacted, number) {
		return "Redacted: " + string(r.Redacted)
	}
	for _, p := range append(r.Errors, r.Warnings...) {
		if b, _ := json.Marshal(p); shows(b, number) {
			return "problem: " + string(b)
		}
	}
	if strings.Contains(digitsIn(r.ID), number) {
		return "ID: " + r.ID
	}
	return ""
}

// cardNumber draws a number with the prefix and length of a scheme.
func cardNumber(t *rapid.T) string {
	form := rapid.SampledFrom([]struct {
		prefix string
		length int
	}{
		{"4", 16}, {"4", 19}, {"51", 16}, {"55", 16}, {"2221", 16}, {"2720", 16}, {"34", 15}, {"37", 15}, {"62", 16}, {"62", 17}, {"62", 18}, {"62", 19},
		{"6011", 16}, {"645", 16}, {"65", 16}, {"3530", 16}, {"36", 14}, {"300", 14}, {"38", 14}, {"2200", 16}, {"50", 16}, {"58", 18}, {"67", 19},
	}).Draw(t, "form")
	s := form.prefix
	for len(s) < form.length-1 {
		s += string(rapid.ByteRange('0', '9').Draw(t, "digit"))
	}
	if len(s) == 13 { // one with many zeros is also a French or Brazilian company's number
		s = s[:8] + "77" + s[10:]
	}
	if len(s) == 16 || len(s) == 17 { // and one with a date in it a resident identity number
		s = s[:6] + "77" + s[8:]
	}
	return withLuhn(s)
}

// withLuhn adds the check digit.
func withLuhn(s string) string {
	sum := 0
	for i := range len(s) {
		v := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return s + fmt.Sprint((10-sum%10)%10)
}

// disguises are the ways to write a number that the guard must see through.
var disguises = map[string]func(string) string{
	"plain":        func(s string) string { return s },
	"groups":       func(s string) string { return between(s, " ", 4) },
	"hyphens":      func(s string) string { return between(s, "-", 4) },
	"dots":         func(s string) string { return between(s, ".", 4) },
	"commas":       func(s string) string { return between(s, ",", 3) },
	"underscores":  func(s string) string { return between(s, "_", 1) },
	"spaced":       func(s string) string { return between(s, " - ", 1) },
	"zero width":   func(s string) string { return between(s, "\u200b", 1) },
	"soft hyphen":  func(s string) string { return between(s, "\u00ad", 2) },
	"joiner":       func(s string) string { return between(s, "\u200d\ufeff", 1) },
	"filler":       func(s string) string { return between(s, "\u3164", 3) },
	"control":      func(s string) string { return between(s, "\u0002", 1) },
	"escape":       func(s string) string { return between(s, "\x1b", 1) },
	"wide space":   func(s string) string { return between(s, "\u3000", 4) },
	"narrow space": func(s string) string { return between(s, "\u202f", 4) },
	"en dash":      func(s string) string { return between(s, "–", 4) },
	"middle dot":   func(s string) string { return between(s, "·", 4) },
	"wide comma":   func(s string) string { return between(s, "，", 4) },
	"backslashes":  func(s string) string { return between(s, `\-`, 4) },
	"full width":   func(s string) string { return shift(s, '０') },
	"arabic":       func(s string) string { return shift(s, '٠') },
	"bold":         func(s string) string { return shift(s, '𝟎') },
	"superscript": func(s string) string {
		return strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹").Replace(s)
	},
	"keycaps": func(s string) string { return between(s, "\ufe0f\u20e3", 1) },
	"hexadecimal": func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		}
		return b.String()
	},
	"one escaped": func(s string) string { return fmt.Sprintf(`%s\x%02x%s`, s[:5], s[5], s[6:]) },
	"url": func(s string) string {
		return strings.ReplaceAll(between(s, " ", 4), " ", "%20")
	},
	"dropped escape": func(s string) string { return between(s, `\x0a`, 2) },
	"Chinese words":  func(s string) string { return inWords(s, "〇一二三四五六七八九") },
	"cheque words":   func(s string) string { return inWords(between(s, " ", 4), "零壹贰叁肆伍陆柒捌玖") },
	"Chinese circle": func(s string) string { return inWords(s, "○一二三四五六七八九") },
	"Chinese dashes": func(s string) string { return inWords(between(s, " - ", 4), "〇一二三四五六七八九") },
	"Chinese stroke": func(s string) string { return inWords(between(s, " / ", 4), "零一二三四五六七八九") },
	"Chinese commas": func(s string) string { return inWords(between(s, "， ", 4), "〇一二三四五六七八九") },
	"one in Chinese": func(s string) string { return s[:4] + inWords(s[4:5], "〇一二三四五六七八九") + s[5:] },
	"half Chinese": func(s string) string {
		return inWords(s[:4], "零壹贰叁肆伍陆柒捌玖") + s[4:8] + inWords(s[8:12], "〇一二三四五六七八九") + s[12:]
	},
	"Chinese group": func(s string) string {
		return s[:4] + " " + inWords(s[4:8], "〇一二三四五六七八九") + " " + between(s[8:], " ", 4)
	},
	"emphasis": func(s string) string { return between(s, `"`, 4) },
}

func between(s, sep string, every int) string {
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && i%every == 0 {
			b.WriteString(sep)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// inWords writes each digit as one of ten characters.
func inWords(s, words string) string {
	ten := []rune(words)
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return ten[r-'0']
		}
		return r
	}, s)
}

func shift(s string, zero rune) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(zero + rune(s[i]-'0'))
	}
	return b.String()
}

// TestEveryDisguise plants one well-known test number in a remark.
func TestEveryDisguise(t *testing.T) {
	const number = "4111111111111111"
	for name, write := range disguises {
		t.Run(name, func(t *testing.T) {
			text, _ := json.Marshal("卡 " + write(number) + " 谢谢")
			data := bytes.Replace(samples(t)["01-sale-chip.json"], []byte(`"会员卡号 尾号 8812"`), text, 1)
			r := job.Parse(data)
			if r.Job == nil {
				t.Fatalf("refused: %v", r.Errors)
			}
			if where := leaks(r, number); where != "" {
				t.Errorf("still there: %s", where)
			}
			if len(r.Warnings) != 1 || r.Warnings[0].Code != "pan_masked" || r.Warnings[0].Pointer != "/payload/remarks/0" {
				t.Errorf("warnings %+v", r.Warnings)
			}
			if got := r.Job.Transaction.Remarks[0]; !strings.HasSuffix(got, " 谢谢") || !strings.Contains(got, "*") {
				t.Errorf("remark is %q", got)
			}
		})
	}
}

// TestOneSeparator: a number grouped as on a card is seen through whatever single character is printed between its groups,
// as long as it is one and the same; tabulators, strokes, double blanks and mixed separators join nothing.
func TestOneSeparator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := cardNumber(t)
		gap := rapid.StringMatching(` ?[:;=()\[\]<>#&!?@$，：→、.,/_-] ?|[ \x{a0}\x{3000}]`).Draw(t, "gap")
		masked, found := job.MaskCardNumbers("卡 " + grouped(number, gap) + " 谢谢")
		if !found || strings.Contains(digitsIn(masked), number) {
			t.Fatalf("%s between %q: %q", number, gap, masked)
		}
	})
	for _, text := range []string{"4111  1111  1111  1111", "4111 1111-1111 1111", "4111\t1111\t1111\t1111", "4111 | 1111 | 1111 | 1111", "4111 x1111 1111 1111"} {
		if got, found := job.MaskCardNumbers(text); found {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, text := range []string{"4111:1111:1111:1111", "三○○○○○○○七○○○○九"} { // the second might be a company's number elsewhere
		if where := leaks(job.Parse([]byte(`{"job_id":"x","note":"`+text+`"`)), digitsIn(text)); where != "" {
			t.Error("not JSON:", where)
		}
	}
}

// grouped sets a number in the groups of a card.
func grouped(s, sep string) string {
	switch len(s) {
	case 14:
		return s[:4] + sep + s[4:10] + sep + s[10:]
	case 15:
		return s[:4] + sep + s[4:10] + sep + s[10:]
	}
	return between(s, sep, 4)
}

// TestRowsAreReadAcross: the cells of a row stand on one line.
func TestRowsAreReadAcross(t *testing.T) {
	const number = "4111111111111111"
	row := func(cells string) job.Result {
		return job.Parse([]byte(`{"job_id":"d","kind":"document","payload":{"blocks":[{"type":"columns","cells":` + cells + `}]}}`))
	}
	r := row(`["4111","1111","1111","1111"]`)
	if r.Job == nil || len(r.Warnings) != 1 || r.Warnings[0].Code != "pan_masked" || r.Warnings[0].Pointer != "/payload/blocks/0/cells" {
		t.Fatal(r.Errors, r.Warnings)
	}
	if got := r.Job.Document.Blocks[0].Cells; fmt.Sprint(got) != "[**** **** **** 1111]" || shows(r.Redacted, "4111") {
		t.Errorf("cells %q, redacted %s", got, r.Redacted)
	}
	if r := row(`["卡 4111 1111","1111 1111"]`); r.Job == nil || fmt.Sprint(r.Job.Document.Blocks[0].Cells) != "[卡 **** **** **** 1111]" {
		t.Error("two cells:", r.Errors, r.Job)
	}
	for _, cells := range []string{
		`["凭证","金额","卡尾号"]`, `["405233","12.50","8812"]`, `["6222","105233","000122"]`, `["4","13100000501","2"]`, `["早班","4200","5310","4800","6150"]`,
	} {
		if r := row(cells); r.Job == nil || len(r.Warnings) > 0 {
			t.Error(cells, r.Errors, r.Warnings)
		}
	}
	source, _ := json.Marshal("班次 | 早班\n4111|1111|1111|1111\n405233|2026-08-11 12:34|12.50\n")
	r = job.Parse([]byte(`{"job_id":"d","kind":"document","payload":{"receiptline":` + string(source) + `}}`))
	if r.Job == nil || len(r.Warnings) != 1 {
		t.Fatal(r.Errors, r.Warnings)
	}
	if got := r.Job.Document.ReceiptLine; strings.Contains(digitsIn(got), number) || !strings.Contains(got, "\n****|****|****|1111\n405233|2026-08-11 12:34|12.50\n") {
		t.Errorf("source %q", got)
	}
}

// TestCodesAreWithheld looks at codes in blocks and in ReceiptLine source.
func TestCodesAreWithheld(t *testing.T) {
	const number = "4111111111111111"
	blocks := strings.Replace(string(samples(t)["20-document-blocks.json"]), "https://example.com/shift/20260811", "pay:"+number, 1)
	r := job.Parse([]byte(blocks))
	if r.Job == nil || len(r.Warnings) != 1 || r.Warnings[0].Code != "code_withheld" || r.Warnings[0].Pointer != "/payload/blocks/4/data" {
		t.Fatalf("blocks: %v %v", r.Errors, r.Warnings)
	}
	if b := r.Job.Document.Blocks[4]; b.Type != job.BlockText || !strings.Contains(b.Text, "CODE WITHHELD") || b.Data != "" {
		t.Errorf("block is %+v", b)
	}
	source := strings.Replace(string(samples(t)["12-document-receiptline.json"]), "https://example.com/shift/0001", number, 1)
	source = strings.Replace(source, "班次 | 早班", "班次 | "+number, 1)
	r = job.Parse([]byte(source))
	if r.Job == nil || len(r.Warnings) != 2 {
		t.Fatalf("source: %v %v", r.Errors, r.Warnings)
	}
	if s := r.Job.Document.ReceiptLine; !strings.Contains(s, "班次 | ************1111\n") || !strings.Contains(s, "CODE WITHHELD") || strings.Contains(s, "{code") {
		t.Errorf("source is %q", s)
	}
	if where := leaks(r, number); where != "" {
		t.Error(where)
	}
}

// TestNoFalseAlarm holds texts of daily life that must print as they are.
func TestNoFalseAlarm(t *testing.T) {
	for _, text := range []string{
		"2026-08-11 12:34:56 至 2026-08-12 12:34:56", "20260811123456", "电话 010-62345678", "13812345678",
		"单价 12.50 数量 3 小计 37.50", "4200002026081155667788990011", "2026081122001412345678901234",
		"一二三四五六七八九十一二三四五六七八九十", "二〇二六年八月十一日十二时三十四分五十六秒至十三时", "一号桌、二号桌、三号桌、四号桌、五号桌、六号桌、七号桌、八号桌、九号桌、一一号桌、一二号桌、一三号桌",
		"人民币壹仟贰佰叁拾肆万伍仟陆佰柒拾捌元玖角壹分", "622202******6620", "6222 02** **** 6620", "M20260811131522001", "100,000,000.00", "尾号 8812",
		// these pass Luhn, or hold something that does
		"20260811123401", "2026-08-11 12.34.01", "405233 2026-08-11 12:34 1234.56", "405233          20260811", "5123 : 45 : 67890123", "51:52:53:54:55:56:57",
		"周六2026081112345608", "第三6901234000047 二盒", "单 621234567890123二份", "五、1、二、2、三、3、一、4、二、1、一、1、一、1、一、4",
		"三楼 二桌 13812345678、010-62345678，2026年八月十一日 12:34", "五一路12号三单元二〇一室 2026-08-11 12:34:56 一份",
		"20260811123456009", "4200002026081139825979190748", "2026081122001429040479666972",
	} {
		if got, hit := job.MaskCardNumbers(text); hit {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestMarkupHides: what ReceiptLine does not print parts no number: the marks of an underline, and lines of properties alone.
func TestMarkupHides(t *testing.T) {
	const number = "4111111111111111"
	for _, src := range []string{
		"411111111111_1111_", "4111 1111 1111 _1111_", "_4111_ _1111_ _1111_ _1111_", "_4111_|_1111_|_1111_|_1111_",
		"4111 1111\n{align:left}\n1111 1111", "4111 1111\n{comment:x}\n{width:*}\n1111 1111",
	} {
		data, err := json.Marshal(map[string]any{"job_id": "m", "kind": "document", "payload": map[string]any{"receiptline": src}})
		if err != nil {
			t.Fatal(err)
		}
		if r := job.Parse(data); leaks(r, number) != "" || r.Job == nil {
			t.Errorf("%q: %s %+v", src, leaks(r, number), r.Errors)
		}
	}
	for _, raw := range []string{`{"receiptline":"4111\n1111\n1111\n1111",}`, `{"x":"41111111\r\n11111111",}`, `{"x":"4111\t1111 \t1111\t1111",}`} {
		if r := job.Parse([]byte(raw)); leaks(r, number) != "" || r.Job != nil {
			t.Errorf("%s: %s", raw, r.Redacted)
		}
	}
}

// TestAwkwardPlaces plants numbers where they are easily overlooked.
func TestAwkwardPlaces(t *testing.T) {
	const sale = "01-sale-chip.json"
	for _, row := range []struct{ name, old, with, number string }{
		{"after what looks like an escape", "会员卡号 尾号 8812", `\\x2221000000000009`, "2221000000000009"},
		{"with an exponent", "会员卡号 尾号 8812", "4.111110000007e15", "4111110000007000"},
		{"number with an exponent", `"result"`, `"x": 4.111110000007E+15, "result"`, "4111110000007000"},
		{"name in a refused job", `"result": "approved"`, `"4111111111111111": 1, "result": "ok"`, "4111111111111111"},
		{"fraction", "123456,", "0.4111111111111111,", "4111111111111111"},
		{"several", "会员卡号 尾号 8812", "5555555555554444/4111111111111111", "4111111111111111"},
		{"two in a row", "会员卡号 尾号 8812", "5555 5555 5555 4444 4111 1111 1111 1111", "4111111111111111"},
		{"with its expiry", "会员卡号 尾号 8812", "4111 1111 1111 1111 1228", "4111111111111111"},
		{"with its CVV", "会员卡号 尾号 8812", "4111-1111-1111-1111-123", "4111111111111111"},
		{"value of a refused enum", `"chip"`, `"4111111111111111"`, "4111111111111111"},
		{"job kind", `"transaction",`, `"4111111111111111",`, "4111111111111111"},
		{"identifier of wrong format", "898510154110283", "4111 1111 1111 1111", "4111111111111111"},
		{"second line", "会员卡号 尾号 8812", `4111 1111
1111 1111`, "4111111111111111"},
	} {
		r := change(t, sale, row.old, row.with)
		if where := leaks(r, row.number); where != "" {
			t.Errorf("%s: %s", row.name, where)
		}
	}
}

// TestLines: a number may be broken over two lines; two lines of a report are not one number.
func TestLines(t *testing.T) {
	for _, text := range []string{`4111 1111\n1111 1111`, `卡号 4111 1111\n1111 1111`, `41111111\n11111111`, `卡：411111\n1111111111`, `4111 1111 11\n11 1111`, `4111\n1111\n1111\n1111`} {
		for name, place := range map[string][2]string{
			"20-document-blocks.json": {`"text": "交接备注"`, `"text": "` + text + `"`}, "01-sale-chip.json": {`"会员卡号 尾号 8812"`, `"` + text + `"`},
			"12-document-receiptline.json": {`班次 | 早班`, text},
		} {
			r := change(t, name, place[0], place[1])
			if r.Job == nil || len(r.Warnings) != 1 || leaks(r, "4111111111111111") != "" {
				t.Errorf("%s %q: %v %v", name, text, r.Errors, r.Warnings)
			}
		}
	}
	for _, text := range []string{`终端 41111111\n11111111`, `41111111\n11111111 笔`, `41111111\n\n11111111`, `41111111\n批次 11111111`, `小计|41111111\n11111111|合计`} {
		r := change(t, "12-document-receiptline.json", `班次 | 早班`, text)
		if r.Job == nil || len(r.Warnings) != 0 {
			t.Errorf("%q: %v %v", text, r.Errors, r.Warnings)
		}
	}
}

// TestExponent: 4.111110000007e15 is a card number that ends in zeros.
func TestExponent(t *testing.T) {
	if got, hit := job.MaskCardNumbers("x 4.111110000007e15"); !hit || got != "x *.***********7e15" {
		t.Errorf("%q", got)
	}
}
