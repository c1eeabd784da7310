package templates_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
)

// A section means the same wherever it is called from: its dollar is its own dot, its variables end with it, and it may
// call itself.
func TestSectionsMeanTheSame(t *testing.T) {
	const text = `[[define "own"]][[.]] [[$]]|[[end]]
[[define "width"]][[$.Width]][[.Width]][[end]]
[[define "sets"]][[$x := 2]][[$x]][[end]]
[[define "less"]][[if .]][[len .]] [[template "less" (slice . 1)]][[end]][[end]]
[[define "twice"]][[template "width" .]]+[[template "width" .]][[end]]
[[$x := 1]]
[[with .Card]][[with .Number]]|A [[template "own" .]][[end]][[end]]
|B [[template "twice" .]]
|C [[template "sets" .]] [[$x]]
|D [[template "less" "abc"]]
|E [[range .EMV]][[if fits 6 .]][[template "own" .]][[end]][[end]][[with .Original]][[template "dates" $]][[end]]
[[define "dates"]]|[[.BatchNo]][[end]]
=`
	set := override(t, "sale.zh-CN", text)
	slip, err := set.Render(templates.Input{Job: sample(t, "sale"), Copy: job.CopyMerchant, Width: 48})
	if err != nil {
		t.Fatal(err)
	}
	const want = "|A 6222 02** **** 6620 6222 02** **** 6620|\n|B 4848+4848\n|C 2 1\n|D 3 2 1 \n|E |000122\n\n="
	if got := strings.TrimLeft(slip.Source, "\n"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
