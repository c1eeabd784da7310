package daemon_test

import (
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

// Once receiptd has stopped, the answer file tells how the slip that was on the wire ended.
func TestStopAnswers(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Real, MMPerSecond: 400}, "front")
	s.write("", "front")
	s.start()
	s.sale(770001, "")
	s.await("the head to print", func() bool { return s.printers["front"].State().Counters.Dots > 0 }) // its answer may come late
	s.end()
	if c := s.copyOf(770001); c.State != queue.Printed && c.State != queue.Uncertain {
		t.Errorf("the answer says %s after the stop", c.State)
	}
}
