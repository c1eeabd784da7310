package web_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/setupfile"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/web"
)

// A setUp is what the daemon would fill, over real files; it takes nothing into use.
type setUp struct {
	store  *setupfile.Store
	file   string
	fields []string // where it was asked to look: local, network
}

func newSetUp(t testing.TB, dir string) *setUp {
	t.Helper()
	l := config.Loader{Path: filepath.Join(dir, "receiptd.toml")}
	if err := os.WriteFile(l.Path, []byte("[data]\ndir = \".\"\n[[printer]]\nname = \"default\"\ndevice = \"tcp://192.0.2.1:9100\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &setUp{store: setupfile.New(dir, l.With), file: filepath.Join(dir, config.SetupFile)}
}

func (s *setUp) Setup() (api.Setup, error)                          { return s.store.Show() }
func (s *setUp) PlanSetup(c api.SetupChange) (api.SetupPlan, error) { return s.store.Plan(c) }
func (s *setUp) Profiles() []api.Profile {
	return []api.Profile{{Name: "generic-58", Dots: 384, DPI: 203}, {Name: "generic-80", Dots: 576, DPI: 203, Chinese: true}}
}
func (s *setUp) ApplySetup(_ context.Context, c api.SetupChange) (api.SetupPlan, error) {
	return s.store.Apply(c)
}

func (s *setUp) Find(_ context.Context, network bool) ([]api.Found, error) {
	if network {
		s.fields = append(s.fields, "network")
		return []api.Found{{Device: "tcp://192.0.2.7:9100", What: job.Text{Zh: "网络打印机", En: "network printer"}, Opens: true, Model: "<b>TM-T20</b>", MAC: "00:26:ab:01:02:03", Identity: "mac:00:26:ab:01:02:03", Tier: "C", Profile: "generic-58"}}, nil
	}
	s.fields = append(s.fields, "local")
	return []api.Found{{Device: "serial:///dev/ttyUSB0?baud=9600&flow=dtr", What: job.Text{Zh: "串口", En: "serial port"}, Reason: job.Text{Zh: "没有权限", En: "no permission"}, Fix: job.Text{Zh: "运行 x", En: "run x"}}}, nil
}

// setUpShop is a shop with its set-up.
func setUpShop(t *testing.T) (*shop, *setUp) {
	t.Helper()
	var up *setUp
	s := newShop(t, func(o *web.Options) { up, _ = o.SetUp.(*setUp) })
	return s, up
}

func TestSetUpOnThePage(t *testing.T) {
	s, up := setUpShop(t)
	v := s.visitor()
	page := v.page("/setup?device=tcp%3A%2F%2F192.0.2.9&label=" + url.QueryEscape(`"><script>`))
	wants(t, page, "设置打印机", "default", "写在配置文件里", `value="tcp://192.0.2.9"`, "&#34;&gt;&lt;script&gt;", "generic-80 · 80 mm", "generic-58 · 58 mm · 没有汉字库", "订单 · 厨房联")
	fields := with(v.form(page, "/do/setup/plan", "怎么叫它"), "name", "kitchen", "label", "厨房", "device", "tcp://192.0.2.9", "profile", "generic-80", "identity", "mac:00:26:AB:01:02:03")
	status, plan := v.post("/do/setup/plan", fields)
	if status != http.StatusOK {
		t.Fatal(status, plan)
	}
	wants(t, plan, "怎么叫它</th>", "会改这些", "打印机 kitchen · 接口", "<ins>tcp://192.0.2.9</ins>", "主管密码")
	if _, err := os.Stat(up.file); err == nil {
		t.Fatal("looking wrote the file")
	}
	change := v.form(plan, "/do/setup/apply", "生效")
	for _, pin := range []string{"", "0000"} {
		if status, body := v.post("/do/setup/apply", with(change, "pin", pin)); status != http.StatusForbidden {
			t.Fatal(pin, status, body)
		}
	}
	if _, err := os.Stat(up.file); err == nil {
		t.Fatal("written without the PIN")
	}
	status, page = v.post("/do/setup/apply", with(change, "pin", rightPin))
	if status != http.StatusOK {
		t.Fatal(status, page)
	}
	wants(t, page, "已生效", "厨房", "撤销上次修改")
	// A second browser that still shows the old page.
	status, body := v.post("/do/setup/apply", with(change, "pin", rightPin, "label", "别的"))
	if status != http.StatusConflict {
		t.Fatal(status, body)
	}
	wants(t, body, "设置刚被别人改过")
	// Where slips go.
	routes := with(v.form(page, "/do/setup/plan", "哪种小票打到哪台"), "route.order/kitchen", "kitchen", "route.order", "")
	_, plan = v.post("/do/setup/plan", routes)
	wants(t, plan, "小票去向 · 订单 · 厨房联", "<ins>kitchen</ins>")
	_, page = v.post("/do/setup/apply", with(v.form(plan, "/do/setup/apply", ""), "pin", rightPin))
	// And back.
	_, plan = v.post("/do/setup/plan", v.form(page, "/do/setup/plan", "撤销上次修改"))
	wants(t, plan, "<del>kitchen</del>")
	_, page = v.post("/do/setup/apply", with(v.form(plan, "/do/setup/apply", ""), "pin", rightPin))
	wants(t, page, "已生效")
	if data, err := os.ReadFile(up.file); err != nil || strings.Contains(string(data), "[[route]]") || !strings.Contains(string(data), "厨房") {
		t.Errorf("%s, %v", data, err)
	}
}

func TestSetUpRefuses(t *testing.T) {
	s, up := setUpShop(t)
	v := s.visitor()
	page := v.page("/setup")
	fields := v.form(page, "/do/setup/plan", "怎么叫它")
	for name, row := range map[string]struct {
		values []string
		says   string
	}{
		"no device":      {[]string{"name", "x", "profile", "generic-80"}, "printer[1].device"},
		"a file":         {[]string{"name", "x", "device", "usb:///etc/passwd", "profile", "generic-80"}, "/dev"},
		"no name":        {[]string{"device", "tcp://h", "profile", "generic-80"}, "不能作打印机名"},
		"nothing at all": {[]string{"what", ""}, "没有要改的"},
		"another word":   {[]string{"what", "http"}, "没有要改的"},
		"no such":        {[]string{"what", "remove", "name", "gone"}, "gone"},
		"old version":    {[]string{"version", "x", "what", "undo"}, "别人改过"},
	} {
		_, body := v.post("/do/setup/plan", with(fields, row.values...))
		if !strings.Contains(body, row.says) {
			t.Errorf("%s:\n%s", name, body)
		}
	}
	if _, err := os.Stat(up.file); err == nil {
		t.Error("something was written")
	}
	// Who is not paired sees and changes nothing; nor does a form without its token.
	stranger := &visitor{s: s, client: http.DefaultClient}
	if status, body := stranger.get("/setup"); status != http.StatusForbidden || strings.Contains(body, "192.0.2.1") {
		t.Error("a stranger sees the set-up: ", status)
	}
	if status, _ := stranger.post("/do/setup/apply", with(fields, "pin", rightPin)); status != http.StatusForbidden {
		t.Error("a stranger changes it: ", status)
	}
	if status, _ := v.post("/do/setup/apply", with(fields, "form", "x", "pin", rightPin)); status != http.StatusForbidden {
		t.Error("without a form's token: ", status)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(up.file), "pin")); err != nil {
		t.Fatal(err)
	}
	wants(t, v.page("/setup"), "还没有设主管密码")
	if status, _ := v.post("/do/setup/apply", with(fields, "name", "x", "device", "tcp://h", "profile", "generic-80")); status != http.StatusOK {
		t.Error("before a PIN is set: ", status)
	}
	// The file by hand became wrong meanwhile: said, not shown half.
	if err := os.WriteFile(filepath.Join(filepath.Dir(up.file), "receiptd.toml"), []byte("[data]\ndir = \".\"\n[printer]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _ := v.get("/setup"); status == http.StatusOK {
		t.Error("a broken configuration was shown")
	}
}

func TestFindPrinters(t *testing.T) {
	s, up := setUpShop(t)
	v := s.visitor()
	fields := v.form(v.page("/setup"), "/do/setup/find#found", "")
	_, body := v.post("/do/setup/find", with(fields, "where", "local"))
	wants(t, body, "串口", "没有权限", "运行 x", "/setup?device=serial%3A%2F%2F%2Fdev%2FttyUSB0%3Fbaud%3D9600%26flow%3Ddtr&amp;identity=#form")
	if status, _ := v.post("/do/setup/find", with(fields, "where", "network")); status != http.StatusForbidden || len(up.fields) != 1 {
		t.Error("the network was searched without the PIN: ", status, up.fields)
	}
	_, body = v.post("/do/setup/find", with(fields, "where", "network", "pin", rightPin))
	wants(t, body, "192.0.2.7", "&lt;b&gt;TM-T20", "00:26:ab:01:02:03", "profile=generic-58")
}

func TestProbeOnThePage(t *testing.T) {
	s, _ := setUpShop(t)
	v := s.visitor()
	fields := v.form(v.page("/setup"), "/do/setup/probe", "")
	_, body := v.post("/do/setup/probe", with(fields, "printer", "default"))
	wants(t, body, "测出来了")
}

// Who asks for a test page from the set-up page is told that it came out, and what to look at.
func TestTestPageFromSetUp(t *testing.T) {
	s, _ := setUpShop(t)
	v := s.visitor()
	fields := v.form(v.page("/setup"), "/do/printer", "测试页")
	_, body := v.post("/do/printer", with(fields, "printer", "default", "command", "test"))
	wants(t, body, "设置打印机", "测试页交给打印机了")
}
