package web_test

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/api"
)

// allowing is a shop on the network that allows these, with its set-up page and its PIN's file.
func allowing(t *testing.T, allow ...string) (s *lanShop, up *setUp, pinFile string) {
	t.Helper()
	s = newLANShop(t, allow...)
	return s, s.up, s.pinFile
}

// hidden is the value of a field that the page carries.
func hidden(t *testing.T, page, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no %s in\n%s", name, page)
	}
	return m[1]
}

// send posts the fields with the form's token, and says how it went.
func (b *tablet) send(path string, fields url.Values, more ...string) (int, string) {
	b.t.Helper()
	fields = with(fields, append([]string{"form", b.form()}, more...)...)
	return b.post(path, fields)
}

// The set-up page, where the shop allows it to one device by name: that one sees it and changes what it may with the PIN each time; another
// device with the same rights does not come near it, and a name that begins alike is another name.
func TestSetUpFromANamedDevice(t *testing.T) {
	s, up, _ := allowing(t, api.AllowSetup+":office")
	office, looker := s.joined("office", api.RightLook, api.RightReprint), s.joined("office 2", api.RightLook, api.RightReprint)
	only := s.joined("window", api.RightLook)
	change := url.Values{"what": {"printer"}, "name": {"bar"}, "device": {"tcp://192.0.2.9"}, "profile": {"generic-80"}}
	for _, b := range []*tablet{looker, only} {
		for _, path := range []string{"/do/setup/plan", "/do/setup/apply", "/do/setup/find", "/do/setup/probe"} {
			if status, page := b.send(path, change, "pin", rightPin); status != http.StatusForbidden || strings.Contains(page, "192.0.2.") {
				t.Errorf("%s: %d", path, status)
			}
		}
		if status, page := b.get("/setup"); status != http.StatusForbidden || strings.Contains(page, "192.0.2.1") || strings.Contains(page, `href="/setup"`) {
			t.Errorf("another device sees the set-up: %d", status)
		}
	}
	status, page := office.get("/setup")
	if status != http.StatusOK || !strings.Contains(page, "192.0.2.1") || !strings.Contains(page, `href="/setup"`) || strings.Contains(page, `href="/devices"`) {
		t.Fatal(status, page)
	}
	version := hidden(t, page, "version")
	if status, page := office.send("/do/setup/plan", change, "version", version); status != http.StatusOK || !strings.Contains(page, `name="pin"`) {
		t.Fatal(status, page)
	}
	for _, pin := range []string{"", "000000"} {
		for _, path := range []string{"/do/setup/apply", "/do/setup/probe"} {
			if status, _ := office.send(path, change, "version", version, "pin", pin, "printer", "default"); status != http.StatusForbidden {
				t.Errorf("%s, PIN %q: %d", path, pin, status)
			}
		}
	}
	if _, err := os.Stat(up.file); err == nil {
		t.Fatal("written without the PIN")
	}
	if status, page := office.send("/do/setup/apply", change, "version", version, "pin", rightPin); status != http.StatusOK || !strings.Contains(page, "已生效") {
		t.Fatal(status, page)
	}
	if status, page := office.send("/do/setup/probe", url.Values{"printer": {"default"}}, "pin", rightPin); status != http.StatusOK || !strings.Contains(page, "测出来了") {
		t.Error(status, page)
	}
	// What was not named stays at the machine: the rest of the set-up, other supervised steps, pairing.
	for _, path := range []string{"/do/settle", "/do/archive", "/do/reversal"} {
		if status, page := office.send(path, url.Values{"batch": {"1"}}, "pin", rightPin); status != http.StatusForbidden || !strings.Contains(page, "只能在收银机上做") {
			t.Errorf("%s: %d", path, status)
		}
	}
	for _, path := range []string{"/v1/setup", "/v1/config", "/v1/lan", "/devices"} {
		if status, _ := office.get(path); status != http.StatusForbidden && status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
}

// Without a PIN nothing is set up from the network, however much the shop allows: at the machine it is.
func TestSetUpFromTheNetworkWantsAPIN(t *testing.T) {
	s, up, pinFile := allowing(t, api.AllowSetup, api.AllowPIN)
	b := s.joined("office", api.RightLook, api.RightReprint)
	if err := os.Remove(pinFile); err != nil {
		t.Fatal(err)
	}
	_, page := b.get("/setup")
	change := url.Values{"what": {"printer"}, "name": {"bar"}, "device": {"tcp://192.0.2.9"}, "profile": {"generic-80"}, "version": {hidden(t, page, "version")}}
	for path, more := range map[string]string{"/do/setup/apply": "", "/do/setup/find": "network", "/do/setup/probe": "", "/do/pin": ""} {
		if status, _ := b.send(path, change, "where", more, "printer", "default", "next", "8305", "again", "8305"); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
	if _, err := os.Stat(up.file); err == nil {
		t.Error("written without a PIN")
	}
	if _, err := os.Stat(pinFile); err == nil {
		t.Error("a first PIN was set from the page")
	}
}

// One device settles and the other does not, as the shop names them; a program is named as a device is.
func TestAllowedByName(t *testing.T) {
	s, _, _ := allowing(t, "settle:office", "archive:pos 2")
	s.sale("105232", 4250)
	office, kitchen := s.joined("office", api.RightLook, api.RightReprint), s.joined("kitchen", api.RightLook, api.RightReprint)
	if status, text := kitchen.do("POST", "/v1/batches/1/settle", "", "X-Supervisor-Pin", rightPin); status != http.StatusForbidden || codeIn(text) != "this_machine_only" {
		t.Errorf("the kitchen: %d %s", status, text)
	}
	if _, page := kitchen.get("/batches/1"); strings.Contains(page, `action="/do/settle"`) {
		t.Error("the kitchen is offered it")
	}
	// Nor is the PIN compared for who may do nothing with it.
	for range 8 {
		if status, text := kitchen.do("POST", "/v1/reprints", `{"voucher_no":"105232"}`, "X-Supervisor-Pin", "000000"); codeIn(text) != "this_machine_only" {
			t.Fatalf("the kitchen's PIN: %d %s", status, text)
		}
	}
	_, token, err := s.list.Add(api.Device{Name: "pos 2", Program: true, Rights: []string{api.RightReprint, api.RightSubmit}})
	if err != nil {
		t.Fatal(err)
	}
	if status, text := s.tablet().do("POST", "/v1/jobs", archiveJob("arch-1"), "X-Supervisor-Pin", rightPin, "Authorization", "Bearer "+token); status == http.StatusForbidden {
		t.Errorf("the program: %d %s", status, text)
	}
	if status, text := office.do("POST", "/v1/batches/1/settle", "", "X-Supervisor-Pin", rightPin); status != http.StatusAccepted {
		t.Errorf("the office: %d %s", status, text)
	}
}

// Who knows the PIN changes it: at the machine's page, and from a device that the shop names.
func TestChangeThePIN(t *testing.T) {
	s, _, pinFile := allowing(t, "pin:office")
	office, kitchen := s.joined("office", api.RightLook, api.RightReprint), s.joined("kitchen", api.RightLook, api.RightReprint)
	if _, page := office.get("/"); !strings.Contains(page, `href="/pin"`) {
		t.Error("nothing leads to it")
	}
	if _, page := kitchen.get("/"); strings.Contains(page, `href="/pin"`) {
		t.Error("the kitchen is led to it")
	}
	next := url.Values{"next": {"8305"}, "again": {"8305"}}
	for _, x := range []struct {
		from   *tablet
		more   []string
		status int
		says   string
	}{
		{kitchen, []string{"pin", rightPin}, 403, "只能在收银机上做"},
		{office, []string{"pin", "000000"}, 403, "主管密码不对"},
		{office, nil, 403, "主管密码不对"},
		{office, []string{"pin", rightPin, "again", "8306"}, 422, "两遍不一样"},
		{office, []string{"pin", rightPin, "next", "123", "again", "123"}, 422, "4 到 72"},
		{office, []string{"pin", rightPin}, 200, "改好了"},
		{office, []string{"pin", rightPin}, 403, "主管密码不对"},
		{office, []string{"pin", "8305", "next", "1234", "again", "1234"}, 200, "太好猜"},
	} {
		if status, page := x.from.send("/do/pin", next, x.more...); status != x.status || !strings.Contains(page, x.says) {
			t.Errorf("%v: %d\n%s", x.more, status, page)
		}
	}
	v := s.visitor()
	status, page := v.post("/do/pin", with(v.form(v.page("/pin"), "/do/pin", ""), "pin", "1234", "next", "97531", "again", "97531"))
	if status != http.StatusOK || !strings.Contains(page, "改好了") || strings.Contains(page, "太好猜") {
		t.Error(status, page)
	}
	if status := s.call("POST", "/v1/batches/9/settle", "", nil, "X-Supervisor-Pin", "97531"); status == http.StatusForbidden {
		t.Error("the new PIN is not taken")
	}
	if info, err := os.Stat(pinFile); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("its file: %v %v", info, err)
	}
}
