package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type need int

const (
	never need = iota
	maybe
	always
)

// A form is the way one kind of receiver wants its messages.
type form struct {
	secret need
	gap    time.Duration // between two messages; the services limit them
	most   int           // bytes of text
	escape func(text string) string
	build  func(m *message, secret string, now time.Time) (post, error)
	// accepted reads an answer with status 200 to 299; nil: it was taken.
	accepted func(status int, body []byte) *Failure
}

// A post is one request.
type post struct {
	body   []byte
	query  string // behind the address
	header map[string]string
}

// formOf gives a form by its name. Where each service says what it takes and how it answers:
//
//	json     standardwebhooks.com, version 1.0.0: any 2xx is taken
//	wecom    developer.work.weixin.qq.com/document/path/91770: 20 a minute, 2048 bytes; 200 with errcode, 45009 is too fast
//	dingtalk open.dingtalk.com, custom robots: 20 a minute, else ten minutes of silence; 200 with errcode, 130101 is too fast
//	feishu   open.feishu.cn, custom bots: 100 a minute, 5 a second, 20 kB; 200 with code (older: StatusCode), 11232 is too fast
//	slack    docs.slack.dev, incoming webhooks: one a second; 200 and "ok", 429 with Retry-After is too fast
func formOf(name string) (f form, ok bool) {
	switch name {
	case "json":
		f = form{secret: always, gap: time.Second, most: 64 << 10, build: buildJSON, accepted: func(int, []byte) *Failure { return nil }}
	case "wecom":
		f = form{secret: never, gap: 4 * time.Second, most: 2000, escape: wideAngles, build: buildWeCom, accepted: errcode(45009, time.Minute)}
	case "dingtalk":
		f = form{secret: maybe, gap: 4 * time.Second, most: 4000, build: buildDingTalk, accepted: errcode(130101, 10*time.Minute)}
	case "feishu":
		f = form{secret: maybe, gap: time.Second, most: 4000, escape: wideAngles, build: buildFeishu, accepted: feishuAccepted}
	case "slack":
		f = form{secret: never, gap: 2 * time.Second, most: 3000, escape: strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace, build: buildSlack, accepted: slackAccepted}
	default:
		return f, false
	}
	return f, true
}

// wideAngles keeps a job's own words from calling people: WeCom reads <@userid> and Feishu <at ...> in plain text.
func wideAngles(text string) string { return strings.NewReplacer("<", "＜", ">", "＞").Replace(text) }

func sign(key []byte, text string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// buildJSON is the Standard Webhooks form: the id names what is told, so that a receiver knows what it had before.
func buildJSON(m *message, secret string, now time.Time) (post, error) {
	key, wrong := standardKey(secret)
	if wrong != nil {
		return post{}, &Failure{Code: "secret"}
	}
	body, err := json.Marshal(m.data())
	if err != nil {
		return post{}, err
	}
	at := strconv.FormatInt(now.Unix(), 10)
	return post{body: body, header: map[string]string{"webhook-id": m.id, "webhook-timestamp": at,
		"webhook-signature": "v1," + sign(key, m.id+"."+at+"."+string(body))}}, nil
}

type textOf struct {
	Content string `json:"content"`
}

func buildWeCom(m *message, _ string, _ time.Time) (post, error) {
	return encoded(map[string]any{"msgtype": "text", "text": textOf{m.text()}})
}

// buildDingTalk signs time and secret with the secret and puts both behind the address.
func buildDingTalk(m *message, secret string, now time.Time) (post, error) {
	p, err := encoded(map[string]any{"msgtype": "text", "text": textOf{m.text()}})
	if secret != "" {
		at := strconv.FormatInt(now.UnixMilli(), 10)
		p.query = "timestamp=" + at + "&sign=" + url.QueryEscape(sign([]byte(secret), at+"\n"+secret))
	}
	return p, err
}

// buildFeishu signs nothing with time and secret as the key.
func buildFeishu(m *message, secret string, now time.Time) (post, error) {
	v := map[string]any{"msg_type": "text", "content": map[string]string{"text": m.text()}}
	if secret != "" {
		at := strconv.FormatInt(now.Unix(), 10)
		v["timestamp"], v["sign"] = at, sign([]byte(at+"\n"+secret), "")
	}
	return encoded(v)
}

func buildSlack(m *message, _ string, _ time.Time) (post, error) {
	return encoded(map[string]string{"text": m.text()})
}

func encoded(v any) (post, error) {
	body, err := json.Marshal(v)
	return post{body: body}, err
}

// errcode reads the answer of WeCom and DingTalk: 200 whatever happened, and a number that is 0 where the message was taken.
func errcode(tooFast int64, pause time.Duration) func(int, []byte) *Failure {
	return func(_ int, body []byte) *Failure {
		var a struct {
			Code *int64 `json:"errcode"`
		}
		if json.Unmarshal(body, &a) != nil || a.Code == nil {
			return &Failure{Code: "stranger"}
		}
		return numbered(*a.Code, tooFast, pause)
	}
}

func feishuAccepted(_ int, body []byte) *Failure {
	var a struct {
		Code   *int64 `json:"code"`
		Status *int64 `json:"StatusCode"`
	}
	err := json.Unmarshal(body, &a)
	switch {
	case err == nil && a.Code != nil:
		return numbered(*a.Code, 11232, time.Minute)
	case err == nil && a.Status != nil:
		return numbered(*a.Status, 11232, time.Minute)
	}
	return &Failure{Code: "stranger"}
}

func numbered(n, tooFast int64, pause time.Duration) *Failure {
	switch n {
	case 0:
		return nil
	case tooFast:
		return &Failure{Code: "too_fast", Number: n, Pause: pause}
	}
	return &Failure{Code: "answer", Number: n}
}

func slackAccepted(status int, body []byte) *Failure {
	if status != http.StatusOK || strings.TrimSpace(string(body)) != "ok" {
		return &Failure{Code: "stranger"}
	}
	return nil
}
