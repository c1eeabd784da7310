package line

import (
	"testing"
	"time"
)

// TestSerialDeadlineMonotonic: a clock that is set does not move the end of a read.
func TestSerialDeadlineMonotonic(t *testing.T) {
	t.Parallel()
	p := &port{}
	want := time.Now().Add(time.Minute)
	if err := p.SetReadDeadline(want); err != nil {
		t.Fatal(err)
	}
	if got := *p.until.Load(); got != want { // == also compares the monotonic clock
		t.Errorf("%v, want %v", got, want)
	}
}
