package templates

import (
	"errors"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
)

// lintWidths are the widths that every template is tried at: 58 mm and 80 mm paper.
var lintWidths = []int{32, 42, 48}

// UsualSmall is how many cells a row of width cells has in the small font of most printers, whose cells are 9 dots to 12.
func UsualSmall(width int) int { return width * 12 / 9 }

// Lint checks the text of a template as it would be used under the given file name (sale.zh-CN.receipt): it compiles it
// and sets it with every sample of its kind, for each copy, as original and as reprint, at 32, 42 and 48 cells. Places
// are lines of the template; a diagnostic that comes from a section of another file stands at the line that calls it.
func (s *Set) Lint(file, text string) []receiptline.Diagnostic {
	s.mu.Lock()
	defer s.mu.Unlock()
	diags, err := s.lint(strings.TrimSuffix(filepath.Base(file), extension), text)
	if err != nil {
		diags = append(diags, errorDiagnostic(text, err))
	}
	return diags
}

// lint gives what setting the samples found, or the error that kept the template from being compiled or run.
func (s *Set) lint(id, text string) ([]receiptline.Diagnostic, error) {
	name, locale := splitID(id)
	if _, known := describe[name]; !known || locale == "" || strings.Trim(locale, localeChars) != "" {
		return nil, &fault{"没有叫这个名字的模板；文件名要像 sale.zh-CN" + extension, "there is no such template; names are like sale.zh-CN" + extension}
	}
	sources, err := s.sources()
	if err != nil {
		return nil, err
	}
	sources[id] = source{text: text, file: id}
	entries, problems := compileAll(sources)
	if err := problems[id]; err != nil {
		return nil, err
	}
	if name != partialName {
		return trySamples(entries[id], id, text)
	}
	for other, err := range problems {
		d := errorDiagnostic(text, err)
		return nil, &fault{"模板 " + other + " 因此无法编译：" + d.Zh, other + " no longer compiles: " + d.En}
	}
	for _, c := range entries {
		if c.locale != locale {
			continue
		}
		if diags, err := trySamples(c, id, text); err != nil || len(diags) > 0 {
			return diags, err
		}
	}
	return nil, nil
}

// trySamples sets every sample of a template's kind; lines are those of the file id.
func trySamples(c *compiled, id, text string) ([]receiptline.Diagnostic, error) {
	marked, err := markLines(c, id, text)
	if err != nil {
		return nil, err
	}
	jobs, err := sampleJobs()
	if err != nil {
		return nil, err
	}
	seen := map[receiptline.Diagnostic]bool{}
	var out []receiptline.Diagnostic
	for _, j := range jobs {
		for _, in := range sampleInputs(j, c.name) {
			diags, err := marked.tryOne(in)
			if err != nil {
				return out, err
			}
			for _, d := range diags {
				if !seen[d] {
					seen[d] = true
					out = append(out, d)
				}
			}
		}
	}
	return out, nil
}

// sampleInputs gives the copies and widths in which a job shows what its template can do.
func sampleInputs(j *job.Job, template string) []*Input {
	var out []*Input
	for _, copy := range j.Tickets(j.DefaultCopies()) {
		if name, err := templateName(j, copy); err != nil || name != template {
			continue
		}
		for _, width := range lintWidths {
			out = append(out, &Input{Job: j, Copy: copy, Width: width, Small: UsualSmall(width)},
				&Input{Job: j, Copy: copy, Width: width, Mark: job.Mark{
					Kind: job.MarkDuplicate, PrintNo: 2, At: j.CreatedAt, Operator: "01", Archive: "TD20260901-07",
					Late: true, Voided: true, TornPiece: true, Possible: true, From: "front", SameAs: j.CreatedAt,
				}})
		}
	}
	return out
}

// lineMark stands before each line of a marked template's text; no template can print it, as escapers drop controls.
const lineMark = "\x00"

// markLines gives a copy of the template that tells which lines of the file id each line of output came from.
func markLines(c *compiled, id, text string) (*compiled, error) {
	t, err := c.tmpl.Clone()
	if err != nil {
		return nil, err
	}
	text = joinControlLines(text)
	for _, own := range c.tmpl.Templates() {
		if own.Tree == nil || own.ParseName != id {
			continue
		}
		tree := own.Copy()
		markList(tree.Root, text)
		if _, err = t.AddParseTree(own.Name(), tree); err != nil {
			return nil, err
		}
	}
	return &compiled{name: c.name, locale: c.locale, lang: c.lang, file: c.file, tmpl: t.Lookup(c.tmpl.Name())}, nil
}

func markList(l *parse.ListNode, text string) {
	if l == nil {
		return
	}
	for i := 0; i < len(l.Nodes); i++ {
		switch n := l.Nodes[i].(type) {
		case *parse.TextNode:
			line := 1 + strings.Count(text[:n.Pos], "\n")
			var b strings.Builder
			for i, part := range strings.SplitAfter(string(n.Text), "\n") {
				if part == "" {
					continue
				}
				b.WriteString(lineMark + strconv.Itoa(line+i) + lineMark + part)
			}
			n.Text = []byte(b.String())
		case *parse.IfNode:
			markList(n.List, text)
			markList(n.ElseList, text)
		case *parse.WithNode:
			markList(n.List, text)
			markList(n.ElseList, text)
		case *parse.RangeNode:
			markList(n.List, text)
			markList(n.ElseList, text)
		case *parse.TemplateNode:
			line := 1 + strings.Count(text[:n.Pos], "\n")
			mark := &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(lineMark + strconv.Itoa(line) + lineMark)}
			l.Nodes = append(l.Nodes[:i], append([]parse.Node{mark}, l.Nodes[i:]...)...)
			i++
		}
	}
}

// tryOne sets one input; its diagnostics carry lines of the template.
func (c *compiled) tryOne(in *Input) ([]receiptline.Diagnostic, error) {
	in.normalise()
	marked, err := c.execute(in)
	if err != nil {
		return nil, err
	}
	source, lines := unmark(marked)
	layout, diags := receiptline.Set(source, receiptline.Options{Width: in.Width, Small: in.Small, Logos: true})
	diags = append(diags, c.whole(layout)...)
	for i := range diags {
		if n := diags[i].Line - 1; n >= 0 && n < len(lines) && lines[n] > 0 {
			if lines[n] != diags[i].Line {
				diags[i].Column = 1 // the column is that of the finished text
			}
			diags[i].Line = lines[n]
		}
	}
	return diags, nil
}

// whole judges the slip as a whole. The document template may print nothing: it is the head of what a job brings.
func (c *compiled) whole(l *receiptline.Layout) []receiptline.Diagnostic {
	d := receiptline.Diagnostic{Line: 1, Column: 1}
	switch {
	case c.name == "document":
		return nil
	case !prints(l.Rows):
		d.Severity, d.Code = receiptline.Error, "empty_slip"
		d.Zh, d.En = "模板没有打印任何内容。", "The template prints nothing."
	case l.Rows[len(l.Rows)-1].Kind != receiptline.CutRow:
		d.Code = "no_cut"
		d.Zh, d.En = "模板末尾没有切纸行 =，下一张单会连在一起。", "The template does not end in a cut (a line of =): the next slip will hang on this one."
	default:
		return nil
	}
	return []receiptline.Diagnostic{d}
}

// unmark takes the line marks out of a finished text and gives for each of its lines the template line it came from.
func unmark(marked string) (source string, lines []int) {
	var b strings.Builder
	current := 0
	for _, line := range strings.SplitAfter(marked, "\n") {
		first := 0
		parts := strings.Split(line, lineMark)
		for i, p := range parts {
			if i%2 == 0 {
				b.WriteString(p)
				if first == 0 && strings.TrimSpace(p) != "" {
					first = current
				}
				continue
			}
			current, _ = strconv.Atoi(p)
		}
		if first == 0 {
			first = current
		}
		lines = append(lines, first)
	}
	return b.String(), lines
}

// placePattern finds the line that text/template names in its messages: "template: sale.zh-CN:12:3: executing ...".
var placePattern = regexp.MustCompile(`^template: [^:]*:(\d+)(?::(\d+))?: ?`)

// errorDiagnostic gives a compile or run error its place in the template.
func errorDiagnostic(text string, err error) receiptline.Diagnostic {
	d := receiptline.Diagnostic{Severity: receiptline.Error, Code: "template", Line: 1, Column: 1}
	msg := err.Error()
	var misplaced *contextError
	var named *fault
	var exec template.ExecError
	switch {
	case errors.As(err, &named):
		d.Zh, d.En = named.zh, named.en
		return d
	case errors.As(err, &misplaced):
		d.Code = "template_context"
		d.Line, d.Column = lineColumn(joinControlLines(text), int(misplaced.Pos))
		d.Zh, d.En = "模板有误："+misplaced.Zh, "The template is wrong: "+misplaced.Text
		return d
	case errors.As(err, &exec):
		msg = exec.Err.Error()
	}
	if m := placePattern.FindStringSubmatch(msg); m != nil {
		d.Line, _ = strconv.Atoi(m[1])
		if m[2] != "" {
			d.Column, _ = strconv.Atoi(m[2])
		}
		msg = strings.TrimPrefix(msg[len(m[0]):], "template: ")
	}
	says := engineSays(msg)
	d.Zh, d.En = "模板有误："+says.zh, "The template is wrong: "+says.en
	return d
}

func lineColumn(text string, pos int) (line, column int) {
	if pos > len(text) {
		pos = len(text)
	}
	before := text[:pos]
	line = 1 + strings.Count(before, "\n")
	return line, 1 + len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
}
