package sheet_test

import (
	"testing"

	"github.com/receiptd/receiptd/internal/sheet"
)

// What begins as a formula does gets a quote before it; numbers and all else stay as they are.
func TestInert(t *testing.T) {
	for _, cell := range []string{"=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋cmd", "－2", "＠SUM"} {
		if got := sheet.Inert(cell); got != "'"+cell {
			t.Errorf("%q: %q", cell, got)
		}
	}
	for _, cell := range []string{"", "-12.00", "+5", "007", "a=1", "'=1", "\xff=1"} {
		if got := sheet.Inert(cell); got != cell {
			t.Errorf("%q: %q", cell, got)
		}
	}
}
