package queue_test

import (
	"fmt"
	"os"
	"testing"
)

// TestLogIsReserved shows that commits write over a write-ahead log that has its full length from the start, through several
// rounds of it, and that what they wrote is there after the process died without closing anything.
func TestLogIsReserved(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	length := func() int64 {
		info, err := os.Stat(s.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := length()
	if before < 1000*4096 {
		t.Fatalf("the log has %d bytes at the start", before)
	}
	const n = 200
	for i := range n {
		s.accept(slip{id: fmt.Sprintf("sale-%d", i), voucher: fmt.Sprintf("%06d", i+1)}.String())
	}
	if now := length(); now != before {
		t.Errorf("the log has %d bytes, %d at the start", now, before)
	}
	dir := t.TempDir() // as the disk is at this moment
	for _, side := range []string{"", "-wal"} {
		data, err := os.ReadFile(s.path + side)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/journal.db"+side, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.q.Close()
	s.path = dir + "/journal.db"
	s.open()
	for i := range n {
		if a := s.answer(fmt.Sprintf("sale-%d", i)); len(a.Copies) != 2 {
			t.Fatalf("sale-%d after the crash: %+v", i, a)
		}
	}
}
