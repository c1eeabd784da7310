package web

import (
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue"
)

// TestBacklogLeft: what is left takes as long as the slips that came out took; the time that the printer stood does not count.
func TestBacklogLeft(t *testing.T) {
	var x backlogs
	now := time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC)
	oldest := now
	see := func(later time.Duration, waiting int, held bool) []backlog {
		now = now.Add(later)
		p := api.Printer{Name: "front"}
		p.State = "printing"
		if held {
			p.State = "held"
		}
		return x.note(&standing{Printers: []api.Printer{p}, Waiting: []queue.Outstanding{{Printer: "front", Count: waiting, Oldest: oldest}}}, now)
	}
	see(0, 100, true)
	see(time.Hour, 100, true)
	if list := see(time.Hour, 100, true); len(list) != 1 || list[0].Left != 0 {
		t.Errorf("while it stands: %+v", list)
	}
	see(time.Second, 100, false)
	see(9*time.Second, 95, false)
	list := see(10*time.Second, 90, false)
	if len(list) != 1 || list[0].Done != 10 || list[0].Total != 100 || list[0].Left < 170 || list[0].Left > 190 {
		t.Errorf("10 in 20 s: %+v", list)
	}
}
