package receiptline

import (
	"fmt"
	"unicode/utf8"
)

// Severity of a diagnostic.
type Severity uint8

// A document with an Error is not printed; a Warning is shown beside it.
const (
	Warning Severity = iota
	Error
)

// A Diagnostic is what is wrong with a document, and where.
type Diagnostic struct {
	Severity     Severity
	Code         string // stable, snake_case: stray_brace, unknown_key, ...
	Line, Column int    // counted from 1; the column in characters
	Zh, En       string // what is wrong and what to do
}

// String gives the diagnostic in English, as a compiler would: "3:7: error: ...".
func (d Diagnostic) String() string {
	severity := "warning"
	if d.Severity == Error {
		severity = "error"
	}
	return fmt.Sprintf("%d:%d: %s: %s [%s]", d.Line, d.Column, severity, d.En, d.Code)
}

// HasError says whether one of the diagnostics forbids printing.
func HasError(diags []Diagnostic) bool {
	for _, d := range diags {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// messages words each code, Chinese then English. The verbs are filled with the arguments of the report.
var messages = map[string][2]string{
	"stray_brace": {
		`花括号不能直接写在文字里，整行不会打印；要打印花括号请写 \{ 或 \}`,
		`a brace in text would drop the whole line; write \{ or \} to print one`},
	"property_in_columns": {
		`属性块必须单独占一行，旁边不能有其他列；请把它移到单独一行`,
		`a property block must stand alone on its line; move it to a line of its own`},
	"malformed_member": {
		`属性“%s”写法不对，应为 键:值；请改正或删除`,
		`the property %q is not of the form key:value; correct or remove it`},
	"unknown_key": {
		`不认识的属性“%s”，已忽略；键名区分大小写，请检查拼写`,
		`unknown property %q is ignored; keys are case-sensitive, check the spelling`},
	"unknown_value": {
		`属性 %s 不认识值“%s”，按“%s”处理；请检查拼写`,
		`property %s does not know the value %q and takes it as %q; check the spelling`},
	"unknown_option": {
		`option 不认识“%s”，已忽略；请检查拼写和数值范围`,
		`option does not know %q and ignores it; check the spelling and the range`},
	"unknown_escape": {
		`无效的转义“%s”，不会打印；要打印反斜杠请写 \\`,
		`%q is no escape and prints nothing; write \\ to print a backslash`},
	"control_character": {
		`文字里有不可打印的控制字符 %U，已删除`,
		`the control character %U cannot be printed and is left out`},
	"command_refused": {
		`这里不允许使用 command（原始打印机指令）；请删除`,
		`raw printer commands are not allowed here; remove the command property`},
	"logo_refused": {
		`只有模板可以打印打印机里存的图标，这里的 logo 已忽略`,
		`only a template may print a logo out of the printer's memory; the logo property is ignored`},
	"bad_logo": {
		`logo 写法不对“%s”，应为 编号(1-255) 或 编号,宽,高（点）`,
		`the logo %q is neither a number from 1 to 255 nor number,width,height in dots`},
	"width_gap": {
		`宽度列表里有空项，会使一列消失；逗号和空格只用一种`,
		`an empty entry in the width list hides a column; separate with a comma or a space, not both`},
	"bad_width": {
		`列宽“%s”既不是 * 也不是整数，该列会消失；请改正`,
		`the width %q is neither * nor a whole number and hides its column; correct it`},
	"column_hidden": {
		`第 %d 列有内容，但宽度设置使它不打印；请调整 width 属性`,
		`column %d has content but the widths hide it; change the width property`},
	"too_many_columns": {
		`一行 %d 个字符放不下这么多列，第 %d 列不会打印；请减少列数`,
		`a row of %d cells has no room for so many columns, column %d is lost; use fewer columns`},
	"character_too_wide": {
		`“%c”放大后比所在列还宽（列宽 %d），不会打印；请缩小字号或加宽该列`,
		`%q at this size is wider than its column of %d cells and is lost; use a smaller size or a wider column`},
	"nowrap_cut": {
		`设置了 nowrap，第 %d 列超出的内容不会打印`,
		`with nowrap the rest of column %d is cut off`},
	"code_empty": {
		`条码或二维码没有数据，不会打印`,
		`the code holds no data and draws nothing`},
	"code_invalid": {
		`%s 条码不能表示这些数据（%s），不会打印；请改数据或换一种码`,
		`%s cannot hold this data (%s) and draws nothing; change the data or the kind of code`},
	"code_not_drawn": {
		"这台打印机打不出条码和二维码；小票上注明没有打印，并写出内容",
		"this printer draws no codes; a note with its content stands in its place",
	},
	"code_too_wide": {
		`码宽 %d 点，纸只有 %d 点，打印机不会打印；请减小条宽或缩短数据`,
		`the code is %d dots wide and the paper %d, a printer draws nothing; use narrower bars or less data`},
	"check_digit": {
		`号码 %[2]s 的校验码不对，应为 %[1]c，不打印；请核对号码`,
		`the check digit of %[2]s is wrong, it should be %[1]c, and the code is not printed; verify the number`},
	"too_long": {
		`小票超过 %d 米，不能打印；请缩短，或拆成几张`,
		`the slip is longer than %d metres of paper and cannot be printed; make it shorter or split it`},
	"too_many_lines": {
		`文档超过 %d 行，不能打印；请缩短，或拆成几份`,
		`the document has more than %d lines and cannot be printed; make it shorter or split it`},
	"too_many_parts": {
		`这一行的列、样式和属性超过 %d 处，不能打印；请分成几行`,
		`the line has more than %d columns, changes of style and properties and cannot be printed; split it`},
	"too_many_marks": {
		`一行里不占位置的字符（组合符号）太多，每格最多 %d 个；请删除一些`,
		`the row has too many characters without width (combining marks), at most %d for each cell; remove some`},
	"too_many_pictures": {
		`图片加起来超过 %d 百万点，不能打印；请缩小图片或减少张数`,
		`the pictures have more than %d million dots together and cannot be printed; use smaller ones or fewer`},
	"image_invalid": {
		`图片无法使用（%s），不会打印；请用 PNG 或 JPEG 的 base64`,
		`the image cannot be used (%s) and is not printed; give a PNG or JPEG in base64`},
	"image_too_wide": {
		`图片宽 %d 点，纸宽 %d 点，会被缩小或裁掉；请换小一些的图片`,
		`the image is %d dots wide and the paper %d, it will be scaled or cut; use a smaller image`},
}

// maxReports bounds the warnings, and apart from them the errors, that one step reports: nobody reads more.
const maxReports = 100

// reports gathers diagnostics.
type reports struct {
	diags []Diagnostic
	count [2]int // by severity
}

// add notes a diagnostic. off counts bytes from the start of the line src.
func (r *reports) add(s Severity, code string, line int, src string, off int, args ...any) {
	if r.count[s]++; r.count[s] > maxReports {
		return
	}
	m := messages[code]
	r.diags = append(r.diags, Diagnostic{
		Severity: s, Code: code, Line: line, Column: utf8.RuneCountInString(src[:min(off, len(src))]) + 1,
		Zh: word(m[0], args), En: word(m[1], args),
	})
}

// word fills a message; one without arguments is taken as it is.
func word(m string, args []any) string {
	if len(args) == 0 {
		return m
	}
	return fmt.Sprintf(m, args...)
}
