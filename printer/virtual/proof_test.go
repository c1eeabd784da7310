package virtual_test

import (
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

// slow prints one line of 30 dots in 15 ms.
var slow = virtual.Options{Speed: virtual.Real}

func TestProof(t *testing.T) {
	with(t, "waits for the mechanism, GS r does not", slow, func(h *host) {
		h.ask("7 lines of 15 ms", rows("A", 7)+fence("0001")+"\x1dr\x01"+cut+fence("0002"), "\x00")
		h.pass(100 * time.Millisecond)
		h.want("not yet", "")
		h.pass(10 * time.Millisecond)
		h.want("content printed", proof("0001"))
		h.pass(305 * time.Millisecond) // 120 dots of feed, 250 ms of cutting
		h.want("not cut yet", "")
		h.pass(10 * time.Millisecond)
		h.want("cut", proof("0002"))
		h.paper("paper", "A1|A2|A3|A4|A5|A6|A7")
	})
	with(t, "the parser runs ahead by one print buffer only", slow, func(h *host) {
		h.ask("30 lines", rows("A", 30)+"\x1dr\x01", "")
		h.pass(300 * time.Millisecond)
		h.want("parser not there", "")
		h.pass(100 * time.Millisecond)
		h.want("parser there", "\x00")
	})
	with(t, "answered at once without print data", slow, func(h *host) {
		h.ask("fence", fence("zzzz"), proof("zzzz"))
		h.ask("id below 20", fence("\x01234"), "")
	})
	with(t, "clone answers when it parses", virtual.Options{Model: "clone-parse-proof", Speed: virtual.Real}, func(h *host) {
		h.ask("fence", rows("A", 6)+fence("0001"), proof("0001"))
		h.paper("nothing printed yet")
	})
	with(t, "silent while offline, then answered", slow, func(h *host) {
		h.set(virtual.Change{Cover: "open"})
		h.ask("fence", "A\n"+fence("0001"), "")
		h.pass(time.Hour)
		h.want("for ever", "")
		h.set(virtual.Change{Cover: "closed"})
		h.pass(time.Second)
		h.want("after closing", proof("0001"))
	})
	with(t, "no GS ( H: skipped by its length", virtual.Options{Model: "clone-no-gsh"}, func(h *host) {
		h.ask("fence", "A\n"+fence("0001")+"B\n\x1dr\x01", "\x00")
		h.paper("paper", "...A|B")
	})
	with(t, "37 33 on no paper, also for requests that wait", virtual.Options{Model: "nz", Speed: virtual.Real}, func(h *host) {
		h.send("A\n" + fence("0001"))
		h.set(virtual.Change{Paper: "out"})
		h.pass(time.Second)
		h.want("waiting request failed", "7\x330001\x00")
		h.ask("new request", "B\n"+fence("0002"), "7\x330002\x00")
		h.set(virtual.Change{Paper: "ok"})
		h.pass(time.Second)
		h.want("no second answer", "")
		h.paper("the data were kept all the same", "A", "...B")
	})
	with(t, "mute", virtual.Options{Model: "zj-5890"}, func(h *host) {
		h.ask("everything", "A\n"+fence("0001")+"\x1dr\x01\x1da\xff"+eot(1), "")
		h.paper("prints", "...A")
	})
}

func TestNewestProofOnly(t *testing.T) {
	with(t, "a host that does not read gets the newest id", virtual.Options{}, func(h *host) {
		h.disconnect()
		h.connectDeaf()
		h.send("\x1da\xff") // this frame blocks the writer
		h.pass(100 * time.Millisecond)
		h.send("\x1dIB" + fence("0001") + fence("0002") + fence("0003"))
		h.send(clearAll)
		h.listen()
		h.want("block replies in their order", "\x14\x00\x00\x0F"+proof("0003")+"_GENERIC\x00"+"7%\x00")
	})
	with(t, "late proof goes to the next connection", slow, func(h *host) {
		h.send(rows("A", 8) + fence("0001"))
		h.disconnect()
		h.connect()
		h.pass(time.Second)
		h.want("proof of before", proof("0001"))
	})
	with(t, "proof to nobody is lost", slow, func(h *host) {
		h.send(rows("A", 8) + fence("0001"))
		h.disconnect()
		h.pass(time.Second)
		h.connect()
		h.want("nothing", "")
		if n := h.p.State().Counters.RepliesLost; n != 1 {
			h.t.Errorf("%d replies lost, want 1", n)
		}
	})
}
