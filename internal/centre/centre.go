// Package centre wires a hub: its store, its line, its page, its drop folder. Run starts them and ends them in order; a hub owns the folder
// `data` with hub.db, token, page-key and devices.json (tokens of programs).
package centre

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"

	"github.com/receiptd/receiptd/fleet/enroll"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/drop"
	"github.com/receiptd/receiptd/hub/settings"
	"github.com/receiptd/receiptd/hub/site"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/internal/certs"
	"github.com/receiptd/receiptd/internal/devices"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/internal/wholefile"
)

// Options are what Run needs beside the settings.
type Options struct {
	Logger  *slog.Logger // nil discards
	Version string
	Ready   func() // told once the page is open; nil is fine
}

// Run is a hub until ctx ends.
func Run(ctx context.Context, c *settings.Hub, o Options) (err error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if _, err := enroll.Client(c.CA, c.Cert, c.Key); err != nil { // a hub without its certificate is of no use
		return err
	}
	s, err := store.Open(ctx, c.Data, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	token, err := Secret(c.Data, TokenFile)
	if err != nil {
		return err
	}
	key, err := Secret(c.Data, PageKeyFile)
	if err != nil {
		return err
	}
	tokens, err := devices.Open(c.Data, nil)
	if err != nil {
		return err
	}
	h := hub.New(hub.Options{Store: s, Broker: c.Broker, TLS: func() (*tls.Config, error) { return enroll.Client(c.CA, c.Cert, c.Key) }, Tenant: c.Tenant, Name: c.Name, Keep: c.Keep(), Logger: o.Logger})
	page := site.Options{Hub: h, Store: s, Token: token, PageKey: key, Tokens: tokens, English: c.Locale == "en", Version: o.Version, Logger: o.Logger}
	servers, err := listen(ctx, c, page, o.Logger)
	if err != nil {
		return err
	}
	parts, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	failed := make(chan error, len(servers)+2)
	running.Go(func() { failed <- h.Run(parts) })
	if c.Drop != "" {
		running.Go(func() { failed <- drop.New(c.Drop, h, o.Logger, 0).Run(parts) })
	}
	for _, x := range servers {
		running.Go(func() { failed <- x.serve(parts) })
	}
	where := []any{"hub", c.Name, "tenant", c.Tenant, "broker", c.Broker}
	for i, x := range servers {
		where = append(where, []string{"listen", "tls_listen"}[i], x.l.Addr().String())
	}
	o.Logger.Info("the hub runs", where...)
	if o.Ready != nil {
		o.Ready()
	}
	select {
	case err = <-failed: // one alone ends only where it cannot go on
	case <-ctx.Done():
	}
	stop()
	running.Wait()
	return err
}

// The files of the data folder.
const (
	TokenFile   = "token"
	PageKeyFile = "page-key"
)

// Links are where a browser is paired: on this machine, and where there is tls_listen from elsewhere, by the first name in its certificate.
func Links(c *settings.Hub, key string) (here, elsewhere string) {
	here = "http://" + c.Listen + "/pair?key=" + key
	_, port, err := net.SplitHostPort(c.TLSListen)
	if err != nil {
		return here, ""
	}
	cert, err := certs.Load(c.TLSCert, c.TLSKey)
	if err != nil {
		return here, ""
	}
	var host string
	switch names, addrs := cert.Leaf.DNSNames, cert.Leaf.IPAddresses; {
	case len(names) > 0:
		host = names[0]
	case len(addrs) > 0:
		host = addrs[0].String()
	default:
		return here, ""
	}
	return here, "https://" + net.JoinHostPort(host, port) + "/pair?key=" + key
}

// Secret reads a secret of the data folder, or makes a new one.
func Secret(dir, name string) (string, error) {
	secret, err := wholefile.Secret(filepath.Join(dir, name), 0o640)
	if err != nil {
		return "", fmt.Errorf("the hub's %s: %w", name, err)
	}
	return secret, nil
}

// A server is one address of the page.
type server struct {
	http *httpd.Server
	l    net.Listener
}

// listen opens the addresses.
func listen(ctx context.Context, c *settings.Hub, page site.Options, log *slog.Logger) (out []*server, err error) {
	open := func(addr string, t *tls.Config) error {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		s := site.New(page)
		out = append(out, &server{httpd.New(httpd.Options{Handler: s.Handler(), Known: s.Known, Logger: log, TLS: t, Base: ctx}), l})
		return nil
	}
	defer func() {
		if err != nil {
			for _, x := range out {
				x.l.Close()
			}
		}
	}()
	if err := open(c.Listen, nil); err != nil {
		return out, err
	}
	if c.TLSListen == "" {
		return out, nil
	}
	first, err := certs.Load(c.TLSCert, c.TLSKey)
	if err != nil {
		return out, err
	}
	present := func() *tls.Certificate { // one that was renewed in its place is used from now on
		if fresh, err := certs.Load(c.TLSCert, c.TLSKey); err == nil {
			return fresh
		}
		return first
	}
	page.Named = func(host string) bool { return present().Leaf.VerifyHostname(host) == nil }
	return out, open(c.TLSListen, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return present(), nil }})
}

// serve answers until ctx ends.
func (x *server) serve(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- x.http.Serve(x.l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	x.http.End(ctx)
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
