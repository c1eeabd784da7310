package receiptline_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/receiptline"
)

// TestTextOnly: on a printer that draws no codes the paper says that there was one, and what it held; nobody is refused a document for it.
func TestTextOnly(t *testing.T) {
	for _, notes := range []bool{false, true} {
		l, diags := receiptline.Set("a\n{code:12345678; option:qrcode,4,m}\nb", receiptline.Options{Width: 40, TextOnly: true, Notes: notes})
		if receiptline.HasError(diags) || len(diags) != 1 || diags[0].Code != "code_not_drawn" || diags[0].Line != 2 {
			t.Errorf("%v", diags)
		}
		if text := l.Text(); !strings.Contains(text, "CODE NOT PRINTED: 12345678]") {
			t.Errorf("no note on\n%s", text)
		}
		for _, r := range l.Rows {
			if r.Kind == receiptline.CodeRow {
				t.Error("the code is still there")
			}
		}
	}
	l, diags := receiptline.Set("{code:12345678}", receiptline.Options{Width: 40})
	if len(diags) > 0 || l.Rows[0].Kind != receiptline.CodeRow {
		t.Error("other printers draw it", diags)
	}
}
