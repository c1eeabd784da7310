package stream_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/receiptd/receiptd/capture/stream"
)

// A writer makes streams as programs send them, at random.
type writer struct {
	*rand.Rand
	bytes.Buffer
}

func (w *writer) one(list ...string) { w.WriteString(list[w.IntN(len(list))]) }

func gbk(s string) string {
	out, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

// words is a line's text.
func (w *writer) words() {
	w.one("RECEIPT", "Coffee        4.00", "Caf\x82 cr\x8ame", "\x1c&"+gbk("合计：￥12.50")+"\x1c.", "\x1c&"+gbk("消费 SALE  凭证号 000123"), "Tea\t2.00", "",
		"TOTAL\x1b$\xf0\x006.00", strings.Repeat("-", 48), "a long line that is longer than the paper of this printer is wide", "A\x1b\\\x18\x00B", "\x1b\x20\x02wide\x1b\x20\x00")
}

func (w *writer) looks() {
	n := string(rune(w.IntN(2)))
	w.one("\x1b!\x00", "\x1b!\x30", "\x1b!\x09", "\x1d!\x11", "\x1d!\x00", "\x1bE"+n, "\x1bG"+n, "\x1bM"+n, "\x1b-"+n, "\x1dB"+n, "\x1ba\x00", "\x1ba\x01", "\x1ba\x02",
		"\x1b3\x18", "\x1b3\x28", "\x1b2", "\x1bt\x10", "\x1bt\x00", "\x1dL\x10\x00", "\x1dL\x00\x00", "\x1dW\x40\x01", "\x1b{"+n, "\x1bD\x08\x14\x00", "\x1bR\x00", "\x1c!\x0c",
		"\x1c!\x00", "\x1cW"+n, "\x1bV\x00", "\x1c.", "\x1c&")
}

func (w *writer) dots(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(w.Uint32())
		if b[i] == 0x10 { // what a printer would obey is tested elsewhere
			b[i] = 0x11
		}
	}
	return string(b)
}

func (w *writer) things() {
	x, y := 1+w.IntN(15), 1+w.IntN(15) // %c is one byte below 128
	w.one(
		fmt.Sprintf("\x1dv0\x00%c\x00%c\x00", x, y)+w.dots(x*y),
		fmt.Sprintf("\x1b*\x21%c\x00", x)+w.dots(3*x)+"\n",
		fmt.Sprintf("\x1b*\x00%c\x00", x)+w.dots(x)+"\n",
		fmt.Sprintf("\x1d(L%s%c0p0\x01\x011%c\x00%c\x00", []byte{byte(10 + x*y)}, (10+x*y)>>8, 8*x, y)+w.dots(x*y),
		"\x1d(L\x02\x0002",
		"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x04\x1d(k\x03\x001E1\x1d(k\x0b\x001P0ABCDEFGH\x1d(k\x03\x001Q0",
		"\x1dh\x40\x1dw\x02\x1dH\x02\x1dkI\x08{BABCDEF", "\x1dk\x0440638\x00", "\x1dkC\x0d4006381333931",
		"\x1bL\x1bW\x00\x00\x00\x00\x40\x01\x80\x00\x1d$\x30\x00page\n\x0c", "\x1bL\x1bW\x00\x00\x00\x00\x40\x01\x80\x00\x1bT\x01\x1d$\x40\x00twice\x1b\x0c\x1b\x0c\x1bS", "\x1bL\x1d$\x40\x00left\x1bS",
		"\x1cp\x01\x00", "\x1bd\x03", "\x1bJ\x20", "\n\n", "\x1d/\x00", "\x1dV\x00", "\x1dV\x42\x00", "\x1bi", "\x1bm")
}

// dropped are commands that must not reach the printer.
var dropped = []string{"\x1bp\x00\x19\xfa", "\x10\x14\x01\x00\x01", "\x10\x04\x01", "\x10\x04\x04", "\x1dr\x01", "\x1dI\x43", "\x1da\xff", "\x1d(H\x06\x0000abcd", "\x1d(E\x03\x00\x01IN",
	"\x1dz0\x01\x01", "\x1b(A\x03\x00a\x01\x01", "\x1bB\x01\x02", "\x10\x05\x02", "\x1dg0\x00\x01\x00", "\x1b=\x01", "\x1bc5\x01", "\x1d:", "\x1d(D\x03\x00\x14\x01\x01"}

func (w *writer) stream() []byte {
	if w.IntN(3) > 0 {
		w.WriteString("\x1b@")
	}
	for range 3 + w.IntN(30) {
		switch w.IntN(8) {
		case 0, 1, 2:
			w.words()
			w.WriteString("\n")
		case 3:
			w.words()
		case 4, 5:
			w.looks()
		case 6:
			w.things()
		case 7:
			w.one(dropped...)
		}
	}
	w.one("\n\x1dV\x42\x00", "\n\x1dV\x00\x1b@", "\n\x1bd\x04\x1bi\x1bp\x00\x19\xfa", "\n\n\n\n", "")
	return w.Bytes()
}

// TestRandom compares many streams, at two printers.
func TestRandom(t *testing.T) {
	for seed := range uint64(600) {
		w := &writer{Rand: rand.New(rand.NewPCG(seed, 1))}
		same(t, []string{"", "epson-tm-t88"}[seed%2], w.stream())
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestPieces: each piece of a connection, printed by itself, is what it was in the whole: the settings go with it.
func TestPieces(t *testing.T) {
	for seed := range uint64(600) {
		w := &writer{Rand: rand.New(rand.NewPCG(seed, 2))}
		for range 3 {
			w.stream()
		}
		w.WriteString("\n\x1bi")
		want := printed(t, "", w.Bytes())
		var ours []byte
		for _, s := range stream.Read(w.Bytes(), stream.Options{}) {
			ours = append(append(ours, "\x1b@"...), s.Stream...)
		}
		if got := printed(t, "", ours); !slices.Equal(got.dots, want.dots) {
			t.Fatalf("seed %d\n%q\n%q\n%s\n=====\n%s", seed, w.Bytes(), ours, strings.Join(want.texts, "\n=\n"), strings.Join(got.texts, "\n=\n"))
		}
	}
}
