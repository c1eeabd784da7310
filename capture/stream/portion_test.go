package stream_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/capture/stream"
)

// portions reads a stream, so many bytes at a time, and gives its portions and what is left.
func portions(b []byte, size, at int) []stream.Slip {
	r := stream.NewReader(stream.Options{Portion: size})
	var list []stream.Slip
	for len(b) > 0 {
		part := b[:min(at, len(b))]
		b = b[len(part):]
		for len(part) > 0 {
			n, e := r.Next(part)
			part = part[n:]
			if e.What == stream.Portion {
				list = append(list, r.TakePortion())
			}
		}
	}
	return append(list, r.Take(true))
}

// TestPortions: portions of a slip, each printed by itself, are what it is in the whole, dot by dot; and they are the same ones however it
// comes.
func TestPortions(t *testing.T) {
	all := 0
	for seed := range uint64(120) {
		w := &writer{Rand: rand.New(rand.NewPCG(seed, 3))}
		for range 3 {
			w.stream()
		}
		w.WriteString("\n\x1bi")
		list := portions(w.Bytes(), 64, 1<<20)
		all += len(list)
		var ours []byte
		for i, s := range list {
			ours = append(append(ours, "\x1b@"...), s.Stream...)
			if s.LastCut < 0 || s.LastCut > len(s.Stream) {
				t.Fatalf("seed %d: portion %d: cut at %d of %d", seed, i, s.LastCut, len(s.Stream))
			}
		}
		want, got := printed(t, "", w.Bytes()), printed(t, "", ours)
		if !slices.Equal(got.dots, want.dots) {
			t.Fatalf("seed %d\n%q\n%q\n%s\n=====\n%s", seed, w.Bytes(), ours, strings.Join(want.texts, "\n=\n"), strings.Join(got.texts, "\n=\n"))
		}
		for i, s := range portions(w.Bytes(), 64, 7) {
			if i >= len(list) || !bytes.Equal(s.Stream, list[i].Stream) || len(s.Lines) != len(list[i].Lines) {
				t.Fatalf("seed %d: portion %d depends on how it came", seed, i)
			}
		}
	}
	if all < 500 {
		t.Errorf("%d portions", all)
	}
}

// TestPortionKeepsTogether: no portion ends where a printer that is reset would forget something.
func TestPortionKeepsTogether(t *testing.T) {
	line := strings.Repeat(strings.Repeat("x", 40)+"\n", 3)
	for name, in := range map[string]string{
		"a line":           strings.Repeat("x", 400),
		"a code stored":    "\x1d(k\x08\x001P0hello" + line + line + line,
		"a picture stored": "\x1d(L\x0b\x000p0\x01\x011\x08\x00\x01\x00\xff" + line + line + line,
		"a page":           "\x1bL" + line + line + line,
	} {
		r := stream.NewReader(stream.Options{Portion: 64})
		b := []byte(in)
		for len(b) > 0 {
			n, e := r.Next(b)
			if b = b[n:]; e.What == stream.Portion {
				t.Errorf("%s: a portion ends at %q", name, r.TakePortion().Stream)
			}
		}
	}
}
