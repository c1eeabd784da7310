package escpos_test

import (
	"bytes"
	"testing"

	"github.com/receiptd/receiptd/printer/escpos"
)

// TestSize gives each command whole, cut short and with more behind it.
func TestSize(t *testing.T) {
	for _, c := range []string{
		"\x1b@", "\x1b!\x08", "\x1b$\x01\x02", "\x1bp\x00\x19\xfa", "\x1bW12345678", "\x1b*\x21\x02\x00123456", "\x1b*\x00\x03\x00123",
		"\x1bD\x04\x08\x00", "\x1b&\x03AB\x02123456\x01123", "\x1b(A\x02\x00ab", "\x1bZ\x00\x01\x03\x02\x00ab",
		"\x1c.", "\x1cp\x01\x00", "\x1cq\x01\x01\x00\x01\x0012345678", "\x1c(C\x02\x0001", "\x1cg1\x001234\x02\x00ab", "\x1cg2\x001234\x02\x00",
		"\x1dV\x00", "\x1dVB\x03", "\x1d(L\x02\x0002", "\x1d8L\x03\x00\x00\x00abc", "\x1dv0\x00\x02\x00\x03\x00123456", "\x1d*\x01\x0212345678ABCDEFGH",
		"\x1dk\x04ABC\x00", "\x1dkI\x03{BA", "\x1dk\x07\x01", "\x1dg0\x00\x01\x02", "\x1d:",
	} {
		if n, known := escpos.Size([]byte(c + "\x00tail")); n != len(c) || !known {
			t.Errorf("%q: %d of %d, known %v", c, n, len(c), known)
		}
		for cut := 1; cut < len(c); cut++ {
			if n, _ := escpos.Size([]byte(c[:cut])); n <= cut || n > len(c) {
				t.Errorf("%q of %q is to have %d bytes", c[:cut], c, n)
			}
		}
	}
	for _, c := range []string{"\x1b4", "\x1c\x99", "\x1dY"} {
		if n, known := escpos.Size([]byte(c + "more")); n != 2 || known {
			t.Errorf("%q: %d, known %v", c, n, known)
		}
	}
	for _, c := range []string{"\x1d8L\xff\xff\xff\xff", "\x1dv0\x00\xff\xff\xff\xff", "\x1cq\x01\xff\xff\xff\xff"} {
		if n, _ := escpos.Size([]byte(c)); n < 1<<29 {
			t.Errorf("%q: %d", c, n)
		}
	}
}

// TestPortionKeepsCharacters: a question may go out between portions, so no portion ends within a character or a command.
func TestPortionKeepsCharacters(t *testing.T) {
	for _, c := range []string{"\x82\x30\x81\x30", "\xba\xcf", "\xe9", "\x1d!\x11"} {
		text := []byte(c + "\x1bE\x01x")
		for size := 1; size < len(text); size++ {
			n := escpos.Portion(text, size)
			if rest := text[n:]; n < len(c) || n > len(c) && !bytes.HasPrefix(rest, []byte("x")) {
				t.Errorf("%q is cut before %q", text, rest)
			}
		}
	}
}
