package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/devices"
	"github.com/receiptd/receiptd/web"
)

// A lanShop is a shop whose page is on the network too, by an encrypted server that the test can reach.
type lanShop struct {
	*shop
	list    *devices.List
	lan     *httptest.Server
	up      *setUp
	pinFile string
}

// State, Answers, Authority and NewAuthority are what the daemon would fill.
func (s *lanShop) State() api.LAN {
	return api.LAN{On: true, Links: []string{s.lan.URL}, Own: true, Fingerprint: "AA:BB", Missing: []string{}, Devices: []api.Device{}}
}
func (s *lanShop) Answers(host string) bool { return host == "127.0.0.1" || host == "till.local" }
func (s *lanShop) Authority() []byte        { return []byte("certificate") }
func (s *lanShop) NewAuthority() error      { return nil }

func newLANShop(t testing.TB, allow ...string) *lanShop {
	t.Helper()
	s := &lanShop{}
	var err error
	if s.list, err = devices.Open(t.TempDir(), nil); err != nil {
		t.Fatal(err)
	}
	s.shop = newShop(t, func(o *web.Options) {
		o.Devices, o.Network, o.Allow = s.list, s, allow
		s.up, s.pinFile = o.SetUp.(*setUp), o.PinFile
	})
	s.lan = httptest.NewTLSServer(s.site.NetworkHandler())
	t.Cleanup(func() { s.lan.CloseClientConnections(); s.lan.Close() })
	return s
}

// A tablet is a browser somewhere in the shop.
type tablet struct {
	s      *lanShop
	t      testing.TB
	client *http.Client
}

func (s *lanShop) tablet() *tablet {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	client := *s.lan.Client()
	client.Jar = jar
	return &tablet{s, s.t, &client}
}

// joined is a tablet that was paired with these rights.
func (s *lanShop) joined(name string, rights ...string) *tablet {
	s.t.Helper()
	code, _, err := s.list.Code(api.Device{Name: name, Rights: rights})
	if err != nil {
		s.t.Fatal(err)
	}
	b := s.tablet()
	if status, page := b.post("/join", url.Values{"code": {code}}); status != 200 {
		s.t.Fatal(status, page)
	}
	return b
}

// do sends a request; headers are pairs, "Host" too.
func (b *tablet) do(method, path, body string, headers ...string) (int, string) {
	b.t.Helper()
	req, err := http.NewRequest(method, b.s.lan.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		} else {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func (b *tablet) get(path string) (int, string) { b.t.Helper(); return b.do("GET", path, "") }

func (b *tablet) post(path string, form url.Values, headers ...string) (int, string) {
	b.t.Helper()
	return b.do("POST", path, form.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

var formField = regexp.MustCompile(`name="form" value="([0-9a-f]+)"`)

// form is the token that the browser's pages carry.
func (b *tablet) form() string {
	b.t.Helper()
	_, page := b.get("/")
	m := formField.FindStringSubmatch(page)
	if m == nil {
		b.t.Fatal("the page has no form:\n", page)
	}
	return m[1]
}

func codeIn(text string) string {
	var p struct{ Code string }
	_ = json.Unmarshal([]byte(text), &p)
	return p.Code
}
