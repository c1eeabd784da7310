package virtual_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// missed are the commands that the printer says it did not do.
func missed(s virtual.State) string {
	var names []string
	for _, n := range s.NotDone {
		names = append(names, n.Command)
	}
	return strings.Join(names, ", ")
}

// Both halves of the Katakana page are drawn, and the rules that ReceiptLine makes of it join.
func TestKatakanaPage(t *testing.T) {
	for at, want := range map[byte]string{
		0x80: "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼", 0x90: "┴┬┤├▔─│▕┌┐└┘╭╮╰╯", 0xE0: "═╞╪╡◢◣◥◤♠♥♦♣●○╱╲", 0xF0: "╳円年月日時分秒〒市区町村人▒",
	} {
		send := "\x1bt\x01"
		for i := range len([]rune(want)) {
			send += string([]byte{at + byte(i)})
		}
		c, st := one(t, "katakana"+string("0123456789abcdef"[at>>4]), virtual.Options{}, send+"\n")
		if c.Text() != want || missed(st) != "" || c.Garbage {
			t.Errorf("%X0 reads %q, want %q; not done: %s", at>>4, c.Text(), want, missed(st))
		}
	}
	// ┌─┬─┐ over │ │ │: in the middle column of dots nothing but the rule is black, and it is not broken.
	c, _ := one(t, "rules", virtual.Options{}, "\x1b3\x18\x1bt\x01\x98\x95\x91\x95\x99\n\x96 \x96 \x96\n\x9a\x95\x90\x95\x9b\n")
	rows := strings.Split(strings.TrimSpace(dots(c, 0, 120, 60, 72)), "\n")
	left := strings.IndexByte(rows[36], '#')
	for y := 14; y < 58; y++ {
		if rows[y][left] != '#' {
			t.Fatalf("the left rule is broken in row %d:\n%s", y, strings.Join(rows, "\n"))
		}
	}
	if top := rows[12]; strings.Trim(top[left:left+49], "#") != "" && strings.Trim(rows[11][left:left+49], "#") != "" {
		t.Errorf("the upper rule is broken:\n%s", strings.Join(rows, "\n"))
	}
}

func TestCodePages(t *testing.T) {
	for _, c := range []struct {
		page       byte
		send, want string
	}{
		{11, "\x86\xa4\xb5", "ΆΑΚ"}, {12, "\xa6\xd8\xe6", "ĞÏµ"}, {13, "\x98\xa6\x9e", "İĞŞ"}, {14, "\x80\x98\xe0", "Ααω"},
		{30, "\xb5\xd6\xae", "àệđ"}, {31, "\xb5\xd6", "ÀỆ"}, {32, "\xa0\xe7\xad", "بقص"}, {33, "\x80\xb5\xd1", "ĆĄč"},
		{35, "\x8b\x8d\x98", "ÐÞý"}, {37, "\xb1\x8d", "١┌"}, {38, "\x86\xa4\x9b", "ΆΑά"}, {41, "\xfa\x90", "٦ؤ"},
		{42, "\xb5\xd1", "Ąč"}, {43, "\xb5\x80", "ĄА"}, {44, "\xf2\xf8", "ҐЇ"}, {53, "\xa3\xbc\xba", "Әәғ"},
	} {
		got, st := one(t, "page", virtual.Options{}, "\x1bt"+string(rune(c.page))+c.send+"\n")
		if got.Text() != c.want || missed(st) != "" {
			t.Errorf("page %d prints % X as %q, want %q; not done: %s", c.page, c.send, got.Text(), c.want, missed(st))
		}
	}
}

// A page that is not here is said to be missing, once with its number, and where it came first.
func TestMissingPage(t *testing.T) {
	c, st := one(t, "nopage", virtual.Options{}, "ab\x1bt\x42\xe9\xe9\n")
	want := virtual.NotDone{Command: "ESC t 66", N: 2, First: 5}
	if len(st.NotDone) != 1 || st.NotDone[0] != want || !c.Garbage {
		t.Errorf("not done %+v, want %+v", st.NotDone, want)
	}
	_, st = one(t, "thai", virtual.Options{}, "\x1bt\x15\xa1\n")
	if missed(st) != "glyph ก" {
		t.Errorf("a letter that the fonts lack: not done %q", missed(st))
	}
}

func TestNationalSets(t *testing.T) {
	for n, want := range map[byte]string{
		0: "#$@[\\]^`{|}~", 1: "#$à°ç§^`éùè¨", 2: "#$§ÄÖÜ^`äöüß", 3: "£$@[\\]^`{|}~", 6: "#$@°\\é^ùàòèì", 8: "#$@[¥]^`{|}~",
		13: "#$@[₩]^`{|}~", 15: "#¥@[\\]^`{|}~", 17: "#$@[\\]^`{|}~",
	} {
		c, st := one(t, "national", virtual.Options{}, "\x1bR"+string(rune(n))+"#$@[\\]^`{|}~\n")
		if c.Text() != want || missed(st) != "" {
			t.Errorf("ESC R %d prints %q, want %q; not done: %s", n, c.Text(), want, missed(st))
		}
	}
	if _, st := one(t, "national", virtual.Options{}, "\x1bR\x42#\n"); missed(st) != "ESC R 66" {
		t.Errorf("ESC R 66: not done %q", missed(st))
	}
}

// FS ( C fn 48: UTF-8 on and off; what is broken is one box and the next character is itself.
func TestUTF8(t *testing.T) {
	on, off := "\x1c(C\x02\x000\x02", "\x1c(C\x02\x0001"
	for _, c := range []struct{ send, want, miss string }{
		{on + "a合计 é€ Ж\n", "a合计 é€ Ж", ""},
		{on + "\xe5\x90\n b", "\uFFFD\n b", "no character"},
		{on + "\xe5\x90" + "xy\n", "\uFFFDxy", "no character"},
		{on + "\xff\x80x\n", "\uFFFD\uFFFDx", "no character"},
		{on + "é" + off + "\x1bt\x10\xe9\n", "éé", ""},
		{on + "\x1b@\x1bt\x10\xe9\n", "é", ""},
		{"\x1c&" + on + "合\n", "合", ""},
	} {
		got, st := one(t, "utf8", virtual.Options{}, "\x1b@"+c.send+"\n")
		if got.Text() != c.want || missed(st) != c.miss {
			t.Errorf("%q prints %q, want %q; not done: %s", c.send, got.Text(), c.want, missed(st))
		}
	}
	wide, _ := one(t, "utf8-wide", virtual.Options{}, on+"合a\n")
	gb, _ := one(t, "utf8-wide", virtual.Options{}, "\x1c&"+gbk("合a")+"\n")
	if dots(wide, 0, 120, 40, 24) != dots(gb, 0, 120, 40, 24) {
		t.Error("a Chinese character in UTF-8 is not that of GB18030")
	}
}

// Glyphs of the host's own: drawn where ESC % selects them, in the font that they were made for, until ESC ? or ESC @.
func TestOwnGlyphs(t *testing.T) {
	stairs := "" // twelve columns of three bytes: one dot each, going down
	for x := range 12 {
		column := [3]byte{}
		column[x/8] = 0x80 >> (x % 8)
		stairs += string(column[:])
	}
	define := "\x1b&\x03AB\x0c" + stairs + "\x02\xff\xff\xff\xff\xff\xff"
	c, st := one(t, "own", virtual.Options{}, define+"A\x1b%\x01ABC\x1bM\x01A\x1bM\x00\x1b?A"+"A\x1b%\x00B\n")
	if c.Text() != "A\uFFFC\uFFFCCAAB" || missed(st) != "" {
		t.Errorf("reads %q; not done: %s", c.Text(), missed(st))
	}
	for x := range 12 {
		if row := dots(c, 12, 120+x, 12, 1); row != strings.Repeat(".", x)+"#"+strings.Repeat(".", 11-x)+"\n" {
			t.Fatalf("row %d of the glyph is %s", x, row)
		}
	}
	if got := dots(c, 24, 120, 12, 24); got != strings.Repeat("##..........\n", 24) {
		t.Errorf("two full columns are\n%s", got)
	}
	if c, _ := one(t, "own", virtual.Options{}, define+"\x1b@\x1b%\x01A\n"); c.Text() != "A" {
		t.Errorf("after ESC @: %q", c.Text())
	}
	full := strings.Repeat("\xff", 72)
	c, _ = one(t, "own-wide", virtual.Options{}, "\x1c2\xfe\xa1"+full+"\x1c&\xfe\xa1\x1c?\xfe\xa1\xfe\xa1\n")
	if got := dots(c, 0, 120, 24, 24); got != strings.Repeat(strings.Repeat("#", 24)+"\n", 24) || !strings.HasPrefix(c.Text(), "\uFFFC") {
		t.Errorf("FS 2: %q\n%s", c.Text(), got)
	}
}

// ESC V: each character a quarter turn clockwise; what was wide is high.
func TestTurned(t *testing.T) {
	up, _ := one(t, "up", virtual.Options{}, "Fg\x1d!\x10F\n")
	c, st := one(t, "turned", virtual.Options{}, "\x1bV\x01F\x1d!\x10F\x1d!\x00\x1bV\x00g\n")
	if c.Text() != "FFg" || missed(st) != "" {
		t.Errorf("reads %q; not done: %s", c.Text(), missed(st))
	}
	if got, want := dots(c, 0, 120+12, 24, 12), turnRight(dots(up, 0, 120, 12, 24), 1); got != want {
		t.Errorf("turned:\n%swant\n%s", got, want)
	}
	if got, want := dots(c, 24, 120, 24, 24), turnRight(dots(up, 24, 120, 24, 24), 1); got != want {
		t.Errorf("double width turned:\n%swant\n%s", got, want)
	}
}

// ESC e and ESC K pull the paper back: what comes then lies beside or over what was there, and reads where it lies.
func TestReverseFeed(t *testing.T) {
	for _, c := range []struct{ send, want string }{
		{"A\n\x1b$\xf0\x00\x1be\x01\x1b$\xf0\x00B\n", "A" + strings.Repeat(" ", 19) + "B"},
		{"A\nB\nC\n\x1be\x02\x1b$\xf0\x00D\n\x1bJ\x78", "A\nB" + strings.Repeat(" ", 19) + "D\nC"},
		{"A\n\n\nB\n\x1bK\x5a" + "C\n\x1bJ\x78", "A\nC\n\nB"},
		{"A\n\x1be\xffB\n\x1bJ\xff", "B\n\nA"}, // not past the edge of the paper
	} {
		got, st := one(t, "back", virtual.Options{}, c.send)
		if got.Text() != c.want || missed(st) != "" {
			t.Errorf("%q reads %q, want %q; not done: %s", c.send, got.Text(), c.want, missed(st))
		}
	}
}
