package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/web"
)

// A site is where page and API are answered: the addresses, and the server behind them.
type site struct {
	now       *inForce
	options   web.Options
	listeners []net.Listener
	network   *network // the page on the shop's network; nil: there is none
	asked     func()   // is called for each request
	log       *slog.Logger
}

// listen opens the addresses, or takes open, which is. An address family that this machine lacks is passed over as long as one address works.
func (s *site) listen(ctx context.Context, open net.Listener, addresses []string) error {
	if open != nil {
		s.listeners = []net.Listener{open}
		return nil
	}
	var lc net.ListenConfig
	var failed error
	for _, addr := range addresses {
		l, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("listen on %s: %w", addr, err))
			continue
		}
		s.listeners = append(s.listeners, l)
	}
	if len(s.listeners) == 0 && failed != nil {
		return failed
	}
	if failed != nil {
		s.log.Warn("one address of the page cannot be used", "err", failed)
	}
	return nil
}

func (s *site) close() {
	for _, l := range s.listeners {
		l.Close()
	}
}

// serve answers requests until ctx ends, then gives open ones a second.
func (s *site) serve(ctx context.Context) error {
	if len(s.listeners) == 0 {
		<-ctx.Done()
		return nil
	}
	page := web.New(s.options)
	var follow sync.WaitGroup
	follow.Go(func() { _ = page.Run(ctx) }) // it gives no error
	defer follow.Wait()
	room := httpd.Room(s.reserve())
	if s.network != nil {
		// Whoever crowds the network's door takes nothing of this machine's own.
		outside := min(room/4, most)
		room -= outside
		server := httpd.New(httpd.Options{Handler: s.noted(page.NetworkHandler()), Known: page.KnownOnNetwork, Max: outside, TLS: s.network.encrypted(), Logger: s.log, Base: ctx})
		lan, stop := context.WithCancel(ctx)
		defer follow.Wait()
		defer stop()
		follow.Go(func() { s.network.serve(lan, server) })
	}
	server := httpd.New(httpd.Options{Handler: s.noted(page.Handler()), Known: page.Known, Max: room, Logger: s.log, Base: ctx})
	failed := make(chan error, len(s.listeners))
	for _, l := range s.listeners {
		go func() { failed <- server.Serve(l) }()
	}
	var err error
	open := len(s.listeners)
	select {
	case <-ctx.Done():
	case err = <-failed:
		open--
	}
	server.End(ctx)
	for range open {
		if e := <-failed; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// noted tells whoever gives memory back of each request.
func (s *site) noted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked()
		next.ServeHTTP(w, r)
	})
}

// most is how many connections from the shop's network are open at once.
const most = 128

// reserve is how many descriptors stay free of requests beside those open when the page begins: for each printer its link and
// what finds its address, and for the drop folder, answers, the journal and a reload what they open for a moment.
func (s *site) reserve() int { return 16 + 3*len(s.now.Load().cfg.Printers) }

// url is the address that pairs a browser: a key, which is shown to who starts the daemon and written into no log.
func (s *site) url() string {
	if len(s.listeners) == 0 {
		return ""
	}
	return "http://" + s.listeners[0].Addr().String() + "/pair?key=" + s.options.PageKey
}
