//go:build browser

package web_test

import (
	"net"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"

	"github.com/receiptd/receiptd/printer/virtual"
)

// A tablet is paired by people with browsers: the till shows the code, the tablet takes it, sees the counter and is revoked.
func TestDevicesPage(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
			s.speak(lang)
			s.open("/devices")
			s.look("devices-off-" + lang)
			l := listen(t)
			_, port, _ := net.SplitHostPort(l.Addr().String())
			l.Close()
			s.stop()
			text, err := os.ReadFile(s.loader.Path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(s.loader.Path, []byte(strings.Replace(string(text), "[http]\n", "[http]\nlan=true\nlan_names=[\"127.0.0.1\"]\nlan_listen=\"127.0.0.1:"+port+"\"\n", 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			if s.cfg, err = s.loader.Load(); err != nil {
				t.Fatal(err)
			}
			s.start()
			for !s.promised(`fetch("/v1/lan").then(r => r.json()).then(l => l.links.length > 0)`) {
				continue // the address is opened a moment after the start
			}
			s.open("/devices")
			s.look("devices-" + lang)
			s.fill(map[string]string{"name": say(lang, "厨房平板", "kitchen tablet"), "pin": rightPin})
			s.submit(`#pair button`)
			s.look("pairing-" + lang)
			if !s.promised(`refresh("poll").then(() => document.getElementById("lost").hidden)`) {
				t.Error("the answer to a form looks as if contact was lost")
			}
			if lang == "zh" {
				s.do(chromedp.EmulateViewport(390, 844))
				s.shot("pairing-phone-zh")
				s.do(chromedp.EmulateViewport(1024, 600))
			}
			link := eval[string](s, `[...document.querySelectorAll("code")].map(c => c.textContent).find(t => t.includes("/join?code="))`)
			if _, err := chromedp.Call(s.ctx, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true}); err != nil {
				t.Fatal(err)
			}
			s.open(link)
			s.look("join-" + lang)
			s.open(link[:strings.Index(link, "/join")] + "/trust")
			s.look("trust-" + lang)
			s.open(link)
			s.submit(`form[action="/join"] button`)
			s.await("the counter", `!!document.getElementById("slips")`)
			s.look("tablet-" + lang)
			s.open("/devices")
			s.submit(`form[action="/do/devices/revoke"] button`)
			s.shows(say(lang, "已撤销", "Revoked"))
		})
	}
}

// promised gives what a promise comes to.
func (s *realShop) promised(js string) bool {
	s.t.Helper()
	v, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool](js, chromedp.EvalAwaitPromise))
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}
