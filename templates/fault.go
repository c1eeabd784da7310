package templates

import (
	"errors"
	"regexp"
	"strings"
	"text/template"

	"github.com/receiptd/receiptd/receiptline"
)

// fault is what is wrong with a template, in both languages.
type fault struct{ zh, en string }

func (f *fault) Error() string { return f.en }

// Words gives both.
func (f *fault) Words() (zh, en string) { return f.zh, f.en }

// Words says why a slip cannot be set, for a person.
func (e *Error) Words() (zh, en string) {
	return "模板 " + e.Template + "：" + e.why().zh, "template " + e.Template + ": " + e.why().en
}

func (e *Error) why() fault {
	if e.Err != nil {
		return *worded(e.Err)
	}
	for _, d := range e.Diagnostics {
		if d.Severity == receiptline.Error {
			return fault{d.Zh, d.En}
		}
	}
	return fault{"排不出来", "it cannot be set"}
}

// why says in both languages why a slip cannot be set.
func why(err error) fault {
	var of *Error
	if errors.As(err, &of) {
		return of.why()
	}
	return *worded(err)
}

// worded says an error of the template engine in both languages.
func worded(err error) *fault {
	var named *fault
	if errors.As(err, &named) {
		return named
	}
	msg := err.Error()
	var exec template.ExecError
	if errors.As(err, &exec) {
		msg = exec.Err.Error()
	}
	if m := placePattern.FindString(msg); m != "" {
		msg = strings.TrimPrefix(msg[len(m):], "template: ")
	}
	return engineSays(msg)
}

// engineWords are the sentences of text/template, in a template author's words. The first that fits is taken.
var engineWords = []struct {
	pattern *regexp.Regexp
	zh, en  string
}{
	{regexp.MustCompile(`can't evaluate field (\w+) `), "没有字段 $1", "there is no field $1"},
	{regexp.MustCompile(`(?:unexported field of struct|map has no entry for key "?(\w*)"?)`), "没有字段 $1", "there is no field $1"},
	{regexp.MustCompile(`nil pointer evaluating \S*?\.(\w+)$`), "要 $1，但这个任务没有带它所在的那部分；先用 [[if]] 或 [[with]] 判断", "$1 is asked for, but this job does not have the part that holds it; ask with [[if]] or [[with]] first"},
	{regexp.MustCompile(`^function "(.*)" not defined$|"(.*)" is not a defined function`), "没有函数“$1$2”", "there is no function $1$2"},
	{regexp.MustCompile(`template "(.*)" not defined$`), "没有段落 $1", "there is no block $1"},
	{regexp.MustCompile(`undefined variable:? "?(\$?\w*)"?`), "没有变量 $1", "there is no variable $1"},
	{regexp.MustCompile(`missing value for (?:command|:=|=)`), "等号后面没有值", "a value is missing behind the equals sign"},
	{regexp.MustCompile(`missing value for (\w+)`), "“$1”后面缺少条件", "a condition is missing behind $1"},
	{regexp.MustCompile(`^unexpected EOF$|unexpected EOF`), "缺少 [[end]]", "an [[end]] is missing"},
	{regexp.MustCompile(`^unexpected (?:\{\{|\[\[)?end`), "多了一个 [[end]]", "there is one [[end]] too many"},
	{regexp.MustCompile(`^unexpected (?:\{\{|\[\[)?else`), "[[else]] 放错了地方", "an [[else]] is out of place"},
	{regexp.MustCompile(`unclosed action`), "[[ 没有关上，缺少 ]]", "a [[ is not closed: ]] is missing"},
	{regexp.MustCompile(`unclosed (?:left )?paren`), "括号没有关上", "a parenthesis is not closed"},
	{regexp.MustCompile(`unexpected right paren`), "多了一个右括号", "there is one closing parenthesis too many"},
	{regexp.MustCompile(`unclosed comment|comment ends before`), "注释没有关上：[[/* ... */]]", "a comment is not closed: [[/* ... */]]"},
	{regexp.MustCompile(`unterminated|malformed|bad character|unrecognized character`), "引号没有关上，或有不能用的字符", "a quote is not closed, or a character cannot stand there"},
	{regexp.MustCompile(`bad number syntax: "(.*)"`), "“$1”不是数字", `"$1" is no number`},
	{regexp.MustCompile(`break\}\} outside|continue\}\} outside`), "[[break]] 和 [[continue]] 只能在 [[range]] 里", "[[break]] and [[continue]] stand within [[range]] only"},
	{regexp.MustCompile(`multiple definition of template "(.*)"`), "段落 $1 写了两次", "the block $1 stands there twice"},
	{regexp.MustCompile(`incomplete or empty template`), "模板是空的", "the template is empty"},
	{regexp.MustCompile(`wrong number of args for (\w+): (?:want (?:at least )?(\d+) got (\d+))?`), "函数“$1”的参数个数不对", "the function $1 has the wrong number of arguments"},
	{regexp.MustCompile(`error calling (\w+): .*(?:incompatible types|invalid type for comparison|non-comparable)`), "“$1”两边的值不能比较", "$1 compares values that cannot be compared"},
	{regexp.MustCompile(`error calling (\w+): .*(?:out of range|slice index)`), "“$1”超出了范围：没有那么多", "$1 goes beyond the end: there are not so many"},
	{regexp.MustCompile(`error calling (\w+): .*missing argument`), "“$1”少了参数", "$1 lacks an argument"},
	{regexp.MustCompile(`error calling (\w+):`), "函数“$1”用不了这个值", "the function $1 cannot use this value"},
	{regexp.MustCompile(`range can't iterate over|can't use .* iterate`), "[[range]] 后面不是可以逐个取的列表", "what stands behind [[range]] is no list"},
	{regexp.MustCompile(`expected (integer|unsigned integer|float|bool|string)|wrong type for value|can't handle|incompatible type|overflow|invalid value`), "值的种类不对", "a value is of the wrong kind"},
	{regexp.MustCompile(`has arguments but cannot be invoked|is not a method|can't give argument to non-function (\S+)`), "字段后面不能带参数", "a field takes no arguments"},
	{regexp.MustCompile(`nil data|nil is not a command|explicit nil|can't evaluate command|dereference of nil`), "这里没有值", "there is no value here"},
	{regexp.MustCompile(`exceeded maximum (?:template|expression) depth|max expression depth`), "模板套得太深", "the template is nested too deeply"},
	{regexp.MustCompile(`non executable command|empty command|unexpected \. after|too many declarations|expected :=|unexpected`), "[[ ]] 里的写法读不懂", "what stands between [[ ]] cannot be read"},
}

// engineSays words a message of text/template; one that nobody has worded is quoted.
func engineSays(msg string) *fault {
	for _, c := range engineWords {
		if m := c.pattern.FindStringSubmatchIndex(msg); m != nil {
			return &fault{string(c.pattern.ExpandString(nil, c.zh, msg, m)), string(c.pattern.ExpandString(nil, c.en, msg, m))}
		}
	}
	return &fault{"模板引擎报告“" + msg + "”", `the template engine says "` + msg + `"`}
}
