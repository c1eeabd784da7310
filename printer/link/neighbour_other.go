//go:build !linux && !windows

package link

import (
	"errors"
	"fmt"
	"net"
)

func neighbour(net.IP) (net.HardwareAddr, error) {
	return nil, fmt.Errorf("hardware address: %w", errors.ErrUnsupported)
}

func addressesOf(net.HardwareAddr) ([]net.IP, error) {
	return nil, fmt.Errorf("addresses of a hardware address: %w", errors.ErrUnsupported)
}

func usbSerial(d Device) (string, error) { return d.SerialNo, nil }
