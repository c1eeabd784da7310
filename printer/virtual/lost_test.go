package virtual_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// What does not come out as it was sent is counted, also where a printer says nothing of it: a place outside the line, ink beside the paper,
// a command of another mode or another model, bytes that are no character. What comes out is not.
func TestNothingIsLostInSilence(t *testing.T) {
	sheet := "\x1bL" + area(0, 0, 100, 60)
	wide := func(left, beside string) string { // 73 bytes of 8 dots, on 576
		return "\x1dv0\x00" + le(73) + le(1) + strings.Repeat(left, 72) + beside
	}
	columns := func(n int, last string) string {
		return "\x1b*\x01" + le(n) + strings.Repeat("\x00", n-1) + last + "\n"
	}
	stored := func(last string) string {
		return bracket("0p0\x01\x011"+le(584)+le(1)+strings.Repeat("\x00", 72)+last) + bracket("02")
	}
	for _, c := range []struct{ model, send, miss string }{
		{"", "\x1b$\x41\x02a\n", "ESC $ outside the area"}, {"", "\x1b$\x40\x02a\n", ""}, {"", "\x1b\\\xff\xffa\n", "ESC \\ outside the area"},
		{"", "a\x1b\\\xf4\xffb\n", ""}, {"", sheet + "\x1b$\x65\x00\x0c", "ESC $ outside the area"}, {"", sheet + "\x1d$\x3c\x00\x0c", "GS $ outside the area"},
		{"", sheet + "\x1d\\\xeb\xff\x0c", "GS \\ outside the area"}, {"", sheet + "\x1d$\x3b\x00\x0c", ""},
		{"", "\x0c", "FF outside page mode"}, {"", "\x18", "CAN outside page mode"}, {"", "\x1b\x0c", "ESC FF outside page mode"},
		{"", "\x1d$\x00\x00", "GS $ outside page mode"}, {"", "\x1d\\\x00\x00", "GS \\ outside page mode"}, {"", sheet + "a\x18b\x0c", ""},
		{"", sheet + "abcd\x1d$\x3b\x00x_\x0c", "ink outside the area"}, {"", sheet + "\x1d!\x11A\x0c", "ink outside the area"}, {"", sheet + "abcdefgh\x0c", ""},
		{"", wide("\xff", "\x01"), "picture wider than the paper"}, {"", wide("\xff", "\x00"), ""},
		{"", columns(577, "\x01"), "picture wider than the paper"}, {"", columns(577, "\x00"), ""}, {"", "a" + columns(565, "\x01"), "picture wider than the paper"},
		{"", "a" + columns(564, "\x01"), ""}, {"", stored("\x01"), "picture wider than the paper"}, {"", stored("\x00"), ""},
		{"", "\x1d*\x49\x01" + strings.Repeat("\xff", 73*8) + "\x1d/\x00", "picture wider than the paper"},
		{"", "\x1dv0\x04\x01\x00\x01\x00\xff", "GS v 0 4"}, {"", "\x1dv0\x33\x01\x00\x01\x00\xff", ""}, {"", bracket("02"), "GS ( L 48 50"},
		{"", "\x1d*\x01\x31" + strings.Repeat("\xff", 49*8), "GS * 1 49"}, {"", "\x1d*\x01\x00\x1d/\x00", "GS * 1 0, GS / 0"},
		{"", "\x1b&\x03\x80\x80\x00", "ESC & 3 128 128"}, {"", "\x1b&\x03BA", "ESC & 3 66 65"}, {"", "\x1b!\x44a\x1b!\x99b\n", "ESC ! 68"},
		{"", "\x1df\x02", "GS f 2"}, {"", "\x1dL\x41\x02", "GS L outside the paper"}, {"", "\x1bD\x04\x00a\tb\tc\n", "HT behind the last stop"}, {"", "\x1bD\x40\x00a\tb\n", ""},
		{"", "\x1d(k\x03\x001C\x11", "GS ( k 49 67"}, {"", "\x1d(k\x03\x001C\x10", ""}, {"", "\x1d(k\x03\x000C\x01", "GS ( k 48 67"}, {"", "\x1d(k\x03\x006C\x01", "GS ( k 54 67"},
		{"", "\x1d(k\x03\x001E4", "GS ( k 49 69"}, {"", "\x1d(k\x03\x005E\x04", "GS ( k 53 69"}, {"", "\x1d(k\x04\x000E09", "GS ( k 48 69"}, {"", "\x1d(k\x04\x000E1\x29", "GS ( k 48 69"},
		{"", "\x1d(k\x04\x001P0A\x1d(k\x03\x001Q1", "GS ( k 49 81"}, {"", "\x1d(k\x05\x006B\x09\x00\x00", "GS ( k 54 66"}, {"", "\x1dkF\x03123", "ITF of an odd number of digits"},
		{"", "\x10\x14\x07\x05", "DLE DC4 7 5"}, {"", "\x10\x14\x02\x01\x08", "DLE DC4 2 that is off"},
		{"", "\x7f", "no character"}, {"", "\x1bt\x10\x81", "no character"}, {"", "\x1bt\x10\x82", ""}, {"", "\x1c&\xff\x81\x20", "no character"},
		{"", "\x1c&\x81\x30\x81\x20", "no character"}, {"", "\x1bt\x42\xe9", "ESC t 66"},
		{"generic-58", "\x1dV\x00", "GS V without a cutter"}, {"generic-58", "\x1dVa\x00", "GS V without a cutter"}, {"generic-58", "\x1bi", "ESC i without a cutter"},
		{"epson-western", "\x1c&", "FS & without Chinese"}, {"epson-western", "\x1cS\x01\x01", "FS S without Chinese"}, {"epson-western", "\x1c.", ""},
		{"clone-raster-255", "\x1dv0\x00" + le(1) + le(256) + strings.Repeat("\xff", 255), "GS v 0 of too many rows"},
	} {
		if _, st := one(t, "lost", virtual.Options{Model: c.model}, "\x1b@"+c.send); missed(st) != c.miss {
			t.Errorf("%q: not done %q, want %q", c.send, missed(st), c.miss)
		}
	}
}

// ESC E and ESC G look alike, and one of them goes on when the other ends.
func TestBoldTwice(t *testing.T) {
	want, _ := one(t, "bold", virtual.Options{}, "\x1bE\x01A\n")
	for send, same := range map[string]bool{"\x1bE\x01\x1bG\x01\x1bG\x00A\n": true, "\x1bG\x01\x1bE\x00A\n": true, "\x1bG\x01\x1b!\x00A\n": true, "\x1bE\x01\x1b!\x00A\n": false} {
		got, _ := one(t, "bold", virtual.Options{}, send)
		if (dots(got, 0, 120, 12, 24) == dots(want, 0, 120, 12, 24)) != same {
			t.Errorf("%q: bold is not %v", send, same)
		}
	}
}

// Tab stops are in characters of the size in force; one that does not follow ends the command, and what it is of is read again. A stop behind
// the end is the end of the line, where what comes next wraps.
func TestTabStops(t *testing.T) {
	for _, c := range []struct{ send, want string }{
		{"\x1bD\x04\x08\x00a\tb\tc\n", "a   b   c"},
		{"\x1d!\x10\x1bD\x04\x00\x1d!\x00a\tb\n", "a       b"},
		{"\x1bM\x01\x1bD\x04\x00\x1bM\x00a\tb\n", "a  b"},
		{"\x1bD\x31\x30a\tb\n", "0a\nb"},
		{"\x1bD\x08Aa\x08\x00" + "b\tc\n", "b       c"},
		{"\x1dW\x60\x00\x1bD\x20\x00a\tb\n", "a\nb"},
	} {
		if got, _ := one(t, "tabs", virtual.Options{}, c.send); got.Text() != c.want {
			t.Errorf("%q prints %q, want %q", c.send, got.Text(), c.want)
		}
	}
}

// The readable line of a bar code in font B, by each of its names.
func TestReadableFonts(t *testing.T) {
	code := func(f string) virtual.Piece {
		c, _ := one(t, "hri", virtual.Options{}, "\x1dH\x02\x1df"+f+"\x1dkI\x04{Bab")
		return c
	}
	if a, b := code("\x00"), code("\x01"); a.DotsHigh != b.DotsHigh+7 || code("\x61").DotsHigh != a.DotsHigh || code("\x62").DotsHigh != b.DotsHigh {
		t.Errorf("%d and %d dots high, as special fonts %d and %d", a.DotsHigh, b.DotsHigh, code("\x61").DotsHigh, code("\x62").DotsHigh)
	}
}
