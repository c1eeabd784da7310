package escpos_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/escpos"
)

// TestPortion: a stream is divided between commands, never inside one.
func TestPortion(t *testing.T) {
	commands := []string{
		"\x1b@", "\x1c&", "\x1da\xff", "A", "\xd6\xd0", "\x1b3\x18", "\x1d!\x11", "\x1b$\x10\x01", "\x1dL\x00\x00",
		"\x1d(k\x04\x00\x31\x41\x32\x00", "\x1dk\x49\x05{B123", "\x1dk\x04*AB*\x00",
		"\x1dv0\x00\x02\x00\x03\x00\x1b@\x1da\x10\x04", "\x1b*\x21\x02\x00abcdef", "\x1b*\x00\x02\x00ab",
		"\x1dVB\x00", "\x1dV\x01", "\x1bd\x03", "\x1bp\x00\x19\xfa", "\x1d8L\x03\x00\x00\x00abc", "\n",
	}
	all := strings.Join(commands, "")
	ends := map[int]bool{}
	at := 0
	for _, c := range commands {
		at += len(c)
		ends[at] = true
	}
	for size := 1; size < len(all); size++ {
		for at := 0; at < len(all); {
			n := escpos.Portion([]byte(all[at:]), size)
			if n < 1 || !ends[at+n] {
				t.Fatalf("size %d: a portion ends at %d, inside a command", size, at+n)
			}
			if n > size && n > escpos.Largest([]byte(all)) {
				t.Fatalf("size %d: portion of %d bytes", size, n)
			}
			at += n
		}
	}
	if got := escpos.Largest([]byte(all)); got != len("\x1dv0\x00\x02\x00\x03\x00")+6 {
		t.Errorf("largest command %d bytes", got)
	}
}

// FuzzPortion: any bytes are divided without getting stuck and without losing one.
func FuzzPortion(f *testing.F) {
	f.Add([]byte("\x1b@abc\x1dv0\x00\x02\x00\x03\x00"), 3)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		for at := 0; at < len(b); {
			n := escpos.Portion(b[at:], size)
			if n < 1 || at+n > len(b) {
				t.Fatalf("portion of %d bytes at %d of %d", n, at, len(b))
			}
			at += n
		}
		if n := escpos.Largest(b); n > len(b) {
			t.Fatalf("largest %d of %d", n, len(b))
		}
	})
}
