//go:build browser

package web_test

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/receiptd/receiptd/internal/config"
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

// A shop that begins with nothing: its first printer is set up, tested and printed on, all without a restart; then it is undone, with the PIN
// like everything else, and the daemon runs on without a printer. What a page sends beyond the form changes nothing.
func TestSetUpFromNothing(t *testing.T) {
	s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
	s.stop()
	text, err := os.ReadFile(s.loader.Path)
	if err != nil {
		t.Fatal(err)
	}
	before, printer, _ := strings.Cut(string(text), "[[printer]]")
	device := strings.Split(printer, `"`)[3]
	if err := os.WriteFile(s.loader.Path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	if s.cfg, err = s.loader.Load(); err != nil {
		t.Fatal(err)
	}
	s.start()
	s.speak("zh")
	s.open("/setup")
	s.shows("没有配置打印机")
	s.axe("setup of nothing")

	s.fill(map[string]string{"label": "前台", "name": "front", "device": device})
	s.submit(`#form button`)
	s.shows("前台")
	eval[bool](s, `document.querySelector('form[action="/do/setup/apply"]').insertAdjacentHTML("beforeend",
		'<input name="http.lan" value="true"><input name="notify" value="http://192.0.2.1/"><input name="data.dir" value="/tmp">'), true`)
	s.fill(map[string]string{"pin": rightPin})
	s.submit(`form[action="/do/setup/apply"] button`)
	s.shows("已生效")
	up, err := os.ReadFile(filepath.Join(s.dir, "data", config.SetupFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"http", "notify", "data", "spool"} {
		if strings.Contains(string(up), "["+never) || strings.Contains(string(up), "192.0.2.1") {
			t.Errorf("the page set %s:\n%s", never, up)
		}
	}
	s.submit(`button[name="command"][value="test"]`)
	s.shows("测试页")
	until(t, "the test page to come out", func() bool { return s.pieces() == 1 })
	s.drop(saleJob("sale-first", "105240", 4250))
	until(t, "a slip to come out", func() bool {
		return slices.ContainsFunc(s.printer.Pieces(), func(p virtual.Piece) bool { return strings.Contains(p.Text(), "105240") })
	})

	s.open("/setup")
	s.submit(`#undo button`)
	s.shows("前台") // in the difference
	s.axe("undo")
	s.fill(map[string]string{"pin": "0000"})
	s.submit(`form[action="/do/setup/apply"] button`)
	s.shows("主管密码不对")
	s.fill(map[string]string{"pin": rightPin})
	s.submit(`form[action="/do/setup/apply"] button`)
	s.shows("没有配置打印机")
	if now, err := s.loader.Load(); err != nil || len(now.Printers) != 0 {
		t.Errorf("after the undo: %+v, %v", now.Printers, err)
	}
	s.drop(saleJob("sale-after", "105241", 600)) // it is taken, and waits for a printer
}
