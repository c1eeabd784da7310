package plain_test

import (
	"testing"

	"github.com/receiptd/receiptd/internal/plain"
)

// A mistyped word is asked about where one is near, and only there.
func TestNearby(t *testing.T) {
	known := []string{"--operator", "--printer", "--wait", "--json", "reprint", "printer", "job", "tcsh"}
	for word, want := range map[string]string{"--opertaor": "--operator", "--printr": "--printer", "--wiat": "--wait", "reprnit": "reprint", "jbo": "job", "Printer": "printer", "PRINTER": "printer", "printer": "",
		"settle": "", "jeb": "job", "bash": "", "--colour": "", "x": "", "--": ""} {
		_, en := plain.Meant(word, known)
		if want == "" && en != "" || want != "" && en != "; did you mean "+want+"?" {
			t.Errorf("%s: %q, want %q", word, en, want)
		}
	}
}
