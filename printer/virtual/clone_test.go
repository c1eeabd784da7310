package virtual_test

import (
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

// TestClones are the quirks that break naive drivers, one row each.
func TestClones(t *testing.T) {
	with(t, "GS I claims to be an Epson", virtual.Options{Model: "xprinter-80"}, func(h *host) {
		h.ask("maker, product", "\x1dIB\x1dIC", "_EPSON\x00_TM-T88III\x00")
	})
	with(t, "GS r inverted", virtual.Options{Model: "hprt-tp80k"}, func(h *host) {
		h.ask("paper present", "\x1dr\x01", "\x03")
		h.ask("no GS ( H", fence("0001"), "")
	})
	with(t, "no DLE EOT", virtual.Options{Model: "inner-58"}, func(h *host) {
		h.ask("silence", eot(1)+"\x1da\xff", "")
		h.ask("GS r", "\x1dr\x01", "\x00")
	})
	with(t, "first byte is junk, answers lag by one", virtual.Options{Model: "clone-lagging"}, func(h *host) {
		h.want("junk", "+")
		h.ask("first request", eot(1), "")
		h.ask("second", eot(4), "\x16")
		h.ask("third", eot(1), "\x12")
	})
	with(t, "status only", virtual.Options{Model: "clone-status-only"}, func(h *host) {
		h.ask("fences", "A\n"+fence("0001")+"\x1dr\x01\x1dI\x01", "")
		h.ask("DLE EOT", eot(1), "\x16")
	})
	with(t, "Chinese mode after ESC @", virtual.Options{Model: "xprinter-80"}, func(h *host) {
		h.send("\x1b@\x1bt\x10\xe4\xf6 x\n")
		h.send("\x1b@\x1c.\x1bt\x10\xe4\xf6 x\n")
		text := h.p.Hanging().Text()
		if strings.Contains(strings.Split(text, "\n")[0], "äö") || !strings.HasSuffix(text, "\näö x") {
			h.t.Errorf("paper %q: want Chinese first, then umlauts", text)
		}
	})
	with(t, "a western Epson ignores FS &", virtual.Options{Model: "epson-western"}, func(h *host) {
		h.send("\x1c&\x1bt\x10\xe4\xf6\n")
		h.paper("paper", "...äö")
	})
	sizes := "\x1c&\x1b!\x30a\xba\xcf\n" + "\x1b!\x00\x1d!\x11a\xba\xcf\n"
	for model, want := range map[string][2]int{
		"generic-80":     {24 + 24, 24 + 48}, // ESC ! enlarges the letter only, GS ! both
		"clone-gs-bang":  {24 + 24, 24 + 24},
		"clone-esc-bang": {24 + 48, 24 + 48},
	} {
		with(t, "character sizes of "+model, virtual.Options{Model: model}, func(h *host) {
			h.send(sizes)
			img := h.p.Hanging().Image()
			for i, want := range want {
				right := 0
				for y := 120 + i*48; y < 120+(i+1)*48; y++ {
					for x := range img.Bounds().Dx() {
						if img.ColorIndexAt(x, y) == 1 {
							right = max(right, x)
						}
					}
				}
				if right <= want-8 || right >= want {
					h.t.Errorf("line %d ends at dot %d, want just below %d", i+1, right, want)
				}
			}
		})
	}
	with(t, "more than 255 raster rows come out as characters", virtual.Options{Model: "clone-raster-255"}, func(h *host) {
		h.send("\x1dv0\x00\x01\x00\x00\x01" + strings.Repeat("x", 256) + "\n")
		h.paper("paper", "...[image 8x255]|x")
	})
	with(t, "256 raster rows are fine elsewhere", virtual.Options{}, func(h *host) {
		h.send("\x1dv0\x00\x01\x00\x00\x01" + strings.Repeat("x", 256) + "\n")
		h.paper("paper", "...[image 8x256]")
	})
	with(t, "no GS ( L, no GS ( k", virtual.Options{Model: "clone-no-qr"}, func(h *host) {
		h.send("\x1d(k\x09\x001P0QRDATA\x1d(k\x03\x001Q0\n")
		if text := h.p.Hanging().Text(); !strings.Contains(text, "QRDATA") || strings.Contains(text, "[QR") {
			h.t.Errorf("paper %q: want the data as characters", text)
		}
	})
	with(t, "paper out inside an image: the rest prints as characters", virtual.Options{Model: "clone-garbage"}, func(h *host) {
		h.p.AtDots(24, virtual.Change{PaperLeftMM: number(0)})
		h.send("\x1dv0\x00\x02\x00\x60\x00" + strings.Repeat("ab", 96))
		h.set(virtual.Change{Paper: "ok"})
		h.send("\n" + cut)
		last := h.p.Pieces()[1]
		if !last.Contains("abab") {
			h.t.Errorf("piece %q: want characters", last.Text())
		}
	})
	with(t, "paper out inside an image elsewhere: the image goes on", virtual.Options{}, func(h *host) {
		h.p.AtDots(24, virtual.Change{Paper: "out"})
		h.send("\x1dv0\x00\x02\x00\x60\x00" + strings.Repeat("ab", 96) + "ok\n")
		h.set(virtual.Change{Paper: "ok"})
		h.paper("paper", "[image 16x24]", "...[image 16x72]|ok")
	})
	with(t, "forgets the rest on paper out", virtual.Options{Model: "clone-forgets"}, func(h *host) {
		h.p.AtDots(30, virtual.Change{Paper: "out"})
		h.send(rows("A", 3) + fence("0001"))
		h.set(virtual.Change{Paper: "ok"})
		h.want("no proof", "")
		h.paper("paper", "A1")
	})
	with(t, "no cutter: form A ignored, form B feeds", virtual.Options{Model: "generic-58"}, func(h *host) {
		before := h.p.State().Counters.Dots
		h.send("A\n\x1dV\x00" + cut + "B\n")
		if got := h.p.State().Counters.Dots - before; got != 30+120+30 {
			h.t.Errorf("%d dots of paper, want 180", got)
		}
		h.paper("paper", "...A|B")
	})
	with(t, "no near-end sensor", virtual.Options{Model: "generic-58"}, func(h *host) {
		h.set(virtual.Change{PaperLeftMM: number(30)})
		h.ask("status", eot(4), "\x12")
	})
	with(t, "every model prints, and answers what it says", virtual.Options{}, func(h *host) {
		for _, name := range virtual.ModelNames() {
			h.disconnect()
			h.p = virtual.New(virtual.Options{Model: name, Speed: virtual.Real})
			h.connect()
			h.take()
			m := h.p.Model()
			h.send("\x1b@\x1c.A\n" + fence("0001") + "\x1dr\x01")
			h.pass(5 * time.Second)
			got := h.take()
			if strings.Contains(got, proof("0001")) == (m.NoGSH || m.Mute) {
				h.t.Errorf("%s: replies % X, NoGSH %v", name, got, m.NoGSH)
			}
			h.paper(name, "...A")
		}
	})
}
