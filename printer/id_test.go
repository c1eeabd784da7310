package printer_test

import (
	"testing"

	"github.com/receiptd/receiptd/printer"
)

// TestIDPlus counts in base 95 and keeps to printable bytes.
func TestIDPlus(t *testing.T) {
	for _, c := range []struct {
		id   string
		n    int
		want string
	}{
		{"    ", 1, "   !"}, {"   ~", 1, "  ! "}, {"  ~~", 2, " ! !"}, {"~~~~", 1, "    "}, {"  ! ", -1, "   ~"},
		{"abcd", 0, "abcd"}, {"    ", -1, "~~~~"}, {"   !", 95 * 95, " ! !"},
	} {
		if got := printer.ID([]byte(c.id)).Plus(c.n); string(got[:]) != c.want {
			t.Errorf("%q + %d = %q, want %q", c.id, c.n, got, c.want)
		}
	}
}
