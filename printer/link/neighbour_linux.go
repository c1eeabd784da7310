package link

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"path/filepath"
	"syscall"
	"unsafe"
)

// A neighbour's entry, as in linux/neighbour.h: struct ndmsg and its attributes.
const (
	ndmsgLen  = 12 // family, padding, ifindex, state, flags, type
	ndaDst    = 1  // the IP address
	ndaLladdr = 2  // the hardware address
	nudFailed = 0x20
	nudNone   = 0x00
	stateAt   = 8
)

// neighbour asks the kernel's neighbour table (rtnetlink(7)).
func neighbour(ip net.IP) (net.HardwareAddr, error) {
	var found net.HardwareAddr
	err := neighbours(func(at net.IP, mac net.HardwareAddr) {
		if at.Equal(ip) && found == nil {
			found = mac
		}
	})
	if err == nil && found == nil {
		err = ErrNoNeighbour
	}
	return found, err
}

func addressesOf(mac net.HardwareAddr) (list []net.IP, err error) {
	err = neighbours(func(at net.IP, x net.HardwareAddr) {
		if bytes.Equal(x, mac) {
			list = append(list, at)
		}
	})
	return list, err
}

// neighbours reads the table.
func neighbours(each func(ip net.IP, mac net.HardwareAddr)) error {
	data, err := syscall.NetlinkRIB(syscall.RTM_GETNEIGH, syscall.AF_UNSPEC)
	if err != nil {
		return fmt.Errorf("read the neighbour table: %w", err)
	}
	messages, err := syscall.ParseNetlinkMessage(data)
	if err != nil {
		return fmt.Errorf("read the neighbour table: %w", err)
	}
	for _, m := range messages {
		if m.Header.Type == syscall.RTM_NEWNEIGH {
			if ip, mac, ok := entryIn(m.Data); ok {
				each(ip, mac)
			}
		}
	}
	return nil
}

// neighbourIn reads one entry; false when it is not ip's or not in use.
func neighbourIn(b []byte, ip net.IP) (net.HardwareAddr, bool) {
	at, mac, ok := entryIn(b)
	return mac, ok && at.Equal(ip)
}

// entryIn reads one entry; false when it is not in use.
func entryIn(b []byte) (ip net.IP, mac net.HardwareAddr, ok bool) {
	if len(b) < ndmsgLen {
		return nil, nil, false
	}
	if state := binary.NativeEndian.Uint16(b[stateAt:]); state == nudNone || state&nudFailed != 0 {
		return nil, nil, false
	}
	for b = b[ndmsgLen:]; len(b) >= syscall.SizeofRtAttr; {
		a := (*syscall.RtAttr)(unsafe.Pointer(&b[0]))
		if int(a.Len) < syscall.SizeofRtAttr || int(a.Len) > len(b) {
			return nil, nil, false
		}
		value := b[syscall.SizeofRtAttr:a.Len]
		switch a.Type {
		case ndaDst:
			ip = append(net.IP(nil), value...)
		case ndaLladdr:
			mac = append(net.HardwareAddr(nil), value...)
		}
		b = b[min((int(a.Len)+3)&^3, len(b)):]
	}
	return ip, mac, len(ip) > 0 && len(mac) > 0
}

func usbSerial(d Device) (string, error) { return realUSB.serial(d) }

// serial looks up the device of a node, or the one that d names.
func (u usbTree) serial(d Device) (string, error) {
	if d.Path == "" {
		n, err := u.find(d)
		return n.serial, err
	}
	all, err := u.printers()
	if err != nil {
		return "", err
	}
	path := d.Path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	for _, n := range all {
		if n.path == path {
			return n.serial, nil
		}
	}
	return "", nil
}
