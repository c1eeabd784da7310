//go:build browser

package web_test

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/receiptd/receiptd/printer/virtual"
)

// The search is filled and emptied from the keypad alone: * begins anew, the decimal point is one with NumLock off too, and
// - goes back when nothing would be lost.
func TestSearchFromKeypad(t *testing.T) {
	s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
	s.sale("105233", 4250)
	for _, lock := range []string{"", "off:"} {
		s.open("/search?q=42.50")
		s.press("NumpadMultiply")
		s.digits(lock, "999")
		s.press(lock + "NumpadDecimal")
		s.digits(lock, "99")
		s.await("another amount", `document.getElementById("q").value === "999.99"`)
		s.press("NumpadMultiply", "NumpadSubtract")
		s.await("the counter", `location.pathname === "/" && document.readyState === "complete"`)
	}
	s.open("/search?q=2026-08")
	s.press("NumpadMultiply", "Numpad2", "NumpadSubtract")
	s.await("a minus in what is typed", `document.getElementById("q").value === "2-"`)
}

// At 200 % the slip is brought into view before Enter may print it; out of view again, Enter prints nothing.
func TestSmallScreenShowsBeforePrinting(t *testing.T) {
	s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
	s.sale("105233", 123456)
	s.do(chromedp.EmulateViewport(512, 300, chromedp.EmulateScale(2)))
	s.open("/slips/sale-105233?print=1")
	s.await("the print button to be armed", `document.activeElement.id === "print" && Date.now() > armed`)
	for _, part := range []string{".facts h1", ".facts .amount", "#print .verb"} {
		if !eval[bool](s, `(() => { const r = document.querySelector("`+part+`").getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; })()`) {
			t.Errorf("%s is not in view", part)
		}
	}
	s.shot("slip-armed-200")
	eval[bool](s, `scrollTo(0, document.body.scrollHeight), true`)
	s.await("the slip to be out of view", `document.querySelector(".facts h1").getBoundingClientRect().bottom < 0`)
	s.press("Enter")
	eval[bool](s, `scrollTo(0, 0), true`)
	s.press("Enter")
	eval[bool](s, `document.getElementById("main").scrollIntoView(), true`)
	s.await("the print button to be armed", `!lost && Date.now() > armed`)
	if s.pieces() != 1 {
		t.Fatalf("%d pieces: an unseen slip was printed", s.pieces())
	}
	s.press("Enter")
	until(t, "the reprint", func() bool { return s.pieces() == 2 })
}

// A scan of letters ends with Enter, and may have a space: an armed slip is not printed by it.
func TestLettersDisarm(t *testing.T) {
	s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
	s.sale("105233", 4250)
	for _, keys := range [][]string{{"KeyV", "KeyI", "KeyP", "Space", "KeyA", "Enter"}, {"Space", "Enter"}, {"KeyA", "Enter", "Enter"}} {
		s.open("/slips/sale-105233?print=1")
		s.await("the print button to be armed", `document.activeElement.id === "print" && Date.now() > armed`)
		s.press(keys...)
		if !eval[bool](s, `location.search === "?print=1" && !document.querySelector("[data-sent]")`) {
			t.Errorf("%q printed", keys)
		}
	}
	s.toPrint()
	s.press("Enter") // who goes to the button means it
	until(t, "the reprint", func() bool { return s.pieces() == 2 })
}

// A browser that is paired no more is not shown old slips as if they lived.
func TestUnpairedPageSaysSo(t *testing.T) {
	s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
	s.sale("105233", 4250)
	s.open("/")
	s.shows("105233")
	if _, err := chromedp.Call(s.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	s.sale("105234", 500)
	s.shows("这个浏览器还没有配对")
}

// A tab that was hidden while the daemon went says when it was really last seen.
func TestLastSeenAfterHiding(t *testing.T) {
	s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
	s.open("/")
	s.shows("实时")
	hide := func(hidden string) {
		eval[bool](s, `Object.defineProperty(document, "hidden", {value: `+hidden+`, configurable: true}), document.dispatchEvent(new Event("visibilitychange")), true`)
	}
	hide("true")
	s.stop()
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	eval[bool](s, `seen = new Date("`+at.Format(time.RFC3339)+`").getTime(), true`)
	hide("false")
	s.shows("与打印程序失去联系")
	want := eval[string](s, `new Date("`+at.Format(time.RFC3339)+`").toLocaleTimeString("en-GB")`)
	if got := eval[string](s, `document.getElementById("seen").textContent`); got != want {
		t.Errorf("last seen %s, want %s", got, want)
	}
}
