package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/certs"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/devices"
	"github.com/receiptd/receiptd/internal/httpd"
)

// A network is the page on the shop's network: its certificate, and the addresses where it is answered. What keeps it from being answered
// is told and tried again; it keeps no slip from being printed. Any goroutine may ask it.
type network struct {
	keeper    *certs.Keeper
	addresses []string
	log       *slog.Logger

	mu     sync.Mutex          // guards what follows
	open   map[string]net.Addr // by configured address: where it is answered
	failed map[string]string   // by configured address: why it is not
}

// newNetwork makes the page's network of a configuration, nil when the shop wants none.
func newNetwork(cfg *config.Config, list *devices.List, log *slog.Logger) *network {
	if !cfg.HTTP.LAN || list == nil {
		return nil
	}
	return &network{addresses: cfg.HTTP.LANListen, log: log, open: map[string]net.Addr{}, failed: map[string]string{},
		keeper: certs.Open(certs.Options{Dir: cfg.Data.Dir, CertFile: cfg.HTTP.CertFile, KeyFile: cfg.HTTP.KeyFile, Names: cfg.HTTP.LANNames, Trusted: list.Paired, Logger: log})}
}

// Answers, Authority and NewAuthority are the certificate's.
func (n *network) Answers(host string) bool { return n.keeper.Answers(host) }

// Authority is the certificate of the own authority.
func (n *network) Authority() []byte { return n.keeper.Authority() }

// NewAuthority makes it anew.
func (n *network) NewAuthority() error { return n.keeper.NewAuthority() }

// State tells how the page stands on the network.
func (n *network) State() api.LAN {
	s := n.keeper.State()
	lan := api.LAN{On: true, Links: []string{}, Own: s.Own, Fingerprint: s.Fingerprint, Until: s.Until, Missing: s.Missing, Problem: s.Problem, Devices: []api.Device{}}
	if lan.Missing == nil {
		lan.Missing = []string{}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, configured := range n.addresses {
		if why := n.failed[configured]; why != "" && lan.Problem == "" {
			lan.Problem = why
		}
		at, ok := n.open[configured].(*net.TCPAddr)
		if !ok {
			continue
		}
		for _, name := range linked(s) {
			ip, err := netip.ParseAddr(name)
			if here := at.AddrPort().Addr().Unmap(); err == nil && !here.IsUnspecified() && ip != here {
				continue // it is answered at another address
			}
			link := "https://" + net.JoinHostPort(name, fmt.Sprint(at.Port))
			if !slices.Contains(lan.Links, link) {
				lan.Links = append(lan.Links, link)
			}
		}
	}
	return lan
}

// linked are the names and addresses that people are told, the best first: a given certificate is for names that the shop's own name server
// knows, an own one for an address that needs none.
func linked(s certs.State) []string {
	var names, addresses []string
	way := wayOut()
	for _, x := range s.Names {
		switch a, err := netip.ParseAddr(x); {
		case err != nil && !strings.HasPrefix(x, "*"):
			names = append(names, x)
		case err == nil && a == way:
			addresses = append([]string{x}, addresses...)
		case err == nil:
			addresses = append(addresses, x)
		}
	}
	if s.Own {
		return append(addresses, names...)
	}
	return append(names, addresses...)
}

// wayOut is the address that this machine sends from to others, as the system's routes say. Nothing is sent.
func wayOut() netip.Addr {
	var d net.Dialer
	c, err := d.Dial("udp4", "192.0.2.1:9")
	if err != nil {
		return netip.Addr{}
	}
	defer c.Close()
	at, ok := c.LocalAddr().(*net.UDPAddr)
	if !ok {
		return netip.Addr{}
	}
	return at.AddrPort().Addr().Unmap()
}

// again is how long an address that cannot be had is left alone: a network may come up after receiptd.
const again = 5 * time.Second

// encrypted is what a server of the network needs.
func (n *network) encrypted() *tls.Config {
	return &tls.Config{GetCertificate: n.keeper.Get, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
}

// serve answers at the network's addresses until ctx ends, and keeps the certificate. It returns when nothing of it runs any more.
func (n *network) serve(ctx context.Context, server *httpd.Server) {
	var parts sync.WaitGroup
	parts.Go(func() { _ = n.keeper.Run(ctx) }) // it gives no error
	for _, address := range n.addresses {
		parts.Go(func() {
			for ctx.Err() == nil {
				n.answer(ctx, address, server)
				select {
				case <-ctx.Done():
				case <-time.After(again):
				}
			}
		})
	}
	<-ctx.Done()
	server.End(ctx)
	parts.Wait()
}

// answer opens one address and answers there until the server ends or the address fails.
func (n *network) answer(ctx context.Context, address string, server *httpd.Server) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err == nil {
		n.note(address, l.Addr(), nil)
		err = server.Serve(near{l})
		l.Close()
	}
	if !errors.Is(err, http.ErrServerClosed) && ctx.Err() == nil {
		n.note(address, nil, err)
	}
}

// note remembers where an address is answered, or why it is not, and logs a change.
func (n *network) note(address string, at net.Addr, err error) {
	n.mu.Lock()
	why := ""
	if err != nil {
		why = fmt.Sprintf("listen on %s: %v", address, err)
	}
	changed := n.failed[address] != why || at != nil
	n.open[address], n.failed[address] = at, why
	n.mu.Unlock()
	switch {
	case !changed:
	case err != nil:
		n.log.Error("the page cannot be answered on the network; it is tried again", "address", address, "err", err)
	default:
		n.log.Info("the page is on the network", "links", strings.Join(n.State().Links, " "))
	}
}

// near is a listener that takes connections from the shop's own networks only.
type near struct{ net.Listener }

// Accept waits for a connection from near by; others are closed without a word.
func (l near) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil || isNear(c.RemoteAddr()) {
			return c, err
		}
		c.Close()
	}
}

// isNear tells an address of a private network, or of a network that this machine stands in.
func isNear(from net.Addr) bool {
	t, ok := from.(*net.TCPAddr)
	if !ok {
		return false
	}
	a := t.AddrPort().Addr().Unmap()
	if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return true
	}
	own, err := net.InterfaceAddrs()
	return err == nil && slices.ContainsFunc(own, func(x net.Addr) bool {
		n, ok := x.(*net.IPNet)
		return ok && n.Contains(a.AsSlice())
	})
}

// CheckNetwork is the config.Check of what a start does not insist on, since slips come out without it: a given certificate.
func CheckNetwork(c *config.Config, wrong func(key, zh, en string)) {
	h := c.HTTP
	if h.CertFile == "" || h.KeyFile == "" {
		return
	}
	cert, err := certs.Load(h.CertFile, h.KeyFile)
	switch {
	case err != nil:
		wrong("http.cert_file", "证书用不了："+err.Error()+"；要 PEM 格式，私钥 key_file 要配这张证书，并让 receiptd 能读", "the certificate cannot be used: "+err.Error()+"; both files are PEM, key_file is this certificate's key, and receiptd may read them")
	case time.Now().After(cert.Leaf.NotAfter):
		wrong("http.cert_file", "证书已过期："+cert.Leaf.NotAfter.Format(time.DateOnly)+"；换一张新的", "the certificate is out of date since "+cert.Leaf.NotAfter.Format(time.DateOnly)+"; renew it")
	}
}

// checkNames looks at the names that the shop gives this machine.
func checkNames(c *config.Config, wrong func(key, zh, en string)) {
	for _, name := range c.HTTP.LANNames {
		if _, ok := certs.Name(name); !ok {
			wrong("http.lan_names", fmt.Sprintf("%q 不是名字、地址或网段；例如 \"till.shop.example\"、\"192.168.1.10\"、\"192.168.1.0/24\"（网段不大于 /16）", name),
				fmt.Sprintf("%q is no name, address or network; e.g. \"till.shop.example\", \"192.168.1.10\", \"192.168.1.0/24\" (a network of /16 at most)", name))
		}
	}
}
