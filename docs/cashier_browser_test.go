//go:build browser

package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// Printed, the cashier's page is one sheet of A4: Chinese on one side, English on the other.
func TestCashierPagePrints(t *testing.T) {
	page, err := filepath.Abs(cashierPage)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "cashier.pdf")
	cmd := exec.CommandContext(t.Context(), need(t, "chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
		"--no-pdf-header-footer", "--print-to-pdf="+out, "file://"+page)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	pdf, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`/Type\s*/Page\b[^s]`).FindAll(pdf, -1)); n != 2 {
		t.Errorf("it prints %d pages, want one for each language", n)
	}
	if !regexp.MustCompile(`/MediaBox\s*\[0 0 59[45]\S* 84[12]\S*\]`).Match(pdf) {
		t.Error("it is not A4")
	}
}
