package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/enroll"
	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/internal/doctor"
)

// A hubHouse is a folder with a hub's configuration and what runs on it.
type hubHouse struct {
	*testing.T
	b      *fleettest.Broker
	dir    string
	config string
	client *http.Client
}

func newHubHouse(t *testing.T) *hubHouse {
	t.Helper()
	h := &hubHouse{T: t, b: fleettest.Start(t), dir: t.TempDir()}
	own, page := h.b.Issue(enroll.Member{Name: "hub1"}), h.b.Issue(enroll.Member{Name: "hub-page", Hosts: []string{"hub.example", "127.0.0.1"}})
	h.config = filepath.Join(h.dir, "hub.toml")
	text := fmt.Sprintf("[hub]\nname = \"hub1\"\ntenant = %q\nbroker = %q\nca = %q\ncert = %q\nkey = %q\ndata = \"data\"\nlisten = \"127.0.0.1:0\"\ntls_listen = \"127.0.0.1:0\"\ntls_cert = %q\ntls_key = %q\nlocale = \"en\"\n",
		fleettest.Tenant, h.b.URL(), filepath.Join(own, enroll.CAFile), filepath.Join(own, enroll.CertFile), filepath.Join(own, enroll.KeyFile), filepath.Join(page, enroll.CertFile), filepath.Join(page, enroll.KeyFile))
	if err := os.WriteFile(h.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(filepath.Join(own, enroll.CAFile))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	h.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
	return h
}

func (h *hubHouse) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append(args, "--config", h.config)...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "RECEIPTD_LANG=en")
	return cmd
}

// run starts `receiptd hub` and gives its addresses; it ends with the test, well.
func (h *hubHouse) run() (plain, secure string) {
	h.Helper()
	cmd := h.command("hub", "--quiet")
	log, err := cmd.StderrPipe()
	if err != nil {
		h.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		h.Fatal(err)
	}
	addresses := regexp.MustCompile(` listen=(\S+) tls_listen=(\S+)`)
	var said strings.Builder
	lines := bufio.NewScanner(log)
	for plain == "" && lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		if m := addresses.FindStringSubmatch(lines.Text()); m != nil {
			plain, secure = m[1], m[2]
		}
	}
	rest := make(chan struct{})
	go func() { defer close(rest); _, _ = io.Copy(&said, log) }()
	h.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-rest
		if err := cmd.Wait(); err != nil || h.Failed() {
			h.Errorf("the hub ended with %v:\n%s", err, said.String())
		}
	})
	if plain == "" {
		h.FailNow()
	}
	return plain, secure
}

// ask sends a request, with a token and as another host where they are given, and gives status, body and the certificate that answered.
func (h *hubHouse) ask(url, token, host string) (status int, body string, serial string) {
	h.Helper()
	req, err := http.NewRequestWithContext(h.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		h.Fatal(err)
	}
	req.Host = host
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := h.client.Do(req)
	if err != nil {
		h.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		h.Fatal(err)
	}
	if resp.TLS != nil {
		serial = resp.TLS.PeerCertificates[0].SerialNumber.String()
	}
	return resp.StatusCode, string(data), serial
}

// TestHubOverTLS: `receiptd hub` answers with tls_listen, to who has a key and names it by its certificate; a certificate that was renewed in its
// place is used without a restart; the link for elsewhere is shown; the check finds nothing, and without the hub says so.
func TestHubOverTLS(t *testing.T) {
	t.Parallel()
	h := newHubHouse(t)
	plain, secure := h.run()
	token, err := os.ReadFile(filepath.Join(h.dir, "data", "token"))
	if err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if status, body, _ := h.ask("https://"+secure+"/healthz", "", ""); status == http.StatusOK {
			break
		} else if time.Now().After(limit) {
			t.Fatal("it never comes to its broker", body)
		}
	}
	key := strings.TrimSpace(string(token))
	first := ""
	for _, row := range []struct {
		url, token, host string
		status           int
	}{
		{"https://" + secure + "/v1/status", key, "", http.StatusOK},
		{"https://" + secure + "/v1/status", key, "hub.example", http.StatusOK},
		{"https://" + secure + "/v1/status", "wrong", "", http.StatusUnauthorized},
		{"https://" + secure + "/v1/status", key, "evil.example", http.StatusForbidden},
		{"https://" + secure + "/metrics", "", "", http.StatusUnauthorized},
		{"https://" + secure + "/metrics", key, "", http.StatusOK},
		{"http://" + plain + "/v1/status", key, "", http.StatusOK},
		{"http://" + plain + "/v1/status", key, "hub.example", http.StatusForbidden},
	} {
		status, body, serial := h.ask(row.url, row.token, row.host)
		if status != row.status {
			t.Errorf("%+v: %d %s", row, status, body)
		}
		if serial != "" {
			first = serial
		}
	}
	h.b.Issue(enroll.Member{Name: "hub-page", Renew: true})
	if _, _, now := h.ask("https://"+secure+"/healthz", "", ""); now == first || now == "" {
		t.Errorf("answers with the certificate %q, the old one is %q", now, first)
	}
	out, err := h.command("hub", "page").Output()
	if err != nil || !strings.Contains(string(out), "from elsewhere: https://hub.example:0/pair?key=") {
		t.Errorf("%s %v", out, err)
	}
	conf, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.config, []byte(strings.Replace(string(conf), "listen = \"127.0.0.1:0\"", "listen = \""+plain+"\"", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{{"hub", "check"}, {"doctor"}} {
		h.checksWell(words...)
	}
}

// checksWell holds that a check finds nothing wrong but with this machine's disk. It waits less for a hub's answer than a slow machine may take, and
// is asked again then.
func (h *hubHouse) checksWell(words ...string) {
	h.Helper()
	for limit := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		list, code := h.check(words...)
		list = slices.DeleteFunc(list, func(f doctor.Finding) bool { return f.Check == "disk" })
		wrong := slices.ContainsFunc(list, func(f doctor.Finding) bool { return f.Level == doctor.Problem })
		if !wrong && finds(list, "hub", doctor.Good) && finds(list, "page_certificate", doctor.Good) && finds(list, "certificate", doctor.Good) {
			return
		}
		if time.Now().After(limit) {
			h.Fatalf("%v: %d %+v", words, code, list)
		}
	}
}

// TestHubCheck: what keeps a hub from running is named, each with what mends it.
func TestHubCheck(t *testing.T) {
	t.Parallel()
	h := newHubHouse(t)
	if list, code := h.check("hub", "check"); code != 1 || !finds(list, "hub", doctor.Problem) || !finds(list, "certificate", doctor.Good) {
		t.Errorf("%d %+v", code, list)
	}
	good, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ old, now, check string }{
		{"name = \"hub1\"", "name = \"hub2\"", "certificate"},
		{"/hub1/cert.pem", "/nobody/cert.pem", "certificate"},
		{"/hub1/", "/broker/", "certificate"},
		{"/hub-page/key.pem", "/hub1/key.pem", "page_certificate"},
		{"locale", "drop = \"nowhere\"\nlocale", "drop_folder"},
		{"tenant", "tenants", "config"},
	} {
		if err := os.WriteFile(h.config, []byte(strings.ReplaceAll(string(good), row.old, row.now)), 0o600); err != nil {
			t.Fatal(err)
		}
		list, code := h.check("hub", "check")
		if code != 1 || !finds(list, row.check, doctor.Problem) {
			t.Errorf("%s for %s: %d %+v", row.now, row.old, code, list)
		}
		for _, f := range list {
			if f.Level == doctor.Problem && (f.What.Zh == "" || f.Fix.Zh == "" || f.Fix.En == "") {
				t.Errorf("without words: %+v", f)
			}
		}
	}
}

func (h *hubHouse) check(words ...string) (list []doctor.Finding, code int) {
	h.Helper()
	out, err := h.command(append(words, "--json")...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		h.Fatal(err)
	}
	if err := json.Unmarshal(out, &list); err != nil {
		h.Fatalf("%s: %v", out, err)
	}
	return list, code
}

func finds(list []doctor.Finding, check string, level doctor.Level) bool {
	for i := range list {
		if list[i].Check == check && list[i].Level == level {
			return true
		}
	}
	return false
}
