package httpd_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/receiptd/receiptd/internal/httpd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site answers /, streams at /stream until the request ends, and reads a body at /read.
func site() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "here") })
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/read", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(w, r.Body); err != nil {
			http.Error(w, "cut", http.StatusRequestTimeout)
		}
	})
	return mux
}

func known(r *http.Request) bool { return r.Header.Get("Key") == "right" }

const places = 16

// serve runs a server of few places and gives its address.
func serve(t *testing.T) string {
	t.Helper()
	s := httpd.New(httpd.Options{Handler: site(), Known: known, Max: places})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// A peer is one connection.
type peer struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, address string) *peer {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &peer{t, c, bufio.NewReader(c)}
}

// get asks on this very connection and gives the status, 0 when it was closed.
func (p *peer) get(path, header string) int {
	p.t.Helper()
	if _, err := fmt.Fprintf(p, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, header); err != nil {
		return 0
	}
	resp, err := http.ReadResponse(p.r, nil)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp.StatusCode
}

const key = "Key: right\r\n"

// Whoever has no key crowds nobody out who has one, and no guest either, in whatever way a connection is held.
func TestGuestsAreBounded(t *testing.T) {
	for name, first := range map[string]string{
		"silent":       "",
		"idle":         "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"slow header":  "GET / HTTP/1.1\r\nHost: ",
		"slow body":    "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1",
		"unread body":  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1",
		"stream":       "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n",
		"pipelined":    strings.Repeat("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 50),
		"giant header": "GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 60<<10),
		"no HTTP":      "\x16\x03\x01\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := serve(t)
			staff := dial(t, address)
			if got := staff.get("/", key); got != http.StatusOK {
				t.Fatalf("before the crowd: %d", got)
			}
			var held []net.Conn
			for range 4 * places {
				p := dial(t, address)
				_, _ = io.WriteString(p, first) // refused: that is no harm to anybody
				held = append(held, p)
			}
			if got := staff.get("/", key); got != http.StatusOK {
				t.Errorf("the connection that had a key: %d", got)
			}
			if got := dial(t, address).get("/", key); got != http.StatusOK {
				t.Errorf("a new connection with a key: %d", got)
			}
			if got := dial(t, address).get("/", ""); got != http.StatusOK {
				t.Errorf("a new guest: %d", got)
			}
			if open := stillOpen(t, held, places); open > places {
				t.Errorf("%d of %d are open, want at most %d", open, len(held), places)
			}
		})
	}
}

// stillOpen counts connections that the server holds, most of them at most. Those it let go are at their end already, but a busy machine may
// take a while to see that; the server's own time-outs are longer than what it gets for that.
func stillOpen(t *testing.T, all []net.Conn, most int) int {
	t.Helper()
	ended := make(chan struct{}, len(all))
	for _, c := range all {
		if err := c.SetReadDeadline(time.Now().Add(4 * time.Second)); err != nil {
			t.Fatal(err)
		}
		go func() {
			var timeout net.Error
			if _, err := io.Copy(io.Discard, c); !errors.As(err, &timeout) || !timeout.Timeout() {
				ended <- struct{}{}
			}
		}()
	}
	open := len(all)
	for over := time.After(4 * time.Second); open > most; {
		select {
		case <-ended:
			open--
		case <-over:
			return open
		}
	}
	return open
}

// A program that opens streams without end takes its own key's places, oldest first: others with a key get in.
func TestStreamsWithAKeyAreBounded(t *testing.T) {
	address := serve(t)
	var held []net.Conn
	for range 10 * places {
		p := dial(t, address)
		if _, err := io.WriteString(p, "GET /stream HTTP/1.1\r\nHost: x\r\n"+key+"\r\n"); err != nil {
			t.Fatal(err)
		}
		held = append(held, p)
	}
	if got := dial(t, address).get("/", key); got != http.StatusOK {
		t.Errorf("a new connection with a key: %d", got)
	}
	if got := dial(t, address).get("/", ""); got != http.StatusOK {
		t.Errorf("a guest: %d", got)
	}
	if open := stillOpen(t, held, places); open > places {
		t.Errorf("%d of %d streams are open, want at most %d", open, len(held), places)
	}
}

// A burst of programs with a key is served whole, as long as they are no more than there are places for newcomers.
func TestBurst(t *testing.T) {
	address := serve(t)
	answers := make(chan int, places/2)
	for range cap(answers) {
		p := dial(t, address)
		go func() { answers <- p.get("/", key) }()
	}
	for range cap(answers) {
		if got := <-answers; got != http.StatusOK {
			t.Errorf("one of a burst: %d", got)
		}
	}
}

// A giant header is refused with its own answer.
func TestGiantHeader(t *testing.T) {
	if got := dial(t, serve(t)).get("/", "A: "+strings.Repeat("a", 100<<10)+"\r\n"); got != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("answer %d, want 431", got)
	}
}

// Few descriptors leave few places, and never none.
func TestRoom(t *testing.T) {
	if got := httpd.Room(1 << 30); got != 4 && got != httpd.DefaultMax { // the latter where there is no limit
		t.Errorf("room with everything reserved: %d, want 4", got)
	}
	if got := httpd.Room(0); got < 4 || got > httpd.DefaultMax {
		t.Errorf("room %d", got)
	}
}

func TestShutdown(t *testing.T) {
	s := httpd.New(httpd.Options{Handler: site()})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	if got := dial(t, l.Addr().String()).get("/", ""); got != http.StatusOK {
		t.Errorf("answer %d", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

// Behind TLS the same bounds hold, for those who never finish a handshake too.
func TestCrowdBehindTLS(t *testing.T) {
	cert := httptest.NewUnstartedServer(nil)
	cert.StartTLS()
	defer cert.Close()
	s := httpd.New(httpd.Options{Handler: site(), Known: known, Max: places, TLS: &tls.Config{Certificates: cert.TLS.Certificates, MinVersion: tls.VersionTLS12}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	address := l.Addr().String()
	encrypted := func() *peer {
		p := dial(t, address)
		c := tls.Client(p.Conn, &tls.Config{InsecureSkipVerify: true})
		return &peer{t, c, bufio.NewReader(c)}
	}
	staff := encrypted()
	if got := staff.get("/", key); got != http.StatusOK {
		t.Fatalf("before the crowd: %d", got)
	}
	var held []net.Conn
	for i := range 4 * places {
		p := dial(t, address)
		_, _ = io.WriteString(p, []string{"", "\x16\x03\x01", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"}[i%3])
		held = append(held, p)
	}
	if got := staff.get("/", key); got != http.StatusOK {
		t.Errorf("the connection that had a key: %d", got)
	}
	if got := encrypted().get("/", key); got != http.StatusOK {
		t.Errorf("a new connection with a key: %d", got)
	}
	if open := stillOpen(t, held, places); open > places {
		t.Errorf("%d of %d are open, want at most %d", open, len(held), places)
	}
	s.Close()
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}
