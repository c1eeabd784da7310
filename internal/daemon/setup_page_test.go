package daemon_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// On the page, from nothing: a printer is set up while a slip waits, which comes out without a restart; and it is gone again after an undo.
func TestSetUpFromNothing(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front")
	s.write("")
	s.withSetUp = true
	page := s.listenPage()
	s.start()
	s.sale(770001, "")
	s.await("the slip to wait", func() bool { return s.copyOf(770001).State == queue.Queued })
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	key, err := os.ReadFile(filepath.Join(s.dir, "data", "page-key"))
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) string { resp, err := c.Get("http://" + page + path); return bodyOf(t, resp, err) }
	post := func(path, from string, values ...string) string {
		fields := url.Values{}
		for _, m := range hiddenField.FindAllStringSubmatch(from, -1) {
			fields.Set(m[1], m[2])
		}
		for i := 0; i < len(values); i += 2 {
			fields.Set(values[i], values[i+1])
		}
		resp, err := c.PostForm("http://"+page+path, fields)
		return bodyOf(t, resp, err)
	}
	if body := get("/pair?key=" + strings.TrimSpace(string(key))); !strings.Contains(body, `href="/setup"`) {
		t.Fatalf("the counter page does not lead to the set-up:\n%s", body)
	}
	form := get("/setup")
	form = form[strings.Index(form, `id="form"`):]
	form = form[:strings.Index(form, "</form>")]
	plan := post("/do/setup/plan", form, "name", "front", "label", "前台", "device", "tcp://"+s.addrs["front"], "profile", "generic-80")
	if !strings.Contains(plan, "<ins>tcp://"+s.addrs["front"]+"</ins>") {
		t.Fatal(plan)
	}
	plan = plan[strings.Index(plan, `action="/do/setup/apply"`):]
	if done := post("/do/setup/apply", plan); !strings.Contains(done, "已生效") {
		t.Fatal(done)
	}
	s.lies("front", 770001)
	data, err := os.ReadFile(filepath.Join(s.dir, "data", config.SetupFile))
	if err != nil || !strings.Contains(string(data), "前台") {
		t.Errorf("%s, %v", data, err)
	}
	now := get("/setup")
	undo := now[strings.Index(now, `id="undo"`):]
	plan = post("/do/setup/plan", undo[:strings.Index(undo, "</form>")])
	plan = plan[strings.Index(plan, `action="/do/setup/apply"`):]
	if done := post("/do/setup/apply", plan); !strings.Contains(done, "没有配置打印机") {
		t.Fatal(done)
	}
}
