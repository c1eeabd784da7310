//go:build browser

package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

// earshot counts the tones of every page to come by their pitch, over reloads too; an audio that begins blocked runs only after
// resume, as a browser's does.
func (s *realShop) earshot(blocked bool) {
	s.t.Helper()
	s.before(fmt.Sprintf(`(() => {
		window.heard = (pitch) => Number(sessionStorage.getItem("tones" + pitch) || 0);
		window.mayPlay = %v;
		window.AudioContext = class {
			constructor() { this.currentTime = 0; this.state = window.mayPlay ? "running" : "suspended"; }
			resume() { if (window.mayPlay) this.state = "running"; return Promise.resolve(); }
			get destination() { return {}; }
			createGain() { return {gain: {}, connect: (x) => x}; }
			createOscillator() {
				const tone = {frequency: {}, connect: (x) => x, stop() {}, start() {
					const key = "tones" + tone.frequency.value;
					sessionStorage.setItem(key, Number(sessionStorage.getItem(key) || 0) + 1);
				}};
				return tone;
			}
		};
	})()`, !blocked))
}

// later lets the page's clock go on by so much at once.
func (s *realShop) later(ms int) {
	s.t.Helper()
	eval[bool](s, fmt.Sprintf(`(() => { const now = Date.now.bind(Date); Date.now = () => now() + %d; seen += %d; })(), true`, ms, ms))
}

// doubtful leaves a slip of which nobody knows whether it came out.
func (s *realShop) doubtful(voucher string) {
	s.t.Helper()
	s.printer.AtDots(300, virtual.Change{Power: "off"})
	s.drop(saleJob("sale-"+voucher, voucher, 4250))
	s.done("sale-"+voucher, queue.Uncertain)
	s.set(virtual.Change{Power: "on"})
}

// An open question keeps nothing silent: not paper that runs out, not a second question, not a reversal. Each sounds again until
// somebody has heard it, and what comes then sounds too.
func TestAlarmsAreASet(t *testing.T) {
	s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Real, MMPerSecond: 60})
	s.earshot(false)
	s.open("/")
	s.doubtful("105233")
	s.await("a question", "heard(880) === 3")
	s.doubtful("105234")
	s.await("the second question", "heard(880) === 6")
	rang := time.Now()
	s.drop(reversalJob("rev-1", "105236", "pending"))
	s.await("a reversal", "heard(1175) === 6")
	s.await("a printer that is well", `!document.querySelector("[data-alarm=printer]")`)
	before := eval[int](s, "heard(660)") // it was away for a moment, twice
	s.set(virtual.Change{Paper: "out"})
	s.drop(saleJob("sale-105240", "105240", 100))
	s.await("paper out", fmt.Sprintf("heard(660) >= %d", before+2))
	if got := eval[int](s, `document.querySelectorAll("#alarms [data-alarm]").length`); got != 4 {
		t.Errorf("%d members", got)
	}
	s.look("alarms-zh")
	s.open("/batches") // another page is no way to be left in peace, and no reason to sound at once again
	s.shows("缺纸")
	if got := eval[int](s, "heard(1175)"); got > 6*(1+int(time.Since(rang)/(20*time.Second))) {
		t.Errorf("a reversal sounded %d times because a page was opened", got)
	}
	s.look("batches-alarms-zh")
	s.later(21000)
	s.await("all of it again", fmt.Sprintf("heard(1175) >= 12 && heard(880) >= 9 && heard(660) >= %d", before+4))
	s.click("#hush")
	s.await("the word that it is quiet", `!document.getElementById("hushed").hidden`)
	questions, reversals := eval[int](s, "heard(880)"), eval[int](s, "heard(1175)")
	s.later(21000)
	s.drop(reversalJob("rev-2", "105237", "failed"))
	s.await("another reversal", fmt.Sprintf("heard(1175) >= %d", reversals+6))
	if got := eval[int](s, "heard(880)"); got != questions {
		t.Errorf("what was heard sounded again: %d", got)
	}
}

// A browser that does not let the page be heard says so, and the button there lets it; then what waits sounds.
func TestBlockedSoundIsTold(t *testing.T) {
	s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
	s.earshot(true)
	for _, lang := range []string{"zh", "en"} {
		s.speak(lang)
		s.shows(say(lang, "浏览器没让响铃", "Sound is blocked"))
		s.look("blocked-" + lang)
	}
	s.drop(reversalJob("rev-1", "105236", "pending"))
	s.shows("Do not charge again")
	eval[bool](s, "window.mayPlay = true")
	s.do(chromedp.Click(chromedp.CSS("#unblock")))
	s.await("the sound", `document.getElementById("unblock").hidden && heard(1175) === 6`)
}

// At 1024x600 a reversal and a question leave "reprint last" in sight, and so do many of them; each can still be reached.
func TestLastStaysInSight(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel() // it waits for printers without power most of the time
			s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Real, MMPerSecond: 60})
			s.speak(lang)
			s.sale("105200", 500)
			s.doubtful("105233")
			s.drop(reversalJob("rev-1", "105236", "pending"))
			s.done("rev-1", queue.Printed) // and the next power cut meets the next slip
			s.open("/")
			s.await("both", `document.querySelector("#reversals .banner") && document.querySelector("#doubts .doubt")`)
			inSight := func(when string) {
				t.Helper()
				s.await("the last slip's button in sight "+when, `(() => { const r = document.querySelector("#last .giant").getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; })()`)
			}
			inSight("with a reversal and a question")
			for _, part := range []string{"#reversals .banner h2", "#reversals .banner .button", "#doubts .doubt button"} {
				if !eval[bool](s, `(() => { const r = document.querySelector("`+part+`").getBoundingClientRect(), n = document.querySelector(".needs").getBoundingClientRect(); return r.top >= n.top - 1 && r.bottom <= n.bottom + 1; })()`) {
					t.Errorf("%s: %s is not in sight", lang, part)
				}
			}
			s.look("needs-" + lang)
			s.doubtful("105234")
			s.doubtful("105235")
			s.drop(reversalJob("rev-2", "105237", "failed"))
			s.set(virtual.Change{Paper: "out"})
			s.drop(saleJob("sale-105241", "105241", 100))
			s.await("all", `document.querySelectorAll("#reversals .banner").length === 2 && document.querySelectorAll("#doubts .doubt").length === 3`)
			inSight("with five things")
			s.look("many-" + lang)
			s.do(chromedp.EmulateViewport(390, 844))
			if wide := eval[int](s, "document.documentElement.scrollWidth"); wide > 390 {
				t.Errorf("%d px wide on a phone", wide)
			}
			s.shot("phone-many-" + lang)
			s.do(chromedp.EmulateViewport(1024, 600))
		})
	}
}

// A printer is paused and goes on; what waits for it is counted, and cancelled with the PIN: what was shown, and nothing that came later.
func TestPauseAndCancel(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
		s.speak(lang)
		s.sale("105200", 500)
		before := s.pieces()
		s.open("/printers/front")
		s.submit(`form[action="/do/pause"] button`)
		s.shows(say(lang, "有人暂停了它", "paused by a person"))
		for i := range 6 {
			s.drop(saleJob(fmt.Sprintf("sale-%d", i), fmt.Sprintf("20000%d", i), 100))
		}
		s.open("/")
		s.await("the backlog", `document.querySelector("progress") && document.querySelector("progress").max === 6`)
		s.look("paused-" + lang)
		s.open("/printers/front")
		s.click("#dropall summary")
		s.look("printer-paused-" + lang)
		s.drop(saleJob("sale-late", "200009", 100))
		s.fill(map[string]string{"pin": "0000"})
		s.submit(`form[action="/do/cancel-waiting"] button`)
		s.shows(say(lang, "主管密码不对", "PIN is wrong"))
		s.open("/printers/front")
		s.click("#dropall summary")
		s.shows(say(lang, "取消等待的全部 7 张", "Cancel all that wait: 7"))
		s.fill(map[string]string{"pin": rightPin})
		s.drop(saleJob("sale-later", "200010", 100))
		s.submit(`form[action="/do/cancel-waiting"] button`)
		s.shows(say(lang, "已取消 7 张", "Cancelled: 7"))
		s.submit(`form[action="/do/pause"] button`)
		s.done("sale-later", queue.Printed)
		until(t, "one piece", func() bool { return s.pieces() == before+1 })
	}
}

// What a person meets in a browser is a page in both languages, styled and without a finding; a program gets a problem document.
func TestErrorsArePages(t *testing.T) {
	s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
	paths := []string{"/", "/nothing", "/v1/jobs", "/v1/jobs/x", "/pair?key=wrong", "/pair", "/static/nothing.css", "/do/reprint", "/printers/none", "/slips/none"}
	for _, paired := range []bool{true, false} {
		if !paired {
			if _, err := chromedp.Call(s.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
				t.Fatal(err)
			}
		}
		for _, path := range paths {
			if paired && (path == "/" || strings.HasPrefix(path, "/v1/jobs")) {
				continue
			}
			s.open(path)
			if kind := eval[string](s, "document.contentType"); kind != "text/html" {
				t.Errorf("%s (paired %v): %s", path, paired, kind)
				continue
			}
			if !paired && !eval[bool](s, `/[\u4e00-\u9fff]/.test(document.querySelector("main").innerText) && /[a-z]{4}/.test(document.querySelector("main").innerText)`) {
				t.Errorf("%s: one language only", path)
			}
			s.axe(fmt.Sprintf("%s paired %v", path, paired))
		}
	}
	s.open("/")
	s.look("unpaired")
	s.open("/pair?key=wrong")
	s.look("pair-wrong")
	var document struct{ Code string }
	if status := s.call(http.MethodGet, "/nothing", "", &document); status != http.StatusNotFound || document.Code != "not_found" {
		t.Errorf("a program got %d %+v", status, document)
	}
}

// The last slip's reprint says who asked, from the shift on.
func TestShift(t *testing.T) {
	s := newRealShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max})
	s.earshot(false)
	s.open("/")
	s.do(chromedp.Click(chromedp.CSS("#operator")))
	s.do(chromedp.SendKeys(chromedp.CSS("#operator"), "07"))
	s.do(chromedp.Click(chromedp.CSS("#shift button")))
	s.shows("操作员 07")
	s.await("the sound", `!document.getElementById("sound").hidden`)
	s.look("counter-shift-zh")
	s.sale("000001", 100)
	s.open("/")
	s.click("#last .giant")
	s.shows("补打已登记")
	s.done("sale-000001", queue.Printed)
	until(t, "a reprint that says who asked", func() bool {
		pieces := s.printer.Pieces()
		text := pieces[len(pieces)-1].Text()
		return strings.Contains(text, "OPERATOR                           07") && strings.Contains(text, "DUPLICATED")
	})
	s.drop(reversalJob("rev-1", "105236", "pending")) // what was just done hides nothing of what asks now
	s.drop(reversalJob("rev-2", "105237", "pending"))
	s.await("two reversals", `document.querySelectorAll("#reversals .banner .button").length === 2`)
	s.await("all of it in sight", `(() => { const n = document.querySelector(".needs").getBoundingClientRect(), last = document.querySelector("#last .giant").getBoundingClientRect();
		return last.bottom <= innerHeight && [...document.querySelectorAll("#done h2, #reversals .banner .what, #reversals .banner .button")].every(e => { const r = e.getBoundingClientRect(); return r.top >= n.top - 1 && r.bottom <= n.bottom + 1; }); })()`)
	asks := `Math.min(...[...document.querySelectorAll("#reversals .banner")].map(e => e.getBoundingClientRect().top))`
	s.await("what asks above what was done", `document.querySelector("#done").getBoundingClientRect().top > `+asks)
	s.look("counter-done-reversal-zh")
	s.do(chromedp.EmulateViewport(1024, 900))
	s.await("what was done first on a high page", `document.querySelector("#done").getBoundingClientRect().top < `+asks)
}
