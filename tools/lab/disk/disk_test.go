package disk

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// What a flush covers outlives every cut, byte for byte; of what came later each page is as it was or as it was written, and over
// many cuts both happen. The disk itself goes on as if nothing was.
func TestCut(t *testing.T) {
	d := New(1 << 20)
	fill := func(b byte) []byte { return bytes.Repeat([]byte{b}, 3*page) }
	d.WriteAt(fill(1), 100)
	d.Flush()
	d.WriteAt(fill(2), 100)
	d.WriteAt([]byte("later"), 500_000)
	whole, torn, gone, came := 0, 0, 0, 0
	for i := range uint64(200) {
		c, lost := d.Cut(rand.New(rand.NewPCG(1, i)))
		if lost != 2 {
			t.Fatalf("%d writes were in the cache", lost)
		}
		got := make([]byte, 3*page)
		c.ReadAt(got, 100)
		if n := bytes.Count(got, []byte{2}); n+bytes.Count(got, []byte{1}) != len(got) {
			t.Fatal("a byte that nobody wrote")
		} else if n == 0 {
			gone++
		} else if n == len(got) {
			whole++
		} else {
			torn++
		}
		tail := make([]byte, 5)
		if c.ReadAt(tail, 500_000); string(tail) == "later" {
			came++
		}
	}
	if whole == 0 || torn == 0 || gone == 0 || came == 0 || came == 200 {
		t.Errorf("of 200 cuts %d kept the write, %d tore it, %d lost it; the later one came %d times", whole, torn, gone, came)
	}
	got := make([]byte, 3*page)
	if d.ReadAt(got, 100); !bytes.Equal(got, fill(2)) {
		t.Error("a cut changed the disk that it was taken from")
	}
}
