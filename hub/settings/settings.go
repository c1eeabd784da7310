// Package settings reads the file of a hub, strictly: an unknown key or a wrong value is an error that names it. It is a file of its own,
// beside receiptd.toml: a centre's computer is no shop, and where it is both, each has its own user, folder and restart.
package settings

import (
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/internal/config"
)

//go:embed hub.toml
var sample string

// Sample is the file with all keys, commented, with this system's folders.
func Sample() string {
	return strings.NewReplacer("/var/lib/receiptd-hub", filepath.ToSlash(dataFolder), "/var/spool/receiptd-hub", filepath.ToSlash(dropFolder)).Replace(sample)
}

// Hub is the section [hub].
type Hub struct {
	Name      string `toml:"name"`       // of this centre, as in its certificate
	Tenant    string `toml:"tenant"`     // whose fleet it is
	Broker    string `toml:"broker"`     // tls://HOST:8883 or wss://HOST/mqtt
	CA        string `toml:"ca"`         // the fleet's authority
	Cert      string `toml:"cert"`       // of this centre
	Key       string `toml:"key"`        //
	Data      string `toml:"data"`       // the store, the token and the page's key
	Listen    string `toml:"listen"`     // page and API on this machine: loopback
	TLSListen string `toml:"tls_listen"` // the same elsewhere, encrypted
	TLSCert   string `toml:"tls_cert"`
	TLSKey    string `toml:"tls_key"`
	Drop      string `toml:"drop"`      // folder with one folder for each shop; empty: none
	KeepDays  int    `toml:"keep_days"` // how long events and ended jobs are kept
	Locale    string `toml:"locale"`    // zh-CN or en: the page's language
	Log       string `toml:"log"`       // debug, info, warn, error

	Path string `toml:"-"` // the file
}

// Keep is how long events and ended jobs are kept.
func (h *Hub) Keep() time.Duration { return time.Duration(h.KeepDays) * 24 * time.Hour }

// IsHub tells whether a file is a hub's, and not a shop's.
func IsHub(path string) bool {
	data, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	var tree map[string]any
	if toml.Unmarshal(data, &tree) != nil {
		return bytes.Contains(data, []byte("[hub]")) // Load says what is wrong with it
	}
	_, has := tree["hub"]
	return has
}

// Load reads a file. Errors: os.ErrNotExist, *config.Error.
func Load(path string) (*Hub, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the hub's configuration: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a file's content; relative paths are taken from its folder.
func Parse(path string, data []byte) (*Hub, error) {
	var doc struct {
		Hub Hub `toml:"hub"`
	}
	doc.Hub = Hub{Data: dataFolder, Listen: "127.0.0.1:9190", KeepDays: 90, Locale: "zh-CN", Log: "info"}
	wrong := &config.Error{Path: path}
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&doc); err != nil {
		wrong.Problems = syntax(err)
		return nil, wrong
	}
	h := &doc.Hub
	h.Path = path
	for _, p := range []*string{&h.CA, &h.Cert, &h.Key, &h.Data, &h.TLSCert, &h.TLSKey, &h.Drop} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(filepath.Dir(path), *p)
		}
	}
	h.check(func(key, zh, en string) {
		wrong.Problems = append(wrong.Problems, config.Problem{Key: "hub." + key, Zh: "hub." + key + "：" + zh, En: "hub." + key + ": " + en})
	})
	if len(wrong.Problems) > 0 {
		return nil, wrong
	}
	return h, nil
}

// syntax words what the library says of a file.
func syntax(err error) []config.Problem {
	var strict *toml.StrictMissingError
	var decode *toml.DecodeError
	switch {
	case errors.As(err, &strict) && len(strict.Errors) > 0:
		e := strict.Errors[0]
		line, column := e.Position()
		key := strings.Join(e.Key(), ".")
		return []config.Problem{{Line: line, Column: column, Zh: "不认识“" + key + "”；可用的键见 receiptd hub config", En: "there is no key " + key + "; see receiptd hub config for those that there are"}}
	case errors.As(err, &decode):
		line, column := decode.Position()
		return []config.Problem{{Line: line, Column: column, Zh: "这一行读不懂；看看引号、等号和方括号", En: "this line cannot be read; look at quotes, equals sign and brackets"}}
	}
	return []config.Problem{{Zh: "文件读不懂：" + err.Error(), En: "the file cannot be read: " + err.Error()}}
}

func (h *Hub) check(wrong func(key, zh, en string)) {
	for _, x := range []struct{ key, value string }{{"name", h.Name}, {"tenant", h.Tenant}} {
		if !wire.GoodName(x.value) {
			wrong(x.key, "写 1 到 32 个字母、数字、横线", "give 1 to 32 letters, digits, dashes")
		}
	}
	if _, err := mqtt.ParseBroker(h.Broker); err != nil {
		wrong("broker", "写 tls://主机:8883 或 wss://主机/路径，不带用户和密码", err.Error())
	}
	for _, x := range []struct{ key, value string }{{"cert", h.Cert}, {"key", h.Key}, {"data", h.Data}} {
		if x.value == "" {
			wrong(x.key, "要写；证书用 receiptd fleet enroll 名字 发", "is needed; receiptd fleet enroll NAME makes certificates")
		}
	}
	if h.Drop != "" {
		keys := []string{"data", "ca", "cert", "key", "tls_cert", "tls_key"}
		for i, folder := range config.Inside([]string{h.Drop}, []string{h.Data, h.CA, h.Cert, h.Key, h.TLSCert, h.TLSKey}) {
			if folder != "" {
				wrong(keys[i], "在 drop 文件夹里，放在那里的东西会被当作任务收走或清掉；换一个文件夹", "lies in the folder drop, where everything is taken for a job or cleared away; choose another folder")
			}
		}
	}
	host, _, err := net.SplitHostPort(h.Listen)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		wrong("listen", "只能是本机：127.0.0.1:端口；别处用 tls_listen", "is of this machine only: 127.0.0.1:PORT; elsewhere use tls_listen")
	}
	if h.TLSListen != "" {
		if _, _, err := net.SplitHostPort(h.TLSListen); err != nil {
			wrong("tls_listen", "写 主机:端口，或 :端口", "give HOST:PORT, or :PORT")
		}
		if h.TLSCert == "" || h.TLSKey == "" {
			wrong("tls_listen", "要有 tls_cert 和 tls_key：别处只加密", "wants tls_cert and tls_key: elsewhere it is encrypted only")
		}
	} else if cmp.Or(h.TLSCert, h.TLSKey) != "" {
		wrong("tls_cert", "没有 tls_listen 就不起作用", "has no effect without tls_listen")
	}
	if h.KeepDays < 1 || h.KeepDays > 3650 {
		wrong("keep_days", "写 1 到 3650", "give 1 to 3650")
	}
	if h.Locale != "zh-CN" && h.Locale != "en" {
		wrong("locale", "只有 zh-CN 和 en", "is zh-CN or en")
	}
	if h.Log != "debug" && h.Log != "info" && h.Log != "warn" && h.Log != "error" {
		wrong("log", "只有 debug、info、warn、error", "is debug, info, warn or error")
	}
}
