package discover

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/receiptd/receiptd/internal/pause"
)

// wakeTime is how long hosts have to answer for their hardware address.
const wakeTime = 1500 * time.Millisecond

// Wake makes the system learn the hardware addresses of the own networks: an empty datagram to port 9 (discard) of each address, for which
// the system first asks who has it. Nobody's port of printing is touched.
func Wake(ctx context.Context) {
	nets, mine, err := ownNetworks()
	if err != nil {
		return
	}
	c, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return
	}
	defer c.Close()
	for i, a := range hosts(nets, mine) {
		_, _ = c.WriteToUDPAddrPort(nil, netip.AddrPortFrom(a, 9)) // a refused one is an answer too
		if i%64 == 63 {                                            // the system keeps few questions open at a time
			if !pause.For(ctx, 20*time.Millisecond) {
				return
			}
		}
	}
	pause.For(ctx, wakeTime)
}
