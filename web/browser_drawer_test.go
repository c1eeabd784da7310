//go:build browser

package web_test

import (
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestBrowserDrawer: the button opens the drawer once, and a program's wish is a question that yes opens and no does not.
func TestBrowserDrawer(t *testing.T) {
	s := newRealShop(t, virtual.Options{})
	s.stop()
	addr := fleettest.FreeAddr(t)
	text, err := os.ReadFile(s.loader.Path)
	if err != nil {
		t.Fatal(err)
	}
	capture := fmt.Appendf(text, "[[capture]]\nname=\"till\"\nlisten=\"tcp://%s\"\nprinter=\"front\"\n", addr)
	if err := os.WriteFile(s.loader.Path, capture, 0o600); err != nil {
		t.Fatal(err)
	}
	if s.cfg, err = s.loader.Load(); err != nil {
		t.Fatal(err)
	}
	s.start()
	s.open("/")
	opened := func(n int64) {
		t.Helper()
		for end := time.Now().Add(time.Minute); s.printer.State().Counters.Drawer < n; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d pulses, want %d", s.printer.State().Counters.Drawer, n)
			}
		}
		if got := s.printer.State().Counters.Drawer; got != n {
			t.Fatalf("%d pulses, want %d", got, n)
		}
	}
	s.submit(`form[action="/do/drawer"] button`)
	opened(1)
	wishes := func(slip string) {
		t.Helper()
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := fmt.Fprintf(c, "\x1b@\x1bp\x00\x19\xfa%s\n\x1dVB\x00", slip); err != nil {
			t.Fatal(err)
		}
	}
	s.open("/")
	wishes("Coffee 4.00")
	s.await("the question", `document.querySelector('#drawers button[value="yes"]')`)
	opened(1)
	s.submit(`#drawers button[value="yes"]`)
	opened(2)
	s.open("/")
	wishes("Tea 3.00")
	s.await("the next question", `document.querySelector('#drawers button[value="no"]')`)
	s.submit(`#drawers button[value="no"]`)
	s.open("/")
	s.await("no question", `!document.querySelector('#drawers button')`)
	opened(2)
	for _, lang := range []string{"zh", "en"} {
		s.speak(lang)
		s.open("/drawer")
		s.await("all who wanted it open", `document.querySelectorAll("#openings tbody tr").length === 3`)
		s.axe("who opened in " + lang)
		s.targets("who opened in " + lang)
		s.do(chromedp.EmulateViewport(390, 844))
		if wide := eval[int](s, "document.documentElement.scrollWidth"); wide > 390 {
			t.Errorf("%d px wide on a phone", wide)
		}
		s.do(chromedp.EmulateViewport(1024, 600))
	}
}
