package daemon_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/certs"
	"github.com/receiptd/receiptd/internal/freeaddr"
	"github.com/receiptd/receiptd/printer/virtual"
)

// freePort is a port that nobody has now.
func freePort(t *testing.T, host string) string {
	t.Helper()
	addr, err := freeaddr.On(host)
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatal(err)
	case err != nil:
		t.Skip("this machine has no second loopback address: ", err)
	}
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// A lanTill is a daemon whose page is on a network: on a second loopback address, and on this machine's own where it has one.
type lanTill struct {
	*testShop
	local, lan, token, port string
}

func newLANTill(t *testing.T) *lanTill {
	s := &lanTill{testShop: newTestShop(t, virtual.Options{Model: "generic-80", Speed: virtual.Max}, "front"), port: freePort(t, "127.0.0.2")}
	s.local, s.lan = "http://127.0.0.1:"+freePort(t, "127.0.0.1"), "https://127.0.0.2:"+s.port
	s.put(fmt.Sprintf("[spool]\ndir=%q\n[data]\ndir=%q\n[http]\nlisten=%q\nlan=true\nlan_listen=\":%s\"\nlan_names=[\"127.0.0.2\", \"kasse.example\"]\n[[printer]]\nname=\"front\"\ndevice=\"tcp://%s\"\nproof=\"A\"\n",
		filepath.Join(s.dir, "spool"), filepath.Join(s.dir, "data"), strings.TrimPrefix(s.local, "http://"), s.port, s.addrs["front"]))
	if err := os.MkdirAll(filepath.Join(s.dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("246813"), bcrypt.MinCost) // pin.Set's own cost is for attackers, not for tests
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "data", "supervisor-pin"), hash, 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	token, err := os.ReadFile(filepath.Join(s.dir, "data", "token"))
	if err != nil {
		t.Fatal(err)
	}
	s.token = strings.TrimSpace(string(token))
	s.await("the network's address", func() bool {
		var lan api.LAN
		_, body := s.ask(http.DefaultClient, "GET", s.local+"/v1/lan", "")
		return json.Unmarshal([]byte(body), &lan) == nil && len(lan.Links) > 0
	})
	return s
}

// ask sends a request with the machine's token.
func (s *lanTill) ask(c *http.Client, method, address, body string, headers ...string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, bodyOf(s.t, resp, nil)
}

// browser is one that trusts the till's authority as it is in the data folder, and nobody else.
func (s *lanTill) browser() *http.Client {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, "data", certs.AuthorityFile))
	if err != nil {
		s.t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		s.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(root)
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) { // kasse.example is the till, as the shop's name server says
			return (&net.Dialer{}).DialContext(ctx, network, strings.Replace(addr, "kasse.example", "127.0.0.2", 1))
		}}
	s.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Jar: jar}
}

func (s *lanTill) code(name string, rights ...string) string {
	s.t.Helper()
	body, _ := json.Marshal(api.Device{Name: name, Rights: rights})
	status, answer := s.ask(http.DefaultClient, "POST", s.local+"/v1/devices", string(body), "X-Supervisor-Pin", "246813")
	var made struct{ Pairing api.Pairing }
	if err := json.Unmarshal([]byte(answer), &made); err != nil || status != http.StatusCreated || len(made.Pairing.Links) == 0 {
		s.t.Fatal(status, answer, err)
	}
	return made.Pairing.Code
}

// A tablet is paired over a real encrypted connection and sees the counter; the machine's own key opens nothing there; revoked, what it has
// open ends at once, and it stays out over a restart.
func TestTabletOnTheNetwork(t *testing.T) {
	s := newLANTill(t)
	b := s.browser()
	if status, answer := s.ask(b, "GET", s.lan+"/v1/printers", ""); status != http.StatusUnauthorized {
		t.Errorf("the machine's token on the network: %d %s", status, answer)
	}
	if status, err := s.ask(&http.Client{Transport: &http.Transport{}}, "GET", s.lan+"/trust", ""); status != 0 || !strings.Contains(err, "certificate") {
		t.Errorf("who does not trust the authority: %d %v", status, err)
	}
	if resp, err := http.Get("http" + strings.TrimPrefix(s.lan, "https") + "/trust"); err == nil {
		if body := bodyOf(t, resp, nil); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("without encryption: %d %s", resp.StatusCode, body)
		}
	}
	code := s.code("kitchen", api.RightLook)
	resp, err := b.PostForm(s.lan+"/join", url.Values{"code": {code}})
	if page := bodyOf(t, resp, err); resp.StatusCode != http.StatusOK || !strings.Contains(page, `id="slips"`) {
		t.Fatal(resp.StatusCode, page)
	}
	if _, err := net.LookupHost("kasse.example"); err != nil { // only the test's browser knows the name
		if resp, err := b.Get("https://kasse.example:" + s.port + "/join"); err != nil || resp.StatusCode != http.StatusOK {
			t.Error("by its name:", err)
		} else {
			resp.Body.Close()
		}
	}
	events, err := b.Get(s.lan + "/v1/events")
	if err != nil || events.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	defer events.Body.Close()
	stream := bufio.NewReader(events.Body)
	if _, err := stream.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	s.sale(770001, "")
	s.await("the slip", func() bool { return s.copyOf(770001).State == "printed" })
	if resp, err := b.Get(s.lan + "/"); !strings.Contains(bodyOf(t, resp, err), "770001") {
		t.Error("the tablet does not see the slip")
	}
	if resp, err := b.Post(s.lan+"/v1/reprints", "application/json", strings.NewReader(`{"last":true}`)); err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("a reprint with the right to look: %v", err)
	} else {
		resp.Body.Close()
	}
	if status, answer := s.ask(http.DefaultClient, "DELETE", s.local+"/v1/devices/kitchen", ""); status != http.StatusOK {
		t.Fatal(status, answer)
	}
	cut := make(chan error, 1)
	go func() { _, err := io.Copy(io.Discard, stream); cut <- err }()
	select {
	case err := <-cut:
		if err == nil {
			t.Error("the stream ended as if all was said")
		}
	case <-time.After(time.Minute):
		t.Error("the stream of a revoked device goes on")
	}
	s.end()
	s.start()
	s.await("the network's address again", func() bool {
		resp, err := b.Get(s.lan + "/v1/jobs")
		return err == nil && strings.Contains(bodyOf(t, resp, nil), "not_permitted") && resp.StatusCode == http.StatusUnauthorized
	})
}

// On an address of this machine's own that is not loopback the same page is answered under the same certificate.
func TestPageOnTheMachinesOwnAddress(t *testing.T) {
	m, err := certs.This()
	if err != nil || len(m.Addresses) == 0 {
		t.Skip("this machine is on no network")
	}
	s := newLANTill(t)
	b := s.browser()
	at := "https://" + net.JoinHostPort(m.Addresses[0].String(), s.port)
	if status, body := s.ask(b, "GET", at+"/trust", ""); status != http.StatusOK || !strings.Contains(body, "SHA-256") {
		t.Errorf("%s: %d %s", at, status, body)
	}
	if status, body := s.ask(b, "GET", at+"/v1/jobs", ""); status != http.StatusUnauthorized {
		t.Errorf("the machine's token: %d %s", status, body)
	}
}

// Whoever holds all of the network's places keeps nobody at the machine from the page.
func TestCrowdOnTheNetwork(t *testing.T) {
	s := newLANTill(t)
	for range 300 {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.lan, "https://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	if status, body := s.ask(http.DefaultClient, "GET", s.local+"/v1/printers", ""); status != http.StatusOK {
		t.Errorf("at the machine: %d %s", status, body)
	}
	b := s.browser()
	if resp, err := b.PostForm(s.lan+"/join", url.Values{"code": {s.code("a", api.RightLook)}}); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("a tablet: %v", err)
	} else {
		resp.Body.Close()
	}
}

// A broken file of devices lets nobody in from outside, and slips print.
func TestBrokenDevicesFile(t *testing.T) {
	s := newLANTill(t)
	s.end()
	if err := os.WriteFile(filepath.Join(s.dir, "data", "devices.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	s.sale(770001, "")
	s.await("the slip", func() bool { return s.copyOf(770001).State == "printed" })
	if c, err := net.Dial("tcp", strings.TrimPrefix(s.lan, "https://")); err == nil {
		c.Close()
		t.Error("the page is on the network")
	}
}
