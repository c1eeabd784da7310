package templates

// For tests of this package only.
var (
	Clean      = clean
	CleanLines = cleanLines
	Wrap       = wrap
	Flow       = flow
	Upper      = upper
	MaskCard   = maskCard
)

// BothWays gives a slip's text as the template's program makes it, when there is one and it succeeds, and as
// text/template does.
func BothWays(s *Set, in Input) (program string, ok bool, interpreted string, err error) {
	name, err := templateName(in.Job, in.Copy)
	if err != nil {
		return "", false, "", err
	}
	in.normalise()
	if in.Locale == "" {
		in.Locale = "zh-CN"
	}
	c := s.table.Load().find(name, in.Locale)
	r := renderer{c.locale, c.lang}
	if p := c.program(); p != nil {
		program, ok = p.execute(r.view(&in), in.Measure)
	}
	interpreted, err = c.interpret(r.view(&in), in.Measure)
	return program, ok, interpreted, err
}

// UnknownCalls gives the functions of templates that a program does not know.
func UnknownCalls() []string {
	var out []string
	for name := range functions(&env{}) {
		if name != textEscaper && name != valueEscaper && calls[name] == nil {
			out = append(out, name)
		}
	}
	return out
}
