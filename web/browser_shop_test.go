//go:build browser

package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/pin"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

var update = flag.Bool("update", false, "write the screenshots of docs/page")

// A realShop is a whole daemon with a virtual printer, and a browser in front of it.
type realShop struct {
	t       *testing.T
	dir     string
	addr    string
	page    net.Listener // at addr, for the first start: nobody else gets that address meanwhile
	cfg     *config.Config
	loader  config.Loader
	demo    string
	printer *virtual.Printer
	stop    func()
	ctx     context.Context // of the browser's tab
}

func newRealShop(t *testing.T, o virtual.Options) *realShop {
	t.Helper()
	s := &realShop{t: t, dir: t.TempDir(), printer: virtual.New(o)}
	ctx, cancel := context.WithCancel(context.Background())
	device, page := listen(t), listen(t)
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.printer.ServeTCP(ctx, device) })
	panel := httptest.NewServer(s.printer.Handler())
	t.Cleanup(func() { cancel(); wg.Wait(); panel.Close() })
	s.demo, s.addr, s.page = panel.URL, page.Addr().String(), page
	var err error
	s.loader = config.Loader{Path: filepath.Join(s.dir, "shop.toml"), Checks: []config.Check{daemon.Check}}
	if err := os.WriteFile(s.loader.Path, fmt.Appendf(nil, "[spool]\ndir=%q\n[data]\ndir=%q\n[http]\nlisten=%q\n[[printer]]\nname=\"front\"\ndevice=\"tcp://%s\"\nprofile=\"generic-80\"\nproof=\"A\"\nidle_close=\"1h\"\n",
		filepath.Join(s.dir, "spool"), filepath.Join(s.dir, "data"), s.addr, device.Addr()), 0o600); err != nil {
		t.Fatal(err)
	}
	if s.cfg, err = s.loader.Load(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "data"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := pin.Set(filepath.Join(s.dir, "data", "supervisor-pin"), rightPin); err != nil {
		t.Fatal(err)
	}
	pairing := s.start()
	t.Cleanup(func() { s.stop() })
	s.browse()
	s.open(pairing)
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// start runs the daemon and gives its pairing link.
func (s *realShop) start() string {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan string, 1)
	done := make(chan error, 1)
	o := daemon.Options{Version: "1.0", Demo: s.demo, Page: s.page, Load: s.loader.Load, WithSetUp: s.loader.With, Ready: func(link string) { ready <- link }}
	s.page = nil
	go func() { done <- daemon.Run(ctx, s.cfg, o) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	})
	select {
	case link := <-ready:
		return link
	case err := <-done:
		s.t.Fatal("the daemon ended: ", err)
	case <-time.After(time.Minute):
		s.t.Fatal("the daemon did not start")
	}
	return ""
}

// browse starts a browser with a new profile that speaks to nobody else.
func (s *realShop) browse() {
	s.t.Helper()
	path := ""
	for _, p := range []string{"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"} {
		if _, err := os.Stat(p); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		s.t.Fatal("these tests need a browser: apt-get install chromium fonts-noto-cjk")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath(path), chromedp.UserDataDir(s.t.TempDir()))
	for _, f := range []string{"disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"} {
		opts = append(opts, chromedp.Flag(f, true))
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	tab, closeTab := chromedp.NewContext(ctx)
	bounded, end := context.WithTimeout(tab, 8*time.Minute)
	s.t.Cleanup(func() { end(); closeTab(); cancel() })
	s.ctx = bounded
	s.do(chromedp.EmulateViewport(1024, 600))
}

func (s *realShop) do(actions ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, actions...); err != nil {
		s.t.Fatal(err)
	}
}

// open goes to a path of the site, or to a whole address. A key pressed before may just be leading elsewhere and win: then
// it goes again.
func (s *realShop) open(path string) {
	s.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = "http://" + s.addr + path
	}
	err := chromedp.Do(s.ctx, chromedp.Navigate(path))
	for range 3 {
		if err == nil || !strings.Contains(err.Error(), "ERR_ABORTED") {
			break
		}
		err = chromedp.Do(s.ctx, chromedp.Navigate(path))
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func eval[T any](s *realShop, js string) T {
	s.t.Helper()
	v, err := chromedp.Run(s.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		s.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// shows waits until the page's text has this.
func (s *realShop) shows(text string) {
	s.t.Helper()
	s.await("the page to say "+text, fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// await polls the page until a condition holds; a page that is just being loaded holds none.
func (s *realShop) await(what, js string) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool]("!!("+js+")")); err == nil && ok {
			return
		}
	}
	text, _ := chromedp.Run(s.ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	s.t.Fatalf("waited for %s; the page is\n%s", what, text)
}

// toPrint goes to the print button, once the page lives and it can be pressed.
func (s *realShop) toPrint() {
	s.t.Helper()
	s.await("the live button", `(document.getElementById("print").focus(), !lost && document.activeElement.matches("#print:not(:disabled)"))`)
}

// press presses one key by its code: the keypad's digits as they come with NumLock on or off, signs, Enter.
func (s *realShop) press(codes ...string) {
	s.t.Helper()
	for _, code := range codes {
		p := keyOf(code)
		if _, err := chromedp.Call(s.ctx, input.DispatchKeyEvent, p); err != nil {
			s.t.Fatal(err)
		}
		p.Type, p.Text = input.DispatchKeyEventTypeKeyUp, ""
		if _, err := chromedp.Call(s.ctx, input.DispatchKeyEvent, p); err != nil {
			s.t.Fatal(err)
		}
	}
}

var offKeys = map[string]string{"Numpad0": "Insert", "Numpad1": "End", "Numpad2": "ArrowDown", "Numpad3": "PageDown", "Numpad4": "ArrowLeft", "Numpad5": "Clear",
	"Numpad6": "ArrowRight", "Numpad7": "Home", "Numpad8": "ArrowUp", "Numpad9": "PageUp", "NumpadDecimal": "Delete"}

// keyOf makes an event of "Numpad5", "off:Numpad5" (NumLock off), "NumpadAdd", "Enter", "NumpadEnter", "Digit5", "KeyA".
func keyOf(code string) input.DispatchKeyEventParams {
	p := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown}
	c, off := strings.CutPrefix(code, "off:")
	p.Code = c
	switch {
	case c == "NumpadDecimal" && !off:
		p.Key, p.Text = ".", "."
	case off:
		p.Key, p.Type = offKeys[c], input.DispatchKeyEventTypeRawKeyDown
	case strings.HasSuffix(c, "Enter"):
		p.Key, p.Text, p.WindowsVirtualKeyCode = "Enter", "\r", 13
	case c == "NumpadAdd":
		p.Key, p.Text = "+", "+"
	case c == "NumpadMultiply":
		p.Key, p.Text = "*", "*"
	case c == "NumpadSubtract":
		p.Key, p.Text = "-", "-"
	case c == "Space":
		p.Key, p.Text, p.WindowsVirtualKeyCode = " ", " ", 32
	default:
		p.Key = strings.ToLower(c[len(c)-1:])
		p.Text = p.Key
	}
	return p
}

// digits presses the keypad's digits.
func (s *realShop) digits(prefix, number string) {
	s.t.Helper()
	for _, d := range number {
		s.press(prefix + "Numpad" + string(d))
	}
}

func (s *realShop) click(selector string) {
	s.t.Helper()
	s.await(selector, fmt.Sprintf("document.querySelector(%q) && !document.querySelector(%q).disabled", selector, selector))
	eval[bool](s, fmt.Sprintf("document.querySelector(%q).click(), true", selector))
}

// submit clicks a button that leads to another page, and waits for that page.
func (s *realShop) submit(selector string) {
	s.t.Helper()
	eval[bool](s, "window.old = true")
	s.click(selector)
	s.await("the next page", "!window.old && document.readyState === 'complete'")
}

// drop sends a job as a program would.
func (s *realShop) drop(body string) queue.Answer {
	s.t.Helper()
	var a queue.Answer
	if status := s.call(http.MethodPost, "/v1/jobs", body, &a); status >= 300 {
		s.t.Fatalf("job: %d %+v", status, a)
	}
	return a
}

func (s *realShop) call(method, path, body string, out any) int {
	s.t.Helper()
	key, err := os.ReadFile(filepath.Join(s.dir, "data", "token"))
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequest(method, "http://"+s.addr+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(key)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(resp.Body); err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(buf.Bytes(), out); err != nil {
		s.t.Fatalf("%s: %v", buf.String(), err)
	}
	return resp.StatusCode
}

// sale drops a sale and waits until it is printed and lies on the counter: it is proven before it is cut.
func (s *realShop) sale(voucher string, fen int) string {
	s.t.Helper()
	id, before := "sale-"+voucher, s.pieces()
	s.drop(saleJob(id, voucher, fen))
	s.done(id, queue.Printed)
	until(s.t, id+" is cut", func() bool { return s.pieces() > before })
	return id
}

// done waits until the latest copy of a job has one of these states.
func (s *realShop) done(id string, states ...queue.State) {
	s.t.Helper()
	until(s.t, fmt.Sprint(id, " is ", states), func() bool {
		var st queue.Story
		if s.call(http.MethodGet, "/v1/jobs/"+id, "", &st) != http.StatusOK || len(st.Summary.Copies) == 0 {
			return false
		}
		return slices.Contains(states, st.Summary.Copies[len(st.Summary.Copies)-1].State)
	})
}

// set changes the virtual printer's world.
func (s *realShop) set(c virtual.Change) {
	s.t.Helper()
	if err := s.printer.Set(c); err != nil {
		s.t.Fatal(err)
	}
}

// pieces is how many pieces of paper lie on the counter.
func (s *realShop) pieces() int { return len(s.printer.Pieces()) }

// speak chooses the page's language.
func (s *realShop) speak(lang string) {
	s.t.Helper()
	s.open("/")
	if eval[string](s, "document.documentElement.lang") != map[string]string{"zh": "zh-CN", "en": "en"}[lang] {
		s.submit(`form[action="/choose/language"] button`)
	}
	s.await("the language", fmt.Sprintf("document.documentElement.lang.startsWith(%q)", lang))
}

// look checks what every page must keep - nothing found by axe, targets to touch, no sideways scrolling, also at 200 % -
// and keeps its picture.
func (s *realShop) look(name string) {
	s.t.Helper()
	s.do(chromedp.Evaluate[chromedp.Void]("document.fonts.ready.then(() => undefined)", chromedp.EvalAwaitPromise))
	s.shot(name)
	s.axe(name)
	s.targets(name)
	s.do(chromedp.EmulateViewport(512, 300, chromedp.EmulateScale(2)))
	if wide := eval[int](s, "document.documentElement.scrollWidth"); wide > 512 {
		s.t.Errorf("%s at 200 %%: %d px wide", name, wide)
	}
	s.targets(name + " at 200 %")
	if strings.HasPrefix(name, "counter") {
		s.shot(name + "-200")
	}
	s.do(chromedp.EmulateViewport(1024, 600))
}

func (s *realShop) shot(name string) {
	s.t.Helper()
	png, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		s.t.Fatal(err)
	}
	if !*update {
		return
	}
	if err := os.MkdirAll("../docs/page", 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("../docs/page", name+".png"), png, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// axe asks axe-core, which npm brings, for accessibility faults.
func (s *realShop) axe(name string) {
	s.t.Helper()
	script, err := os.ReadFile("testdata/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		s.t.Fatalf("axe-core is missing: run npm ci in web/testdata/axe: %v", err)
	}
	s.do(chromedp.Evaluate[chromedp.Void](string(script) + "; undefined"))
	found, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => r.violations.map(v => v.impact + " " + v.id + ": " + v.nodes.map(n => n.html.slice(0, 200) + " " + n.failureSummary).join("\n  ")).join("\n"))`, chromedp.EvalAwaitPromise))
	if err != nil {
		s.t.Fatal(err)
	}
	if found != "" {
		s.t.Errorf("%s: %s", name, found)
	}
}

// targets checks that everything to touch is big enough: 64 px, 96 px for what reprints. Links within a sentence are free.
func (s *realShop) targets(name string) {
	s.t.Helper()
	small := eval[string](s, `[...document.querySelectorAll("button, a.button, a.row, input:not([type=hidden]):not([type=radio]):not([type=checkbox]), select, summary, nav a, a.printer, .choice, #look")]
		.filter(e => e.offsetParent).map(e => [e, e.getBoundingClientRect()])
		.filter(([e, r]) => r.height < (e.matches(".giant") ? 96 : 64) - 0.5 || r.width < 44)
		.map(([e, r]) => e.outerHTML.slice(0, 80) + " " + r.width + "x" + r.height).join("\n")`)
	if small != "" {
		s.t.Errorf("%s: too small to touch:\n%s", name, small)
	}
}

// slowly makes each page to come stand still in time while window.still is set, as it is from the beginning: what is
// pressed meanwhile comes at once for the page, however long the machine takes.
func (s *realShop) slowly() {
	s.t.Helper()
	s.before(`(() => { const now = Date.now; window.still = now(); Date.now = () => window.still || now(); })()`)
}

// before runs a script in every page to come, before the page's own.
func (s *realShop) before(js string) {
	s.t.Helper()
	if _, err := chromedp.Call(s.ctx, cdpage.AddScriptToEvaluateOnNewDocument, cdpage.AddScriptToEvaluateOnNewDocumentParams{Source: js}); err != nil {
		s.t.Fatal(err)
	}
}
