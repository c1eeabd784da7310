package virtual_test

import (
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// A value that a command does not have changes nothing and is counted, by its name; one that it has is not.
func TestValuesOutsideTheRange(t *testing.T) {
	for send, want := range map[string]string{
		"\x1ba\x09": "ESC a 9", "\x1b-\x03": "ESC - 3", "\x1bV\x09": "ESC V 9", "\x1bp\x05\x01\x01": "ESC p 5", "\x1bu\x07": "ESC u 7",
		"\x1c-\x07": "FS - 7", "\x1cp\x00\x00": "FS p 0", "\x1cq\x00": "FS q 0",
		"\x1d!\x88": "GS ! 136", "\x1dH\x09": "GS H 9", "\x1df\x09": "GS f 9", "\x1dh\x00": "GS h 0", "\x1dw\x00": "GS w 0", "\x1dT\x05": "GS T 5",
		"\x1dI\x70": "GS I 112", "\x1d*\x00\x01": "GS * 0", "\x1d(D\x03\x00\x14\x09\x01": "GS ( D 20 9", "\x1d(H\x06\x0000\x01\x02\x03\x04": "GS ( H 48 48",
		"\x10\x05\x0d": "DLE 05",
		"\x1ba\x31":    "", "\x1b-\x32": "", "\x1bV\x00": "", "\x1df\x61": "", "\x1dw\x06": "", "\x1d!\x77\x1d!\x00": "",
	} {
		got, st := one(t, "value", virtual.Options{}, send+"\x1ba\x00\x1b-\x00ab\n")
		if missed(st) != want || got.Text() != "ab" {
			t.Errorf("% X prints %q; not done: %q, want %q", send, got.Text(), missed(st), want)
		}
	}
}

// What works at the beginning of a line only is counted in the middle of one, where it would have changed something.
func TestOnlyAtTheBeginningOfALine(t *testing.T) {
	for send, want := range map[string]string{
		"a\x1ba\x01": "ESC a within a line", "a\x1b{\x01": "ESC { within a line", "a\x1dL\x10\x00": "GS L within a line", "a\x1dW\x80\x00": "GS W within a line",
		"a\x1ba\x00": "", "a\x1b{\x02": "", "a\x1dL\x00\x00": "", "\x1ba\x01a": "",
	} {
		if _, st := one(t, "within", virtual.Options{}, send+"\n"); missed(st) != want {
			t.Errorf("% X: not done %q, want %q", send, missed(st), want)
		}
	}
}
