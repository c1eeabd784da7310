package receiptline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/receiptline"
)

// set lays out a document that must be free of diagnostics.
func set(t *testing.T, src string, width int) *receiptline.Layout {
	t.Helper()
	l, diags := receiptline.Set(src, receiptline.Options{Width: width})
	for _, d := range diags {
		t.Errorf("%q: %v", src, d)
	}
	return l
}

// text lays out a document as plain text.
func text(t *testing.T, src string, width int) string {
	t.Helper()
	return set(t, src, width).Text()
}

// The names of the rows are the items of the conformance list the package was written from.
func TestLanguage(t *testing.T) {
	for _, test := range []struct{ item, src, want string }{
		{"1.1 byte order mark", "\uFEFF|A |", "A\n"},
		{"1.2 normal form C", "|e\u0301 |", "é\n"},
		{"1.3 line ends", "|A |\r\n|B |\r|C |\n|D |", "A\nB\nC\nD\n"},
		{"1.4 blank lines", "|A |\n\n \t\n|B |\n", "A\n\n\nB\n\n"},
		{"1.5 outer space", " \t|A | \t", "A\n"},
		{"1.6 properties print nothing", "{w:*}\n|A |", "A\n"},
		{"1.7 state stays, decoration does not", "{w:3,*}\n|\"ab | ^cd |\n|ef | gh |", "ab          c d\nef           gh\n"},
		{"1.8 initial state wraps", "|" + strings.Repeat("x", 26) + " |", strings.Repeat("x", 24) + "\nxx\n"},

		{"2.1 outer pipes", "|A |B |", "A           B\n"},
		{"2.2 an escaped pipe", `|a\|b |`, "a|b\n"},
		{"2.3 rule in a column is text", "a | ---", "a                    ---\n"},
		{"2.4 empty columns count", "|a || b|", "a                      b\n"},
		{"2.5 pipes alone", "|\n||", "\n\n"},

		{"4.3 tilde", "|~a~ |", " a\n"},
		{"4.5 carets", "|^a^b^^^^^^^c |", "a b" + "c\n"},
		{"4.6 marks end with the column", "|^a |b |", "a           b\n"},
		{"4.9 unbalanced", "|\"_`a |", "a\n"},

		{"5.1 escapes", `|\\\|\{\}\-\=\~\_\"` + "\\`" + `\^ |`, "\\|{}-=~_\"`^\n"},
		{"5.2 no rule", "|\\--- |\n|\\=== |", "---\n===\n"},
		{"5.3 break", `|a\nb |`, "a\nb\n"},
		{"5.4 hexadecimal", `|\x41\x7c\x7B\x5f |`, "A|{_\n"},
		{"5.6 backslash n", `|a\\nb |`, "a\\nb\n"},

		{"6.1 rule", "-\n|---|\n--|", strings.Repeat(strings.Repeat("-", 24)+"\n", 3)},
		{"6.1 not a rule", "|-=|\n|- - -|", "           -=\n" + "          - - -\n"},
		{"6.2 cut", "|A |\n=\n|B |\n===", "A\nB\n"},
		{"6.4 rule width", "{w:4,5;a:right}\n---", right("----------", 24)},

		{"7.1 spaces in a block", "{ w : 3,* ; t : nowrap }\n|A |B |", "A   B\n"},
		{"7.2 escaped braces in a block", "{_:\\{\\}}\n|A |", "A\n"},
		{"7.3 values in capitals", "{width:AUTO;border:LINE;align:LEFT;text:NOWRAP}\n|A |", "+----------------------+\n|A                     |\n+----------------------+\n"},
		{"7.4 empty members", "{;;w:3,*;}\n{}\n|A |B |", "A   B\n"},
		{"7.10 short forms", "{w:3,*;b:0;a:left;t:wrap;o:code39;_:x}\n|A |B |", "A  B\n"},
		{"7.10 long forms", "{width:3,*;border:0;align:left;text:wrap;option:code39;comment:x}\n|A |B |", "A  B\n"},

		{"8.1 auto", "{w:auto}\n|a |b |c |", "a       b       c\n"},
		{"8.2 spaces part a list", "{w:4  4 *}\n|a |b |c |", "a    b    c\n"},
		{"8.4 missing columns", "{b:line;w:2,2,*}\n|a |", "+--+--+----------------+\n|a |  |                |\n+--+--+----------------+\n"},
		{"8.6 shares", "{w:*,*,*;b:line}\n|a |b |c |", "+------+-------+-------+\n|a     |b      |c      |\n+------+-------+-------+\n"},
		{"8.7 too wide", "{w:30,30;b:line}\n|a |b |", "+-----------+----------+\n|a          |b         |\n+-----------+----------+\n"},
		{"8.9 block", "{w:4;a:right}\n|a |", right("a   ", 24)},

		{"9.1 any two characters", "{w:3;a:left}\n|abcd ef |", "abc\nd e\nf\n"},
		{"9.2 wide characters", "{w:6;a:left}\n|abc中文字 |", "abc中\n文字\n"},
		{"9.5 break after a full row", `{w:2;a:left}` + "\n" + `|ab\nc |`, "ab\n\nc\n"},
		{"9.6 tallest column", "{w:2,*;a:left}\n|abc |d |", "ab d\nc\n"},

		{"11.1 armed box without text", "{b:line}\n{b:space}", ""},
		{"11.2 end of document", "{b:line;w:1;a:left}\n|a|", "+-+\n|a|\n+-+\n"},
		{"11.3 joints", "{b:line;w:1;a:left}\n---\n|a|\n---\n---\n|b|\n---\n{b:0}", "+-+\n|a|\n+-+\n|b|\n+-+\n"},
		{"11.4 joints connect widths", "{b:line;w:1,3;a:left}\n|a|b|\n{w:3,1}\n---\n|c|d|", "+-+---+\n|a| b |\n+-+-+-+\n| c |d|\n+---+-+\n"},
		{"11.4 no joint without a rule", "{b:line;w:1,3;a:left}\n|a|b|\n{w:3,1}\n|c|d|", "+-+---+\n|a| b |\n| c |d|\n+---+-+\n"},
		{"11.5 cut in a box", "{b:line;w:1;a:left}\n|a|\n===\n===\n|b|", "+-+\n|a|\n+-+\n+-+\n|b|\n+-+\n"},
	} {
		t.Run(test.item, func(t *testing.T) {
			if got := text(t, test.src, 24); got != test.want {
				t.Errorf("%q\ngot:\n%s\nwant:\n%s", test.src, got, test.want)
			}
		})
	}
}

// Section 3: text is drawn to the pipe it touches.
func TestAlignment(t *testing.T) {
	l, c, r := receiptline.AlignLeft, receiptline.AlignCenter, receiptline.AlignRight
	for _, test := range []struct {
		src  string
		want []receiptline.Align
	}{
		{"A", []receiptline.Align{c}}, {"|A|", []receiptline.Align{c}}, {"| A |", []receiptline.Align{c}}, {" A", []receiptline.Align{c}},
		{"|A", []receiptline.Align{l}}, {"|A |", []receiptline.Align{l}}, {"A |", []receiptline.Align{l}},
		{"A|", []receiptline.Align{r}}, {"| A|", []receiptline.Align{r}}, {"| A", []receiptline.Align{r}},
		{"Item | 1.00", []receiptline.Align{l, r}}, {"Item|1.00", []receiptline.Align{r, l}},
		{"Item |1.00", []receiptline.Align{l, l}}, {"Item| 1.00", []receiptline.Align{r, r}}, {"|A|B|", []receiptline.Align{c, c}},
	} {
		doc, diags := receiptline.Parse(test.src, receiptline.Options{})
		var got []receiptline.Align
		for _, column := range doc.Lines[0].Columns {
			got = append(got, column.Align)
		}
		if !slices.Equal(got, test.want) || len(diags) > 0 {
			t.Errorf("%q: %v, want %v; %v", test.src, got, test.want, diags)
		}
	}
	// 3.4: the same for codes.
	for src, want := range map[string]receiptline.Align{"{c:1}": c, "|{c:1}": l, "{c:1}|": r, "|{c:1} |": l, "| {c:1}": r} {
		if row := set(t, src, 32).Rows[0]; row.Kind != receiptline.CodeRow || row.Align != want || row.Cells != 32 {
			t.Errorf("%q: %+v", src, row)
		}
	}
	// 3.3: a centred text may begin in the middle of a cell.
	if x := set(t, "A", 24).Rows[0].Runs[0].X; x != 23 {
		t.Errorf("A is at half cell %d, want 23", x)
	}
}

// Section 4: what a run looks like.
func TestStyles(t *testing.T) {
	sizes := [][2]int{{1, 1}, {2, 1}, {1, 2}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 6}, {6, 6}}
	for n, size := range sizes {
		carets := strings.Repeat("^", n)
		row := set(t, "|"+carets+"A"+carets+"b |", 48).Rows[0]
		first, last := row.Runs[0], row.Runs[len(row.Runs)-1]
		if first.Style.Width != size[0] || first.Style.Height != size[1] || row.Height != size[1] {
			t.Errorf("%d carets: %+v", n, row)
		}
		if last.Style.Width != 1 || last.Style.Height != 1 || !strings.HasSuffix(last.Text, "b") {
			t.Errorf("%d carets do not end: %+v", n, last)
		}
	}
	row := set(t, "|a_b\"c`d_\"`e^f^^g |", 48).Rows[0]
	var got []string
	for _, run := range row.Runs {
		s := run.Style
		got = append(got, fmt.Sprintln(run.X, run.Cells, run.Text, s.Width, s.Height, s.Underline, s.Bold, s.Invert))
	}
	want := []string{"0 1 a 1 1 false false false\n", "2 1 b 1 1 true false false\n", "4 1 c 1 1 true true false\n",
		"6 1 d 1 1 true true true\n", "8 1 e 1 1 false false false\n", "10 2 f 2 1 false false false\n", "14 1 g 1 2 false false false\n"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	// 4.7: decoration goes on in wrapped rows; 4.8: each row is as high as its tallest run.
	rows := set(t, "{w:4;a:left}\n|^^^ab^^^c |", 48).Rows
	if len(rows) != 2 || rows[0].Height != 2 || rows[1].Height != 1 || rows[0].Line != 2 || rows[1].Line != 2 {
		t.Errorf("%+v", rows)
	}
}

// Positions and joints of a box, in half cells.
func TestBox(t *testing.T) {
	l := set(t, "{b:line;w:*,6}\nA | 1\n---\nB | 2\n{b:space}", 32)
	want := "+-----------------------+------+\n|A                      |     1|\n+-----------------------+------+\n" +
		"|B                      |     2|\n+-----------------------+------+\n"
	if got := l.Text(); got != want {
		t.Errorf("got:\n%s", got)
	}
	var lines []int
	for _, row := range l.Rows {
		lines = append(lines, row.Line)
	}
	if fmt.Sprint(lines) != "[2 2 4 4 5]" {
		t.Errorf("source lines %v", lines)
	}
	top, joint, bottom := l.Rows[0], l.Rows[2], l.Rows[4]
	for _, rule := range []receiptline.Row{top, joint, bottom} {
		if rule.Kind != receiptline.RuleRow || rule.Left != 0 || rule.Cells != 32 {
			t.Errorf("%+v", rule)
		}
	}
	if fmt.Sprint(top.Joints, joint.Joints, bottom.Joints) != "[{0 false true} {48 false true} {62 false true}] "+
		"[{0 true true} {48 true true} {62 true true}] [{0 true false} {48 true false} {62 true false}]" {
		t.Errorf("%v %v %v", top.Joints, joint.Joints, bottom.Joints)
	}
	if bars := l.Rows[1].Bars; fmt.Sprint(bars) != "[0 48 62]" {
		t.Errorf("bars %v", bars)
	}
}

// A trailing cut is in the layout; none is added.
func TestCutRows(t *testing.T) {
	if l := set(t, "A\n=", 48); len(l.Rows) != 2 || l.Rows[1].Kind != receiptline.CutRow || l.Rows[1].Line != 2 {
		t.Errorf("%+v", l.Rows)
	}
	if l := set(t, "A", 48); len(l.Rows) != 1 {
		t.Errorf("%+v", l.Rows)
	}
}

// right moves a row to the right edge.
func right(s string, width int) string {
	return strings.TrimRight(strings.Repeat(" ", width-len(s))+s, " ") + "\n"
}
