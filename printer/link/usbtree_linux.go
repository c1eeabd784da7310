package link

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// usbTree is where the kernel shows USB devices.
type usbTree struct {
	sys, dev string
	calls    calls
}

var realUSB = usbTree{"/sys", "/dev", kernel{}}

// usbNode is one USB printer-class interface.
type usbNode struct {
	path           string // its usblp node, empty when no driver serves it
	vid, pid       uint16
	serial, port   string // port is the path of hubs, such as 1-1.4
	maker, product string
	twoWay         bool // interface protocol 02; 01 is one-way (USB printer class)
}

// printers lists the printer-class interfaces, those without a node too.
func (u usbTree) printers() ([]usbNode, error) {
	dir := filepath.Join(u.sys, "bus/usb/devices")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // no USB here
	}
	if err != nil {
		return nil, fmt.Errorf("list USB devices: %w", err)
	}
	var found []usbNode
	for _, e := range entries {
		port, _, ok := strings.Cut(e.Name(), ":") // 1-1.4:1.0 is an interface
		intf := filepath.Join(dir, e.Name())
		if !ok || attr(intf, "bInterfaceClass") != "07" || attr(intf, "bInterfaceSubClass") != "01" {
			continue
		}
		device := filepath.Join(dir, port)
		n := usbNode{port: port, serial: attr(device, "serial"), maker: attr(device, "manufacturer"), product: attr(device, "product"),
			vid: hexAttr(device, "idVendor"), pid: hexAttr(device, "idProduct"), twoWay: attr(intf, "bInterfaceProtocol") != "01"}
		nodes, _ := filepath.Glob(filepath.Join(intf, "usbmisc", "lp*"))
		if len(nodes) > 0 {
			n.path = filepath.Join(u.dev, "usb", filepath.Base(nodes[0]))
		}
		found = append(found, n)
	}
	sort.Slice(found, func(i, j int) bool { return found[i].port < found[j].port })
	return found, nil
}

func attr(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func hexAttr(dir, name string) uint16 {
	n, _ := strconv.ParseUint(attr(dir, name), 16, 16)
	return uint16(n)
}

// device is the URL that finds n again, by the fewest marks that tell it from its twins in all.
func (n usbNode) device(all []usbNode) Device {
	d := Device{Scheme: USB, VID: n.vid, PID: n.pid}
	same := func() (c int) {
		for _, o := range all {
			if o.matches(d) {
				c++
			}
		}
		return c
	}
	if n.serial != "" {
		d.SerialNo = n.serial
	}
	if same() > 1 {
		d.Port = n.port
	}
	return d
}

func (n usbNode) matches(d Device) bool {
	return n.vid == d.VID && n.pid == d.PID && (d.SerialNo == "" || d.SerialNo == n.serial) && (d.Port == "" || d.Port == n.port)
}

// find looks d up by vendor and product; exactly one must match.
func (u usbTree) find(d Device) (usbNode, error) {
	all, err := u.printers()
	if err != nil {
		return usbNode{}, openError(d, err)
	}
	var hits []usbNode
	for _, n := range all {
		if n.matches(d) {
			hits = append(hits, n)
		}
	}
	switch {
	case len(hits) == 0:
		return usbNode{}, &OpenError{Device: d, Cause: NotFound, Err: os.ErrNotExist}
	case len(hits) > 1:
		var names []string
		for _, h := range hits {
			names = append(names, h.device(all).String())
		}
		return usbNode{}, &OpenError{Device: d, Cause: Ambiguous, Detail: strings.Join(names, " ")}
	case hits[0].path == "":
		return usbNode{}, &OpenError{Device: d, Cause: NoDriver}
	}
	return hits[0], nil
}

// twoWay looks a node's interface protocol up; a node that sysfs does not know is taken for two-way.
func (u usbTree) twoWay(path string) bool {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return attr(filepath.Join(u.sys, "class/usbmisc", filepath.Base(path), "device"), "bInterfaceProtocol") != "01"
}
