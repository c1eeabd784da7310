package templates_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
)

// TestNoPlaceForData: a template in which data could become markup does not compile, and the message stands at its line.
func TestNoPlaceForData(t *testing.T) {
	set := load(t)
	tests := []struct {
		name, text   string
		line, column int
		says         string
	}{
		{"property name", "a\n{[[.BatchNo]]:1}\n", 2, 4, "name of a property"},
		{"width", "{width:[[.BatchNo]]}\n", 1, 10, `value of "width"`},
		{"command", "{command:[[.BatchNo]]}\n", 1, 12, `value of "command"`},
		{"short command", "{x:[[.BatchNo]]}\n", 1, 6, `value of "x"`},
		{"image", "{i:[[.BatchNo]]}\n", 1, 6, `value of "i"`},
		{"option behind code", "{code:1;option:[[.BatchNo]]}\n", 1, 18, `value of "option"`},
		{"behind a backslash", "a\\[[.BatchNo]]\n", 1, 5, "escape sequence"},
		{"inside a hex escape", "a\\x4[[.BatchNo]]\n", 1, 7, "escape sequence"},
		{"backslash in a branch", "[[if .Test]]\\[[end]][[.BatchNo]]\n", 1, 6, "different places"},
		{"property opened in a branch", "[[if .Test]]{code:[[end]][[.BatchNo]]}\n", 1, 6, "different places"},
		{"property opened in a loop", "[[range .Remarks]]{code:[[end]]\n", 1, 9, "different places"},
		{"left open", "{code:[[.BatchNo]]", 1, 1, "ends inside"},
		{"section in a property", "{code:[[template \"foot\" .]]}\n", 1, 18, "inside a property"},
		{"break in a property", "[[range .Remarks]]{code:[[break]]}[[end]]\n", 1, 27, "break or continue"},
		{"unknown section", "\n\n[[template \"nope\" .]]\n", 3, 12, "no section"},
		{"own section", "[[define \"a\"]]{w:[[.]]}[[end]]\n[[template \"a\" .BatchNo]]\n", 1, 20, `value of "w"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diags := set.Lint("sale.zh-CN.receipt", tt.text)
			if len(diags) == 0 {
				t.Fatal("compiled")
			}
			d := diags[len(diags)-1]
			if d.Severity != receiptline.Error || d.Line != tt.line || d.Column != tt.column || !strings.Contains(d.En, tt.says) {
				t.Errorf("got %+v; want line %d, column %d, %q", d, tt.line, tt.column, tt.says)
			}
		})
	}
}

// TestPlacesForData: what is allowed compiles, and each place gets its own escaping.
func TestPlacesForData(t *testing.T) {
	set := load(t)
	for _, text := range []string{
		"\\\\[[.BatchNo]]\n", // an escaped backslash is complete
		"\\x41[[.BatchNo]]\n",
		"\\{[[.BatchNo]]\\}\n", // escaped braces are text
		"{code:[[.BatchNo]];option:qrcode,4,m}\n",
		"{ code : [[.BatchNo]] }\n",
		"{option:qrcode; c:A[[.BatchNo]]B}\n",
		"a\n{_:[[.MerchantName]]}\n",
		"[[if .Test]]{code:1}[[else]]{code:[[.BatchNo]]}[[end]]\n",
		"[[$x := .BatchNo]][[$x]]\n",
		"[[/* a comment */]]\n[[- .BatchNo -]]\n",
		"[[block \"mine\" .]][[.BatchNo]][[end]]\n",
	} {
		if diags := set.Lint("sale.zh-CN.receipt", text); receiptline.HasError(diags) {
			t.Errorf("%q: %v", text, diags)
		}
	}
}

// TestOutputIsEscaped: the same value comes out as itself in text and in a code.
func TestOutputIsEscaped(t *testing.T) {
	const value = `a{b|c}d;e\f^g"h` + "`i~j_k-l=m"
	set := override(t, "sale.zh-CN", "[[.MerchantName]]\n{code:[[.MerchantName]];option:qrcode,3,l}\n[[.MerchantName | html]]\n[[printf \"%s|\" .MerchantName]]\n")
	j := sample(t, "sale")
	j.Transaction.Merchant.Name = value
	slip, err := set.Render(templates.Input{Job: j, Copy: job.CopyMerchant, Width: 48})
	if err != nil {
		t.Fatal(err)
	}
	rows := slip.Layout.Rows
	if got := rows[0].Runs[0].Text; got != value {
		t.Errorf("text %q", got)
	}
	if rows[1].Code == nil || rows[1].Code.Data != value {
		t.Errorf("code %+v", rows[1].Code)
	}
	if got := rows[3].Runs[0].Text; got != value+"|" {
		t.Errorf("behind printf %q", got)
	}
}

// TestControlLines: lines of control actions alone print nothing, with or without indentation and comments.
func TestControlLines(t *testing.T) {
	text := "[[/* a\ncomment */]]\n  [[if .BatchNo]]\n|a\n\t[[else]]\n|b\n [[end]] [[/* x */]]\n[[$n := 1]]\n[[range .Remarks]]\n[[- .]]\n[[end -]]\n|c [[if .Test]]t[[end]]\n\n|d"
	set := override(t, "sale.zh-CN", text)
	j := sample(t, "sale")
	j.Transaction.Remarks = []string{"r"}
	slip, err := set.Render(templates.Input{Job: j, Copy: job.CopyMerchant, Width: 32})
	if err != nil {
		t.Fatal(err)
	}
	if want := "|a\nr\n|c \n\n|d"; slip.Source != want {
		t.Errorf("got %q, want %q", slip.Source, want)
	}
}
