package virtual_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// le is a number in two bytes.
func le(n int) string { return string([]byte{byte(n), byte(n >> 8)}) }

// area is ESC W.
func area(x, y, w, h int) string { return "\x1bW" + le(x) + le(y) + le(w) + le(h) }

// dots draws a part of a piece with # and ., one line for a row.
func dots(c virtual.Piece, x, y, w, h int) string {
	img := c.Image()
	var b strings.Builder
	for j := y; j < y+h; j++ {
		for i := x; i < x+w; i++ {
			b.WriteByte(".#"[img.ColorIndexAt(i, j)])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// turnRight turns a picture of dots a quarter turn clockwise, n times.
func turnRight(s string, n int) string {
	for range n % 4 {
		rows := strings.Split(strings.TrimSpace(s), "\n")
		var b strings.Builder
		for x := range rows[0] {
			for y := len(rows) - 1; y >= 0; y-- {
				b.WriteByte(rows[y][x])
			}
			b.WriteByte('\n')
		}
		s = b.String()
	}
	return s
}

// show writes a piece as a picture into $VIRTUAL_SHOW, for a person to look at.
func show(t *testing.T, name string, c virtual.Piece) {
	dir := os.Getenv("VIRTUAL_SHOW")
	if dir == "" {
		return
	}
	var b bytes.Buffer
	if err := c.PNG(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/"+name+".png", b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/"+name+".txt", []byte(c.Text()+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// one is the piece that s cuts, or what hangs.
func one(t *testing.T, name string, o virtual.Options, s string) (virtual.Piece, virtual.State) {
	t.Helper()
	p, c := printed(t, o, s)
	if all := p.Pieces(); len(all) == 1 {
		c = all[0]
	}
	show(t, name, c)
	return c, p.State()
}

// The same text in each direction is the same dots, turned, in the corner where ESC T begins.
func TestPageModeDirections(t *testing.T) {
	const x0, y0, w, h = 40, 30, 200, 120
	const head = 120 // where the first line lies on the paper: the roll was loaded up to the cutter
	upright, _ := one(t, "dir0", virtual.Options{}, "\x1bL"+area(x0, y0, w, h)+"\x1bT\x00Ag\n\x0c")
	want := dots(upright, x0, head+y0, 24, 24)
	if !strings.Contains(want, "#") || upright.DotsHigh != head+y0+h {
		t.Fatalf("upright text is not in its corner, or the sheet is %d dots high:\n%s", upright.DotsHigh, want)
	}
	for dir, at := range map[int][2]int{1: {x0, y0 + h - 24}, 2: {x0 + w - 24, y0 + h - 24}, 3: {x0 + w - 24, y0}} {
		c, _ := one(t, "dir"+string(rune('0'+dir)), virtual.Options{}, "\x1bT"+string(rune(dir))+"\x1bL"+area(x0, y0, w, h)+"Ag\n\x0c")
		got := turnRight(dots(c, at[0], head+at[1], 24, 24), dir)
		if got != want {
			t.Errorf("direction %d:\n%swant\n%s", dir, got, want)
		}
		if c.Text() != upright.Text() && strings.TrimSpace(c.Text()) != "Ag" {
			t.Errorf("direction %d reads %q", dir, c.Text())
		}
	}
}

// A sheet is printed by FF and ESC FF alone, at once, and only then is the printer idle.
func TestPageMode(t *testing.T) {
	sheet := "\x1bL" + area(0, 0, 576, 90)
	for _, c := range []struct {
		name, send, want string
		lines            int64 // of paper moved by the mechanism, at least
		miss             string
	}{
		{"nothing before FF", sheet + "A\nB\n", "", 0, ""},
		{"FF prints and ends", sheet + "A\nB\n\x0cC\n", "A\nB\nC", 90 + 30, ""},
		{"ESC FF prints and keeps", sheet + "A\n\x1b\x0c\x1b\x0c", "A\nA", 180, ""},
		{"ESC S throws away", sheet + "A\n\x1bSB\n", "B", 30, ""},
		{"ESC @ throws away", sheet + "A\n\x1b@B\n", "B", 30, ""},
		{"CAN empties the area", sheet + "A\n\x18B\n\x0c", "B", 90, ""},
		{"CAN leaves other areas", "\x1bL" + area(0, 0, 200, 60) + "A" + area(300, 0, 200, 60) + "B\x18C\x0c", "A                        C", 60, ""},
		{"GS $ and ESC $ go anywhere", sheet + "\x1d$\x40\x00\x1b$\x78\x00B\x1d$\x14\x00\x1b$\x00\x00A\x0c", "A\n          B", 90, ""},
		{"in sending order or not, text lies where it lies", sheet + "\x1b$\xf0\x00right\x1b$\x00\x00left\x0c", "left                right", 90, ""},
		{"GS \\ goes up and down", sheet + "A\x1d\\\x1e\x00B\x1d\\\xe2\xffC\x0c", "A C\n B", 90, ""},
		{"a line that is full wraps", "\x1bL" + area(0, 0, 36, 90) + "ABCD\x0c", "ABC\nD", 90, ""},
		{"line spacing is its own", "\x1b3\x14\x1bL\x1b3\x28" + area(0, 0, 99, 90) + "A\nB\n\x0cC\n", "A\nB\nC", 90 + 24, ""},
		{"alignment is not for it", "\x1ba\x02" + sheet + "A\x0c", "A", 90, ""},
		{"ESC L within a line", "A\x1bLB\n", "AB", 30, "ESC L within a line"},
		{"no cut in it", sheet + "A\x1dV\x00", "", 0, "GS V in page mode"},
		{"FS p is not for it", sheet + "A\x1cp\x01\x00\x0c", "A", 90, "FS p in page mode"},
		{"a wide code", "\x1bL" + area(0, 0, 40, 90) + "\x1dkI\x05{BABC\x0c", "", 0, "CODE128 that cannot be printed"},
		{"area outside", "\x1bL" + area(600, 0, 40, 90) + "A\x0c", "A", 1662, "ESC W outside the sheet"},
		{"a code and a picture", sheet + "\x1d$\x50\x00\x1d(k\x04\x001P0A\x1d(k\x03\x001Q0x\x1b*\x21\x02\x00123456\x0c", "[QR A]x[image 2x24]", 90, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, piece := printed(t, virtual.Options{}, "\x1b@"+c.send)
			st := p.State()
			if got := piece.Text(); got != c.want {
				t.Errorf("paper %q, want %q", got, c.want)
			}
			if st.Counters.Dots != c.lines {
				t.Errorf("%d dots of paper, want %d", st.Counters.Dots, c.lines)
			}
			missed := ""
			for _, n := range st.NotDone {
				missed += n.Command
			}
			if missed != c.miss {
				t.Errorf("not done: %q, want %q", missed, c.miss)
			}
			waits := c.want == "" && c.lines == 0 && strings.Contains(c.send, "\x0c") == false
			if st.Idle == waits {
				t.Errorf("idle %v with a sheet that waits %v", st.Idle, waits)
			}
		})
	}
}

// Pictures stand on the base line, characters hang three dots below it; what lies outside the area is not printed.
func TestPageModeBaseLine(t *testing.T) {
	square := "\x1d(L\x12\x000p0\x01\x011\x08\x00\x08\x00" + strings.Repeat("\xff", 8) + "\x1d(L\x02\x0002"
	c, _ := one(t, "base", virtual.Options{}, "\x1bL"+area(0, 0, 80, 60)+"\x1d$\x1e\x00"+square+"\x1d$\x05\x00"+square+"_\x0c")
	got := dots(c, 0, 120, 24, 60)
	rows := strings.Split(got, "\n")
	for y, row := range rows[:60] {
		inFirst, inSecond := strings.HasPrefix(row, "########"), row[8:16] == "########"
		if inFirst != (y >= 23 && y <= 30) || inSecond != (y <= 5) {
			t.Fatalf("row %d: pictures do not end on rows 30 and 5:\n%s", y, got)
		}
	}
}
