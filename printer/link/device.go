package link

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/receiptd/receiptd/internal/hint"
)

// A Scheme is a kind of link, the part of a device URL before "://".
type Scheme string

// The kinds of link.
const (
	TCP      Scheme = "tcp"      // raw TCP, usually port 9100
	Serial   Scheme = "serial"   // RS-232 or a USB serial adapter
	USB      Scheme = "usb"      // USB printer class, by node or by vendor and product
	USBPrint Scheme = "usbprint" // Windows usbprint.sys device interface
	Windows  Scheme = "windows"  // a Windows print queue, raw
)

// A Flow says how a serial printer stops us.
type Flow string

// The kinds of flow control. All of them are done in this package, not by the kernel.
const (
	FlowNone    Flow = "none"    // nothing stops us
	FlowDTR     Flow = "dtr"     // the printer's DTR arrives at our DSR
	FlowRTS     Flow = "rts"     // the printer's RTS (or DTR, by cable) arrives at our CTS
	FlowXonXoff Flow = "xonxoff" // the printer sends DC1/DC3 (11/13 hex)
)

// A Parity is that of a serial line.
type Parity string

// The parities.
const (
	ParityNone Parity = "none"
	ParityEven Parity = "even"
	ParityOdd  Parity = "odd"
)

// A Device is a parsed device URL. Fields that do not belong to its Scheme are zero.
type Device struct {
	Scheme Scheme

	Address string // tcp: HOST:PORT

	Path string // serial: /dev/ttyS0 or COM3; usb: /dev/usb/lp0, empty when found by VID and PID

	VID, PID uint16 // usb, usbprint
	SerialNo string // usb, usbprint: the USB serial number, empty for any
	Port     string // usb: the port path such as 1-1.4, empty for any; tells twins without serial number apart

	Queue string // windows: the print queue; usbprint: the device interface path when not by VID and PID

	Baud    int // 2400-115200, default 9600
	Bits    int // 7 or 8, default 8
	Stop    int // 1 or 2, default 1
	Parity  Parity
	Flow    Flow // default dtr, as Epson printers come (DIP switch 1-3 off)
	Reserve int  // bytes the printer still takes after it said busy, 8-1024, default 96
}

// defaultReserve stays below the 128 bytes that TM printers keep free, by a FIFO of 16 and a few status requests
// (TM-T88III specification, receive buffer). A printer in 45-byte mode keeps 16: reserve=16.
const defaultReserve = 96

var bauds = []int{2400, 4800, 9600, 19200, 38400, 57600, 115200}

// Parse reads a device URL:
//
//	tcp://HOST[:9100]
//	serial:///dev/ttyUSB0?baud=9600&flow=dtr&parity=none&bits=8&stop=1&reserve=96    serial://COM3?... on Windows
//	usb:///dev/usb/lp0
//	usb://04b8:0202[/SERIAL][?port=1-1.4]
//	usbprint://04b8:0202[/SERIAL]
//	windows://QUEUE
//
// Its error is a *DeviceError. It touches no device.
func Parse(device string) (Device, error) {
	scheme, rest, ok := strings.Cut(device, "://")
	if !ok {
		return Device{}, wrong(device, "", "缺少 ://", "there is no ://")
	}
	d := Device{Scheme: Scheme(scheme)}
	if d.Scheme == Windows { // queue names hold anything, also ? and %
		return parseQueue(d, device, rest)
	}
	if d.Scheme == USBPrint && strings.HasPrefix(rest, `\\`) { // a device interface path, as Windows lists it
		d.Queue = rest
		return d, nil
	}
	rest, query, _ := strings.Cut(rest, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return Device{}, wrong(device, d.Scheme, "? 之后的参数写错了", "the part after ? cannot be read")
	}
	switch d.Scheme {
	case TCP:
		err = d.parseTCP(device, rest)
	case Serial:
		err = d.parseSerial(device, rest, q)
	case USB, USBPrint:
		err = d.parseUSB(device, rest, q)
	default:
		return Device{}, wrong(device, "", fmt.Sprintf("不认识的连接方式 %q", scheme), fmt.Sprintf("unknown kind of link %q", scheme))
	}
	if err != nil {
		return Device{}, err
	}
	for k := range q { // what a parser understood it removed
		return Device{}, wrong(device, d.Scheme, fmt.Sprintf("不认识的参数 %q", k), fmt.Sprintf("unknown parameter %q", k))
	}
	return d, nil
}

func parseQueue(d Device, device, rest string) (Device, error) {
	name, err := url.PathUnescape(rest)
	if err != nil {
		name = rest
	}
	if name == "" {
		return Device{}, wrong(device, Windows, "没有打印队列名", "the queue's name is missing")
	}
	d.Queue = name
	return d, nil
}

func (d *Device) parseTCP(device, rest string) error {
	rest = strings.TrimSuffix(rest, "/")
	host, port, err := net.SplitHostPort(rest)
	if err != nil { // no port
		host, port = strings.Trim(rest, "[]"), "9100"
		if strings.Contains(host, ":") && !strings.HasPrefix(rest, "[") {
			return wrong(device, TCP, "IPv6 地址要写在方括号里", "an IPv6 address goes in square brackets")
		}
	}
	if addr, _, _ := strings.Cut(host, "%"); host == "" || strings.Contains(host, ":") && net.ParseIP(addr) == nil ||
		!strings.Contains(host, ":") && !isHostName(host) {
		return wrong(device, TCP, "主机名或地址不对", "the host name or address is missing or wrong")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return wrong(device, TCP, fmt.Sprintf("端口 %q 不对(1-65535)", port), fmt.Sprintf("port %q is not 1-65535", port))
	}
	d.Address = net.JoinHostPort(host, port)
	return nil
}

// isHostName takes letters, digits, dots, hyphens and underscores.
func isHostName(host string) bool {
	return strings.IndexFunc(host, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-_", r)
	}) < 0
}

func (d *Device) parseSerial(device, rest string, q url.Values) error {
	path, err := url.PathUnescape(rest)
	com := strings.TrimPrefix(path, "/")
	switch {
	case err == nil && len(com) > 3 && strings.EqualFold(com[:3], "COM") && !strings.Contains(com, "/"):
		path = strings.ToUpper(com)
	case err != nil || !strings.HasPrefix(path, "/") || path == "/":
		formZh, form := hint.SerialForm()
		return wrong(device, Serial, "缺少串口名（"+formZh+"）", "the port's path is missing ("+form+")")
	}
	d.Path = path
	d.Flow, d.Parity = FlowDTR, ParityNone
	if err := takeInt(q, device, "baud", &d.Baud, 9600, func(n int) bool {
		for _, b := range bauds {
			if n == b {
				return true
			}
		}
		return false
	}, "2400 4800 9600 19200 38400 57600 115200"); err != nil {
		return err
	}
	for _, p := range []struct {
		key    string
		to     *int
		def    int
		lo, hi int
	}{{"bits", &d.Bits, 8, 7, 8}, {"stop", &d.Stop, 1, 1, 2}, {"reserve", &d.Reserve, defaultReserve, 8, 1024}} {
		in := func(n int) bool { return n >= p.lo && n <= p.hi }
		if err := takeInt(q, device, p.key, p.to, p.def, in, fmt.Sprintf("%d-%d", p.lo, p.hi)); err != nil {
			return err
		}
	}
	if err := takeWord(q, device, "flow", (*string)(&d.Flow), "dtr", "rts", "xonxoff", "none"); err != nil {
		return err
	}
	return takeWord(q, device, "parity", (*string)(&d.Parity), "none", "even", "odd")
}

func (d *Device) parseUSB(device, rest string, q url.Values) error {
	if strings.HasPrefix(rest, "/") && d.Scheme == USB {
		if rest == "/" {
			return wrong(device, USB, "缺少设备名", "the device's path is missing")
		}
		d.Path = rest
		return nil
	}
	ids, serial, _ := strings.Cut(rest, "/")
	vid, pid, ok := strings.Cut(ids, ":")
	v, err1 := strconv.ParseUint(vid, 16, 16)
	p, err2 := strconv.ParseUint(pid, 16, 16)
	if !ok || err1 != nil || err2 != nil || len(vid) != 4 || len(pid) != 4 {
		return wrong(device, d.Scheme, fmt.Sprintf("%q 不是 厂商号:产品号(各四位十六进制)", ids), fmt.Sprintf("%q is not VID:PID, four hex digits each", ids))
	}
	sn, err := url.PathUnescape(serial)
	if err != nil {
		return wrong(device, d.Scheme, "序列号写错了", "the serial number cannot be read")
	}
	d.VID, d.PID, d.SerialNo = uint16(v), uint16(p), sn
	if d.Scheme == USB {
		d.Port = q.Get("port")
		q.Del("port")
	}
	return nil
}

// takeInt moves one number out of q; valid says which are right, list names them.
func takeInt(q url.Values, device, key string, to *int, def int, valid func(int) bool, list string) error {
	*to = def
	if !q.Has(key) {
		return nil
	}
	n, err := strconv.Atoi(q.Get(key))
	if err != nil || !valid(n) {
		return wrong(device, Serial, fmt.Sprintf("%s=%s 不对,可以是:%s", key, q.Get(key), list),
			fmt.Sprintf("%s=%s is not one of: %s", key, q.Get(key), list))
	}
	q.Del(key)
	*to = n
	return nil
}

// takeWord moves one word out of q when it is there.
func takeWord(q url.Values, device, key string, to *string, words ...string) error {
	if !q.Has(key) {
		return nil
	}
	for _, w := range words {
		if q.Get(key) == w {
			q.Del(key)
			*to = w
			return nil
		}
	}
	list := strings.Join(words, " ")
	return wrong(device, Serial, fmt.Sprintf("%s=%s 不对,可以是:%s", key, q.Get(key), list),
		fmt.Sprintf("%s=%s is not one of: %s", key, q.Get(key), list))
}

// String returns the device URL, defaults left out, so that two spellings of one device come out the same.
func (d Device) String() string {
	switch d.Scheme {
	case TCP:
		return "tcp://" + d.Address
	case Serial:
		return d.serialString()
	case USB, USBPrint:
		if d.Path != "" || d.Queue != "" {
			return string(d.Scheme) + "://" + d.Path + d.Queue
		}
		s := fmt.Sprintf("%s://%04x:%04x", d.Scheme, d.VID, d.PID)
		if d.SerialNo != "" {
			s += "/" + url.PathEscape(d.SerialNo)
		}
		if d.Port != "" {
			s += "?port=" + url.QueryEscape(d.Port)
		}
		return s
	}
	return string(d.Scheme) + "://" + strings.ReplaceAll(d.Queue, "%", "%25")
}

func (d Device) serialString() string {
	s := fmt.Sprintf("serial://%s?baud=%d&flow=%s", (&url.URL{Path: d.Path}).EscapedPath(), d.Baud, d.Flow)
	if d.Parity != ParityNone {
		s += "&parity=" + string(d.Parity)
	}
	if d.Bits != 8 {
		s += fmt.Sprintf("&bits=%d", d.Bits)
	}
	if d.Stop != 1 {
		s += fmt.Sprintf("&stop=%d", d.Stop)
	}
	if d.Reserve != defaultReserve {
		s += fmt.Sprintf("&reserve=%d", d.Reserve)
	}
	return s
}

// bitsPerByte counts a serial character with its start, parity and stop bits.
func (d Device) bitsPerByte() int {
	n := 1 + d.Bits + d.Stop
	if d.Parity != ParityNone {
		n++
	}
	return n
}
