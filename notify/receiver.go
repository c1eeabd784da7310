package notify

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/receiptd/receiptd/vocabulary"
)

// A Receiver is whom to tell, and how. Two equal ones are the same.
type Receiver struct {
	Name       string // as people call it
	Form       string // json, wecom, dingtalk, feishu, slack
	URL        string // a key
	URLFile    string // holds the address instead; read for each message
	Secret     string // a key
	SecretFile string // holds it instead; read for each message
	CAFile     string // certificates that its own is signed with, instead of the system's
	Private    string // private addresses and networks it may be at, with spaces between
	Events     string // what to tell, with spaces between; empty: everything
	From       string // who tells: the shop's name
	Zh         bool   // in Chinese
	Amount     bool   // amounts are told
	Zone       string // the shop's clock; empty: the machine's
}

// String hides the keys from every way of printing.
func (r Receiver) String() string { return "receiver " + r.Name }

// GoString is String.
func (r Receiver) GoString() string { return r.String() }

// LogValue is String.
func (r Receiver) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Names are the forms.
func Names() []string { return []string{"json", "wecom", "dingtalk", "feishu", "slack"} }

// events lists what is told.
func (r *Receiver) events() []vocabulary.Notice {
	var list []vocabulary.Notice
	for name := range strings.FieldsSeq(r.Events) {
		list = append(list, vocabulary.Notice(name))
	}
	if len(list) == 0 {
		list = vocabulary.Notices()
	}
	return list
}

// Check tells what is wrong with a receiver, by the key of its section. It reads no file and resolves no name, and says nothing of the
// address or the secret itself.
func (r *Receiver) Check(wrong func(key, zh, en string)) {
	f, ok := formOf(r.Form)
	if !ok {
		wrong("form", "要写 "+strings.Join(Names(), "、")+" 之一", "must be one of "+strings.Join(Names(), ", "))
		return
	}
	one := func(key, value, file string) {
		if value != "" && file != "" {
			wrong(key, "和 "+key+"_file 只写一个", "and "+key+"_file: write one of them")
		}
	}
	one("url", r.URL, r.URLFile)
	one("secret", r.Secret, r.SecretFile)
	if r.URL == "" && r.URLFile == "" {
		wrong("url", "缺少：写 url，或把地址放进文件写 url_file", "is missing: write url, or url_file with a file that holds the address")
	}
	nets, err := parseNetworks(r.Private)
	if err != nil {
		wrong("private", "要写内网或本机的地址，例如 \"192.168.1.20\"、\"10.0.0.0/8\"", "wants private or loopback addresses, like \"192.168.1.20\", \"10.0.0.0/8\"")
	} else if r.URL != "" {
		if _, err := parseAddress(r.URL, nets); err != nil {
			wrong("url", err.zh, err.en)
		}
	}
	switch given := r.Secret != "" || r.SecretFile != ""; {
	case f.secret == never && given:
		wrong("secret", r.Form+" 没有密钥；去掉这一行", r.Form+" has no secret; remove this line")
	case f.secret == always && !given:
		wrong("secret", "缺少：收的人靠它认出是这家店发的；用 receiptd notify secret 生成一个", "is missing: by it the receiver knows who tells; make one with receiptd notify secret")
	case r.Secret != "" && r.Form == "json":
		if _, err := standardKey(r.Secret); err != nil {
			wrong("secret", err.zh, err.en)
		}
	}
}

// keys are the address and the secret, as they are now. The error is a *Failure.
func (r *Receiver) keys() (*address, string, error) {
	text, err := value(r.URL, r.URLFile)
	if err != nil {
		return nil, "", &Failure{Code: "url_file", cause: err}
	}
	secret, err := value(r.Secret, r.SecretFile)
	if err != nil {
		return nil, "", &Failure{Code: "secret_file", cause: err}
	}
	nets, err := parseNetworks(r.Private)
	if err != nil {
		return nil, "", &Failure{Code: "url"}
	}
	at, wrong := parseAddress(text, nets)
	if wrong != nil {
		return nil, "", &Failure{Code: "url"}
	}
	return at, secret, nil
}

// mostKey is how long a file with a key may be.
const mostKey = 4096

// value is what stands in the configuration, or in the file that it names.
func value(text, file string) (string, error) {
	if file == "" {
		return text, nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 || info.Size() > mostKey {
		return "", fmt.Errorf("%s is no file of 1 to %d bytes", file, mostKey)
	}
	data, err := os.ReadFile(file)
	return strings.TrimSpace(strings.TrimPrefix(string(data), "\xef\xbb\xbf")), err
}

// wording is an error in both languages that holds no key.
type wording struct{ zh, en string }

// An address is where a receiver listens.
type address struct {
	url     *url.URL
	private []netip.Prefix // private addresses that it may be at
}

// parseAddress reads an address and looks at what can be told without asking anybody.
func parseAddress(text string, nets []netip.Prefix) (*address, *wording) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return nil, &wording{"不是地址；要写成 https://…", "is no address; it is written https://..."}
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, &wording{"要以 https:// 开头", "must begin with https://"}
	case u.Fragment != "":
		return nil, &wording{"不能带 #", "must not have a #"}
	}
	a := &address{url: u, private: slices.Clone(nets)}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && isPrivate(plain(ip)) {
		a.private = append(a.private, netip.PrefixFrom(plain(ip), plain(ip).BitLen()))
	}
	if u.Hostname() == "localhost" {
		a.private = append(a.private, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	}
	if u.Scheme == "http" && len(a.private) == 0 {
		return nil, &wording{"http:// 只能用于本机和内网地址；公网要用 https://，内网的名字要在 private 里写出它的地址",
			"http:// is for loopback and private addresses only; use https://, or name the private address in private"}
	}
	return a, nil
}

// parseNetworks reads addresses and networks, all of them private or loopback.
func parseNetworks(text string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for word := range strings.FieldsSeq(text) {
		p, err := netip.ParsePrefix(word)
		if err != nil {
			ip, err := netip.ParseAddr(word)
			if err != nil {
				return nil, err
			}
			p = netip.PrefixFrom(plain(ip), plain(ip).BitLen())
		}
		if !slices.ContainsFunc(privateNetworks, func(n netip.Prefix) bool { return n.Bits() <= p.Bits() && n.Contains(p.Addr()) }) {
			return nil, fmt.Errorf("%s is not private", word)
		}
		list = append(list, p)
	}
	return list, nil
}

// standardKey reads a secret of the Standard Webhooks: whsec_ and base64 of 24 to 64 bytes.
func standardKey(secret string) ([]byte, *wording) {
	text, ok := strings.CutPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, &wording{"要写成 whsec_ 加 24 到 64 字节的 base64；用 receiptd notify secret 生成一个",
			"is whsec_ and the base64 of 24 to 64 bytes; make one with receiptd notify secret"}
	}
	return key, nil
}
