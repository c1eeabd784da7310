package config

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// captures looks at the ports that take the place of a printer.
func (v values) captures(c *Config) {
	names, ports := map[string]bool{}, map[string]bool{}
	for i, p := range c.Captures {
		key := fmt.Sprintf("capture[%d].", i)
		switch {
		case !printerName.MatchString(p.Name):
			v.add(key+"name", fmt.Sprintf("%q 不能作名称；用 1 到 32 个字母、数字、点、横线", p.Name), fmt.Sprintf("%q cannot be a name; use 1 to 32 letters, digits, dots, dashes", p.Name))
		case names[p.Name]:
			v.add(key+"name", fmt.Sprintf("名称 %q 写了两次", p.Name), fmt.Sprintf("the name %q stands here twice", p.Name))
		}
		at, _, _ := strings.Cut(p.Listen, "?")
		if ports[at] {
			v.add(key+"listen", "另一段也用这个地址；每段要有自己的端口", "another section has this address; each needs a port of its own")
		}
		names[p.Name], ports[at] = true, true
		if isLine.MatchString(p.Listen) {
			v.captureLine(key, p)
		} else {
			v.captureAddress(key, p)
		}
		if !slices.ContainsFunc(c.Printers, func(x Printer) bool { return x.Name == p.Printer }) {
			zh, en := meant(p.Printer, c.printerNames())
			v.add(key+"printer", fmt.Sprintf("没有叫 %q 的打印机%s", p.Printer, zh), fmt.Sprintf("there is no printer called %q%s", p.Printer, en))
		}
		v.oneOf(key+"drawer", p.Drawer, "", "pass", "ask", "never")
		v.oneOf(key+"end", p.End, "", "cut", "close", "idle")
		v.span(key+"idle", p.Idle, 0, time.Minute)
		v.oneOf(key+"settle", p.Settle, "", "ask", "auto", "never")
		v.captureKind(key, p)
	}
}

// captureKind looks at what a slip is of which no rule says it. A payment slip without a terminal, batch and voucher could not be reprinted
// by its number, nor end with its settlement: only rules find those.
func (v values) captureKind(key string, p Capture) {
	switch p.Kind {
	case "transaction", "settlement", "reversal":
		v.add(key+"kind", fmt.Sprintf("%q 不能写在这里：终端号、批次、凭证号要从文字里认出；写 rules = \"unionpay\" 或规则文件", p.Kind),
			fmt.Sprintf("%q is not possible here: terminal, batch and voucher must be read off the slip; write rules = \"unionpay\" or a file of rules", p.Kind))
	default:
		v.oneOf(key+"kind", p.Kind, "", "document", "order")
	}
}

// captureLine looks at a named pipe, a pseudo-terminal or a serial port in a printer's place. What a serial port's parameters
// are is looked at where ports are known.
func (v values) captureLine(key string, p Capture) {
	scheme, path, _ := strings.Cut(p.Listen, "://")
	switch file := scheme != "serial"; {
	case file && runtime.GOOS != "linux":
		v.add(key+"listen", fmt.Sprintf("%s:// 只有 Linux 有；写成 tcp://127.0.0.1:9100 或串口 serial://COM3", scheme), fmt.Sprintf("%s:// is for Linux only; write tcp://127.0.0.1:9100, or a serial port: serial://COM3", scheme))
	case file && (!filepath.IsAbs(path) || filepath.Clean(path) != path || path == "/"):
		v.add(key+"listen", fmt.Sprintf("%q 不能用；写文件的绝对路径，例如 %s:///run/receiptd/till", p.Listen, scheme), fmt.Sprintf("%q is not possible; write the file's whole path, e.g. %s:///run/receiptd/till", p.Listen, scheme))
	case file && p.Group != "" && !groupName.MatchString(p.Group):
		v.add(key+"group", fmt.Sprintf("%q 不是用户组名", p.Group), fmt.Sprintf("%q is no name of a group", p.Group))
	case !file && p.Group != "":
		v.add(key+"group", "group 只用于 fifo:// 和 pty://", "group is for fifo:// and pty:// only")
	}
	if len(p.Allow) > 0 {
		v.add(key+"allow", "allow 只用于 tcp://；谁能写，看 group 和文件的权限", "allow is for tcp:// only; who may write is a matter of group and of the file's rights")
	}
	if p.End == "close" {
		v.add(key+"end", "这里看不出软件关闭；写 \"cut\"，不切纸的软件写 \"idle\"", "here nothing tells that the software closes; write \"cut\", or \"idle\" for software that does not cut")
	}
}

// Folder is where receiptd makes the pipe or the link of a pseudo-terminal; empty: it makes none.
func (c Capture) Folder() string {
	if scheme, path, _ := strings.Cut(c.Listen, "://"); scheme == "fifo" || scheme == "pty" {
		return filepath.Dir(path)
	}
	return ""
}

// place is where the pipe stands. A pseudo-terminal's is its folder: the link itself leads out of it.
func (c Capture) place(key string) place {
	at := c.Folder()
	if pipe, ok := strings.CutPrefix(c.Listen, "fifo://"); ok {
		at = pipe
	}
	return place{key, &at}
}

var isLine = regexp.MustCompile(`^(fifo|pty|serial)://`)

var groupName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,31}$`)

// captureAddress looks at where a capture listens, and for whom.
func (v values) captureAddress(key string, p Capture) {
	host, port, err := net.SplitHostPort(strings.TrimPrefix(p.Listen, "tcp://"))
	ip, ipErr := netip.ParseAddr(host)
	n, portErr := strconv.ParseUint(port, 10, 16)
	if !strings.HasPrefix(p.Listen, "tcp://") || err != nil || ipErr != nil || portErr != nil || n == 0 {
		v.add(key+"listen", fmt.Sprintf("%q 不能用；写成 tcp://地址:端口，例如 tcp://127.0.0.1:9100；也可以是 fifo://、pty://、serial://", p.Listen), fmt.Sprintf("%q is not possible; write tcp://ADDRESS:PORT, e.g. tcp://127.0.0.1:9100; or fifo://, pty://, serial://", p.Listen))
		return
	}
	if p.Group != "" {
		v.add(key+"group", "group 只用于 fifo:// 和 pty://", "group is for fifo:// and pty:// only")
	}
	if !ip.IsLoopback() && len(p.Allow) == 0 {
		v.add(key+"allow", "地址不是本机的：请写出谁可以打印，例如 [\"192.168.1.20\"]", "the address is not this machine's alone: name who may print, e.g. [\"192.168.1.20\"]")
	}
	for _, a := range p.Allow {
		if _, err := ParseAllowed(a); err != nil {
			v.add(key+"allow", fmt.Sprintf("%q 不是地址或网段；例如 192.168.1.20 或 192.168.1.0/24", a), fmt.Sprintf("%q is no address or network; e.g. 192.168.1.20 or 192.168.1.0/24", a))
		}
	}
}

// ParseAllowed reads an address or a network.
func ParseAllowed(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
	}
	return netip.ParsePrefix(s)
}
