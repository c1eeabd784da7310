// Package fleettest is for tests only: an MQTT broker in the process, over TLS with certificates, which lets each shop use its own topics
// as the broker of packaging/fleet does, and a centre that writes down all it hears.
package fleettest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/receiptd/receiptd/fleet/enroll"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/internal/freeaddr"
)

// Tenant is whose fleet it is.
const Tenant = "acme"

// Mute is a centre that may listen and not publish: its block in the ACL is not whole.
const Mute = "hub-mute"

// A Broker is a mochi server that can be killed, with all that it had, and started again at its address.
type Broker struct {
	Dir string // of the authority

	t      testing.TB
	addr   string
	web    string // the address for web sockets, where there is one
	server *mochi.Server
	door   *door

	mu    sync.Mutex // guards what follows
	seen  []packets.Packet
	takes func(client string, p packets.Packet) bool
	names map[string]string // of those that come by web sockets: their certificate's, by their address
}

// Takes has the broker ask before it takes a packet of a client. What is not taken ends the connection: to the broker it was never sent.
func (b *Broker) Takes(fn func(client string, p packets.Packet) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.takes = fn
}

// Start runs a broker until the test ends.
func Start(t testing.TB) *Broker {
	t.Helper()
	b := &Broker{Dir: t.TempDir(), t: t}
	b.Issue(enroll.Member{Name: "broker", Hosts: []string{"127.0.0.1", "localhost"}})
	b.addr, b.web = FreeAddr(t), FreeAddr(t) // a killed broker comes back to them
	b.Run()
	t.Cleanup(func() { b.Kill() })
	return b
}

// FreeAddr is an address of this machine on which nobody listens just now.
func FreeAddr(t testing.TB) string {
	t.Helper()
	addr, err := freeaddr.On("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// Elsewhere is a broker that somebody else runs at an address: only its authority is here.
func Elsewhere(t testing.TB, addr string) *Broker {
	return &Broker{Dir: t.TempDir(), t: t, addr: addr}
}

// Files gives what a client connects with, from its files.
func Files(ca, cert, key string) func() (*tls.Config, error) {
	return func() (*tls.Config, error) { return enroll.Client(ca, cert, key) }
}

// URL is the broker's address.
func (b *Broker) URL() string { return "tls://" + b.addr }

// WebURL is the broker's address for web sockets.
func (b *Broker) WebURL() string { return "wss://" + b.web + "/mqtt" }

// Issue gives a member its certificate.
func (b *Broker) Issue(m enroll.Member) string {
	b.t.Helper()
	a, _, err := enroll.Open(b.Dir, Tenant, time.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	dir, err := a.Issue(m)
	if err != nil {
		b.t.Fatal(err)
	}
	return dir
}

// TLS gives what a member connects with, enrolling it where it is new.
func (b *Broker) TLS(name string) func() (*tls.Config, error) {
	b.t.Helper()
	return Files(b.member(name))
}

// Section is a shop's section of the configuration, with more lines in it; the shop is enrolled where it is new.
func (b *Broker) Section(shop, more string) string {
	b.t.Helper()
	ca, cert, key := b.member(shop)
	return fmt.Sprintf("[fleet]\nbroker=%q\nca=%q\ncert=%q\nkey=%q\ntenant=%q\nshop=%q\n%s", b.URL(), ca, cert, key, Tenant, shop, more)
}

// member gives the files of a member, enrolling it where it is new.
func (b *Broker) member(name string) (ca, cert, key string) {
	b.t.Helper()
	dir := filepath.Join(b.Dir, name)
	if _, err := os.Stat(dir); err != nil {
		b.Issue(enroll.Member{Name: name})
	}
	return filepath.Join(dir, enroll.CAFile), filepath.Join(dir, enroll.CertFile), filepath.Join(dir, enroll.KeyFile)
}

// Run starts a broker that was killed. It remembers nothing.
func (b *Broker) Run() {
	b.t.Helper()
	ca, err := os.ReadFile(filepath.Join(b.Dir, enroll.CAFile))
	if err != nil {
		b.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	own, err := tls.LoadX509KeyPair(filepath.Join(b.Dir, "broker", enroll.CertFile), filepath.Join(b.Dir, "broker", enroll.KeyFile))
	if err != nil {
		b.t.Fatal(err)
	}
	s := mochi.New(&mochi.Options{Logger: slog.New(slog.DiscardHandler)})
	if err := s.AddHook(&rules{b: b}, nil); err != nil {
		b.t.Fatal(err)
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{own}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
	var tcp net.Listener
	b.insist(func() (err error) {
		var l net.ListenConfig
		tcp, err = l.Listen(b.t.Context(), "tcp", b.addr)
		return err
	})
	b.door = newDoor(tcp)
	web := listeners.NewWebsocket(listeners.Config{ID: "wss", Address: b.web, TLSConfig: b.named(conf)})
	if err := s.AddListener(listeners.NewNet("tls", tls.NewListener(b.door, conf))); err != nil {
		b.t.Fatal(err)
	}
	b.insist(func() error { return s.AddListener(web) })
	go func() { _ = s.Serve() }()
	b.server = s
}

// insist tries again: an address may be taken for a moment yet.
func (b *Broker) insist(listen func() error) {
	b.t.Helper()
	for tries := 0; ; tries++ {
		err := listen()
		if err == nil {
			return
		} else if tries == 50 {
			b.t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// named has the names in certificates noted by address: mochi shows no more than that of who comes by web sockets.
func (b *Broker) named(conf *tls.Config) *tls.Config {
	outer := conf.Clone()
	outer.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		c, addr := conf.Clone(), hello.Conn.RemoteAddr().String()
		c.VerifyConnection = func(s tls.ConnectionState) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.names == nil {
				b.names = map[string]string{}
			}
			b.names[addr] = s.PeerCertificates[0].Subject.CommonName
			return nil
		}
		return c, nil
	}
	return outer
}

// Kill ends the broker; whatever it had acknowledged is gone.
func (b *Broker) Kill() {
	s := b.server
	if s == nil {
		return
	}
	b.server = nil
	b.door.close()
	over := make(chan struct{})
	go func() { defer close(over); s.Close() }()
	for { // it waits for its clients, also for those that came while it looked who is there
		select {
		case <-over:
			return
		case <-time.After(10 * time.Millisecond):
			for _, c := range s.Clients.GetAll() {
				c.Stop(packets.ErrServerShuttingDown)
			}
		}
	}
}

// Cut ends the connection of one client, which the broker remembers.
func (b *Broker) Cut(clientID string) {
	if c, ok := b.server.Clients.Get(clientID); ok {
		c.Net.Conn.Close()
	}
}

// Packets gives every message that any client has published so far.
func (b *Broker) Packets() []packets.Packet {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]packets.Packet(nil), b.seen...)
}

// rules let a shop use its own topics, by the name in its certificate, and a centre, whose name begins with "hub", those of all shops.
type rules struct {
	mochi.HookBase
	b *Broker
}

// ID names the hook.
func (r *rules) ID() string { return "rules" }

// Provides tells what it does.
func (r *rules) Provides(b byte) bool {
	return b == mochi.OnConnectAuthenticate || b == mochi.OnSessionEstablish || b == mochi.OnACLCheck || b == mochi.OnPublish || b == mochi.OnPacketRead
}

// OnConnectAuthenticate lets everybody in whom TLS let in.
func (r *rules) OnConnectAuthenticate(*mochi.Client, packets.Packet) bool { return true }

// OnPacketRead asks the test.
func (r *rules) OnPacketRead(c *mochi.Client, p packets.Packet) (packets.Packet, error) {
	r.b.mu.Lock()
	takes := r.b.takes
	r.b.mu.Unlock()
	if takes != nil && !takes(c.ID, p) {
		return p, packets.ErrRejectPacket
	}
	return p, nil
}

// OnSessionEstablish lets the broker send as much as it likes: mochi 2.7.9 counts what a client may be sent in a way that can lock up
// (Inflight.NextImmediate reads under a lock that it takes twice, while a publisher waits for it).
func (r *rules) OnSessionEstablish(c *mochi.Client, _ packets.Packet) {
	c.Properties.Props.ReceiveMaximum = 0
	c.State.Inflight.ResetSendQuota(0)
}

// OnPublish keeps what was published.
func (r *rules) OnPublish(_ *mochi.Client, p packets.Packet) (packets.Packet, error) {
	r.b.mu.Lock()
	defer r.b.mu.Unlock()
	r.b.seen = append(r.b.seen, p)
	return p, nil
}

// OnACLCheck is the ACL of packaging/fleet in Go.
func (r *rules) OnACLCheck(c *mochi.Client, topic string, write bool) bool {
	name := r.b.nameOf(c)
	if name == "" {
		return true // the broker itself: a will
	}
	own := wire.Root + Tenant + "/" + name + "/"
	if strings.HasPrefix(name, "hub") {
		part := topic[strings.LastIndexByte(topic, '/')+1:]
		if write && name == Mute {
			return false
		}
		return write == (part == wire.PartJob || part == wire.PartCmd || part == wire.PartAck)
	}
	rest, mine := strings.CutPrefix(topic, own)
	if !mine {
		return false
	}
	if write {
		return rest == wire.PartEvent || rest == wire.PartState || strings.HasPrefix(rest, wire.PartReply+"/")
	}
	return rest == wire.PartJob || rest == wire.PartCmd || rest == wire.PartAck
}

// nameOf is the name in a client's certificate.
func (b *Broker) nameOf(c *mochi.Client) string {
	if own := certificate(c); own != nil {
		return own.Subject.CommonName
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.names[c.Net.Remote]
}

// Serial is the number of the certificate that a client is connected with; "" where it is not.
func (b *Broker) Serial(clientID string) string {
	c, ok := b.server.Clients.Get(clientID)
	if !ok || c.Closed() {
		return ""
	}
	if own := certificate(c); own != nil {
		return own.SerialNumber.String()
	}
	return ""
}

// certificate is the one that a client came with; nil by web sockets.
func certificate(c *mochi.Client) *x509.Certificate {
	if conn, ok := c.Net.Conn.(*tls.Conn); ok && len(conn.ConnectionState().PeerCertificates) > 0 {
		return conn.ConnectionState().PeerCertificates[0]
	}
	return nil
}
