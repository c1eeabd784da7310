package templates_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
	"pgregory.net/rapid"
)

// fixed are the members that choose what is printed: enumerations, dates and numbers, which package job checks.
var fixed = map[string]bool{
	"Type": true, "Result": true, "Status": true, "Scope": true, "Reconciliation": true, "Currency": true,
	"EntryMode": true, "Scheme": true, "PIN": true, "Channel": true, "Fulfilment": true, "Symbology": true,
	"Align": true, "ReceiptLine": true, "MaskedPAN": true, "Reason": true, "Data": true,
	"Choice": true, "RateOf": true, "Rate": true, "Markup": true, "Station": true,
}

// eachText calls set for every string of a job's payload that is free text.
func eachText(v reflect.Value, path string, set func(path string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(v.Elem(), path, set)
		}
	case reflect.Struct:
		if v.Type().PkgPath() == "time" {
			return
		}
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if v.Field(i).CanSet() && !fixed[name] {
				eachText(v.Field(i), path+"."+name, set)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), fmt.Sprintf("%s[%d]", path, i), set)
		}
	case reflect.String:
		set(path, v)
	}
}

func payload(j *job.Job) reflect.Value {
	for _, p := range []any{j.Transaction, j.Reversal, j.Settlement, j.Order, j.Document} {
		if v := reflect.ValueOf(p); !v.IsNil() {
			return v
		}
	}
	panic("no payload")
}

// hostile draws strings of what has ever broken a receipt: markup, controls, escape sequences, direction and combining
// marks, full-width and astral characters.
func hostile() *rapid.Generator[string] {
	pieces := []string{
		"{", "}", "|", "\\", "-", "---", "=", "===", "^", "^^^", "_", "\"", "`", "~", ":", ";", "[[", "]]", "{{", "}}",
		"{command:\\x1bp\\x00\\x19\\xfa}", "{x:1}", "{logo:1}", "\\n", "\\x7c", "\\x", "\n", "\r", "\r\n", "\t", " ", "  ",
		"\x00", "\x1b", "\x1bp\x00\x19\xfa", "\x1d", "\x10\x14", "\x7f", "\u0080", "\u009b", "\u0085", "\u2028",
		"\u202e", "\u2066", "\u200f", "\ufeff", "\u0301", "\u0338", "\u1fef", "\u037e", "\u00a0", "\u3000", "\u200b",
		"１２３", "｜", "中", "￥", "é", "e\u0301", "😀", "\U000e0041", "<CUT>", "a", "7", "%s", "\xff", "\xc3",
		"long words wrap where they can", "不要香菜", "\u0e01\u0e33", "\u1100\u1161", "\U0001f468\u200d\U0001f469",
	}
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 5).Draw(t, "pieces"), "")
	})
}

// harmless gives a text of letters that is as wide as s and has as many lines. A line without any width stays one.
func harmless(s string) string {
	lines := strings.Split(templates.CleanLines(s), "\n")
	for i, line := range lines {
		var b strings.Builder
		for _, r := range line {
			if r == ' ' {
				b.WriteByte(' ')
				continue
			}
			b.WriteString(strings.Repeat("a", receiptline.GB18030Width(r)))
		}
		if strings.TrimSpace(b.String()) != "" {
			lines[i] = strings.NewReplacer(" ", "a").Replace(b.String())
		} else if line != "" {
			lines[i] = "\u0300" + b.String() + "\u0300"
		}
	}
	return strings.Join(lines, "\n")
}

// shape writes what a text is besides its words: kinds of lines, columns with their alignment, properties.
func shape(source string) []string {
	doc, _ := receiptline.Parse(source, receiptline.Options{})
	var out []string
	for _, l := range doc.Lines {
		s := fmt.Sprintf("%d", l.Kind)
		for _, c := range l.Columns {
			s += fmt.Sprintf(" column %d", c.Align)
		}
		for _, p := range l.Properties {
			if p.Key == "code" {
				s += " code"
				continue
			}
			s += " " + p.Key + ":" + p.Value
		}
		out = append(out, s)
	}
	return out
}

// styles lists the decorations that a text uses at all.
func styles(l *receiptline.Layout) map[receiptline.Style]bool {
	out := map[receiptline.Style]bool{}
	for _, r := range l.Rows {
		for _, run := range r.Runs {
			out[run.Style] = true
		}
	}
	return out
}

// TestDataStaysData is promise P8: whatever the strings of a job hold, the parsed slip has the shape it has with
// harmless strings of the same width, the same cuts, no command, and no control character anywhere.
func TestDataStaysData(t *testing.T) {
	set := load(t)
	for _, name := range templates.Samples() {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { dataStaysData(t, set, name) })
		})
	}
}

func dataStaysData(t *rapid.T, set *templates.Set, name string) {
	bad, err := templates.Sample(name)
	if err != nil {
		t.Fatal(err)
	}
	good, err := templates.Sample(name)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	eachText(payload(bad), "", func(path string, v reflect.Value) {
		s := hostile().Draw(t, path)
		texts[path] = s
		v.SetString(s)
	})
	eachText(payload(good), "", func(path string, v reflect.Value) { v.SetString(harmless(texts[path])) })

	for i := range blocks(bad) {
		if b := &bad.Document.Blocks[i]; b.Type == job.BlockQR { // what a bar code can hold is package job's concern
			s := hostile().Draw(t, "qr")
			b.Data += s[:min(len(s), 100)]
		}
	}

	locale := rapid.SampledFrom([]string{"zh-CN", "en"}).Draw(t, "locale")
	width := rapid.SampledFrom(widths).Draw(t, "width")
	markText := hostile().Draw(t, "mark")
	for _, copy := range bad.DefaultCopies() {
		in := templates.Input{Job: bad, Copy: copy, Width: width, Locale: locale, Mark: hostileMark(markText)}
		got, err := set.Render(in)
		if err != nil {
			t.Fatalf("%s: %v", copy, err)
		}
		in.Job, in.Mark = good, hostileMark(harmless(markText))
		want, err := set.Render(in)
		if err != nil {
			t.Fatalf("%s: %v", copy, err)
		}
		if g, w := shape(got.Source), shape(want.Source); !reflect.DeepEqual(g, w) {
			t.Fatalf("%s: the shape changed\n%s\nharmless:\n%s\n%q", copy, got.Source, want.Source, texts)
		}
		allowed := styles(want.Layout)
		for style := range styles(got.Layout) {
			if !allowed[style] {
				t.Fatalf("%s: data brought the style %v\n%s", copy, style, got.Source)
			}
		}
		checkRows(t, got.Layout)
	}
}

func blocks(j *job.Job) []job.Block {
	if j.Document == nil {
		return nil
	}
	return j.Document.Blocks
}

func hostileMark(s string) job.Mark {
	return job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: reprinted, Operator: s, Archive: s, From: s}
}

func checkRows(t *rapid.T, l *receiptline.Layout) {
	for i, r := range l.Rows {
		if r.Kind == receiptline.CommandRow || r.Kind == receiptline.LogoRow {
			t.Fatal("a command or logo row")
		}
		if r.Kind == receiptline.CutRow && i != len(l.Rows)-1 {
			t.Fatal("a cut in the middle")
		}
		for _, run := range r.Runs {
			for _, c := range run.Text {
				if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
					t.Fatalf("control character %U on paper", c)
				}
			}
		}
	}
}
