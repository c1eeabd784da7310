package httpd_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/internal/httpd"
)

// pipes is a listener whose connections are pipes in memory, for time that is not real.
type pipes struct {
	come chan net.Conn
	done chan struct{}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.come:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	select {
	case <-l.done:
	default:
		close(l.done)
	}
	return nil
}

func (*pipes) Addr() net.Addr { return &net.TCPAddr{} }

// How long each kind of slow peer holds a connection, and that what is slow by right is left alone.
func TestSlowPeers(t *testing.T) {
	minutes := func(w http.ResponseWriter, r *http.Request) { // a test page that waits for paper
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-time.After(10 * time.Minute):
			fmt.Fprint(w, "done")
		case <-r.Context().Done():
		}
	}
	for _, c := range []struct {
		name, send string
		handler    http.HandlerFunc
		read       bool          // whether the peer reads
		gone       time.Duration // when the connection is closed
	}{
		{"silent", "", minutes, true, 5 * time.Second},
		{"header", "GET / HTTP/1.1\r\nHost: ", minutes, true, 5 * time.Second},
		{"body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1", func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				w.Header().Set("Connection", "close")
				w.WriteHeader(http.StatusRequestTimeout)
			}
		}, true, 30 * time.Second},
		{"body nobody wants", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1", func(http.ResponseWriter, *http.Request) {}, true, 30 * time.Second},
		{"idle", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", func(http.ResponseWriter, *http.Request) {}, true, 2 * time.Minute},
		{"not reading", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
		}, false, 30 * time.Second},
		{"not reading events", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", func(w http.ResponseWriter, _ *http.Request) {
			for err := error(nil); err == nil; time.Sleep(time.Second) {
				fmt.Fprint(w, "data\n\n")
				err = http.NewResponseController(w).Flush()
			}
		}, false, 31 * time.Second},
		{"minutes of work", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", minutes, true, 12 * time.Minute},
		{"minutes of work after a body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1", minutes, true, 12 * time.Minute},
		{"events for long", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", func(w http.ResponseWriter, _ *http.Request) {
			for range 3600 {
				fmt.Fprint(w, "data\n\n")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(time.Second)
			}
		}, true, time.Hour + 2*time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := httpd.New(httpd.Options{Handler: c.handler})
				l := &pipes{make(chan net.Conn), make(chan struct{})}
				done := make(chan error, 1)
				go func() { done <- s.Serve(l) }()
				mine, theirs := net.Pipe()
				watched := &closing{Conn: theirs, closed: make(chan struct{})}
				begun := time.Now()
				l.come <- watched
				if c.read {
					go func() { _, _ = io.Copy(io.Discard, bufio.NewReader(mine)) }()
				}
				go func() { _, _ = io.WriteString(mine, c.send) }()
				<-watched.closed
				// An answered request ends in half a second of waiting for the peer to close too.
				if took := time.Since(begun); took < c.gone || took > c.gone+time.Second {
					t.Errorf("closed after %v, want %v", took, c.gone)
				}
				mine.Close()
				s.Close()
				if err := <-done; !errors.Is(err, http.ErrServerClosed) {
					t.Error(err)
				}
			})
		})
	}
}

// closing tells when it is closed.
type closing struct {
	net.Conn
	closed chan struct{}
}

func (c *closing) Close() error {
	select {
	case <-c.closed:
	default:
		close(c.closed)
	}
	return c.Conn.Close()
}
