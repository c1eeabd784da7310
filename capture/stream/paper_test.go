package stream_test

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

// paper is what lies on the counter and hangs in the printer after a stream, by an interpreter that knows nothing of this package.
type paper struct {
	dots  []string // of each piece, and of what hangs
	texts []string
	dotsHigh,
	pulses int64
}

// fence is asked for at the end, so that all was printed when it comes back.
const fence = "\x1d(H\x06\x0000zz.z"

func printed(t *testing.T, model string, sent []byte) paper {
	t.Helper()
	p := virtual.New(virtual.Options{Model: model})
	host, device := net.Pipe()
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	wg.Go(func() { _ = p.Serve(ctx, device) })
	wg.Go(func() { _, _ = host.Write(append(bytes.Clone(sent), fence...)) })
	_ = host.SetReadDeadline(time.Now().Add(time.Minute))
	var got []byte
	buf := make([]byte, 256)
	for !bytes.Contains(got, []byte("\x37\x22zz.z\x00")) {
		n, err := host.Read(buf)
		got = append(got, buf[:n]...)
		if err != nil {
			t.Fatalf("no answer to the fence: %v, behind %q", err, sent)
		}
	}
	out := paper{pulses: p.State().Counters.Drawer}
	for _, c := range append(p.Pieces(), p.Hanging()) {
		out.dots = append(out.dots, c.SHA256())
		out.texts = append(out.texts, c.Text())
		out.dotsHigh += int64(c.DotsHigh)
	}
	cancel()
	host.Close()
	wg.Wait()
	return out
}
