package virtual_test

import (
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

func TestStatusRequests(t *testing.T) {
	for _, c := range []struct {
		name   string
		change virtual.Change
		want   string // DLE EOT 1, 2, 3, 4
		frame  string // one ASB frame when it changed
	}{
		{"idle", virtual.Change{}, "\x16\x12\x12\x12", ""},
		{"drawer open", virtual.Change{Drawer: "open"}, "\x12\x12\x12\x12", "\x10\x00\x00\x0F"},
		{"near end", virtual.Change{Paper: "near_end"}, "\x16\x12\x12\x1E", "\x14\x00\x03\x0F"},
		{"paper out", virtual.Change{Paper: "out"}, "\x1E\x32\x12\x7E", "\x1C\x00\x0F\x0F"},
		{"cover", virtual.Change{Cover: "open"}, "\x1E\x16\x12\x12", "\x3C\x00\x00\x0F"},
		{"hot", virtual.Change{Head: "hot"}, "\x1E\x52\x52\x12", "\x1C\x40\x00\x0F"},
		{"unrecoverable", virtual.Change{Error: "unrecoverable"}, "\x1E\x52\x32\x12", "\x1C\x20\x00\x0F"},
		{"near end by length", virtual.Change{PaperLeftMM: number(500)}, "\x16\x12\x12\x1E", "\x14\x00\x03\x0F"},
	} {
		with(t, c.name, virtual.Options{}, func(h *host) {
			h.ask("GS a", "\x1ba\x00\x1da\xff", "\x14\x00\x00\x0F")
			h.set(c.change)
			h.want("ASB edge", c.frame)
			h.ask("DLE EOT", eot(1)+eot(2)+eot(3)+eot(4), c.want)
		})
	}
	with(t, "cutter", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{Cutter: "jam"})
		h.ask("jam is not seen before a cut", eot(1)+eot(3), "\x16\x12")
		h.ask("cut", "\x1da\xff"+cut, "\x14\x00\x00\x0F\x1C\x08\x00\x0F")
		h.ask("DLE EOT", eot(1)+eot(2)+eot(3)+eot(4), "\x1E\x52\x1A\x12")
	})
}

func TestAutomaticStatus(t *testing.T) {
	with(t, "edges, groups, off", virtual.Options{}, func(h *host) {
		h.ask("frame on enabling", "\x1da\x08", "\x14\x00\x00\x0F")
		h.set(virtual.Change{Cover: "open"})
		h.want("group not enabled", "")
		h.set(virtual.Change{Paper: "near_end"})
		h.want("full snapshot", "\x3C\x00\x03\x0F")
		h.set(virtual.Change{Paper: "near_end"})
		h.want("no edge", "")
		h.set(virtual.Change{Cover: "closed"})
		h.ask("off", "\x1da\x00", "")
		h.set(virtual.Change{Paper: "ok"})
		h.want("after off", "")
		h.ask("on again, then ESC @", "\x1da\xff\x1b@", "\x14\x00\x00\x0F")
		h.set(virtual.Change{Cover: "open"})
		h.want("ESC @ switches it off", "")
	})
	with(t, "button makes edges", virtual.Options{}, func(h *host) {
		h.send("\x1da\xff")
		h.take()
		h.set(virtual.Change{Button: "feed"})
		h.want("press and release", "\x5C\x02\x00\x0F\x14\x00\x00\x0F")
	})
	with(t, "in order: not while offline", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{Cover: "open"})
		h.ask("offline", "\x1da\xff", "")
		h.set(virtual.Change{Cover: "closed"})
		h.want("after closing", "\x14\x00\x00\x0F")
	})
	with(t, "network board enables it at power-on", virtual.Options{Model: "epson-lan"}, func(h *host) {
		h.want("unasked frame", "\x14\x00\x00\x0F")
	})
	with(t, "a change during a block reply is lost", virtual.Options{Baud: 9600}, func(h *host) {
		h.send("\x1da\xff")
		h.pass(time.Second)
		h.take()
		h.send("\x1dIB") // maker: a block of 9 bytes takes 9 ms
		h.pass(6 * time.Millisecond)
		h.set(virtual.Change{Cover: "open"})
		h.pass(time.Second)
		h.want("block only", "_GENERIC\x00")
		h.ask("poll tells", eot(2), "")
		h.pass(10 * time.Millisecond)
		h.want("cover", "\x16")
	})
	with(t, "status waits while flash is written", virtual.Options{Speed: virtual.Real}, func(h *host) {
		h.send("\x1da\xff")
		h.take()
		h.send("\x1cq\x01\x01\x00\x01\x0012345678")
		h.set(virtual.Change{Drawer: "open"})
		h.ask("during", eot(1), "")
		h.pass(time.Second)
		h.want("after: the answer, but the edge is lost", "\x12")
	})
}

func TestInOrderStatus(t *testing.T) {
	with(t, "GS r, GS I, ESC v, ESC u", virtual.Options{}, func(h *host) {
		h.ask("GS r 1", "\x1dr\x01", "\x00")
		h.ask("GS r 49", "\x1dr1", "\x00")
		h.ask("GS r 2", "\x1dr\x02", "\x01")
		h.ask("ESC v", "\x1bv", "\x00")
		h.ask("ESC u", "\x1bu\x00", "\x01")
		h.ask("GS I 1 2 3", "\x1dI\x01\x1dI\x02\x1dI\x03", "\x20\x03\x03")
		h.ask("GS I 67 69", "\x1dIC\x1dIE", "_POS-80\x00_CHINA GB18030\x00")
		h.set(virtual.Change{Paper: "near_end"})
		h.ask("near end", "\x1dr\x01", "\x03")
	})
	with(t, "silent while offline, answers when well", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{Paper: "out"})
		h.ask("offline", "\x1dr\x01\x1dI\x01", "")
		h.ask("real time still works", eot(4), "\x7E")
		h.set(virtual.Change{Paper: "ok"})
		h.want("both", "\x00\x20")
	})
	with(t, "DLE DC4 7", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{Cover: "open"})
		h.ask("basic status now", "\x10\x14\x07\x01", "\x3C\x00\x00\x0F")
	})
}

func TestOfflineResponse(t *testing.T) {
	with(t, "fn 49", virtual.Options{Model: "epson-tm-t88"}, func(h *host) {
		h.send("\x1d(H\x03\x0010\x01")
		h.set(virtual.Change{Cover: "open"})
		h.want("notice", "7#\x00")
		h.set(virtual.Change{Paper: "out"})
		h.want("was offline already", "")
		h.set(virtual.Change{Cover: "closed", Paper: "ok"})
		h.send("\x1d(H\x03\x0010\x02")
		h.set(virtual.Change{Head: "hot"})
		h.want("with cause", "7#C\x00")
	})
}

// A roll that is nearly used up can be put into a printer that has none.
func TestNearEndAfterOut(t *testing.T) {
	with(t, "near_end after out", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{Paper: "out"})
		h.send("A\n")
		h.take()
		h.set(virtual.Change{Paper: "near_end"})
		if s := h.p.State(); s.Paper != "near_end" || !s.Online {
			h.t.Errorf("paper %s, online %v", s.Paper, s.Online)
		}
		h.ask("near the end", eot(4), "\x1e")
		h.paper("goes on", "", "...A")
	})
}
