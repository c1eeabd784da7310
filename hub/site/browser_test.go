//go:build browser

package site_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/vocabulary"
)

var update = flag.Bool("update", false, "write the screenshots of docs/page")

// A tab is a browser in front of the hub's page.
type tab struct {
	*house
	ctx context.Context
}

func browse(t *testing.T, h *house) *tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("these tests need a browser: apt-get install chromium fonts-noto-cjk")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()))
	for _, f := range []string{"disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"} {
		opts = append(opts, chromedp.Flag(f, true))
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, closeTab := chromedp.NewContext(ctx)
	ctx, end := context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(func() { end(); closeTab(); cancel() })
	b := &tab{h, ctx}
	b.do(chromedp.EmulateViewport(1200, 700))
	b.do(chromedp.Navigate(h.server.URL + "/pair?key=" + h.key))
	return b
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) eval(js string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+js+")"))
	if err != nil {
		b.t.Fatal(js, err)
	}
	return text
}

// promise is eval for what takes a while.
func (b *tab) promise(js string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](js+".then(String)", chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(js, err)
	}
	return text
}

// click presses something that leads to another page.
func (b *tab) click(selector, before string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void]("window.old = true; " + before + "; setTimeout(() => document.querySelector('" + selector + "').click()); undefined"))
}

func (b *tab) open(path string) { b.t.Helper(); b.do(chromedp.Navigate(b.server.URL + path)) }

func (b *tab) await(what, js string) {
	b.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+js+")")); err == nil && ok {
			return
		}
	}
	b.t.Fatalf("waited for %s; the page is\n%s", what, b.eval("location.href + '\\n' + document.body.innerText"))
}

func (b *tab) speak(lang string) {
	b.t.Helper()
	if b.eval("document.documentElement.lang.slice(0, 2)") != lang {
		b.click(`form[action="/language"] button`, "")
		b.await("the other language", "!window.old && document.documentElement.lang.startsWith('"+lang+"')")
	}
}

// shot keeps a page's picture.
func (b *tab) shot(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if *update && !strings.HasPrefix(name, "hub-some") && !strings.HasPrefix(name, "hub-refused") && !strings.HasPrefix(name, "hub-shop") { // theirs is not for the documents
		if err := os.WriteFile(filepath.Join("../../docs/page", name+".png"), png, 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
}

// look keeps a page's picture and checks what each must keep: nothing found by axe, no sideways scrolling on a telephone, targets to touch.
func (b *tab) look(name string) {
	b.t.Helper()
	b.shot(name)
	script, err := os.ReadFile("../../web/testdata/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		b.t.Fatalf("axe-core is missing: run npm ci in web/testdata/axe: %v", err)
	}
	b.do(chromedp.Evaluate[chromedp.Void](string(script) + "; undefined"))
	if found := b.promise(`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => r.violations.map(v => v.impact + " " + v.id + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " " + n.failureSummary).join("\n  ")).join("\n"))`); found != "" {
		b.t.Errorf("%s: %s", name, found)
	}
	if small := b.eval(`[...document.querySelectorAll("button, input:not([type=hidden]), select, nav a")].filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 80)).join("\n")`); small != "" {
		b.t.Errorf("%s: too small to touch:\n%s", name, small)
	}
	b.do(chromedp.EmulateViewport(390, 844))
	if wide := b.eval("document.documentElement.scrollWidth"); wide > "390" || len(wide) > 3 {
		b.t.Errorf("%s on a telephone: %s px wide", name, wide)
	}
	b.do(chromedp.EmulateViewport(1200, 700))
}

// TestHubPage: a thousand shops in a browser, in both languages: those first that need somebody, one found by its name, its slips, a reprint with
// a reason that the shop does, and one that it refuses in words.
func TestHubPage(t *testing.T) {
	h := open(t)
	h.thousand(1000)
	h.hear(store.Heard{Shop: "shop-0040", Event: &wire.Event{Seq: 1, Birth: "b", Type: vocabulary.EventCopy, JobID: "order-105233", CopyID: "c1", Copy: "kitchen", State: "printed", Proof: "printed", Mark: "original", PrintNo: 1, Printer: "后厨"}},
		store.Heard{Shop: "shop-0040", Event: &wire.Event{Seq: 2, Prev: 1, Birth: "b", Type: vocabulary.EventCopy, JobID: "order-105234", CopyID: "c2", Copy: "kitchen", State: "uncertain", Mark: "original", PrintNo: 1, Printer: "前台"}})
	b := browse(t, h)
	for _, lang := range []string{"zh", "en"} {
		b.open("/")
		b.speak(lang)
		b.await("all shops", `document.querySelectorAll("tbody tr").length === 1000 && document.querySelector("tbody tr").className === "bad"`)
		t.Log("the page of 1,000 shops is there after", b.eval("Math.round(performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd)"), "ms")
		if late := b.eval("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd > 60000"); late == "true" {
			t.Error("the page of 1,000 shops takes more than a minute")
		}
		b.shot("hub-" + lang)
		b.open("/?q=004") // axe takes minutes for a thousand rows
		b.await("some", `document.querySelectorAll("tbody tr").length === 11`)
		b.look("hub-some-" + lang)
		b.click("form.ask button", `document.getElementById("q").value = "shop-0040"`)
		b.await("the one", `!window.old && document.querySelectorAll("tbody tr").length === 1`)
		b.click("tbody a", "")
		b.await("its slips", `location.pathname === "/shops/shop-0040" && document.body.innerText.includes("order-105234")`)
		b.look("hub-shop-" + lang)
		for _, refuse := range []bool{false, true} {
			h.refuse = refuse
			b.click("form.reprint button", `document.getElementById("job_id").value = "order-105233"; document.getElementById("reason").value = "lost"; document.getElementById("operator").value = "Anna"`)
			says := map[bool]map[string]string{false: {"zh": "做了", "en": "done"}, true: {"zh": "这家店没有允许总部做这件事", "en": "does not allow its centre"}}[refuse][lang]
			b.await("what came of it", `!window.old && document.getElementById("asked").innerText.includes("`+says+`")`)
		}
		b.look("hub-refused-" + lang)
	}
	if n := len(h.asked); n != 4 {
		t.Errorf("%d commands", n)
	}
}

// TestHubPageLive: the list follows what shops tell by itself, keeps a choice that somebody makes meanwhile, and says when the hub is gone.
func TestHubPageLive(t *testing.T) {
	h := open(t)
	h.thousand(50)
	b := browse(t, h)
	b.open("/?show=bad")
	b.await("the bad ones", `document.querySelectorAll("tbody tr.bad").length > 0`)
	h.hear(store.Heard{Shop: "shop-0010", State: &wire.State{Online: true, Birth: "b", DiskFull: true}})
	b.eval("refresh()")
	b.await("the new one", `document.body.innerText.includes("shop-0010") && !document.querySelector("tbody tr.ok")`)
	var outside []string
	if err := chromedp.Listen(b.ctx, func(ev any) {
		if r, ok := ev.(*network.EventRequestWillBeSent); ok && !strings.HasPrefix(r.Request.URL, h.server.URL+"/") {
			outside = append(outside, r.Request.URL)
		}
	}); err != nil {
		t.Fatal(err)
	}
	h.server.CloseClientConnections()
	h.server.Close()
	b.eval("refresh()")
	b.await("the notice", `!document.getElementById("stale").hidden`)
	if len(outside) > 0 {
		t.Error(outside)
	}
}
