package link

import (
	"encoding/binary"
	"errors"
	"net"
	"testing"
)

// entry is one message of the kernel's neighbour table.
func entry(state uint16, attrs ...[]byte) []byte {
	b := make([]byte, ndmsgLen)
	binary.NativeEndian.PutUint16(b[stateAt:], state)
	for _, a := range attrs {
		b = append(b, a...)
	}
	return b
}

func attribute(kind uint16, value ...byte) []byte {
	b := make([]byte, 4, 4+len(value))
	binary.NativeEndian.PutUint16(b, uint16(4+len(value)))
	binary.NativeEndian.PutUint16(b[2:], kind)
	b = append(b, value...)
	return append(b, make([]byte, -len(b)&3)...)
}

func TestNeighbourTable(t *testing.T) {
	ip := net.IPv4(192, 168, 1, 9)
	address, mac := attribute(ndaDst, 192, 168, 1, 9), attribute(ndaLladdr, 0, 0x26, 0xab, 1, 2, 3)
	for name, row := range map[string]struct {
		data []byte
		ok   bool
	}{
		"reachable": {entry(2, address, mac), true}, "the other order": {entry(4, mac, address), true}, "another host": {entry(2, attribute(ndaDst, 10, 0, 0, 1), mac), false},
		"failed": {entry(nudFailed, address, mac), false}, "no address yet": {entry(1, address), false}, "short": {entry(2)[:5], false},
		"length of nothing": {entry(2, address, []byte{0, 0, 0, 0}), false}, "length beyond": {entry(2, address, []byte{99, 0, 2, 0}), false},
	} {
		if got, ok := neighbourIn(row.data, ip); ok != row.ok || ok && got.String() != "00:26:ab:01:02:03" {
			t.Errorf("%s: %v %v", name, got, ok)
		}
	}
	if _, err := neighbour(net.IPv4(203, 0, 113, 7)); !errors.Is(err, ErrNoNeighbour) { // the kernel's own table; an address of documentation
		t.Errorf("nobody's address: %v", err)
	}
}
