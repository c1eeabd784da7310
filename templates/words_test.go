package templates_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/plain/plaintest"
	"github.com/receiptd/receiptd/templates"
)

// What is wrong with a template is told in both languages, without words of the engine that runs it: each action is broken in each way.
func TestBrokenTemplatesInWords(t *testing.T) {
	bodies := []string{"[[", "[[if]]", "[[if .Job]]", "[[end]]", "[[else]]", "[[range]]", "[[range .Job]]x[[end]]", "[[range 5.5]]x[[end]]", "[[with]]", "[[.Nothing]]", "[[.Job.Nothing]]", "[[.Job.ID.Nothing]]", "[[nothing]]", "[[nothing .Job]]",
		"[[template \"nothing\" .]]", "[[define \"x\"]]", "[[define \"x\"]][[end]][[define \"x\"]][[end]]", "[[$x]]", "[[$x := ]]", "[[\"x]]", "[['xx']]", "[[`x]]", "[[(]]", "[[)]]", "[[1x]]", "[[.Job | nothing]]", "[[.Job |]]", "[[index .Job 1]]",
		"[[index .Job.Copies 99]]", "[[slice .Job.ID 50 60]]", "[[printf]]", "[[printf \"%d\"]]", "[[eq 1 \"a\"]]", "[[eq]]", "[[lt .Job 1]]", "[[len 5]]", "[[len]]", "[[.Job.ID 5]]", "[[.Job.Transaction.Card.Nothing]]", "[[.Job.Reversal.Status]]", "[[.Job.Order.Items]]",
		"[[break]]", "[[continue]]", "[[nil]]", "[[@]]", "[[/* x ]]", "[[.Job..ID]]", "[[5 | 6]]", "[[if eq .Job.ID 5]]x[[end]]", "[[call .Job]]", "[[and]]", "[[not]]", "[[html .Job.Nothing]]", "[[1 2]]", "[[block \"x\"]]", "[[template]]", "[[template x]]", "[[.]] .]]", "[[if .Job]]x[[else if]]y[[end]]",
		"[[\\]]", "[[.Job.ID.]]", "[[.job]]", "[[. := 5]]", "[[range $i, $j, $k := .Job]]x[[end]]", "[[len .Job.Nothing.More]]", "[[99999999999999999999]]", "{code: x", "{qr:}", "|", "~", "", "[[money]]", "[[money .Job]]", "[[money 5]]", "[[time]]", "[[time 5]]"}
	seen := 0
	set, err := templates.Load(templates.Options{Locale: "zh-CN"})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range bodies {
		list := set.Lint("sale.zh-CN", "A\n"+body+"\n")
		for _, d := range list {
			seen++
			for lang, text := range map[string]string{"zh": d.Zh, "en": d.En} {
				if wrong := plaintest.Judge(lang, text, "Job", "Nothing", "Transaction", "Card", "job", "nothing"); wrong != "" || strings.Contains(text, "模板引擎报告") || strings.Contains(text, "the template engine says") {
					t.Errorf("%q: %s: %s", body, wrong, text)
				}
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d diagnostics", seen)
	}
}
