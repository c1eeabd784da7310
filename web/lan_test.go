package web_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/api"
)

// A try is one request of TestOpenAPI.
type try struct {
	method, path, at, body string
	status                 int
	headers                []string
}

var deviceTries = []try{
	{"GET", "/v1/lan", "", "", 200, nil},
	{"GET", "/v1/lan", "", "", 401, []string{"Authorization", ""}},
	{"POST", "/v1/devices", "", `{"name":"pos 2","rights":["look"]}`, 403, nil},
	{"POST", "/v1/devices", "", `{"name":"pos 2","program":true,"rights":["fly"]}`, 409, []string{"X-Supervisor-Pin", rightPin}},
	{"DELETE", "/v1/devices/{id}", "/v1/devices/nobody", "", 404, nil},
	{"GET", "/v1/lan/authority", "", "", 404, nil},
	{"POST", "/v1/lan/authority", "", "", 403, nil},
	{"POST", "/v1/lan/authority", "", "", 409, []string{"X-Supervisor-Pin", rightPin}},
}

// Without being paired nobody sees anything but how to be; no key of the machine opens the network's door.
func TestStrangersOnTheNetwork(t *testing.T) {
	s := newLANShop(t)
	s.sale("105232", 4250)
	b := s.tablet()
	for _, path := range []string{"/", "/batches", "/slips/sale-105232", "/voucher?no=105232"} {
		if status, page := b.get(path); status != 403 || strings.Contains(page, "42.50") || !strings.Contains(page, `action="/join"`) {
			t.Errorf("%s: %d\n%s", path, status, page)
		}
	}
	for _, path := range []string{"/v1/jobs", "/v1/events", "/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/schema", "/v1/printers", "/v1/jobs/sale-105232/preview.png", "/v1/lan"} {
		for _, header := range []string{"", "Bearer " + token, "Bearer " + pageKey, "Bearer wrong"} {
			if status, _ := b.do("GET", path, "", "Authorization", header); status != 401 {
				t.Errorf("%s with %q: %d", path, header, status)
			}
		}
		if status, _ := b.do("GET", path, "", "Cookie", "receiptd="+pageKey+"; __Host-receiptd="+pageKey); status != 401 {
			t.Errorf("%s with the page's key: %d", path, status)
		}
	}
	for _, path := range []string{"/pair?key=" + pageKey, "/devices", "/setup"} {
		if status, _ := b.get(path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, page := b.get("/trust"); status != 200 || !strings.Contains(page, "AA:BB") {
		t.Errorf("trust: %d %s", status, page)
	}
	if status, body := b.get("/ca.crt"); status != 200 || body != "certificate" {
		t.Errorf("ca.crt: %d", status)
	}
}

// Another name (DNS rebinding), another site's page and a connection without encryption are refused, paired or not.
func TestNetworkDoor(t *testing.T) {
	s := newLANShop(t)
	b := s.joined("tablet", api.RightLook, api.RightReprint)
	for _, host := range []string{"shop.example", "localhost", "127.0.0.1.nip.example", "192.168.1.9", "", "till.local.evil.example"} {
		if status, text := b.do("GET", "/v1/jobs", "", "Host", host); host != "" && (status != 403 || codeIn(text) != "wrong_host") {
			t.Errorf("host %q: %d %s", host, status, text)
		}
	}
	if status, _ := b.do("GET", "/trust", "", "Host", "till.local:9443"); status != 200 {
		t.Errorf("by its own name: %d", status)
	}
	form := b.form()
	for _, h := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "null"}} {
		if status, text := b.post("/do/printer", url.Values{"form": {form}, "printer": {"default"}, "command": {"test"}}, h...); status != 403 || codeIn(text) != "cross_origin" {
			t.Errorf("%v: %d %s", h, status, text)
		}
		if status, _ := b.post("/join", url.Values{"code": {"x"}}, h...); status != 403 {
			t.Errorf("join with %v: %d", h, status)
		}
	}
	if status, _ := b.post("/do/printer", url.Values{"printer": {"default"}, "command": {"test"}}); status != 403 {
		t.Errorf("a form without its token: %d", status)
	}
	plain := httptest.NewServer(s.site.NetworkHandler())
	defer plain.Close()
	resp, err := http.Get(plain.URL + "/join")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("without encryption: %d", resp.StatusCode)
	}
}

// A code pairs once; the cookie is for this host, encrypted, out of reach of scripts and other sites; guessing is stopped.
func TestJoin(t *testing.T) {
	s := newLANShop(t)
	code, _, err := s.list.Code(api.Device{Name: "tablet", Rights: []string{api.RightLook}})
	if err != nil {
		t.Fatal(err)
	}
	b := s.tablet()
	for range 3 { // looking at the link uses nothing up
		if status, page := b.get("/join?code=" + code); status != 200 || !strings.Contains(page, `value="`+code+`"`) {
			t.Fatal(status, page)
		}
	}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := b.client.PostForm(s.lan.URL+"/join", url.Values{"code": {code}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	c := resp.Cookies()
	if resp.StatusCode != http.StatusSeeOther || len(c) != 1 || !c[0].Secure || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode || c[0].Path != "/" || c[0].Domain != "" || !strings.HasPrefix(c[0].Name, "__Host-") {
		t.Fatalf("%d %+v", resp.StatusCode, c)
	}
	if status, _ := b.get("/"); status != 200 {
		t.Errorf("paired: %d", status)
	}
	other := s.tablet()
	for i := range 8 {
		want := 403
		if i >= 5 {
			want = 429
		}
		if status, page := other.post("/join", url.Values{"code": {code}}); status != want || !strings.Contains(page, `role="alert"`) {
			t.Errorf("the used code, try %d: %d", i, status)
		}
	}
	if n := len(s.list.All()); n != 1 {
		t.Errorf("%d devices", n)
	}
}

// Who may look, looks; what he may not do is neither offered nor done.
func TestLookOnly(t *testing.T) {
	s := newLANShop(t)
	s.sale("105232", 4250)
	b := s.joined("tablet", api.RightLook)
	for _, path := range []string{"/", "/batches", "/slips/sale-105232", "/search?q=42.50", "/printers/default"} {
		status, page := b.get(path)
		if status != 200 || !strings.Contains(page, "42.50") && path != "/printers/default" && path != "/batches" {
			t.Errorf("%s: %d", path, status)
		}
		for _, m := range regexp.MustCompile(`action="(/do/[^"]+)"`).FindAllStringSubmatch(page, -1) {
			if !strings.Contains(page, "disabled") || m[1] != "/do/reprint" {
				t.Errorf("%s offers %s", path, m[1])
			}
		}
		if strings.Contains(page, `href="/setup"`) || strings.Contains(page, `href="/devices"`) {
			t.Errorf("%s leads to what is at the machine only", path)
		}
	}
	form := b.form()
	before := len(s.came())
	for path, fields := range map[string]url.Values{
		"/do/reprint": {"target_job_id": {"sale-105232"}}, "/do/cancel": {"target_job_id": {"sale-105232"}}, "/do/defective": {"target_job_id": {"sale-105232"}, "copy": {"merchant"}},
		"/do/printer": {"printer": {"default"}, "command": {"test"}}, "/do/pause": {"printer": {"default"}, "on": {"yes"}}, "/do/settle": {"batch": {"1"}, "pin": {rightPin}},
		"/do/archive": {"pin": {rightPin}}, "/do/reversal": {"pin": {rightPin}}, "/do/cancel-waiting": {"printer": {"default"}, "pin": {rightPin}},
	} {
		fields.Set("form", form)
		if status, _ := b.post(path, fields); status != 403 {
			t.Errorf("%s: %d", path, status)
		}
	}
	for path, body := range map[string]string{"/v1/reprints": `{"last":true}`, "/v1/jobs": saleJob("lan-1", "105250", 100), "/v1/printers/default/test": "", "/v1/printers/default/pause": ""} {
		if status, text := b.do("POST", path, body); status != 403 || codeIn(text) != "not_permitted" {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if n := len(s.came()); n != before {
		t.Errorf("%d pieces of paper came out", n-before)
	}
}

// Who may not open the drawer does not, on the page nor by a program, whatever else he may.
func TestDrawerIsARight(t *testing.T) {
	s := newLANShop(t)
	before := len(s.came())
	b := s.joined("tablet", api.RightLook, api.RightReprint)
	form := b.form()
	for path, fields := range map[string]url.Values{"/do/drawer": {"printer": {"default"}}, "/do/drawer-answer": {"job_id": {"x"}, "open": {"yes"}}} {
		fields.Set("form", form)
		if status, _ := b.post(path, fields); status != 403 {
			t.Errorf("%s: %d", path, status)
		}
	}
	tries := map[string]string{
		"/v1/drawer": `{"operator_no":"07"}`, "/v1/drawer/x/answer": `{"open":true}`,
		"/v1/jobs": `{"job_id":"d0","kind":"command","created_at":"2026-08-11T12:00:00+08:00","payload":{"command":"drawer_open"}}`,
	}
	program := func(name, rights string) string {
		t.Helper()
		var made struct{ Token string }
		if status := s.call("POST", "/v1/devices", `{"name":"`+name+`","program":true,"rights":[`+rights+`]}`, &made, "X-Supervisor-Pin", rightPin); status != 201 || made.Token == "" {
			t.Fatal(status)
		}
		return "Bearer " + made.Token
	}
	without := program("pos", `"look","reprint","submit"`)
	for path, body := range tries {
		if status, text := b.do("POST", path, body); status != 403 || codeIn(text) != "not_permitted" {
			t.Errorf("%s from a tablet: %d %s", path, status, text)
		}
		if status, text := s.tablet().do("POST", path, body, "Authorization", without); status != 403 || codeIn(text) != "not_permitted" {
			t.Errorf("%s from a program: %d %s", path, status, text)
		}
		if status := s.call("POST", path, body, nil, "Authorization", without); status != 403 {
			t.Errorf("%s from a program at the machine: %d", path, status)
		}
	}
	if list, err := s.q.Drawers.List(t.Context(), 10); err != nil || len(list) != 0 {
		t.Errorf("%v: %+v", err, list)
	}
	if status, text := s.tablet().do("POST", "/v1/drawer", tries["/v1/drawer"], "Authorization", program("till", `"drawer"`)); status != 202 {
		t.Errorf("with the right: %d %s", status, text)
	}
	own := s.joined("counter", api.RightLook, api.RightDrawer)
	if status, page := own.post("/do/drawer", url.Values{"form": {own.form()}, "printer": {"default"}}); status != 200 {
		t.Errorf("with the right: %d %s", status, page)
	}
	if list, err := s.q.Drawers.List(t.Context(), 10); err != nil || len(list) != 2 {
		t.Errorf("%v: %+v", err, list)
	}
	if n := len(s.came()); n != before {
		t.Errorf("%d pieces of paper came out", n-before)
	}
}

// What is done at the machine only is refused from the network, whatever it carries; the PIN is not even compared, so nobody guesses it or
// locks the supervisor out.
func TestOnlyAtTheMachine(t *testing.T) {
	s := newLANShop(t)
	s.sale("105232", 4250)
	b := s.joined("tablet", api.RightLook, api.RightReprint, api.RightSubmit)
	form := b.form()
	for range 10 {
		for path, fields := range map[string]url.Values{"/do/settle": {"batch": {"1"}}, "/do/reopen": {"batch": {"1"}}, "/do/archive": {}, "/do/reversal": {}, "/do/cancel-waiting": {"printer": {"default"}},
			"/do/setup/plan": {}, "/do/setup/apply": {}, "/do/setup/find": {"where": {"network"}}, "/do/setup/probe": {"printer": {"default"}}, "/do/pin": {"next": {"1357"}, "again": {"1357"}}} {
			fields.Set("form", form)
			fields.Set("pin", "000000")
			if status, page := b.post(path, fields); status != 403 || strings.Contains(page, "主管密码不对") {
				if status != 404 || path != "/do/pin" && !strings.HasPrefix(path, "/do/setup") {
					t.Errorf("%s: %d\n%s", path, status, page)
				}
			}
		}
		for _, path := range []string{"/v1/batches/1/settle", "/v1/batches/1/reopen", "/v1/jobs", "/v1/setup/undo", "/v1/devices", "/v1/lan/authority", "/v1/printers/default/cancel-waiting", "/v1/reprints"} {
			body := map[string]string{"/v1/jobs": archiveJob("arch-1"), "/v1/devices": `{"name":"x","program":true,"rights":["look"]}`, "/v1/reprints": `{"archive":true,"voucher_no":"105232"}`}[path]
			if status, text := b.do("POST", path, body, "X-Supervisor-Pin", "000000"); status != 403 || codeIn(text) != "this_machine_only" {
				t.Errorf("%s: %d %s", path, status, text)
			}
		}
	}
	for _, path := range []string{"/v1/journal/backup", "/v1/config", "/v1/setup", "/v1/lan", "/v1/notify"} {
		if status, text := b.get(path); status != 403 || codeIn(text) != "this_machine_only" {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if status, _ := b.do("POST", "/v1/printers/default/move?to=other", ""); status != 403 {
		t.Errorf("move: %d", status)
	}
	if status, text := b.do("POST", "/v1/reprints", `{"voucher_no":"105232"}`, "X-Supervisor-Pin", rightPin); status != 403 {
		t.Errorf("a PIN from the network: %d %s", status, text)
	}
	if status := s.call("POST", "/v1/batches/1/settle", "", nil, "X-Supervisor-Pin", rightPin); status != 202 {
		t.Errorf("the supervisor at the machine: %d", status)
	}
}

func archiveJob(id string) string {
	return fmt.Sprintf(`{"job_id":%q,"kind":"command","created_at":"2026-08-11T12:00:00+08:00","payload":{"command":"archive_copy","voucher_no":"105232","batch_no":"000001","terminal_no":"00012345","case_no":"C1"}}`, id)
}

// What the shop allows by name is done with the PIN, by who may reprint; the rest stays.
func TestAllowed(t *testing.T) {
	s := newLANShop(t, api.AllowSettle)
	s.sale("105232", 4250)
	b, looker := s.joined("tablet", api.RightLook, api.RightReprint), s.joined("other", api.RightLook)
	if status, _ := looker.do("POST", "/v1/batches/1/settle", "", "X-Supervisor-Pin", rightPin); status != 403 {
		t.Errorf("who may only look: %d", status)
	}
	if status, _ := b.do("POST", "/v1/batches/1/settle", "", "X-Supervisor-Pin", "000000"); status != 403 {
		t.Errorf("with a wrong PIN: %d", status)
	}
	if status, text := b.do("POST", "/v1/jobs", archiveJob("arch-1"), "X-Supervisor-Pin", rightPin); status != 403 || codeIn(text) != "this_machine_only" {
		t.Errorf("archive: %d %s", status, text)
	}
	if status, page := b.get("/batches/1"); status != 200 || !strings.Contains(page, `action="/do/settle"`) {
		t.Errorf("the page does not offer it: %d", status)
	}
	if status, text := b.do("POST", "/v1/batches/1/settle", "", "X-Supervisor-Pin", rightPin); status != 202 {
		t.Errorf("with the PIN: %d %s", status, text)
	}
}

// A tablet that may reprint does what the counter does.
func TestReprintFromATablet(t *testing.T) {
	s := newLANShop(t)
	s.sale("105232", 4250)
	b := s.joined("tablet", api.RightLook, api.RightReprint)
	before := len(s.came())
	if status, page := b.post("/do/reprint", url.Values{"form": {b.form()}, "target_job_id": {"sale-105232"}, "copy": {"merchant"}}); status != 200 {
		t.Fatal(status, page)
	}
	s.idle()
	if n := len(s.came()); n != before+1 {
		t.Errorf("%d pieces of paper came out", n-before)
	}
	if status, text := b.do("POST", "/v1/jobs", saleJob("lan-2", "105251", 100)); status != 403 {
		t.Errorf("a job from a tablet: %d %s", status, text)
	}
}

// Programs have tokens of their own, on the network and at the machine, each with its rights.
func TestProgramTokens(t *testing.T) {
	s := newLANShop(t)
	var made struct{ Token string }
	if status := s.call("POST", "/v1/devices", `{"name":"pos 2","program":true,"rights":["submit"]}`, &made, "X-Supervisor-Pin", rightPin); status != 201 || made.Token == "" {
		t.Fatal(status)
	}
	b := s.tablet()
	if status, text := b.do("POST", "/v1/jobs", saleJob("lan-1", "105240", 800), "Authorization", "Bearer "+made.Token); status != 202 {
		t.Errorf("a job: %d %s", status, text)
	}
	for _, x := range [][2]string{{"GET", "/v1/jobs"}, {"POST", "/v1/reprints"}, {"GET", "/v1/events"}, {"GET", "/v1/journal/backup"}} {
		if status, _ := b.do(x[0], x[1], `{"last":true}`, "Authorization", "Bearer "+made.Token); status != 403 {
			t.Errorf("%v: %d", x, status)
		}
		if status := s.call(x[0], x[1], `{"last":true}`, nil, "Authorization", "Bearer "+made.Token); status != 403 {
			t.Errorf("at the machine %v: %d", x, status)
		}
	}
	if status, _ := b.do("POST", "/v1/jobs", `{"job_id":"c1","kind":"command","created_at":"2026-08-11T12:00:00+08:00","payload":{"command":"reprint_last"}}`, "Authorization", "Bearer "+made.Token); status != 403 {
		t.Errorf("a command: %d", status)
	}
	if status, page := b.do("GET", "/", "", "Cookie", "__Host-receiptd="+made.Token); status != 403 || !strings.Contains(page, "/join") {
		t.Errorf("a program's token as a browser's: %d", status)
	}
	secret := ""
	tab := s.joined("tablet", api.RightLook)
	u, _ := url.Parse(s.lan.URL)
	for _, c := range tab.client.Jar.Cookies(u) {
		secret = c.Value
	}
	if status, _ := b.do("GET", "/v1/jobs", "", "Authorization", "Bearer "+secret); status != 401 {
		t.Errorf("a browser's secret as a token: %d", status)
	}
	if status := s.call("DELETE", "/v1/devices/pos%202", "", nil); status != 200 {
		t.Errorf("revoke: %d", status)
	}
	if status, _ := b.do("POST", "/v1/jobs", saleJob("lan-3", "105241", 800), "Authorization", "Bearer "+made.Token); status != 401 {
		t.Errorf("revoked: %d", status)
	}
}

// What a revoked device has open ends at once.
func TestRevokedStream(t *testing.T) {
	s := newLANShop(t)
	b := s.joined("tablet", api.RightLook)
	resp, err := b.client.Get(s.lan.URL + "/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	if _, err := lines.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	v := s.visitor()
	fields := v.form(v.page("/devices"), "/do/devices/revoke", "")
	back, err := v.client.PostForm(s.server.URL+"/do/devices/revoke", fields)
	if err != nil {
		t.Fatal(err)
	}
	back.Body.Close()
	if _, err := io.Copy(io.Discard, lines); err == nil {
		t.Error("the stream ended as if all was said")
	}
	if status, _ := b.get("/v1/jobs"); status != 401 {
		t.Errorf("revoked: %d", status)
	}
}

// The machine's own page shows a code after the PIN only, and its picture says the link.
func TestPairingPage(t *testing.T) {
	s := newLANShop(t)
	v := s.visitor()
	fields := v.form(v.page("/devices"), "/do/devices/pair", "")
	fields.Set("name", "厨房平板")
	fields.Set("rights", api.RightReprint)
	send := func(pin string) (int, string) {
		fields.Set("pin", pin)
		resp, err := v.client.PostForm(s.server.URL+"/do/devices/pair", fields)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var page bytes.Buffer
		_, _ = page.ReadFrom(resp.Body)
		return resp.StatusCode, page.String()
	}
	for _, wrong := range []string{"", "000000"} {
		if status, page := send(wrong); status != 403 || strings.Contains(page, "/join?code=") {
			t.Errorf("PIN %q: %d", wrong, status)
		}
	}
	status, page := send(rightPin)
	m := regexp.MustCompile(`/join\?code=([0-9A-Z]{4}-[0-9A-Z]{4})`).FindStringSubmatch(page)
	if status != 200 || m == nil || !strings.Contains(page, "<svg class=\"qr\"") {
		t.Fatal(status, page)
	}
	b := s.tablet()
	if status, _ := b.post("/join", url.Values{"code": {m[1]}}); status != 200 {
		t.Errorf("its code: %d", status)
	}
	if d := s.list.All(); len(d) != 1 || d[0].Name != "厨房平板" || !slices.Equal(d[0].Rights, []string{api.RightLook, api.RightReprint}) {
		t.Errorf("%+v", d)
	}
	if page := v.page("/devices"); !strings.Contains(page, "厨房平板") || strings.Contains(page, m[1]) {
		t.Error(page)
	}
	if p, _ := s.list.Revoke("厨房平板"); p.Name == "" {
		t.Error("not revoked")
	}
}

// Every path of both doors is in the table of rights or is the machine's own by decision, so that nothing new is open by accident.
func TestEveryPatternHasItsNeed(t *testing.T) {
	s := newLANShop(t)
	own := []string{"GET /v1/config", "GET /v1/journal/backup", "POST /v1/erase", "POST /v1/journal/verify", "POST /v1/journal/acknowledge", "GET /v1/notify", "GET /v1/fleet", "POST /v1/notify/{name}/test",
		"POST /v1/printers/{name}/probe", "POST /v1/printers/{name}/move", "GET /v1/setup", "POST /v1/setup/undo", "GET /v1/lan", "GET /v1/lan/authority", "POST /v1/lan/authority", "POST /v1/devices", "DELETE /v1/devices/{id}",
		"GET /demo/{picture}", "POST /do/demo",
		"GET /devices", "POST /do/devices/pair", "POST /do/devices/revoke", "POST /do/devices/authority", "GET /ca.crt"}
	var here []string
	for pattern, has := range s.site.Needs() {
		if !has {
			here = append(here, pattern)
		}
	}
	slices.Sort(here)
	slices.Sort(own)
	if !slices.Equal(here, own) {
		t.Errorf("at the machine only:\n%s\nmeant:\n%s", strings.Join(here, "\n"), strings.Join(own, "\n"))
	}
}
