package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"unsafe"

	"golang.org/x/sys/windows"
)

var sendARP = windows.NewLazySystemDLL("iphlpapi.dll").NewProc("SendARP")

// neighbour asks Windows, which looks into its table first (SendARP; IPv4 only).
func neighbour(ip net.IP) (net.HardwareAddr, error) {
	four := ip.To4()
	if four == nil {
		return nil, fmt.Errorf("hardware address of %s: %w", ip, errors.ErrUnsupported)
	}
	mac := make(net.HardwareAddr, 8)
	n := uint32(len(mac))
	code, _, _ := sendARP.Call(uintptr(binary.LittleEndian.Uint32(four)), 0, uintptr(unsafe.Pointer(&mac[0])), uintptr(unsafe.Pointer(&n)))
	if code != 0 || n == 0 || int(n) > len(mac) {
		return nil, ErrNoNeighbour
	}
	return mac[:n], nil
}

func addressesOf(net.HardwareAddr) ([]net.IP, error) {
	return nil, fmt.Errorf("addresses of a hardware address: %w", errors.ErrUnsupported)
}

// usbSerial is in the device's own path on Windows: usbprint://VID:PID/SERIAL opens no other.
func usbSerial(d Device) (string, error) { return d.SerialNo, nil }
