package suites

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/tools/lab/vm"
)

// page is where the guest's page is on its network.
const page = "https://192.168.77.10:9443"

// network is the page on the shop's network under the shipped unit: a tablet on another machine is paired, sets up a printer, and is revoked.
func (s *till) network(t *testing.T) {
	s.part(t, "lan")
	s.sh(t, "receiptd device authority --out /root/ca.crt")
	der := s.certificate(t)
	pool := x509.NewCertPool()
	pool.AddCert(der)
	b := s.tablet(t, pool)
	if status, _ := b.get("/v1/jobs"); status != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", status)
	}
	if status, text := b.get("/"); status != http.StatusForbidden || !strings.Contains(text, `action="/join"`) {
		t.Errorf("a stranger's page: %d %s", status, text)
	}
	if conn, err := s.v.Dial("shop", "192.168.77.10:9180"); err == nil {
		if _, err := bufio.NewReader(conn).ReadByte(); err == nil {
			t.Error("the page of the machine itself answers the network")
		}
		conn.Close()
	}
	var made api.Pairing
	if err := json.Unmarshal([]byte(s.sh(t, `receiptd device pair "office tablet" --rights look,reprint --pin-file /root/pin --json`)), &made); err != nil || made.Code == "" {
		t.Fatal(err, made)
	}
	if status, text := b.post("/join", url.Values{"code": {made.Code}}); status != http.StatusOK {
		t.Fatalf("joining: %d %s", status, text)
	}
	if status, _ := s.tablet(t, pool).post("/join", url.Values{"code": {made.Code}}); status != http.StatusForbidden {
		t.Errorf("the code once more: %d", status)
	}
	setUpFromTablet(t, b)
	s.part(t, "setup")
	s.part(t, "pause")
	// A stream that is open ends when the tablet is revoked.
	resp, err := b.client.Get(page + "/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	if _, err := lines.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	s.sh(t, `receiptd device revoke "office tablet"`)
	if _, err := io.Copy(io.Discard, lines); err == nil {
		t.Error("the stream of a revoked tablet ends as if all was said")
	}
	if status, _ := b.get("/v1/jobs"); status != http.StatusUnauthorized {
		t.Errorf("a revoked tablet: %d", status)
	}
}

// setUpFromTablet finds the network printer by the daemon's own search and puts it into force, with the PIN each time.
func setUpFromTablet(t *testing.T, b *netTablet) {
	t.Helper()
	status, text := b.get("/setup")
	if status != http.StatusOK {
		t.Fatal(status, text)
	}
	fields := url.Values{"form": {b.value(text, "form")}, "version": {b.value(text, "version")}, "where": {"network"}}
	if status, _ := b.post("/do/setup/find", fields); status != http.StatusForbidden {
		t.Errorf("a search without the PIN: %d", status)
	}
	fields.Set("pin", "830517")
	if status, text = b.post("/do/setup/find", fields); status != http.StatusOK || !strings.Contains(text, "tcp://192.168.77.20:9100") {
		t.Fatalf("the daemon's search does not find the printer: %d %s", status, text)
	}
	mac := regexp.MustCompile(`mac%3A[0-9A-Fa-f%]+`).FindString(text)
	if mac == "" {
		t.Errorf("it finds no hardware address: %s", text)
	}
	for key, value := range map[string]string{"what": "printer", "name": "bar", "label": "吧台", "device": "tcp://192.168.77.20:9100", "profile": "epson-tm-t88"} {
		fields.Set(key, value)
	}
	if id, err := url.QueryUnescape(mac); err != nil {
		t.Error(err)
	} else {
		fields.Set("identity", id)
	}
	if status, text = b.post("/do/setup/plan", fields); status != http.StatusOK || !strings.Contains(text, "<ins>tcp://192.168.77.20:9100</ins>") {
		t.Fatalf("the difference: %d %s", status, text)
	}
	if status, text = b.post("/do/setup/apply", fields); status != http.StatusOK || !strings.Contains(text, "吧台") {
		t.Fatalf("it is not put into force: %d %s", status, text)
	}
}

func (s *till) certificate(t *testing.T) *x509.Certificate {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(s.sh(t, "base64 -w0 /root/ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	if block, _ := pem.Decode(data); block != nil {
		data = block.Bytes
	}
	cert, err := x509.ParseCertificate(data)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// A netTablet is a browser on the other machine of the guest's network.
type netTablet struct {
	t      *testing.T
	client *http.Client
}

func (s *till) tablet(t *testing.T, pool *x509.CertPool) *netTablet {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool},
		DialContext: func(_ context.Context, _, addr string) (net.Conn, error) { return s.v.Dial("shop", addr) }}
	t.Cleanup(transport.CloseIdleConnections)
	return &netTablet{t, &http.Client{Timeout: 3 * time.Minute * time.Duration(vm.Patience()), Jar: jar, Transport: transport}}
}

func (b *netTablet) read(resp *http.Response, err error) (int, string) {
	b.t.Helper()
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

func (b *netTablet) get(path string) (int, string) {
	b.t.Helper()
	return b.read(b.client.Get(page + path))
}

func (b *netTablet) post(path string, fields url.Values) (int, string) {
	b.t.Helper()
	return b.read(b.client.PostForm(page+path, fields))
}

// value is what a hidden field of a page carries.
func (b *netTablet) value(text, name string) string {
	b.t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(text)
	if m == nil {
		b.t.Fatalf("no %s in %s", name, text)
	}
	return m[1]
}
