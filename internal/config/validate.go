package config

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/receiptd/receiptd/internal/hint"
)

// A source is a file's lines.
type source [][]byte

// A validator reads one file, knows where each key stands, and collects what is wrong.
type validator struct {
	lines    map[string]position
	origins  map[string]string // see Config.Origins
	source   source
	problems []Problem
	part     bool     // it holds sections of which only some are allowed: who reads it tells of the others
	setup    struct { // the set-up that lies above the file
		path   string
		source [][]byte
	}
}

// add records one problem at key, with an excerpt when the key stands in the file.
func (v *validator) add(key, zh, en string) {
	p := Problem{Key: key, Zh: key + ":" + zh, En: key + ": " + en}
	if name, ok := strings.CutPrefix(v.origins[key], "env "); ok {
		p.Zh, p.En = "环境变量 "+name+"："+zh, "environment variable "+name+": "+en
		v.problems = append(v.problems, p)
		return
	}
	at, ok := v.place(key)
	source := v.source
	if at.setup {
		source, p.File = v.setup.source, v.setup.path
	}
	if ok && at.line <= len(source) {
		p.Line, p.Column = at.line, at.column
		p.Excerpt = excerpt(at.line, at.column, at.width, string(bytes.TrimRight(source[at.line-1], "\r")))
	}
	v.problems = append(v.problems, p)
}

// place is where a key stands, or the nearest table around it: a missing key has no line of its own.
func (v *validator) place(key string) (position, bool) {
	for {
		if at, ok := v.lines[key]; ok {
			return at, true
		}
		if at, ok := v.lines[key+"[0]"]; ok { // a list of sections in place of one
			return at, true
		}
		if at, ok := v.firstBelow(key); ok { // "archive.on = true", which names no section of its own
			return at, true
		}
		i := strings.LastIndexByte(key, '.')
		if i < 0 {
			return position{}, false
		}
		key = key[:i]
	}
}

// firstBelow is where the first key stands that is written with dots below another: of "archive", "archive.on = true".
func (v *validator) firstBelow(key string) (first position, ok bool) {
	for full, at := range v.lines {
		if strings.HasPrefix(full, key+".") && (!ok || at.line < first.line || at.line == first.line && at.column < first.column) {
			first, ok = at, true
		}
	}
	return first, ok
}

// excerpt shows a line with a mark below. The column is counted in bytes.
func excerpt(number, column, width int, line string) string {
	gutter := fmt.Sprintf("%d| ", number)
	return gutter + line + "\n" + strings.Repeat(" ", len(gutter)+column-1) + strings.Repeat("~", max(width, 1))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// values looks at what stands at the keys of a configuration that has the right shape. add tells of one that is wrong.
type values struct{ add func(key, zh, en string) }

func (v values) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		list := strings.Join(allowed, ", ")
		zh, en := meant(value, allowed)
		v.add(key, fmt.Sprintf("%q 不能用%s；可用：%s", value, zh, list), fmt.Sprintf("%q is not possible%s; use one of: %s", value, en, list))
	}
}

func (v values) within(key string, value, low, high int) {
	if value < low || value > high {
		v.add(key, fmt.Sprintf("%d 超出范围 %d 到 %d", value, low, high), fmt.Sprintf("%d is outside %d to %d", value, low, high))
	}
}

func (v values) span(key string, value Duration, low, high time.Duration) {
	if d := time.Duration(value); d < low || d > high {
		v.add(key, fmt.Sprintf("%s 超出范围 %s 到 %s", d, low, high), fmt.Sprintf("%s is outside %s to %s", d, low, high))
	}
}

var kinds = []string{"transaction", "reversal", "settlement", "order", "document"}

// copyNames are the copies that a kind of job can have.
var copyNames = map[string][]string{
	"transaction": {"merchant", "bank", "cardholder"},
	"reversal":    {"merchant", "cardholder"},
	"settlement":  {"merchant", "bank"},
	"order":       {"kitchen", "customer", "delivery"},
	"document":    {"document"},
}

// check looks at every value.
func (v values) check(c *Config) {
	for key, dir := range map[string]string{"spool.dir": c.Spool.Dir, "data.dir": c.Data.Dir} {
		if dir == "" {
			v.add(key, "不能为空;请写一个文件夹", "must not be empty; name a folder")
		}
	}
	v.span("spool.settle", c.Spool.Settle, time.Second, time.Hour)
	v.span("spool.rescan", c.Spool.Rescan, 100*time.Millisecond, time.Hour)
	for _, name := range c.Spool.Allow {
		v.oneOf("spool.allow", name, "archive_copy", "electronic_copy", "resolve_reversal", "drawer_open")
	}
	for _, name := range c.Guard.Trust {
		v.oneOf("guard.trust", name, "qr", "barcode")
	}
	v.listen(c.HTTP.Listen)
	v.lan(c.HTTP)
	v.oneOf("shop.locale", c.Shop.Locale, "zh-CN", "en")
	if c.Shop.Timezone != "" && c.Shop.Zone() == nil {
		v.add("shop.timezone", fmt.Sprintf("没有时区 %q;例如 Asia/Shanghai", c.Shop.Timezone), fmt.Sprintf("there is no time zone %q; e.g. Asia/Shanghai", c.Shop.Timezone))
	}
	v.within("journal.retention_months", c.Journal.RetentionMonths, 6, 120)
	v.within("journal.document_days", c.Journal.DocumentDays, 1, 366)
	v.oneOf("slip.mask_policy", c.Slip.MaskPolicy, "unionpay_6_4", "last4", "last5_no_expiry")
	v.oneOf("slip.print_expiry", c.Slip.PrintExpiry, "never", "merchant_only", "both")
	for _, kind := range sortedKeys(c.Slip.Copies) {
		names := c.Slip.Copies[kind]
		if copyNames[kind] == nil {
			v.oneOf("slip.copies."+kind, kind, kinds...)
			continue
		}
		for _, name := range names {
			v.oneOf("slip.copies."+kind, name, copyNames[kind]...)
		}
		if len(names) == 0 {
			v.add("slip.copies."+kind, "不能为空;不写这一项就用默认的联", "must not be empty; leave the key out for the default copies")
		}
	}
	v.slip(c.Slip)
	v.money(c.Money)
	v.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	v.oneOf("log.format", c.Log.Format, "text", "json")
	v.within("log.max_mb", c.Log.MaxMB, 1, 1000)
	v.within("log.max_files", c.Log.MaxFiles, 1, 100)
	v.watch(c.Watch)
	v.within("archive.months", c.Archive.Months, 1, 120)
	v.within("archive.min_free_mb", c.Archive.MinFreeMB, 200, 1000000)
	v.notify(c.Notify)
	v.fleet(c.Fleet)
	v.printers(c)
	v.routes(c)
	v.captures(c)
	v.folders(c)
	v.ownPorts(c)
}

// slip looks at the lines that the shop puts on its slips.
func (v values) slip(s Slip) {
	for _, name := range s.Negative {
		v.oneOf("slip.negative", name, "void", "refund")
	}
	v.line("slip.hotline", s.Hotline, 40)
	if len(s.Footer) > 10 {
		v.add("slip.footer", "最多 10 行", "at most 10 lines")
	}
	for _, text := range s.Footer {
		v.line("slip.footer", text, 200)
	}
}

// line wants a text of one line.
func (v values) line(key, text string, most int) {
	if utf8.RuneCountInString(text) > most || strings.ContainsFunc(text, unicode.IsControl) {
		v.add(key, fmt.Sprintf("要写成一行文字，最多 %d 个字", most), fmt.Sprintf("wants a text of one line, at most %d characters", most))
	}
}

var (
	currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)
	localeCode   = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$`)
)

func (v values) money(all []Money) {
	for i, m := range all {
		key := fmt.Sprintf("money[%d].", i)
		if m.Locale != "" && !localeCode.MatchString(m.Locale) {
			v.add(key+"locale", fmt.Sprintf("%q 不是语言代码；例如 zh-CN、en、de", m.Locale), fmt.Sprintf("%q is no language; e.g. zh-CN, en, de", m.Locale))
		}
		if m.Currency != "" && !currencyCode.MatchString(m.Currency) {
			v.add(key+"currency", fmt.Sprintf("%q 不是货币代码；例如 CNY、EUR", m.Currency), fmt.Sprintf("%q is no currency; e.g. CNY, EUR", m.Currency))
		}
		v.oneOf(key+"group", m.Group, "", ",", ".", "'", " ")
		v.oneOf(key+"decimal", m.Decimal, "", ".", ",")
		if m.Group != "" && m.Group == cmp.Or(m.Decimal, ".") {
			v.add(key+"group", "千位分隔符和小数点不能相同", "must not be the decimal sign as well")
		}
	}
}

// address splits one of the addresses at key; ok is false for one that is none, which is told of.
func (v values) address(key, addr, example string) (host string, ok bool) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		v.add(key, fmt.Sprintf("%q 不是 地址:端口,例如 %s", addr, example), fmt.Sprintf("%q is not host:port, e.g. %s", addr, example))
		return "", false
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		v.add(key, fmt.Sprintf("%q 的端口不对；端口是 1 到 65535", addr), fmt.Sprintf("%q has no good port; a port is 1 to 65535", addr))
	}
	return host, true
}

// lan looks at what is said of the page on the shop's network.
func (v values) lan(h HTTP) {
	for _, addr := range h.LANListen {
		host, ok := v.address("http.lan_listen", addr, ":9443")
		if ok && host != "" && net.ParseIP(host) == nil {
			v.add("http.lan_listen", fmt.Sprintf("%q 要写这台机器的 IP 地址，或只写端口 :9443", addr), fmt.Sprintf("%q wants an IP address of this machine, or the port alone, :9443", addr))
		}
	}
	if h.LAN && len(h.LANListen) == 0 {
		v.add("http.lan_listen", "不能为空，例如 \":9443\"；不要局域网页面就写 lan = false", "must not be empty, e.g. \":9443\"; for no page on the network write lan = false")
	}
	if h.LAN && len(h.Listen) == 0 {
		v.add("http.lan", "要有本机的页面：设备在本机页面上配对。把 listen 写回 \"127.0.0.1:9180\"", "needs this machine's own page: devices are paired there. Set listen to \"127.0.0.1:9180\" again")
	}
	for _, name := range h.LANAllow {
		action, device, one := strings.Cut(name, ":")
		v.oneOf("http.lan_allow", action, "settle", "archive", "reversal", "cancel_waiting", "setup", "pin")
		if one && (device == "" || strings.TrimSpace(device) != device) {
			v.add("http.lan_allow", fmt.Sprintf("%q：冒号后面写设备的名字，前后不留空格，例如 \"settle:办公室平板\"；所有设备都可以就不写冒号", name),
				fmt.Sprintf("%q: after the colon comes a device's name without spaces around it, e.g. \"settle:office tablet\"; for every device leave the colon out", name))
		}
	}
	switch {
	case h.CertFile != "" && h.KeyFile == "":
		v.add("http.cert_file", "还要写 key_file：这张证书的私钥", "needs key_file too: the certificate's key")
	case h.CertFile == "" && h.KeyFile != "":
		v.add("http.key_file", "还要写 cert_file：这个私钥的证书；两项都不写，receiptd 自己做证书", "needs cert_file too: the key's certificate; leave both out and receiptd makes its own")
	}
}

func (v values) listen(addrs Strings) {
	for _, addr := range addrs {
		host, ok := v.address("http.listen", addr, "127.0.0.1:9180")
		if !ok {
			continue
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			v.add("http.listen", fmt.Sprintf("%q 不是本机地址;只能用 127.0.0.1 或 [::1]；要在局域网上看，写 lan = true", addr), fmt.Sprintf("%q is not a loopback address; use 127.0.0.1 or [::1]; for the shop's network write lan = true", addr))
		}
	}
}

var printerName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

func (v values) printers(c *Config) {
	seen := make(map[string]bool)
	for i, p := range c.Printers {
		key := fmt.Sprintf("printer[%d].", i)
		if !printerName.MatchString(p.Name) {
			v.add(key+"name", fmt.Sprintf("%q 不能作打印机名;用 1 到 32 个字母、数字、点、横线", p.Name), fmt.Sprintf("%q cannot name a printer; use 1 to 32 letters, digits, dots, dashes", p.Name))
		} else if seen[p.Name] {
			v.add(key+"name", fmt.Sprintf("打印机 %q 写了两次", p.Name), fmt.Sprintf("printer %q stands here twice", p.Name))
		}
		seen[p.Name] = true
		v.line(key+"label", p.Label, 20)
		if p.Device == "" {
			v.add(key+"device", "缺少;例如 tcp://192.168.1.100:9100 或 "+hint.SerialDevice(), "is missing; e.g. tcp://192.168.1.100:9100 or "+hint.SerialDevice())
		}
		v.oneOf(key+"proof", p.Proof, "auto", "A", "B", "C", "D")
		v.oneOf(key+"on_paper_out", p.OnPaperOut, "", "restart", "resume")
		if p.Width != 0 {
			v.within(key+"width", p.Width, 24, 96)
		}
		if p.Feed != 0 {
			v.within(key+"feed", p.Feed, 24, 400)
		}
		if p.SelectAfter != 0 {
			v.within(key+"select_after", p.SelectAfter, 2, 3)
		}
		if p.DrawerPin != 0 {
			v.oneOf(key+"drawer_pin", strconv.Itoa(p.DrawerPin), "2", "5")
		}
		if p.DrawerOn != 0 {
			v.span(key+"drawer_on", p.DrawerOn, 2*time.Millisecond, 510*time.Millisecond)
		}
		if p.DrawerOff != 0 {
			v.span(key+"drawer_off", p.DrawerOff, 2*time.Millisecond, 510*time.Millisecond)
		}
		v.span(key+"copy_pause", p.CopyPause, 0, time.Minute)
		v.span(key+"stale_after", p.StaleAfter, 0, 1000*time.Hour)
		v.span(key+"idle_close", p.IdleClose, 0, time.Hour)
	}
	for i, p := range c.Printers {
		if p.Failover != "" && (!seen[p.Failover] || p.Failover == p.Name) {
			zh, en := meant(p.Failover, c.printerNames())
			v.add(fmt.Sprintf("printer[%d].failover", i), fmt.Sprintf("%q 不是另一台已配置的打印机%s", p.Failover, zh), fmt.Sprintf("%q is not another configured printer%s", p.Failover, en))
		}
	}
}

func (v values) routes(c *Config) {
	for i, r := range c.Routes {
		key := fmt.Sprintf("route[%d].", i)
		if !slices.ContainsFunc(c.Printers, func(p Printer) bool { return p.Name == r.Printer }) {
			zh, en := meant(r.Printer, c.printerNames())
			v.add(key+"printer", fmt.Sprintf("没有叫 %q 的打印机%s", r.Printer, zh), fmt.Sprintf("there is no printer called %q%s", r.Printer, en))
		}
		if r.Kind != "" {
			v.oneOf(key+"kind", r.Kind, kinds...)
		}
		v.line(key+"station", r.Station, 20)
		if r.Station != "" && (r.Copy != "" && r.Copy != "kitchen" || r.Kind != "" && r.Kind != "order") {
			v.add(key+"station", "档口只有订单的厨房联才有；去掉这段里的 kind 和 copy", "stations are of an order's kitchen copy; leave kind and copy out of this section")
		}
		if r.Copy != "" {
			v.oneOf(key+"copy", r.Copy, "merchant", "bank", "cardholder", "kitchen", "customer", "delivery", "document")
		}
	}
}
