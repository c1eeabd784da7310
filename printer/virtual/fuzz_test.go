package virtual_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
)

// FuzzBytes: whatever comes, the printer takes every byte, answers a status request afterwards, and can show its paper.
func FuzzBytes(f *testing.F) {
	for _, s := range []string{
		sample(), clearAll, fence("0001"), "\x1dv0\x00\xff\xff\xff\xff", "\x1d8L\xff\xff\xff\xff", "\x1b&\x03\x20\xff", "\x1bD\x01\x02",
		"\x1cq\xff\xff\xff\xff\xff", "\x1dk\x04abc", "\x1bd\xff\x1bJ\xff", "\x10\x14\x08\x01", "\x1c&\x81\x30\x81\x30\x81", "\x1dVa\xff\x1dVh\xff",
		"\x1bL" + area(8, 8, 99, 99) + "\x1bT\x01A\x1dv0\x03\x02\x00\x01\x00zz\x1b*\x21\x01\x00123\x18B\x1b\x0c\x0c", "\x1c(C\x02\x000\x02\xe5\x90\x88\xe5",
		"\x1d(L\x0c\x000p0\xff\xff1\x08\x00\x01\x00z\xff\x1bL\x1d(L\x0b\x000p0\x02\x021\x08\x00\x01\x00z\x0c", "\x1d*\x02\x01abcdefghijklmnop\x1d/\x03",
		symbolOf(48, "a", "A\x1e", "B\x5a"), symbolOf(53, "a", "B\x01\xff"), symbolOf(54, ""), "A\n\x1be\xff\x1bV\x01B\n",
	} {
		f.Add([]byte(s), uint8(0))
	}
	names := virtual.ModelNames()
	f.Fuzz(func(t *testing.T, data []byte, model uint8) {
		p := virtual.New(virtual.Options{Model: names[int(model)%len(names)]})
		host, device := net.Pipe()
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- p.Serve(ctx, device) }()
		go func() { _, _ = io.Copy(io.Discard, host) }()
		_ = host.SetWriteDeadline(time.Now().Add(time.Minute))
		if _, err := host.Write(data); err != nil && p.State().Power == "on" {
			t.Fatalf("the printer did not take the bytes: %v", err)
		}
		s := p.State()
		if s.Power == "on" && s.Online && (s.Buffer != 0 || s.Waiting > 4096) {
			t.Fatalf("stuck: %+v", s)
		}
		if s.HangingDots > 200_000 || s.HangingDots < 0 {
			t.Fatalf("%d dots of paper", s.HangingDots)
		}
		h := p.Hanging()
		_ = h.Text()
		if s.HangingDots < 3000 {
			_ = h.Image()
		}
		cancel()
		host.Close()
		<-done
	})
}
