package virtual_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

// A host is the other end of a virtual printer's line, inside a synctest bubble: time passes only when it says so.
type host struct {
	t    *testing.T
	p    *virtual.Printer
	line net.Conn

	mu   sync.Mutex
	got  []byte
	stop context.CancelFunc
}

// with runs f as a named test in its own time, with a host connected to a printer.
func with(t *testing.T, name string, o virtual.Options, f func(h *host)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := &host{t: t, p: virtual.New(o)}
			h.connect()
			f(h)
			h.disconnect()
		})
	})
}

func (h *host) connect() {
	h.connectDeaf()
	h.listen()
}

// connectDeaf connects a host that does not read yet.
func (h *host) connectDeaf() {
	host, device := net.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = h.p.Serve(ctx, device) })
	h.line = host
	h.stop = func() {
		cancel()
		host.Close()
		wg.Wait()
	}
	synctest.Wait()
}

// listen begins to read replies.
func (h *host) listen() {
	line := h.line
	go func() {
		buf := make([]byte, 256)
		for {
			n, err := line.Read(buf)
			h.mu.Lock()
			h.got = append(h.got, buf[:n]...)
			h.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	synctest.Wait()
}

func (h *host) disconnect() { h.stop() }

// send gives the printer bytes and lets it come to rest.
func (h *host) send(s string) {
	h.t.Helper()
	h.line.SetWriteDeadline(time.Now().Add(time.Hour))
	if _, err := h.line.Write([]byte(s)); err != nil {
		h.t.Fatalf("send: %v", err)
	}
	synctest.Wait()
}

// pass lets time pass.
func (h *host) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// take returns the replies since the last take.
func (h *host) take() string {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	s := string(h.got)
	h.got = nil
	return s
}

// want checks the replies since the last take.
func (h *host) want(what, replies string) {
	h.t.Helper()
	if got := h.take(); got != replies {
		h.t.Errorf("%s: replies % X, want % X", what, got, replies)
	}
}

// ask sends s and checks what comes back.
func (h *host) ask(what, s, replies string) {
	h.t.Helper()
	h.take()
	h.send(s)
	h.want(what, replies)
}

// set makes something happen to the printer.
func (h *host) set(c virtual.Change) {
	h.t.Helper()
	if err := h.p.Set(c); err != nil {
		h.t.Fatal(err)
	}
	synctest.Wait()
}

// texts are what lies on the counter, then what hangs in the printer unless it is blank.
func (h *host) texts() []string {
	synctest.Wait()
	var out []string
	for _, c := range h.p.Pieces() {
		out = append(out, c.Text())
	}
	if s := h.p.Hanging().Text(); s != "" {
		out = append(out, "..."+s)
	}
	return out
}

// paper checks texts: each piece with its lines joined by |.
func (h *host) paper(what string, want ...string) {
	h.t.Helper()
	got := h.texts()
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], "\n", "|")
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		h.t.Errorf("%s: paper %q, want %q", what, got, want)
	}
}

const (
	cut      = "\x1dVB\x00"
	clearAll = "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
)

func eot(n byte) string { return string([]byte{0x10, 0x04, n}) }

func fence(id string) string { return "\x1d(H\x06\x0000" + id }

func proof(id string) string { return "7\x22" + id + "\x00" }

// rows are n lines of text.
func rows(name string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s%d\n", name, i+1)
	}
	return b.String()
}

func number(n int) *int { return &n }

var yes, no = true, false
