package virtual_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

func TestRealTime(t *testing.T) {
	with(t, "acts inside a payload and still counts as payload", virtual.Options{}, func(h *host) {
		h.ask("16 rows of a picture", "\x1dv0\x00\x02\x00\x10\x00"+strings.Repeat("\x10\x04\x04\x00", 8), "\x12\x12\x12\x12\x12\x12\x12\x12")
		h.ask("nothing left over", "ok\n", "")
		h.paper("picture", "...[image 16x16]|ok")
	})
	with(t, "drawer pulse from inside a picture", virtual.Options{}, func(h *host) {
		h.send("\x1dv0\x00\x01\x00\x05\x00\x10\x14\x01\x00\x02")
		if n := h.p.State().Counters.Drawer; n != 1 {
			h.t.Errorf("%d pulses, want 1", n)
		}
		h.send("\x1d(D\x03\x00\x14\x01\x00")
		h.send("\x10\x14\x01\x00\x02")
		if n := h.p.State().Counters.Drawer; n != 1 {
			h.t.Errorf("%d pulses after they were disabled, want 1", n)
		}
	})
	with(t, "between command and parameter it is answered and eaten", virtual.Options{}, func(h *host) {
		// the parser takes 10 as the line pitch; 04 01 then are junk
		h.ask("ESC 3 <request> n", "\x1b3"+eot(1)+"x\n", "\x16")
		h.send(cut)
		h.paper("the rest is text", "x")
		if got := h.p.Pieces()[0].DotsHigh; got != 120+24 {
			h.t.Errorf("%d dots, want a line as high as its characters", got)
		}
	})
	with(t, "between lead and trail byte", virtual.Options{}, func(h *host) {
		h.ask("half a character, request", "\x1c&\xba"+eot(1)+"\xcf\n\n", "\x16")
		if c := h.p.Hanging(); !c.Garbage || strings.Contains(c.Text(), "合") {
			h.t.Errorf("the request did not destroy the character: %q", c.Text())
		}
	})
	with(t, "split over writes", virtual.Options{}, func(h *host) {
		for _, b := range []string{"\x10", "\x04", "\x01"} {
			h.send(b)
		}
		h.want("answer", "\x16")
		h.ask("10 10 04 01", "\x10\x10\x04\x01", "\x16")
	})
	with(t, "works while the printer is offline and when deselected", virtual.Options{}, func(h *host) {
		h.send("\x1b=\x00lost\n")
		h.ask("deselected", eot(1), "\x16")
		h.send("\x1b=\x01seen\n")
		h.paper("paper", "...seen")
	})
	with(t, "in order it is thrown away", virtual.Options{}, func(h *host) {
		h.send("a" + eot(1) + "b\x10\x05\x01c\n")
		h.paper("paper", "...abc")
	})
	with(t, "power off by command only when enabled", virtual.Options{}, func(h *host) {
		h.ask("disabled", "\x10\x14\x02\x01\x08", "")
		h.send("\x1d(D\x03\x00\x14\x02\x01")
		h.ask("enabled", "\x10\x14\x02\x01\x08", ";0\x00")
		h.ask("dead", eot(1), "")
		h.set(virtual.Change{Power: "on"})
		h.ask("alive", eot(1), "\x16")
	})
}

func TestClear(t *testing.T) {
	with(t, "DLE DC4 8 drops what waits, ends the error, keeps settings", virtual.Options{}, func(h *host) {
		h.send("\x1d!\x11\x1da\xffA\n")
		h.set(virtual.Change{Paper: "out"})
		h.send("B\nC\n" + fence("0001"))
		h.take()
		h.ask("clear", clearAll, "7%\x00")
		h.set(virtual.Change{Paper: "ok"})
		h.want("dropped proof never answers; ASB was kept", "\x14\x00\x00\x0F")
		h.ask("next", "D\n"+cut+fence("0002"), proof("0002"))
		h.paper("paper", "A", "D")
		pieces := h.p.Pieces()
		if !pieces[0].Torn || !pieces[0].Interrupted || pieces[1].DotsHigh != 120+48 {
			h.t.Errorf("pieces %+v: want a torn one that was interrupted, and size kept on the next", pieces)
		}
	})
	with(t, "bytes of the same write before and after it", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{Cover: "open"})
		h.ask("write", "A\n"+clearAll+"B\n", "7%\x00")
		h.set(virtual.Change{Cover: "closed"})
		h.paper("paper", "...B")
	})
	with(t, "ignored inside block data", virtual.Options{}, func(h *host) {
		h.send("\x1dv0\x00\x01\x00\x14\x00")
		h.ask("in a picture", clearAll, "")
		h.send("0123456789")
		h.ask("after it", clearAll, "7%\x00")
	})
	with(t, "a printer without it", virtual.Options{Model: "epson-tm-t88iii"}, func(h *host) {
		h.set(virtual.Change{Cover: "open"})
		h.ask("clear", "A\n"+clearAll, "")
		h.set(virtual.Change{Cover: "closed"})
		h.paper("paper", "...A")
	})
	with(t, "ESC @ keeps the receive buffer and drops the line being composed", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{Cover: "open"})
		h.send("A\nB\x1b@C\n")
		h.set(virtual.Change{Cover: "closed"})
		h.paper("paper", "...A|C")
	})
}

func TestRecover(t *testing.T) {
	jammed := func(h *host) {
		h.set(virtual.Change{Cutter: "jam"})
		h.send("A\n" + fence("0001") + cut + fence("0002") + "B\n")
		h.want("content is proven, the cut is not", proof("0001"))
		h.ask("cutter error", eot(3), "\x1A")
	}
	with(t, "DLE ENQ 1 tries the cut again and goes on", virtual.Options{}, func(h *host) {
		jammed(h)
		h.ask("cause still there", "\x10\x05\x01"+eot(3), "\x1A")
		h.set(virtual.Change{Cutter: "ok"})
		h.ask("no sensor tells", eot(3), "\x1A")
		h.set(virtual.Change{Cover: "open"})
		h.ask("cover open: ignored", "\x10\x05\x01"+eot(3), "\x1A")
		h.set(virtual.Change{Cover: "closed"})
		h.ask("recovered", "\x10\x05\x01", proof("0002"))
		h.paper("paper", "A", "...B")
	})
	with(t, "DLE ENQ 2 forgets what waits", virtual.Options{}, func(h *host) {
		jammed(h)
		h.set(virtual.Change{Cutter: "ok"})
		h.ask("recovered", "\x10\x05\x02", "")
		h.send("C\n")
		h.paper("paper", "...A|C")
	})
	with(t, "DLE ENQ does nothing without a recoverable error", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{Paper: "out"})
		h.send("A\n\x10\x05\x02")
		h.set(virtual.Change{Paper: "ok"})
		h.paper("paper", "", "...A")
	})
	with(t, "cover as a recoverable error: the failed line comes twice", virtual.Options{Model: "epson-cover-switch", Speed: virtual.Real}, func(h *host) {
		h.send(rows("A", 20))
		h.pass(25 * 1e6) // in the middle of a line of 14 ms
		h.set(virtual.Change{Cover: "open"})
		h.ask("mechanical error", eot(3), "\x56")
		h.set(virtual.Change{Cover: "closed"})
		h.pass(1e9)
		h.ask("waits for the host", eot(1)+eot(3), "\x1E\x16")
		h.send("\x10\x05\x01")
		h.pass(1e9)
		h.ask("well", eot(1), "\x16")
		if text := h.p.Hanging().Text(); strings.Count(text, "A2\n") != 2 || strings.Count(text, "\n") != 20 {
			h.t.Errorf("paper %q, want the line A2 twice", text)
		}
	})
}
