package capture

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestToldOnce: what happens again and again is told once, and ten minutes later how often.
func TestToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := slog.New(slog.NewTextHandler(&out, nil))
		var o onceIn
		told := func() string { // the timer writes with this held
			o.mu.Lock()
			defer o.mu.Unlock()
			return out.String()
		}
		for range 5 {
			o.say(log, time.Now(), "a slip was not taken")
			time.Sleep(time.Minute)
		}
		if n := strings.Count(told(), "a slip was not taken"); n != 1 {
			t.Errorf("told %d times", n)
		}
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		if n := strings.Count(told(), "a slip was not taken"); n != 2 || !strings.Contains(told(), "times_more=4") {
			t.Errorf("told %d times: %s", n, told())
		}
		o.say(log, time.Now(), "a slip was not taken")
		o.end(log)
		if !strings.Contains(told(), "times_more=1") {
			t.Errorf("what is left is not told: %s", told())
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := strings.Count(told(), "a slip was not taken"); n != 3 {
			t.Errorf("told %d times", n)
		}
	})
}
