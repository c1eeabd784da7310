package daemon_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// longRows are rows of a long slip, 1.7 KB each: a line and a picture.
func longRows(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		fmt.Fprintf(&b, "\x1bE%crow %d\n\x1dv0\x00\x48\x00\x18\x00", n%2, n)
		for i := range 72 * 24 {
			b.WriteByte(byte(0xA0 | (n+i)%7))
		}
	}
	return b.String()
}

const longEnd = "TOTAL\n\x1dVB\x00"

func (s *testShop) onRoll(text string) {
	s.t.Helper()
	s.await(text+" on the roll", func() bool { return strings.Contains(s.printers["front"].Hanging().Text(), text) })
}

// slips gives the copies there are, the latest slip first. The daemon has ended.
func (s *testShop) slips() (list []queue.CopyStatus) {
	s.t.Helper()
	q := s.journal()
	defer q.Close()
	all, _, err := q.Jobs.List(s.t.Context(), queue.Filter{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, j := range all {
		list = append(list, j.Copies...)
	}
	return list
}

// TestCapturedStream: the head of a long slip is on paper while its rest still comes, and all of it is what direct printing gives: one slip,
// one copy, one proof. The same once more is marked, and so is a reprint.
func TestCapturedStream(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "mode=\"stream\"")
	head, rest := "\x1b@"+longRows(0, 100), longRows(100, 130)+longEnd
	c := dialled(t, addr)
	defer c.Close()
	if _, err := io.WriteString(c, head); err != nil {
		t.Fatal(err)
	}
	s.onRoll("row 30")
	if _, err := io.WriteString(c, rest); err != nil {
		t.Fatal(err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(c); err != nil {
		t.Fatal(err)
	}
	want := direct(t, []byte(head+rest))
	if got := s.pieces(1)[0]; got.SHA256() != want.SHA256() {
		t.Fatalf("%d and %d dots high\n%.300s", got.DotsHigh, want.DotsHigh, got.Text())
	}
	if err := prints(t, addr, []byte(head+rest)); err != nil {
		t.Fatal(err)
	}
	if again := s.pieces(2)[1]; !again.Contains("POSSIBLE DUPLICATE") || !again.Contains("row 129") {
		t.Errorf("again:\n%.400s", again.Text())
	}
	s.drops("r", `"command":"reprint_last"`)
	if again := s.pieces(3)[2]; !again.Contains("DUPLICATED") && !again.Contains("REPRINT") || !again.Contains("row 0\n") || !again.Contains("row 129") || strings.Count(again.Text(), "DUPLICATE") != 1 {
		t.Errorf("reprint:\n%.400s", again.Text())
	}
	s.end()
	list := s.slips()
	if len(list) != 3 {
		t.Fatalf("%d copies", len(list))
	}
	for i, no := range []int{1, 1, 2} {
		if list[i].State != queue.Printed || list[i].PrintNo != no {
			t.Errorf("copy %d: %+v", i, list[i])
		}
	}
}

// TestCapturedStreamBreaks: a program that breaks off in the middle of a long slip leaves one that says so, and a person is asked.
func TestCapturedStreamBreaks(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "mode=\"stream\"")
	if err := prints(t, addr, []byte("\x1b@"+longRows(0, 100))); err != nil {
		t.Fatal(err)
	}
	if got := s.pieces(1)[0]; !got.Contains("row 30") || got.Contains("row 99") || !got.Contains("INCOMPLETE") {
		t.Errorf("%.300s", got.Text())
	}
	if err := prints(t, addr, fmt.Appendf(nil, slip, "the next one")); err != nil {
		t.Fatal(err)
	}
	if got := s.pieces(2)[1]; got.Contains("row") || !got.Contains("the next one") || got.Contains("DUPLICATE") {
		t.Errorf("%.300s", got.Text())
	}
	s.end()
	if list := s.slips(); len(list) != 2 || list[1].State != queue.Uncertain || list[1].Reason != vocabulary.ReasonHalf {
		t.Errorf("%+v", list)
	}
}

// TestCapturedStreamUnready: a long slip that breaks off before anything left is asked about like any; one that came whole and came again
// while it waits is one.
func TestCapturedStreamUnready(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "mode=\"stream\"")
	s.set("front", virtual.Change{Paper: "out"})
	whole := []byte("\x1b@" + longRows(0, 100) + longEnd)
	for range 2 {
		if err := prints(t, addr, whole); err != nil {
			t.Fatal(err)
		}
	}
	if err := prints(t, addr, []byte("\x1b@"+longRows(200, 300))); err != nil {
		t.Fatal(err)
	}
	s.end()
	if list := s.slips(); len(list) != 2 || list[0].State != queue.Held || list[0].Reason != vocabulary.ReasonHalf || list[1].State.OnPaper() || list[1].Reason == vocabulary.ReasonHalf {
		t.Fatalf("%+v", list)
	}
	s.set("front", virtual.Change{Paper: "ok"})
	s.start()
	if got := s.pieces(1)[0]; got.SHA256() != direct(t, whole).SHA256() {
		t.Errorf("%.300s", got.Text())
	}
	s.end()
	q := s.journal()
	if _, err := q.Decisions.ReleaseHalf(t.Context(), "front", true, "01"); err != nil {
		t.Fatal(err)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	s.start()
	if got := s.pieces(2)[1]; !got.Contains("row 200") || !got.Contains("row 299") || !got.Contains("INCOMPLETE") {
		t.Errorf("%.300s", got.Text())
	}
}

// TestCapturedStreamCard: a card number that begins at the end of one portion and ends in the next never reaches the printer, nor the journal.
func TestCapturedStreamCard(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "mode=\"stream\"")
	pan := "4" + strings.Repeat("1", 15)
	n := 0
	for _, before := range []int{20 << 10, 64<<10 - 12, 64<<10 - 1, 64 << 10, 128<<10 - 12, 128<<10 - 5} { // portions end behind the first half, too
		n++
		head := "\x1b@" + longRows(0, before/1800)
		head += strings.Repeat("x", before-len(head)-1) + "\n"
		sent := head + "CARD " + pan[:8] + "\n" + pan[8:] + "\n" + longRows(100, 190) + longEnd
		if err := prints(t, addr, []byte(sent)); err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		pieces := s.pieces(n)
		for _, p := range pieces[n-1:] {
			text.WriteString(p.Text())
		}
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, text.String())
		if strings.Contains(digits, pan) || !strings.Contains(text.String(), "TOTAL") {
			t.Errorf("%d: %.300s", before, text.String())
		}
	}
	s.end()
	s.holdsNot(pan)
}
