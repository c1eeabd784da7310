package hub

import (
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
)

// TestAcksWait: the acknowledgements of a slip's events leave as one; what is missing is asked for at once, and not too often.
func TestAcksWait(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC)
	h := New(Options{Now: func() time.Time { return now }})
	told := func(seq int64, resend bool) {
		h.told(map[string]wire.Ack{"shop-1": {Birth: "b", Seq: seq, Resend: resend}})
	}
	want := func(what string, seq int64) {
		t.Helper()
		a, ok := h.dueAcks()["shop-1"]
		if ok != (seq > 0) || a.Seq != seq {
			t.Errorf("%s: %+v %v, want %d", what, a, ok, seq)
		}
	}
	told(1, false)
	want("the first event", 0)
	now = now.Add(2 * time.Second)
	told(3, false)
	want("the last", 0)
	now = now.Add(time.Second)
	want("three seconds after the first", 3)
	want("once", 0)
	told(3, true)
	want("one is missing", 3)
	now = now.Add(time.Second)
	told(3, true)
	want("still missing", 0)
	now = now.Add(time.Second)
	want("after two seconds", 3)
	h.putBack(map[string]wire.Ack{"shop-1": {Birth: "b", Seq: 3}})
	now = now.Add(3 * time.Second)
	want("one that did not leave", 3)
	told(5, false)
	h.putBack(map[string]wire.Ack{"shop-1": {Birth: "b", Seq: 3}})
	now = now.Add(3 * time.Second)
	want("there is a newer one", 5)
}
