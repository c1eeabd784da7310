package virtual_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

func TestFaults(t *testing.T) {
	with(t, "paper out in mid slip: goes on by itself on the new roll", virtual.Options{}, func(h *host) {
		h.p.AtDots(75, virtual.Change{Paper: "out"})
		h.ask("slip", rows("A", 5)+fence("0001"), "")
		h.paper("stopped after the line in progress", "...A1|A2|A3")
		h.set(virtual.Change{Paper: "ok"})
		h.want("proof of the whole slip, on two pieces", proof("0001"))
		h.send(cut)
		h.paper("paper", "A1|A2|A3", "A4|A5")
		if p := h.p.Pieces(); !p[0].Torn || p[0].Cut || p[1].Torn || !p[1].Cut {
			h.t.Errorf("pieces %+v, want torn, then cut", p)
		}
	})
	with(t, "paper runs out by length", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{PaperLeftMM: number(10)}) // 79 dots
		h.send(rows("A", 5))
		h.ask("out", eot(4), "\x7E")
		h.paper("paper", "...A1|A2|A3")
	})
	with(t, "hot head: waits and goes on", virtual.Options{}, func(h *host) {
		h.p.AtDots(60, virtual.Change{Head: "hot"})
		h.ask("slip", rows("A", 4)+fence("0001"), "")
		h.ask("cause", eot(3), "\x52")
		h.set(virtual.Change{Head: "ok"})
		h.want("proof", proof("0001"))
		h.paper("paper", "...A1|A2|A3|A4")
	})
	with(t, "power cut in mid slip: RAM is lost, paper stays on the next piece", slow, func(h *host) {
		h.send("\x1da\xff\x1d!\x01" + rows("A", 10) + fence("0001") + cut)
		h.pass(60 * time.Millisecond) // 2 and a half lines of 24 ms
		h.take()
		h.set(virtual.Change{Power: "off"})
		h.pass(time.Minute)
		h.ask("dead", eot(1)+"lost\n", "")
		h.set(virtual.Change{Power: "on"})
		h.pass(time.Minute)
		h.want("no proof, no ASB", "")
		h.send("B\n" + cut + fence("0002"))
		h.pass(time.Second)
		h.want("proof of the next", proof("0002"))
		h.paper("one piece", "A1|A2|A3|B")
		if p := h.p.Pieces()[0]; !p.Interrupted || p.DotsHigh != 120+2*48+24+30 {
			h.t.Errorf("piece %+v: want interrupted, with half a line", p)
		}
	})
	with(t, "feed button and tear bar", virtual.Options{}, func(h *host) {
		h.send("A\n")
		h.set(virtual.Change{Button: "feed"})
		h.set(virtual.Change{Tear: true})
		h.paper("torn at the cutter, the line is still inside", "", "...A")
	})
	with(t, "link cut at every byte, bytes behind it are lost", virtual.Options{}, func(h *host) {
		slip := rows("A", 2)
		for n := 1; n < len(slip); n++ {
			h.p.AfterBytes(n, virtual.Change{Link: "blip"})
			_, _ = h.line.Write([]byte(slip))
			h.disconnect()
			h.connect()
			h.send("\x1b@")
			want := "..." + strings.Join(strings.Split(slip[:n], "\n")[:strings.Count(slip[:n], "\n")], "|")
			if want == "..." {
				h.paper("cut at byte " + slip[:n])
			} else {
				h.paper("cut at byte "+slip[:n], want)
				h.set(virtual.Change{Paper: "out"})
				h.set(virtual.Change{Paper: "ok"})
			}
			h.p = virtual.New(virtual.Options{})
			h.disconnect()
			h.connect()
		}
	})
	with(t, "hooks count exactly", virtual.Options{}, func(h *host) {
		h.p.AfterParsed(3, virtual.Change{Cover: "open"})
		h.send("A\nB\nC\n")
		h.paper("three bytes parsed", "...A")
		if s := h.p.State(); s.Buffer != 3 || s.Counters.BytesParsed != 3 {
			h.t.Errorf("buffer %d, parsed %d: want 3, 3", s.Buffer, s.Counters.BytesParsed)
		}
		h.p.AfterReplies(1, virtual.Change{Mute: &yes})
		h.ask("the second is mute", eot(1)+eot(1), "\x1E")
		h.set(virtual.Change{Mute: &no})
		h.p.AfterBytes(1, virtual.Change{Cover: "closed"})
		h.p.ClearHooks()
		h.ask("forgotten", eot(1), "\x1E")
		h.p.AfterBytes(0, virtual.Change{Cover: "closed"})
		h.ask("at once", eot(1), "\x16")
	})
}

func TestLinks(t *testing.T) {
	with(t, "half open: writes succeed, nothing passes", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{Link: "half_open"})
		h.ask("nothing", "A\n"+eot(1), "")
		h.set(virtual.Change{Link: "up"})
		h.ask("up", "B\n"+eot(1), "\x16")
		h.paper("paper", "...B")
	})
	with(t, "drop ends the stream", virtual.Options{}, func(h *host) {
		h.set(virtual.Change{Link: "drop"})
		if _, err := h.line.Write([]byte("A")); !errors.Is(err, io.ErrClosedPipe) {
			h.t.Errorf("write after drop: %v", err)
		}
	})
	with(t, "closing keeps what was received", slow, func(h *host) {
		h.send(rows("A", 20))
		h.disconnect()
		h.pass(time.Second)
		if n := strings.Count(h.p.Hanging().Text(), "A"); n != 20 {
			h.t.Errorf("%d lines came out, want 20", n)
		}
	})
	with(t, "some clones throw it away", virtual.Options{Model: "clone-truncates", Speed: virtual.Real}, func(h *host) {
		h.send(rows("A", 20))
		h.disconnect()
		h.pass(time.Second)
		if n := strings.Count(h.p.Hanging().Text(), "A"); n == 0 || n >= 20 {
			h.t.Errorf("%d lines came out, want some", n)
		}
	})
}

func TestBadChange(t *testing.T) {
	p := virtual.New(virtual.Options{})
	for _, c := range []virtual.Change{{Paper: "none"}, {Cover: "shut"}, {Link: "down"}, {PaperLeftMM: number(-1)}, {Power: "1", Paper: "out"}} {
		var bad *virtual.ChangeError
		if err := p.Set(c); !errors.As(err, &bad) || bad.Want == "" {
			t.Errorf("Set(%+v) = %v, want a ChangeError", c, err)
		}
	}
	if s := p.State(); s.Paper != "ok" {
		t.Errorf("a refused change left paper %q", s.Paper)
	}
	if _, err := virtual.ModelByName("epson"); err == nil {
		t.Error("an unknown model was accepted")
	}
}

func TestAwait(t *testing.T) {
	p := virtual.New(virtual.Options{})
	done := make(chan error, 1)
	go func() {
		done <- p.Await(t.Context(), func(s virtual.State) bool { return s.Paper == "out" && len(p.Pieces()) == 0 })
	}()
	if err := p.Set(virtual.Change{Paper: "out"}); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Await(ctx, func(virtual.State) bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("Await after cancel: %v", err)
	}
}
