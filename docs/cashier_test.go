package docs_test

import (
	"html"
	"os"
	"regexp"
	"strings"
	"testing"
)

const cashierPage = "cashier.html"

// The page that hangs at the till is made from cashier.md; -update writes it.
func TestCashierPage(t *testing.T) {
	fresh := printable(read(t, "cashier.md"))
	if strings.Count(fresh, "<section") != 2 || strings.Contains(fresh, "**") || strings.Contains(fresh, "| ") {
		t.Errorf("something of cashier.md was not understood:\n%s", fresh)
	}
	if *update {
		if err := os.WriteFile(cashierPage, []byte(fresh), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if read(t, cashierPage) != fresh {
		t.Errorf("docs/%s is out of date: go test ./docs -run TestCashierPage -update", cashierPage)
	}
}

// printStyle makes each language one A4 page, to be read at arm's length.
const printStyle = `@page { size: A4; margin: 9mm 13mm }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 184mm; font: 12pt/1.4 "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif; color: #000 }
section + section { break-before: page }
section:lang(en) { font-size: 11pt }
h1 { font-size: 22pt; margin: 0 0 1mm }
p { margin: 1.5mm 0 }
blockquote { margin: 2.5mm 0; padding: 2mm 4mm; border: 1mm solid #000; font-size: 130% }
blockquote p { margin: 0 }
table { border-collapse: collapse; width: 100% }
th, td { border: .3mm solid #000; padding: 1.2mm 2mm; text-align: left; vertical-align: top }
th:first-child, td:first-child { width: 32% }
ol, ul { margin: 1.2mm 0; padding-left: 7mm }
`

// printable makes the page: one section for each language, cut at the rule. It knows as much of Markdown as cashier.md uses.
func printable(text string) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<!-- Made from cashier.md: go test ./docs -run TestCashierPage -update -->\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<title>没出小票怎么办 / No slip came out</title>\n<style>\n" + printStyle + "</style>\n</head>\n<body>\n")
	text = strings.ReplaceAll(text, "________", strings.Repeat("_", 22)) // room for a name and a number
	for i, part := range strings.Split(text, "\n---\n") {
		b.WriteString("<section lang=\"" + []string{"zh-CN", "en"}[i] + "\">\n")
		for block := range strings.SplitSeq(strings.TrimSpace(part), "\n\n") {
			if !strings.HasPrefix(block, "Print this page") && !strings.HasPrefix(block, "打印出来") {
				b.WriteString(blockHTML(block))
			} else if _, names, ok := strings.Cut(block, "收银台。"); ok { // it hangs there: only the names to fill in are left
				b.WriteString(blockHTML(names))
			} else if _, names, ok := strings.Cut(block, "the till. "); ok {
				b.WriteString(blockHTML(names))
			}
		}
		b.WriteString("</section>\n")
	}
	b.WriteString("</body>\n</html>\n")
	return b.String()
}

func blockHTML(block string) string {
	switch {
	case strings.HasPrefix(block, "# "):
		return "<h1>" + inlineHTML(block[2:]) + "</h1>\n"
	case strings.HasPrefix(block, "> "):
		return "<blockquote><p>" + inlineHTML(block[2:]) + "</p></blockquote>\n"
	case strings.HasPrefix(block, "|"):
		return tableHTML(block)
	case strings.HasPrefix(block, "1. "):
		return listHTML(block)
	}
	return "<p>" + inlineHTML(block) + "</p>\n"
}

func tableHTML(block string) string {
	var b strings.Builder
	b.WriteString("<table>\n")
	for i, line := range strings.Split(block, "\n") {
		if i == 1 { // the rule below the head
			continue
		}
		cell := "td"
		if i == 0 {
			cell = "th"
		}
		b.WriteString("<tr>")
		for text := range strings.SplitSeq(strings.Trim(line, "| "), " | ") {
			b.WriteString("<" + cell + ">" + inlineHTML(text) + "</" + cell + ">")
		}
		b.WriteString("</tr>\n")
	}
	return b.String() + "</table>\n"
}

var numbered = regexp.MustCompile(`^\d+\. `)

// listHTML makes a numbered list, whose entries may have points of their own.
func listHTML(block string) string {
	var b strings.Builder
	points := false
	for i, line := range strings.Split(block, "\n") {
		if point, ok := strings.CutPrefix(line, "   - "); ok {
			if !points {
				b.WriteString("<ul>")
			}
			points = true
			b.WriteString("<li>" + inlineHTML(point) + "</li>")
			continue
		}
		if points {
			b.WriteString("</ul>")
		}
		if i > 0 {
			b.WriteString("</li>\n")
		}
		points = false
		b.WriteString("<li>" + inlineHTML(numbered.ReplaceAllString(line, "")))
	}
	if points {
		b.WriteString("</ul>")
	}
	return "<ol>\n" + b.String() + "</li>\n</ol>\n"
}

var (
	bold = regexp.MustCompile(`\*\*(.+?)\*\*`)
	code = regexp.MustCompile("`([^`]+)`")
)

func inlineHTML(text string) string {
	text = bold.ReplaceAllString(html.EscapeString(text), "<b>$1</b>")
	return code.ReplaceAllString(text, "<code>$1</code>")
}
