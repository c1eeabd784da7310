package daemon_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

// Without a printer the daemon runs and says so; what it takes waits, and comes out once there is one.
func TestStartWithNoPrinter(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front")
	s.write("")
	s.start()
	if !strings.Contains(s.log.String(), "no printer is configured") {
		t.Error("the log does not say so")
	}
	s.sale(770001, "")
	s.sale(770002, "front")
	s.await("slips to be taken", func() bool { return s.copyOf(770001).State == queue.Queued && s.copyOf(770002).State == queue.Queued })
	s.write("", "front")
	s.printed(770001, "front")
	s.printed(770002, "front")
	if c := s.copyOf(770001); c.PrintNo != 1 {
		t.Errorf("print %d", c.PrintNo)
	}
	s.write("") // emptied by mistake: that is not taken from a running one
	s.await("the log to say so", func() bool { return strings.Contains(s.log.String(), "no printer any more") })
	s.sale(770003, "")
	s.printed(770003, "front")
}
