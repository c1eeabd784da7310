package link

import (
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
	data, err := syscall.NetlinkRIB(syscall.RTM_GETNEIGH, syscall.AF_UNSPEC)
	if err != nil {
		return nil, fmt.Errorf("read the neighbour table: %w", err)
	}
	messages, err := syscall.ParseNetlinkMessage(data)
	if err != nil {
		return nil, fmt.Errorf("read the neighbour table: %w", err)
	}
	for _, m := range messages {
		if m.Header.Type == syscall.RTM_NEWNEIGH {
			if mac, ok := neighbourIn(m.Data, ip); ok {
				return mac, nil
			}
		}
	}
	return nil, ErrNoNeighbour
}

// neighbourIn reads one entry; false when it is not ip's or not in use.
func neighbourIn(b []byte, ip net.IP) (mac net.HardwareAddr, ok bool) {
	if len(b) < ndmsgLen {
		return nil, false
	}
	if state := binary.NativeEndian.Uint16(b[stateAt:]); state == nudNone || state&nudFailed != 0 {
		return nil, false
	}
	found := false
	for b = b[ndmsgLen:]; len(b) >= syscall.SizeofRtAttr; {
		a := (*syscall.RtAttr)(unsafe.Pointer(&b[0]))
		if int(a.Len) < syscall.SizeofRtAttr || int(a.Len) > len(b) {
			return nil, false
		}
		value := b[syscall.SizeofRtAttr:a.Len]
		switch a.Type {
		case ndaDst:
			found = net.IP(value).Equal(ip)
		case ndaLladdr:
			mac = append(net.HardwareAddr(nil), value...)
		}
		b = b[min((int(a.Len)+3)&^3, len(b)):]
	}
	return mac, found && len(mac) > 0
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
