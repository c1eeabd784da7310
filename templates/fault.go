package templates

import "regexp"

// fault is what is wrong with a template, in both languages.
type fault struct{ zh, en string }

func (f *fault) Error() string { return f.en }

// engineWords says in Chinese what authors hear most from text/template.
var engineWords = []struct {
	pattern *regexp.Regexp
	zh      string
}{
	{regexp.MustCompile(`^unexpected EOF$`), "缺少 [[end]]"},
	{regexp.MustCompile(`^unexpected \[\[?end\]?\]?|^unexpected \{\{end\}\}`), "多了一个 [[end]]"},
	{regexp.MustCompile(`^function "(.*)" not defined$`), "没有函数 $1"},
	{regexp.MustCompile(`can't evaluate field (\w+) `), "没有字段 $1"},
	{regexp.MustCompile(`^missing value for (\w+)$`), "$1 后面缺少条件"},
	{regexp.MustCompile(`^template "(.*)" not defined$`), "没有段落 $1"},
}

// inChinese words a message of text/template; one that nobody has worded is quoted.
func inChinese(msg string) string {
	for _, c := range engineWords {
		if m := c.pattern.FindStringSubmatchIndex(msg); m != nil {
			return string(c.pattern.ExpandString(nil, c.zh, msg, m))
		}
	}
	return "模板引擎报告“" + msg + "”"
}
