package daemon

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/receiptd/receiptd/internal/discover"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
)

// A follower opens a network printer of a known identity, also after it got another address. It is looked for by its hardware address
// (MAC) only: nobody else's port is opened. Wherever it is found the identity is checked before anything is sent. One that is named by
// its serial number is followed once it was seen with its hardware address.
type follower struct {
	name string
	at   string // the address in the configuration, host:port
	try  func(ctx context.Context, device string) (link.Conn, error)
	log  *slog.Logger // nil: nobody hears of it

	mu     sync.Mutex // guards the rest
	now    string     // where it answered last
	mac    net.HardwareAddr
	search time.Time // of the last one
}

// searchPause lies between two searches: they ask each address of the own networks for its hardware address.
const searchPause = time.Minute

func newFollower(name string, d link.Device, id printer.Identity, prof *profile.Profile, log *slog.Logger) *follower {
	f := &follower{name: name, at: d.Address, now: d.Address, log: log}
	f.try = func(ctx context.Context, device string) (link.Conn, error) {
		return printer.Identified(device, id, prof, func(ctx context.Context) (link.Conn, error) { return link.Open(ctx, device, link.Options{}) })(ctx)
	}
	if id.Kind == "mac" {
		f.mac, _ = net.ParseMAC(id.Value) // read before
	}
	return f
}

func (f *follower) open(ctx context.Context) (link.Conn, error) {
	f.mu.Lock()
	now := f.now
	f.mu.Unlock()
	conn, err := f.try(ctx, "tcp://"+now)
	if err == nil {
		f.seen(now, conn)
		return conn, nil
	}
	for _, to := range f.elsewhere(ctx, now) {
		if conn, moved := f.try(ctx, "tcp://"+to); moved == nil {
			if f.log != nil {
				f.log.Warn("a printer has another address now; correct it in the configuration, or give it a fixed one", "printer", f.name, "was", now, "is", to)
			}
			f.seen(to, conn)
			return conn, nil
		}
	}
	return nil, err
}

func (f *follower) seen(at string, conn link.Conn) {
	mac, err := link.HardwareAddr(conn)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = at
	if err == nil {
		f.mac = mac
	}
}

// elsewhere gives other addresses at which the printer's hardware address is known, after asking for them at most each searchPause.
func (f *follower) elsewhere(ctx context.Context, now string) []string {
	f.mu.Lock()
	mac, due := bytes.Clone(f.mac), time.Since(f.search) >= searchPause
	if due && len(f.mac) > 0 {
		f.search = time.Now()
	}
	f.mu.Unlock()
	host, port, err := net.SplitHostPort(now)
	if err != nil || len(mac) == 0 {
		return nil
	}
	list, err := link.AddressesOf(mac)
	if err != nil {
		return nil
	}
	if due {
		discover.Wake(ctx)
		if list, err = link.AddressesOf(mac); err != nil {
			return nil
		}
	}
	var out []string
	if now != f.at { // it may be back
		out = append(out, f.at)
	}
	for _, ip := range list {
		if four := ip.To4(); four != nil && four.String() != host {
			out = append(out, net.JoinHostPort(four.String(), port))
		}
	}
	return out
}
