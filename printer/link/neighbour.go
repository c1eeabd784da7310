package link

import (
	"errors"
	"fmt"
	"net"
)

// ErrNoNeighbour says that the system does not know the hardware address of a host: it is behind a router, or was not spoken to.
var ErrNoNeighbour = errors.New("not a neighbour in this network")

// HardwareAddr gives the hardware address (MAC) that the system reaches the other end of an open TCP link by. It sends nothing.
// Its error is ErrNoNeighbour, or what the system said.
func HardwareAddr(c Conn) (net.HardwareAddr, error) {
	t, ok := c.(*tcpConn)
	if !ok {
		return nil, fmt.Errorf("hardware address: %w", errors.ErrUnsupported)
	}
	peer, ok := t.c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return nil, ErrNoNeighbour
	}
	return neighbour(peer.IP)
}

// AddressesOf gives the addresses at which the system knows a neighbour of that hardware address. It sends nothing. Its error is
// errors.ErrUnsupported where the system does not tell.
func AddressesOf(mac net.HardwareAddr) ([]net.IP, error) { return addressesOf(mac) }

// USBSerial gives the serial number of the USB printer that d opens, "" when it has none.
func USBSerial(d Device) (string, error) { return usbSerial(d) }
