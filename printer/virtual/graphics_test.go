package virtual_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// triangle is 16 dots wide and 8 high: row y has its first y+1 dots black. In rows, and in columns of one byte.
func triangle() (rows, columns, want string) {
	for y := range 8 {
		v := ^(0xFFFF >> (y + 1))
		rows += string([]byte{byte(v >> 8), byte(v)})
		want += strings.Repeat("#", y+1) + strings.Repeat(".", 15-y) + "\n"
	}
	for x := range 16 {
		b := byte(0)
		if x < 8 {
			b = 0xFF >> x
		}
		columns += string([]byte{b})
	}
	return rows, columns, want
}

// bracket is GS ( L with its length.
func bracket(d string) string { return "\x1d(L" + le(len(d)) + d }

func TestKeptPictures(t *testing.T) {
	rows, columns, want := triangle()
	size := le(16) + le(8)
	for _, c := range []struct{ name, define, print, reads string }{
		{"FS q, FS p", "\x1cq\x02" + le(1) + le(1) + "\xff\x00\xff\x00\xff\x00\xff\x00" + le(2) + le(1) + columns, "\x1cp\x02\x00", "[NV logo 2]"},
		{"NV, rows", bracket("0\x430AB\x01" + size + "1" + rows), bracket("0EAB\x01\x01"), "[NV logo AB]"},
		{"NV, columns", bracket("0\x440AB\x01" + size + "1" + columns), bracket("0EAB\x01\x01"), "[NV logo AB]"},
		{"downloaded, rows", bracket("0\x530AB\x01" + size + "1" + rows), bracket("0UAB\x01\x01"), "[logo AB]"},
		{"downloaded, columns", bracket("0\x540AB\x01" + size + "1" + columns), bracket("0UAB\x01\x01"), "[logo AB]"},
		{"GS *, GS /", "\x1d*\x02\x01" + columns, "\x1d/\x00", "[image 16x8]"},
		{"stored, rows", bracket("0p0\x01\x011" + size + rows), bracket("02"), "[image 16x8]"},
		{"stored, columns", bracket("0q0\x01\x011" + size + columns), bracket("02"), "[image 16x8]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, st := one(t, "kept", virtual.Options{}, c.define+"a\n"+c.print+"\n")
			if missed(st) != "" || got.Garbage {
				t.Errorf("not done: %s; garbage %v", missed(st), got.Garbage)
			}
			if got.Text() != "a\n"+c.reads {
				t.Errorf("reads %q, want %q", got.Text(), "a\n"+c.reads)
			}
			if d := dots(got, 0, 150, 16, 8); d != want {
				t.Errorf("dots\n%swant\n%s", d, want)
			}
			inSheet, st := one(t, "kept-sheet", virtual.Options{}, c.define+"\x1bL"+area(0, 0, 60, 60)+"\x1d$\x07\x00"+c.define+c.print+"\x0c")
			if strings.HasPrefix(c.name, "FS") {
				if missed(st) != "FS p in page mode" {
					t.Errorf("in page mode not done: %q", missed(st))
				}
			} else if d := dots(inSheet, 0, 120, 16, 8); d != want || missed(st) != "" {
				t.Errorf("in page mode, not done %q:\n%s", missed(st), d)
			}
		})
	}
}

// What is defined in memory goes with ESC @, what is in flash stays, also without power; it can be given up by its key.
func TestWhatPicturesSurvive(t *testing.T) {
	rows, _, _ := triangle()
	size := le(16) + le(8)
	nv, ram := bracket("0\x430AB\x01"+size+"1"+rows), bracket("0\x530AB\x01"+size+"1"+rows)
	printNV, printRAM := bracket("0EAB\x01\x01"), bracket("0UAB\x01\x01")
	p, c := printed(t, virtual.Options{}, nv+ram+"\x1b@"+printNV+printRAM)
	if c.Text() != "[NV logo AB]" || missed(p.State()) != "GS ( L 48 85" || c.DotsHigh != 120+8 {
		t.Errorf("after ESC @: %q, %d dots high, not done %q", c.Text(), c.DotsHigh, missed(p.State()))
	}
	for _, power := range []string{"off", "on"} {
		if err := p.Set(virtual.Change{Power: power}); err != nil {
			t.Fatal(err)
		}
	}
	link := dialer(t, p)()
	write(t, link, printNV+"\x1dr\x01")
	answer(t, link, "\x00")
	if c := p.Hanging(); c.DotsHigh != 120+8+8 {
		t.Errorf("after a power cut the picture is gone: %d dots high", c.DotsHigh)
	}
	for _, forget := range []string{bracket("0BAB"), bracket("0ACLR")} {
		if c, _ := one(t, "forgotten", virtual.Options{}, nv+forget+printNV); c.DotsHigh != 120+48 {
			t.Errorf("%q: %d dots high, want the frame of a picture that is not there", forget, c.DotsHigh)
		}
	}
}

// The memory for pictures has an end, and says so.
func TestPictureMemory(t *testing.T) {
	big := strings.Repeat("\xaa", 2048/8*200)
	var send strings.Builder
	for key := range 6 {
		d := "0\x430K" + string(rune('0'+key)) + "\x01" + le(2048) + le(200) + "1" + big
		send.WriteString("\x1d8L" + le(len(d)) + "\x00\x00" + d)
	}
	_, st := one(t, "memory", virtual.Options{Model: "xprinter-80"}, send.String())
	if len(st.NotDone) != 1 || st.NotDone[0].Command != "GS ( L 48 67" || st.NotDone[0].N != 1 {
		t.Errorf("six pictures of 50 KB: not done %+v, want one of them", st.NotDone)
	}
}
