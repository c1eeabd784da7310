package receiptline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/receiptline"
)

// tree shows a document without places, so that two can be compared.
func tree(doc *receiptline.Document) string {
	var b strings.Builder
	for _, l := range doc.Lines {
		fmt.Fprintf(&b, "%d %d %d %q\n", l.Number, l.Kind, l.Align, l.Source)
		for _, c := range l.Columns {
			fmt.Fprintf(&b, "  column %d\n", c.Align)
			for _, s := range c.Spans {
				fmt.Fprintf(&b, "    %q %v %v\n", s.Text, s.Style, s.Break)
			}
		}
		for _, p := range l.Properties {
			fmt.Fprintf(&b, "  %s %q\n", p.Key, p.Value)
		}
	}
	return b.String()
}

// FuzzParse holds the law: printing a document and parsing that gives the same tree, hence the same slip. Nothing panics.
func FuzzParse(f *testing.F) {
	for _, s := range nasty {
		f.Add(s, true)
	}
	for _, s := range frames {
		f.Add(s, false)
	}
	f.Add("{b:line;w:*,6}\nA | 1\n---\nB | 2\n{b:space}\n{i:AAAA;c:1;o:ean}\n=", false)
	f.Add("{_:a\\x0a\u0327b\\x3d\u0338\\xe9\u0323}\n|a\"\"b\\n\\x00\u0301 \\=\\x00\u0338|", true)
	f.Add("|~a~ |\n|\"~a\"~|\n|\\n~b\\n~ |", false)
	f.Fuzz(func(t *testing.T, src string, lax bool) {
		o := receiptline.Options{Width: 24, Lax: lax, Commands: true}
		doc, _ := receiptline.Parse(src, o)
		printed := doc.String()
		again, _ := receiptline.Parse(printed, o)
		if a, b := tree(doc), tree(again); a != b {
			t.Fatalf("source  %q\nprinted %q\ntree\n%sagain\n%s", src, printed, a, b)
		}
		first, _ := doc.Layout(o)
		second, _ := again.Layout(o)
		if first.Text() != second.Text() {
			t.Fatalf("source %q\nprinted %q\nfirst\n%ssecond\n%s", src, printed, first.Text(), second.Text())
		}
		check(t, src, first)
	})
}

// check asserts what every back end relies on.
func check(t *testing.T, src string, l *receiptline.Layout) {
	t.Helper()
	line := 0
	for _, r := range l.Rows {
		if r.Height < 1 || r.Line < line || r.Left < 0 || r.Cells < 0 || r.Left+2*r.Cells > 2*l.Width+1 {
			t.Fatalf("%q: row %+v", src, r)
		}
		line = r.Line
		at := 0
		for _, run := range r.Runs {
			if run.X < at || run.X+2*run.Cells > 2*l.Width || run.Text == "" {
				t.Fatalf("%q: run %+v of row %+v", src, run, r)
			}
			at = run.X + 2*run.Cells
		}
	}
}
