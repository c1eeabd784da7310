package stream_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/capture/stream"
	"github.com/receiptd/receiptd/printer/profile"
)

// TestText reads what a person would.
func TestText(t *testing.T) {
	for _, c := range []struct{ name, sent, want string }{
		{"plain", "hello\n\nworld", "hello\n\nworld"},
		{"Chinese", "\x1c&" + gbk("合计：￥12.50") + "\n", "合计：￥12.50"},
		{"Chinese that nobody announced", gbk("合计") + " 1\n", "合计 1"},
		{"code page that nobody announced", "Caf\x82 cr\x8ame\n", "Café crème"},
		{"code page", "\x1c.\x1bt\x10\xe9\xdf\x80\n", "éß€"},
		{"four bytes", "\x1c&" + gbk("㐀䶮") + "\n", "㐀䶮"},
		{"UTF-8", "\x1c(C\x02\x0002收据 é\n", "收据 é"},
		{"styles within a number", "62\x1bE\x012\x1d!\x11848\x1d!\x00\n", "622848"},
		{"columns, from right to left", "\x1b$\xf0\x00right\x1b$\x00\x00left\n", "left                right"},
		{"side by side", "12\x1b\\\x02\x0034\n", "1234"},
		{"tabs", "a\tb\n", "a       b"},
		{"page mode, from bottom to top", "\x1bL\x1d$\x60\x00low\x1d$\x20\x00high\x1b$\xf0\x00side\x0c", "high                side\nlow"},
		{"questions and pulses within", "4.\x1dr\x0100\x1bp\x00\x19\xfa EUR\n", "4.00 EUR"},
		{"picture, code", "\x1dv0\x00\x01\x00\x02\x00ab\x1dkI\x05{BA-1", "[image 8x2]\n[CODE128 A-1]"},
		{"for a display", "to paper\n\x1b=\x02to the display\n\x1b=\x01paper\n", "to paper\npaper"},
	} {
		s, _ := whole([]byte(c.sent), stream.Options{Profile: gb18030(t)})
		if got := s.Text(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func gb18030(t *testing.T) *profile.Profile {
	t.Helper()
	p, err := profile.Load("epson-tm-t88")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestDropped: what must not reach a printer does not, and is named once.
func TestDropped(t *testing.T) {
	for sent, want := range map[string]string{
		"\x1d(E\x03\x00\x01INa\n\x1d(E\x03\x00\x01IN": "GS ( E", "\x1b=\x01a\n": "ESC =", "\x1d:a\n\x1d^\x01\x01\x00": "GS :, GS ^", "\x1dz0\x01\x01a\n": "GS z",
		"\x10\x05\x02a\n": "DLE ENQ", "\x10\x14\x02\x01\x08a\n": "DLE DC4 2", "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08a\n": "DLE DC4 8",
		"\x1cq\x01\x01\x00\x01\x0012345678a\n": "FS q", "\x1d(L\x0f\x000C0AB\x011\x08\x00\x01\x001xyya\n": "GS ( L", "\x1b(A\x02\x00aba\n": "ESC ( A", "\x07a\n": "control 07",
		"\x1b\x99a\n": "ESC 99", "\x1b$\x10\x04\x1b\\\x10\x04a\n": "", "\x1bW\x10\x04\x01\x00\x00\x00\x00\x00a\n": "ESC W",
		"\x1d(k\x07\x001P0\x10\x14\x01\x00a\n": "GS ( k",
	} {
		s, events := whole([]byte(sent), stream.Options{})
		if got := strings.Join(s.Dropped, ", "); got != want {
			t.Errorf("%q: dropped %q, want %q", sent, got, want)
		}
		if !bytes.HasSuffix(s.Stream, []byte("a\n")) || len(events) != 0 || want != "" && string(s.Stream) != "a\n" {
			t.Errorf("%q: kept %q, met %q", sent, s.Stream, events)
		}
	}
}

// TestEvents: questions and pulses come in their order, whole, and nothing of them is kept.
func TestEvents(t *testing.T) {
	sent := "a\x10\x04\x01b\x1dr\x01\n\x1dI\x43\x1da\xff\x1d(H\x06\x0000abcd\x1bv\x10\x14\x01\x00\x01\x1bp\x01\x19\xfa\n\x1dV\x42\x00"
	s, events := whole([]byte(sent), stream.Options{})
	want := []stream.Event{
		{stream.Asked, []byte("\x10\x04\x01")}, {stream.Asked, []byte("\x1dr\x01")}, {stream.Asked, []byte("\x1dI\x43")}, {stream.Asked, []byte("\x1da\xff")},
		{stream.Asked, []byte("\x1d(H\x06\x0000abcd")}, {stream.Asked, []byte("\x1bv")}, {stream.Pulse, []byte("\x10\x14\x01\x00\x01")}, {stream.Pulse, []byte("\x1bp\x01\x19\xfa")},
		{What: stream.Cut},
	}
	if !slices.EqualFunc(events, want, func(a, b stream.Event) bool { return a.What == b.What && bytes.Equal(a.Bytes, b.Bytes) }) {
		t.Errorf("%q", events)
	}
	if string(s.Stream) != "ab\n\n\x1dV\x42\x00" || string(s.Stream[s.LastCut:]) != "\x1dV\x42\x00" {
		t.Errorf("%q, cut at %d", s.Stream, s.LastCut)
	}
}

// TestCutBehindPage: FF prints the page and ends page mode, so that what follows is a line again, and the cut behind it ends the slip. After
// ESC FF it still is page mode, where no printer cuts.
func TestCutBehindPage(t *testing.T) {
	for sent, want := range map[string]int{
		"\x1bL\x1d$\x30\x00page\x0c\x1dV\x42\x00": 1, "\x1bL\x1d$\x30\x00page\x1b\x0c\x1bS\x1dV\x42\x00": 1, "\x1bL\x1d$\x30\x00page\x0ctext\n\x1dV\x42\x00": 1,
		"\x1bL\x1d$\x30\x00page\x1b\x0c\x1dV\x42\x00": 0, "\x1bLpage\x1dV\x42\x00": 0,
	} {
		if _, events := whole([]byte(sent), stream.Options{}); len(events) != want || want > 0 && events[0].What != stream.Cut {
			t.Errorf("%q: %v, want %d cut", sent, events, want)
		}
	}
}

// TestEnds: an unfinished command and an unfinished line are told apart from a whole slip.
func TestEnds(t *testing.T) {
	for _, c := range []struct {
		sent             string
		half, open, seen bool
	}{
		{"a\n", false, false, true}, {"a", false, true, true}, {"a\n\x1dv0\x00\x08\x00\x08\x00abc", true, false, true}, {"a\n\x1b", true, false, true},
		{"\x1c&a\xba", true, true, true}, {"\x1b@\n\n", false, false, false}, {"", false, false, false}, {"\x1bp\x00\x19\xfa", false, false, false},
	} {
		s, _ := whole([]byte(c.sent), stream.Options{})
		if s.Half != c.half || s.Open != c.open || s.Seen != c.seen {
			t.Errorf("%q: half %v, open %v, seen %v", c.sent, s.Half, s.Open, s.Seen)
		}
	}
}

// TestTooLong: what somebody sends without an end takes no more memory than a slip may have.
func TestTooLong(t *testing.T) {
	const most = 4096
	for name, sent := range map[string]string{
		"text": strings.Repeat("x", most+1), "lines": strings.Repeat("\n", most+1), "a picture that is announced": "\x1d8L\xff\xff\xff\xff", "a code": "\x1dk\x04" + strings.Repeat("1", 1000),
		"definitions in flash": "\x1cq\xff" + strings.Repeat("\xff\xff\xff\xff", 2),
	} {
		if _, events := whole([]byte(sent), stream.Options{Max: most}); len(events) != 1 || events[0].What != stream.TooLong {
			t.Errorf("%s: %q", name, events)
		}
	}
}

// TestShowsTooMuch: what some bytes print again and again takes no more memory than a slip may show, and no time either.
func TestShowsTooMuch(t *testing.T) {
	for name, sent := range map[string]string{
		"a page, printed again":   "\x1bL" + strings.Repeat("a\n", 4000) + strings.Repeat("\x1b\x0c", 120_000),
		"a code, printed again":   "\x1d(k\xcb\x0b\x31P0" + strings.Repeat("1", 3016) + strings.Repeat("\x1d(k\x03\x001Q0", 30_000),
		"far to the right":        strings.Repeat("\x1b$\xff\xffa\n", 40_000),
		"a page far to the right": "\x1bL" + strings.Repeat("\x1b$\xff\xffa\n", 40_000) + "\x0c",
	} {
		if len(sent) > stream.MaxSlip {
			t.Fatalf("%s: %d bytes", name, len(sent))
		}
		s, events := whole([]byte(sent), stream.Options{})
		if len(events) != 1 || events[0].What != stream.TooLong || len(s.Lines) > 16<<20/48 {
			t.Errorf("%s: %d lines, %q", name, len(s.Lines), events)
		}
	}
	if _, events := whole([]byte(strings.Repeat("\n", stream.MaxSlip)), stream.Options{}); len(events) != 0 {
		t.Errorf("feeds: %q", events)
	}
}

// TestCalm: the data of a picture are not obeyed, and no other dot changes.
func TestCalm(t *testing.T) {
	sent := []byte("\x1dv0\x00\x05\x00\x02\x00\x10\x14\x01\x00\x01\x10\x05\x02\x10\x04\n\x1dV\x00")
	s, _ := whole(sent, stream.Options{})
	if string(s.Stream) != "\x1dv0\x00\x05\x00\x02\x00\x10\x14\x81\x00\x01\x10\x05\x82\x10\x04\n\x1dV\x00" {
		t.Errorf("%q", s.Stream)
	}
	if got := printed(t, "", s.Stream); got.pulses != 0 {
		t.Errorf("%d pulses", got.pulses)
	}
}

// FuzzReader: whatever comes, and however it is cut up on the way, the same is read; what is kept is kept again, and a printer finds no
// question, no pulse and no other request in it.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{"\x1b@RECEIPT\n\x1dV\x42\x00", "\x1dv0\x00\x01\x00\x03\x00\x10\x14\x01", "\x1c&\xba\xcf\x1bp\x00", "\x1bL\x1d$\x10\x00x\x0c\x1bS", "\x1b&\x03AB\x01123\x011231", "\x10\x04\x01\x10\x10\x05\x01", "\x1bD\x10\x04\x01\x00\t", "\x1c(C\x02\x0002\xe6\x94\xb6\xe6\x1b@"} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, sent []byte, step uint8) {
		s, _ := whole(sent, stream.Options{Max: 1 << 14})
		r := stream.NewReader(stream.Options{Max: 1 << 14})
		for b := sent; len(b) > 0; {
			part := b[:min(len(b), int(step%7)+1)]
			n, _ := r.Next(part)
			b = b[n:]
		}
		if p := r.Take(true); !bytes.Equal(p.Stream, s.Stream) || p.Text() != s.Text() || p.Half != s.Half || p.Dots != s.Dots {
			t.Errorf("in pieces: %q %q, whole: %q %q", p.Stream, p.Text(), s.Stream, s.Text())
		}
		again, events := whole(s.Stream, stream.Options{Max: 1 << 14})
		if !bytes.Equal(again.Stream, s.Stream) {
			t.Errorf("kept %q of %q, and of that %q", s.Stream, sent, again.Stream)
		}
		for _, e := range events {
			if e.What != stream.Cut {
				t.Errorf("%q keeps %q", s.Stream, e.Bytes)
			}
		}
		for _, dle := range []string{"\x10\x04\x01", "\x10\x04\x04", "\x10\x05\x00", "\x10\x05\x02", "\x10\x14\x01", "\x10\x14\x02", "\x10\x14\x08"} {
			if bytes.Contains(s.Stream, []byte(dle)) {
				t.Errorf("%q of %q holds %q", s.Stream, sent, dle)
			}
		}
	})
}
