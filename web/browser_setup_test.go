//go:build browser

package web_test

import (
	"net"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/receiptd/receiptd/printer/virtual"
)

// A printer is added, given slips and taken away again by a person with a browser, in both languages and on three screens.
func TestSetUpPage(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
			second := listen(t)
			kitchen := virtual.New(virtual.Options{Model: "generic-80", Speed: virtual.Max})
			go func(l net.Listener) { _ = kitchen.ServeTCP(t.Context(), l) }(second)
			s.speak(lang)
			s.open("/setup")
			s.look("setup-" + lang)
			s.fill(map[string]string{"label": say(lang, "厨房", "Kitchen"), "name": "kitchen", "device": "tcp://" + second.Addr().String()})
			s.submit(`#form button`)
			s.look("setup-plan-" + lang)
			s.fill(map[string]string{"pin": "0000"})
			s.submit(`form[action="/do/setup/apply"] button`)
			s.shows(say(lang, "主管密码不对", "PIN is wrong"))
			s.look("setup-wrong-" + lang)
			s.fill(map[string]string{"pin": rightPin})
			s.submit(`form[action="/do/setup/apply"] button`)
			s.shows(say(lang, "已生效", "It is in force"))
			eval[bool](s, `document.querySelector('select[name="route.order/kitchen"]').value = "kitchen", true`)
			s.submit(`#routes button`)
			s.shows(say(lang, "小票去向", "Slips go to"))
			s.fill(map[string]string{"pin": rightPin})
			s.submit(`form[action="/do/setup/apply"] button`)
			s.shows(say(lang, "撤销上次修改", "Undo the last change"))
			s.look("setup-done-" + lang)
			s.submit(`#find button[value="local"]`)
			s.await("what was found", `!!document.getElementById("found")`)
			s.look("setup-found-" + lang)
			for name, size := range map[string][2]int64{"desktop": {1280, 900}, "phone": {390, 844}} {
				s.open("/setup")
				s.do(chromedp.EmulateViewport(size[0], size[1]))
				if wide := eval[int64](s, "document.documentElement.scrollWidth"); wide > size[0] {
					t.Errorf("%s: %d px wide", name, wide)
				}
				s.targets("setup on a " + name)
				s.shot("setup-" + name + "-" + lang)
				s.do(chromedp.EmulateViewport(1024, 600))
			}
		})
	}
}
