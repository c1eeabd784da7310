// Package freeaddr gives tests addresses of this machine for programs that can only be told where to listen, and that come back to it
// after a restart.
package freeaddr

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
)

// The ports lie below those that a system gives to whoever asks for any: between two looks nobody but another such test comes there.
const (
	lowest = 12000
	ports  = 18000
)

var (
	next atomic.Uint32 // the last port that was tried: each is given to one caller in a process, and processes begin at different ones

	mu   sync.Mutex       // guards kept
	kept []net.PacketConn // until the process ends: whose UDP port it is, his is the TCP port of that number among all such processes
)

func init() { next.Store(rand.Uint32N(ports)) }

// On gives an address of the host on which nobody listens, and which no other process is given while this one runs. Error: the host is none of
// this machine's, or no port is free.
func On(host string) (string, error) {
	var err error
	for range 100 {
		addr := net.JoinHostPort(host, strconv.Itoa(lowest+int(next.Add(1)%ports)))
		var mine net.PacketConn
		if mine, err = new(net.ListenConfig).ListenPacket(context.Background(), "udp", addr); err != nil {
			continue
		}
		var l net.Listener
		if l, err = new(net.ListenConfig).Listen(context.Background(), "tcp", addr); err != nil {
			_ = mine.Close() // nothing was sent
			continue
		}
		mu.Lock()
		kept = append(kept, mine)
		mu.Unlock()
		return addr, l.Close()
	}
	return "", fmt.Errorf("no address is free: %w", err)
}
