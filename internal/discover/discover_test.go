package discover

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/mdns"

	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/virtual"
)

// A peer is what listens at an address of a pretended network; it remembers what it was sent.
type peer struct {
	mu    sync.Mutex
	got   bytes.Buffer
	dials int
	serve func(c net.Conn)
}

func (p *peer) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got.Write(b)
}

func (p *peer) sent() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got.String()
}

// network makes a search of peers, each behind a socket of its own.
func network(t *testing.T, peers map[string]*peer, change func(*Options)) map[string]Device {
	t.Helper()
	sockets := map[string]string{}
	for at, p := range peers {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		sockets["tcp://"+at+":9100"] = "tcp://" + l.Addr().String()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				p.mu.Lock()
				p.dials++
				p.mu.Unlock()
				go p.serve(c)
			}
		}()
	}
	o := Options{Subnets: []netip.Prefix{netip.MustParsePrefix("10.99.0.0/27")}, Services: func(context.Context) []Service { return nil }, IPP: func(context.Context, netip.Addr) bool { return false },
		Open: func(ctx context.Context, device string) (link.Conn, error) {
			if sockets[device] == "" {
				return nil, net.ErrClosed
			}
			return link.Open(ctx, sockets[device], link.Options{})
		}}
	if change != nil {
		change(&o)
	}
	list, err := Network(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Device{}
	for _, d := range list {
		out[d.Addr.String()] = d
	}
	return out
}

// says answers whatever comes with a text, and remembers it.
func says(text string) *peer {
	p := &peer{}
	p.serve = func(c net.Conn) {
		defer c.Close()
		buf := make([]byte, 64)
		for {
			n, err := c.Read(buf)
			_, _ = p.Write(buf[:n])
			if err != nil {
				return
			}
			if text != "" {
				_, _ = io.WriteString(c, text)
			}
		}
	}
	return p
}

const first = "\x10\x04\x01"

func TestOnlyPrintersAreAskedMore(t *testing.T) {
	t.Parallel()
	banner := &peer{}
	banner.serve = func(c net.Conn) { _, _ = io.WriteString(c, "220 ready\r\n"); _, _ = io.Copy(banner, c) }
	peers := map[string]*peer{
		"10.99.0.1": says(""),                                  // a laser printer
		"10.99.0.2": says("HTTP/1.1 400 Bad Request\r\n\r\nx"), // Prometheus' exporter listens on 9100
		"10.99.0.3": banner,
		"10.99.0.4": says("2222"),        // each byte of it looks like an answer
		"10.99.0.5": says("\x12"),        // answers, and knows no GS I
		"10.99.0.6": says("\x12\x1b[2J"), // a terminal
		"10.99.0.7": says(""),            // ours
		"10.99.0.8": says(""),            // says by DNS-SD that it takes PDF
		"10.99.0.9": says(""),            // has IPP
	}
	found := network(t, peers, func(o *Options) {
		o.Ours = map[netip.Addr]string{netip.MustParseAddr("10.99.0.7"): "front"}
		o.Services = func(context.Context) []Service {
			return []Service{{Addr: netip.MustParseAddr("10.99.0.8"), Name: "Laser", Port: 9100, PDL: []string{"application/pdf"}}, {Addr: netip.MustParseAddr("8.8.8.8"), Name: "elsewhere"}}
		}
		o.IPP = func(_ context.Context, a netip.Addr) bool { return a == netip.MustParseAddr("10.99.0.9") }
	})
	for at, want := range map[string]struct {
		kind Kind
		sent string
	}{
		"10.99.0.1": {Silent, first}, "10.99.0.2": {Other, first}, "10.99.0.3": {Other, ""}, "10.99.0.4": {Other, first}, "10.99.0.5": {Printer, first + askModel},
		"10.99.0.6": {Other, first}, "10.99.0.7": {Configured, ""}, "10.99.0.8": {Office, ""}, "10.99.0.9": {Office, ""},
	} {
		if found[at].Kind != want.kind || peers[at].sent() != want.sent {
			t.Errorf("%s: %s and it was sent %q, want %s and %q", at, found[at].Kind, peers[at].sent(), want.kind, want.sent)
		}
	}
	if peers["10.99.0.7"].dials+peers["10.99.0.8"].dials > 0 || len(found) != 9 {
		t.Errorf("%+v", found)
	}
}

// A printer tells who it is, and no paper moves.
func TestPrinterIsFound(t *testing.T) {
	t.Parallel()
	v := virtual.New(virtual.Options{Model: "generic-80", Speed: virtual.Max})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = v.ServeTCP(ctx, l) }()
	t.Cleanup(func() { cancel(); <-done })
	list, err := Network(ctx, Options{Subnets: []netip.Prefix{netip.MustParsePrefix("10.99.0.1/32")}, Services: func(context.Context) []Service { return nil },
		IPP: func(context.Context, netip.Addr) bool { return false },
		Open: func(ctx context.Context, _ string) (link.Conn, error) {
			return link.Open(ctx, "tcp://"+l.Addr().String(), link.Options{})
		}})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if d := list[0]; d.Kind != Printer || d.Maker != "GENERIC" || d.Model != "POS-80" || d.Serial != "VIRTUAL001" || d.Tier != "B" || d.Device() != "tcp://10.99.0.1:9100" {
		t.Errorf("%+v", d)
	}
	if n := len(v.Pieces()); n != 0 || v.State().Moving {
		t.Errorf("%d pieces of paper came out", n)
	}
}

func TestHostileAnnouncements(t *testing.T) {
	for name, e := range map[string]*mdns.ServiceEntry{
		"no address":   {Name: "x._pdl-datastream._tcp.local."},
		"another kind": {Name: "x._http._tcp.local.", AddrV4: net.IPv4(10, 0, 0, 1)},
	} {
		if s, ok := service(e, "_pdl-datastream._tcp"); ok {
			t.Errorf("%s: %+v", name, s)
		}
	}
	s, ok := service(&mdns.ServiceEntry{Name: "a\x1b[2J\n\u0085" + strings.Repeat("x", 300) + "._pdl-datastream._tcp.local.", AddrV4: net.IPv4(10, 0, 0, 1), Port: 70000, InfoFields: []string{"pdl=application/octet-stream,\x00image/urf"}}, "_pdl-datastream._tcp")
	if !ok || len(s.Name) > 60 || strings.ContainsAny(s.Name, "\x1b\n") || s.Port != 0 || !s.office() {
		t.Errorf("%+v", s)
	}
}

func TestWhichNetworks(t *testing.T) {
	own := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	for text, want := range map[string]error{"192.168.0.0/20": nil, "10.0.0.0/19": ErrTooLarge, "10.1.2.3/32": nil, "8.8.8.0/24": ErrNotOurs, "192.0.2.128/25": nil, "192.0.0.0/21": ErrNotOurs, "fd00::/120": ErrTooLarge, "0.0.0.0/0": ErrTooLarge} {
		if err := allowed(netip.MustParsePrefix(text), own); err != want { //nolint:errorlint // it is the very one
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
	if n := around(netip.MustParsePrefix("10.5.6.7/8")); n.String() != "10.5.6.0/24" {
		t.Error(n)
	}
	if n := around(netip.MustParsePrefix("10.5.6.7/22")); n.String() != "10.5.4.0/22" {
		t.Error(n)
	}
	if list := hosts([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/29"), netip.MustParsePrefix("10.0.0.0/30")}, []netip.Addr{netip.MustParseAddr("10.0.0.2")}); len(list) != 5 {
		t.Error(list)
	}
	if list := hosts([]netip.Prefix{netip.MustParsePrefix("255.255.255.255/32")}, nil); len(list) != 1 {
		t.Error(list)
	}
}
