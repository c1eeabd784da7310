package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/vocabulary"
)

const plantedKey = "PLANTED-KEY-7f3a"

var plantedSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("planted-secret-of-32-bytes-long!"))

var noon = time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC)

// sample is a notice with everything that may not go out.
func sample(id int64) api.Notice {
	amount := int64(12345)
	return api.Notice{ID: id, Event: vocabulary.NoticeOverdue, At: noon, Facts: api.Facts{Printer: "kitchen", Reason: "paper_out", JobID: "o-1", Kind: "order",
		Copy: "kitchen@bar", State: "held", Order: "A17 <at user_id=\"all\">\n@all", Limit: 120, Amount: &amount, Currency: "CNY"}}
}

func messageOf(to *Receiver, list ...api.Notice) *message {
	return &message{id: "j_1_1", to: to, label: func(string) string { return "后厨" },
		pending: api.PendingNotices{Notices: list, Counts: []api.NoticeCount{{Event: vocabulary.NoticeOverdue, Count: len(list)}}, Total: len(list), Last: 1}}
}

// A receiver that listens in the test: what it answers, and what it was told.
type listener struct {
	*httptest.Server
	answer func(w http.ResponseWriter, r *http.Request)
	body   []byte
	req    *http.Request
}

func listen(t *testing.T, secure bool, answer func(w http.ResponseWriter, r *http.Request)) *listener {
	t.Helper()
	l := &listener{answer: answer}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.body, _ = io.ReadAll(r.Body)
		l.req = r
		l.answer(w, r)
	})
	if secure {
		l.Server = httptest.NewTLSServer(h)
	} else {
		l.Server = httptest.NewServer(h)
	}
	l.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(l.Close)
	return l
}

func say(text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// TestForms: each form as its service documents it, read here by other code than the one that writes it.
func TestForms(t *testing.T) {
	mac := func(key, text string) string {
		h := hmac.New(sha256.New, []byte(key))
		io.WriteString(h, text)
		return base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	for _, c := range []struct {
		form, secret, answer string
		look                 func(r *http.Request, body map[string]any) (text string, ok bool)
	}{
		{"json", plantedSecret, "", func(r *http.Request, body map[string]any) (string, bool) {
			at := r.Header.Get("Webhook-Timestamp") // the signature is looked at below, where the bytes are
			ok := r.Header.Get("Webhook-Id") == "j_1_1" && at == fmt.Sprint(noon.Unix()) && body["type"] == "receiptd.notices"
			data := body["data"].(map[string]any)
			return data["notices"].([]any)[0].(map[string]any)["text"].(string), ok
		}},
		{"wecom", "", `{"errcode":0,"errmsg":"ok"}`, func(_ *http.Request, body map[string]any) (string, bool) {
			return body["text"].(map[string]any)["content"].(string), body["msgtype"] == "text"
		}},
		{"dingtalk", "SECabc", `{"errcode":0,"errmsg":"ok"}`, func(r *http.Request, body map[string]any) (string, bool) {
			q := r.URL.Query()
			return body["text"].(map[string]any)["content"].(string), q.Get("access_token") == plantedKey && q.Get("timestamp") == fmt.Sprint(noon.UnixMilli()) &&
				q.Get("sign") == mac("SECabc", q.Get("timestamp")+"\nSECabc")
		}},
		{"feishu", "sec", `{"code":0,"msg":"success","data":{}}`, func(_ *http.Request, body map[string]any) (string, bool) {
			return body["content"].(map[string]any)["text"].(string), body["msg_type"] == "text" && body["timestamp"] == fmt.Sprint(noon.Unix()) &&
				body["sign"] == mac(fmt.Sprint(noon.Unix())+"\nsec", "")
		}},
		{"slack", "", "ok", func(_ *http.Request, body map[string]any) (string, bool) { return body["text"].(string), true }},
	} {
		t.Run(c.form, func(t *testing.T) {
			l := listen(t, false, say(c.answer))
			to := &Receiver{Name: "owner", Form: c.form, URL: l.URL + "/x?access_token=" + plantedKey, Secret: c.secret, Zh: true, Zone: "Asia/Shanghai", From: "人民路店"}
			if f := to.send(t.Context(), messageOf(to, sample(1)), noon); f != nil {
				t.Fatal(f)
			}
			if c.form == "json" {
				at := l.req.Header.Get("webhook-timestamp")
				if want := "v1," + mac("planted-secret-of-32-bytes-long!", "j_1_1."+at+"."+string(l.body)); l.req.Header.Get("webhook-signature") != want {
					t.Error("signature", l.req.Header)
				}
			}
			var body map[string]any
			if err := json.Unmarshal(l.body, &body); err != nil {
				t.Fatal(err)
			}
			text, ok := c.look(l.req, body)
			if !ok || !strings.Contains(text, "超时还没打出来：订单，订单 A17") || !strings.Contains(text, "后厨") || !strings.Contains(text, "20:00") || !strings.Contains(text, "缺纸") {
				t.Errorf("%v %s %s", ok, text, l.body)
			}
			if strings.Contains(string(l.body), "12345") || strings.Contains(text, "123.45") {
				t.Errorf("an amount went out: %s", l.body)
			}
			if c.form != "json" && c.form != "dingtalk" && strings.Contains(text, "<at") {
				t.Errorf("the order's number shapes the message: %s", text)
			}
			to.Amount = true
			if f := to.send(t.Context(), messageOf(to, sample(1)), noon); f != nil || !strings.Contains(string(l.body), "123.45") {
				t.Errorf("the amount was to be told: %v %s", f, l.body)
			}
		})
	}
}

// TestRefusals: a message that was not taken is not counted as told, whatever the status says; and nothing that anybody sees holds a key.
func TestRefusals(t *testing.T) {
	status := func(n int, header ...string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			if len(header) == 2 {
				w.Header().Set(header[0], header[1])
			}
			w.WriteHeader(n)
			fmt.Fprint(w, "you said "+r.URL.String()) // a receiver that echoes the key
		}
	}
	for _, c := range []struct {
		form, code string
		number     int64
		pause      time.Duration
		answer     func(http.ResponseWriter, *http.Request)
	}{
		{"wecom", "answer", 93000, 0, say(`{"errcode":93000,"errmsg":"invalid webhook url ` + plantedKey + `"}`)},
		{"wecom", "too_fast", 45009, time.Minute, say(`{"errcode":45009,"errmsg":"api freq out of limit"}`)},
		{"wecom", "stranger", 0, 0, say(`<html>login</html>`)},
		{"wecom", "stranger", 0, 0, say(`{}`)},
		{"dingtalk", "answer", 310000, 0, say(`{"errcode":310000,"errmsg":"sign not match"}`)},
		{"dingtalk", "too_fast", 130101, 10 * time.Minute, say(`{"status":1111,"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}`)},
		{"feishu", "answer", 19021, 0, say(`{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`)},
		{"feishu", "answer", 9499, 0, say(`{"code":9499,"msg":"Bad Request","data":{}}`)},
		{"feishu", "too_fast", 11232, time.Minute, say(`{"code":11232,"msg":"frequency limited"}`)},
		{"feishu", "answer", 1, 0, say(`{"StatusCode":1}`)},
		{"feishu", "stranger", 0, 0, say(`null`)},
		{"slack", "stranger", 0, 0, say(`invalid_payload`)},
		{"slack", "too_fast", 429, time.Minute, status(429, "Retry-After", "30")},
		{"slack", "too_fast", 429, 2 * time.Minute, status(429, "Retry-After", "120")},
		{"slack", "status", 410, 0, status(410)},
		{"json", "status", 500, 0, status(500)},
		{"json", "status", 503, time.Hour, status(503, "Retry-After", "999999")},
		{"json", "redirect", 302, 0, status(302, "Location", "/elsewhere")},
		{"json", "redirect", 307, 0, status(307, "Location", "/elsewhere")},
	} {
		l := listen(t, false, c.answer)
		to := &Receiver{Name: "owner", Form: c.form, URL: l.URL + "/x?key=" + plantedKey, Secret: plantedSecret}
		f := to.send(t.Context(), messageOf(to, sample(1)), noon)
		if f == nil || f.Code != c.code || f.Number != c.number || f.Pause != c.pause {
			t.Errorf("%s: %+v, want %s %d %s", c.form, f, c.code, c.number, c.pause)
			continue
		}
		if strings.Contains(l.req.URL.Path, "elsewhere") {
			t.Error("a redirect was followed")
		}
		clean(t, f, *to)
	}
}

// clean looks for keys in everything that can be shown.
func clean(t *testing.T, f *Failure, to Receiver) {
	t.Helper()
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "to", to, "err", f, "any", slog.AnyValue(to))
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "to", to, "err", f)
	shown := log.String() + f.Error() + f.Text().Zh + fmt.Sprintf("%v %+v %#v %s %+v %#v", to, to, to, to, *f, *f)
	for _, key := range []string{plantedKey, plantedSecret, "planted-secret", "planted.invalid"} {
		if strings.Contains(shown, key) {
			t.Errorf("a key is shown: %s", shown)
		}
	}
	if f.Text().Zh == "" || f.Text().En == "" {
		t.Errorf("%s has no words", f.Code)
	}
}

// TestUnreachable: what net/http says of a failure holds the address; what receiptd says does not.
func TestUnreachable(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	secure := listen(t, true, say(""))
	plain := listen(t, false, say(""))
	cut := listen(t, false, func(w http.ResponseWriter, _ *http.Request) {
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			c.Close()
		}
	})
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code string
		to   Receiver
	}{
		{"dns", Receiver{URL: "https://planted.invalid/" + plantedKey}},
		{"refused", Receiver{URL: gone.URL + "/" + plantedKey}},
		{"tls", Receiver{URL: secure.URL + "/" + plantedKey}},
		{"tls", Receiver{URL: strings.Replace(plain.URL, "http", "https", 1) + "/" + plantedKey}},
		{"lost", Receiver{URL: cut.URL + "/" + plantedKey}},
		{"url", Receiver{URL: "http://planted.invalid/" + plantedKey}},
		{"url", Receiver{URL: "https://" + plantedKey + ":x%"}},
		{"address", Receiver{URL: "https://169.254.169.254/" + plantedKey}},
		{"url_file", Receiver{URLFile: filepath.Join(dir, "none")}},
		{"url_file", Receiver{URLFile: empty}},
		{"url_file", Receiver{URLFile: dir}},
		{"secret_file", Receiver{URL: secure.URL, SecretFile: filepath.Join(dir, "none")}},
		{"secret", Receiver{URL: secure.URL, Secret: plantedKey}},
		{"ca_file", Receiver{URL: secure.URL, CAFile: empty}},
	} {
		c.to.Name, c.to.Form = "owner", "json"
		if c.to.Secret == "" && c.to.SecretFile == "" {
			c.to.Secret = plantedSecret
		}
		f := c.to.send(t.Context(), messageOf(&c.to, sample(1)), noon)
		if f == nil || f.Code != c.code {
			t.Errorf("%s: %+v", c.code, f)
			continue
		}
		clean(t, f, c.to)
	}
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	urlFile := filepath.Join(dir, "url")
	if err := os.WriteFile(urlFile, []byte("\ufeff"+secure.URL+"/hook\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	to := Receiver{Name: "owner", Form: "json", URLFile: urlFile, Secret: plantedSecret, CAFile: ca}
	if f := to.send(t.Context(), messageOf(&to, sample(1)), noon); f != nil {
		t.Errorf("with its own CA: %v", f)
	}
}

// TestAddresses: only what is public, by HTTPS, or private and named is dialled, in whatever form the address comes.
func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		url, private, to string
		want             bool
	}{
		{"https://hooks.example/x", "", "93.184.216.34", true},
		{"https://hooks.example/x", "", "2606:2800:220:1::1", true},
		{"https://hooks.example/x", "", "64:ff9b::5db8:d822", true}, // 93.184.216.34 through NAT64
		{"https://hooks.example/x", "", "127.0.0.1", false},
		{"https://hooks.example/x", "", "::1", false},
		{"https://hooks.example/x", "", "::ffff:127.0.0.1", false},
		{"https://hooks.example/x", "", "::ffff:192.168.1.5", false},
		{"https://hooks.example/x", "", "::127.0.0.1", false},
		{"https://hooks.example/x", "", "64:ff9b::7f00:1", false},
		{"https://hooks.example/x", "", "64:ff9b::a9fe:a9fe", false},
		{"https://hooks.example/x", "", "2002:7f00:1::", false},
		{"https://hooks.example/x", "", "10.1.2.3", false},
		{"https://hooks.example/x", "", "100.100.100.200", false},
		{"https://hooks.example/x", "", "169.254.169.254", false},
		{"https://hooks.example/x", "", "fe80::1%eth0", false},
		{"https://hooks.example/x", "", "fd00:ec2::254", false},
		{"https://hooks.example/x", "", "0.0.0.0", false},
		{"https://hooks.example/x", "", "::", false},
		{"https://hooks.example/x", "", "224.0.0.1", false},
		{"https://hooks.example/x", "192.168.1.0/24", "192.168.1.5", true},
		{"https://hooks.example/x", "192.168.1.0/24", "::ffff:192.168.1.5", true},
		{"https://hooks.example/x", "192.168.1.0/24", "192.168.2.5", false},
		{"http://till.lan/x", "192.168.1.20", "192.168.1.20", true},
		{"http://till.lan/x", "192.168.1.20", "93.184.216.34", false},
		{"http://127.0.0.1:80/x", "", "127.0.0.1", true},
		{"http://127.0.0.1:80/x", "", "127.0.0.2", false},
		{"http://localhost/x", "", "::1", true},
		{"http://[fd00::1]/x", "", "fd00::1", true},
		{"http://[::ffff:10.0.0.1]/x", "", "10.0.0.1", true},
	} {
		nets, err := parseNetworks(c.private)
		if err != nil {
			t.Fatal(err)
		}
		a, wrong := parseAddress(c.url, nets)
		if wrong != nil {
			t.Fatal(c.url, wrong)
		}
		if err := a.control("tcp", netip.AddrPortFrom(netip.MustParseAddr(c.to), 443).String(), nil); (err == nil) != c.want {
			t.Errorf("%s private %q to %s: %v", c.url, c.private, c.to, err)
		}
	}
	// The look is where the connection is made, not before: a name that resolves to loopback is not dialled.
	l := listen(t, true, say(""))
	to := Receiver{Name: "owner", Form: "json", URL: l.URL, Secret: plantedSecret}
	at, _, err := to.keys()
	if err != nil {
		t.Fatal(err)
	}
	at.private = nil
	client, err := to.client(at)
	if err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, l.URL, nil)
	res, err := client.Do(req)
	if err == nil {
		res.Body.Close()
	}
	if err == nil || sorted(err).Code != "address" || l.req != nil {
		t.Error(err)
	}
}

// TestCheck: what a configuration gets wrong is told by its key, without the key's content.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		key string
		to  Receiver
	}{
		{"", Receiver{Form: "json", URL: "https://x.example/" + plantedKey, Secret: plantedSecret}},
		{"", Receiver{Form: "wecom", URLFile: "/x"}},
		{"", Receiver{Form: "feishu", URL: "http://192.168.1.4/x"}},
		{"", Receiver{Form: "slack", URL: "http://chat.lan/x", Private: "192.168.1.4 10.0.0.0/8"}},
		{"form", Receiver{Form: "teams", URL: "https://x.example"}},
		{"url", Receiver{Form: "slack"}},
		{"url", Receiver{Form: "slack", URL: "https://x.example", URLFile: "/x"}},
		{"url", Receiver{Form: "slack", URL: "http://x.example/" + plantedKey}},
		{"url", Receiver{Form: "slack", URL: "http://93.184.216.34/" + plantedKey}},
		{"url", Receiver{Form: "slack", URL: "ftp://x.example/" + plantedKey}},
		{"url", Receiver{Form: "slack", URL: "https://" + plantedKey + ":y%zz"}},
		{"url", Receiver{Form: "slack", URL: plantedKey}},
		{"private", Receiver{Form: "slack", URL: "https://x.example", Private: "8.8.8.8"}},
		{"private", Receiver{Form: "slack", URL: "https://x.example", Private: "0.0.0.0/0"}},
		{"private", Receiver{Form: "slack", URL: "https://x.example", Private: "169.254.169.254"}},
		{"secret", Receiver{Form: "slack", URL: "https://x.example", Secret: plantedKey}},
		{"secret", Receiver{Form: "json", URL: "https://x.example"}},
		{"secret", Receiver{Form: "json", URL: "https://x.example", Secret: plantedKey}},
		{"secret", Receiver{Form: "json", URL: "https://x.example", Secret: plantedSecret, SecretFile: "/x"}},
	} {
		var key, said string
		c.to.Check(func(k, zh, en string) { key, said = k, zh+en })
		if key != c.key || strings.Contains(said, plantedKey) {
			t.Errorf("%+v: %q %s, want %q", c.to.URL, key, said, c.key)
		}
	}
}

// TestText: many are counted, few are named, and no text is longer than its service takes.
func TestText(t *testing.T) {
	to := &Receiver{Name: "owner", Form: "wecom", Zh: true}
	var list []api.Notice
	for i := range 50 {
		n := sample(int64(i))
		n.Order = strings.Repeat("长", 300)
		list = append(list, n)
	}
	m := messageOf(to, list...)
	m.pending.Total = 300
	m.pending.Counts = []api.NoticeCount{{Event: vocabulary.NoticeOverdue, Count: 290}, {Event: vocabulary.NoticeOverdue, Over: true, Count: 10}}
	text := m.text()
	if len(text) > 2000 || !strings.Contains(text, "共 300 条消息") || !strings.Contains(text, "超时还没打出来 × 290") || !strings.Contains(text, "超时的小票有了结果 × 10") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
	for _, event := range vocabulary.Notices() {
		for _, over := range []bool{false, true} {
			for _, zh := range []bool{false, true} {
				to := &Receiver{Name: "owner", Form: "slack", Zh: zh}
				n := api.Notice{Event: event, Over: over, At: noon.Add(26 * time.Hour), Since: noon, Facts: api.Facts{Shift: -3600, State: "pending"}}
				if text := messageOf(to, n).text(); strings.Contains(text, "：（") || strings.HasPrefix(text, "[receiptd]  ") || len(text) < 20 {
					t.Errorf("%s", text)
				}
			}
		}
	}
}

// TestDisk: a disk that is nearly full takes jobs still, and is not called full; a full one is; both say what to do.
func TestDisk(t *testing.T) {
	left := int64(300)
	for _, c := range []struct {
		f    api.Facts
		want string
	}{
		{api.Facts{State: vocabulary.DiskLow, FreeMB: &left}, "磁盘快满了，写满就收不了新任务，请在收银电脑上清出空间：只剩 300 MB"},
		{api.Facts{State: vocabulary.DiskLow}, "磁盘快满了，写满就收不了新任务，请在收银电脑上清出空间"}, // of files there is no more room for
		{api.Facts{}, "磁盘满了，新任务收不下，请在收银电脑上清出空间"},
	} {
		text := messageOf(&Receiver{Name: "owner", Form: "slack", Zh: true}, api.Notice{Event: vocabulary.NoticeDisk, At: noon, Since: noon, Facts: c.f}).text()
		if !strings.Contains(text, c.want) {
			t.Errorf("%s; want %s", text, c.want)
		}
	}
}
