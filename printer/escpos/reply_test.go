package escpos_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/escpos"
)

// told writes replies down, one word each.
func told(rs []escpos.Reply) string {
	var out []string
	for _, r := range rs {
		switch r.Kind {
		case escpos.RealTime:
			out = append(out, fmt.Sprintf("rt:%02x", r.Byte))
		case escpos.InOrder:
			out = append(out, fmt.Sprintf("in:%02x", r.Byte))
		case escpos.Auto:
			out = append(out, fmt.Sprintf("asb:%x", r.Frame))
		case escpos.Done:
			out = append(out, "done:"+string(r.ID[:]))
		case escpos.Failed:
			out = append(out, "failed:"+string(r.ID[:]))
		case escpos.Cleared:
			out = append(out, "cleared")
		case escpos.WentOff:
			out = append(out, "off:"+r.Text)
		case escpos.Words:
			out = append(out, "words:"+r.Text)
		case escpos.PoweredOff:
			out = append(out, "power")
		case escpos.Block:
			out = append(out, fmt.Sprintf("block:%x", r.Text))
		}
	}
	return strings.Join(out, " ")
}

// TestDemux reads what printers send, also byte by byte, and what noise leaves of it.
func TestDemux(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"healthy, drawer pin low and high", "\x12\x16", "rt:12 rt:16"},
		{"all causes", "\x7e", "rt:7e"},
		{"gs r", "\x00\x03\x0c\x0f", "in:00 in:03 in:0c in:0f"},
		{"status as seen on a Rongta", "\x14\x00\x00\x0f", "asb:1400000f"},
		{"cover open", "\x3c\x00\x00\x0f", "asb:3c00000f"},
		{"xoff inside a frame", "\x14\x13\x00\x11\x00\x0f", "asb:1400000f"},
		{"id", "\x37\x22P001\x00", "done:P001"},
		{"id of other digits", "\x37\x22~ 7_\x00", "done:~ 7_"},
		{"no paper", "\x37\x33P001\x00", "failed:P001"},
		{"cleared", "\x37\x25\x00", "cleared"},
		{"went offline", "\x37\x23\x41\x44\x00", "off:AD"},
		{"model name", "_TM-T88V\x00", "words:TM-T88V"},
		{"chinese font name", "_\xd6\xd0\x00", "words:\xd6\xd0"},
		{"power off", "\x3b\x30\x00", "power"},
		{"ink", "\x35\x40\x41\x00", "block:354041"},
		{"xoff inside an id", "\x37\x22P0\x1301\x11\x00", "done:P001"},
		{"answers on end", "\x16\x37\x22abcd\x00\x14\x00\x00\x0f\x00\x00", "rt:16 done:abcd asb:1400000f in:00 in:00"},
		{"stray frame head before an answer", "\x10\x16", "rt:16"},
		{"stray frame head before a frame", "\x10\x14\x00\x00\x0f", "asb:1400000f"},
		{"stray frame head before an id", "\x10\x37\x22abcd\x00", "done:abcd"},
		{"frame cut short by an id", "\x14\x00\x37\x22abcd\x00", "done:abcd"},
		{"stray block head before a frame", "\x37\x14\x00\x00\x0f", "asb:1400000f"},
		{"stray block head before an id", "\x37\x37\x22abcd\x00", "done:abcd"},
		{"stray text head before a frame", "_\x14\x00\x00\x0f", "asb:1400000f"},
		{"id with a lost byte", "\x37\x22abc\x00\x37\x22efgh\x00", "in:00 done:efgh"},
		{"id with a byte too many", "\x37\x22abcde\x00\x16", "in:65 in:00 rt:16"},
		{"id without its head", "\x22abcd\x00\x16", ""},
		{"junk after opening a usb printer", "\x2b\x16", "in:2b rt:16"},
		{"not esc/pos", "\x80\x91\xff", ""},
		{"clear broken off", "\x37\x25\x16", "rt:16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var whole, bytewise escpos.Demux
			got := told(whole.Feed([]byte(c.in)))
			var rs []escpos.Reply
			for i := range len(c.in) {
				rs = append(rs, bytewise.Feed([]byte{c.in[i]})...)
			}
			if one := told(rs); one != got {
				t.Errorf("byte by byte %q, at once %q", one, got)
			}
			if c.name == "id without its head" { // a text of stray bytes: nothing of it may be an id
				if strings.Contains(got, "done") {
					t.Errorf("%q", got)
				}
				return
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestDemuxGap: the rest of a torn frame is never read as answers to GS r.
func TestDemuxGap(t *testing.T) {
	var d escpos.Demux
	if got := told(d.Feed([]byte("\x14\x00\x00"))); got != "" || !d.Partial() {
		t.Fatalf("%q, partial %v", got, d.Partial())
	}
	d.Gap()
	if got := told(d.Feed([]byte("\x0f\x00"))); got != "in:00" {
		t.Errorf("its rest came late: %q", got)
	}
	d.Feed([]byte("\x14\x00\x00"))
	d.Gap()
	d.Gap()
	if got := told(d.Feed([]byte("\x00"))); got != "in:00" {
		t.Errorf("its rest never came: %q", got)
	}
}

// FuzzDemux: whatever comes before, one answer later an id is read; and noise never makes an id out of nothing.
func FuzzDemux(f *testing.F) {
	for _, s := range []string{"", "\x10", "\x37", "\x37\x22ab", "_", "\x14\x00", "\x35", "\x37\x23"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, noise []byte) {
		var d escpos.Demux
		for _, r := range d.Feed(noise) {
			if id := "\x37\x22" + string(r.ID[:]) + "\x00"; r.Kind == escpos.Done && !strings.Contains(unflow(noise), id) {
				t.Fatalf("id %q out of %q", r.ID, noise)
			}
		}
		d.Feed([]byte("\x37\x22lost\x00\x16")) // at most this is swallowed
		got := d.Feed([]byte("\x37\x22here\x00"))
		if told(got) != "done:here" {
			t.Fatalf("after %q: %q", noise, told(got))
		}
	})
}

// unflow drops XON and XOFF.
func unflow(b []byte) string {
	return strings.NewReplacer("\x11", "", "\x13", "").Replace(string(b))
}

// TestStatus reads frames and answers.
func TestStatus(t *testing.T) {
	for _, c := range []struct {
		frame [4]byte
		want  escpos.Status
	}{
		{[4]byte{0x14, 0, 0, 0x0f}, escpos.Status{DrawerHigh: true}},
		{[4]byte{0x3c, 0, 0, 0x0f}, escpos.Status{DrawerHigh: true, Offline: true, CoverOpen: true}},
		{[4]byte{0x1c, 0, 0x0f, 0x0f}, escpos.Status{DrawerHigh: true, Offline: true, PaperEnd: true, NearEnd: true}},
		{[4]byte{0x18, 0x08, 0, 0x0f}, escpos.Status{Offline: true, Cutter: true}},
		{[4]byte{0x18, 0x40, 0, 0x0f}, escpos.Status{Offline: true, Hot: true}},
		{[4]byte{0x18, 0x20, 0, 0x0f}, escpos.Status{Offline: true, Unrecoverable: true}},
		{[4]byte{0x10, 0, 0x03, 0x0f}, escpos.Status{NearEnd: true}},
	} {
		if got := escpos.FromFrame(c.frame); got != c.want {
			t.Errorf("%x: %+v, want %+v", c.frame, got, c.want)
		}
	}
	var s escpos.Status
	for _, qa := range [][2]byte{{1, 0x1a}, {2, 0x32}, {3, 0x12}, {4, 0x7e}} {
		s.Answer(qa[0], qa[1])
	}
	if want := (escpos.Status{Offline: true, PaperEnd: true, NearEnd: true}); s != want {
		t.Errorf("paper end: %+v, want %+v", s, want)
	}
	s.Answer(escpos.AskPrinter, 0x16)
	if want := (escpos.Status{NearEnd: true, DrawerHigh: true}); s != want {
		t.Errorf("online again: %+v, want %+v", s, want)
	}
}
