package printer

import (
	"testing"
	"time"
)

// TestLagIsNotUnlearned: a printer whose answers were seen to lag is asked twice until the link is opened anew, however long its answers agree:
// those of one whose state does not change agree in any case.
func TestLagIsNotUnlearned(t *testing.T) {
	w := newWorld(scenes()[1])
	w.asked, w.m.questions.lags = true, true // nothing is printed
	looks := 0
	for at := w.m.sensors.statusAt; w.wrong == "" && w.now.Sub(searchEpoch) < 10*time.Minute; {
		next := w.next()
		if next.IsZero() {
			break
		}
		w.now = later(next, w.now)
		w.settle()
		if !w.m.sensors.statusAt.Equal(at) {
			at = w.m.sensors.statusAt
			looks++
		}
	}
	if looks < 10 || !w.m.questions.lags {
		t.Errorf("lags %v behind %d looks that agree", w.m.questions.lags, looks)
	}
	if w.m.questions.reset(); w.m.questions.lags {
		t.Error("a new link still lags")
	}
}
