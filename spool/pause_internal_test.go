package spool

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// TestQuietFolder: a folder that tells of everything by itself is looked through seldom, and as often as configured where something
// waits or it tells nothing.
func TestQuietFolder(t *testing.T) {
	in, err := openFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer in.close()
	if runtime.GOOS == "linux" && !in.tellsAll() {
		t.Skip("the folder for tests is no local one")
	}
	quiet := quietRescan
	if runtime.GOOS != "linux" {
		quiet = 2 * time.Second
	}
	for name, row := range map[string]struct {
		change func(k *taker, w *watch)
		want   time.Duration
	}{
		"nothing waits":     {func(*taker, *watch) {}, quiet},
		"seldom as it is":   {func(k *taker, _ *watch) { k.rescan = time.Minute }, time.Minute},
		"not watched":       {func(_ *taker, w *watch) { w.on = false }, 2 * time.Second},
		"unfinished files":  {func(k *taker, _ *watch) { k.seen["half"] = sighting{} }, 2 * time.Second},
		"the journal waits": {func(k *taker, _ *watch) { k.unfinished = true }, 2 * time.Second},
		"no folder":         {func(k *taker, _ *watch) { k.incoming = nil }, 2 * time.Second},
	} {
		k, w := &taker{Spool: &Spool{rescan: 2 * time.Second}, seen: map[string]sighting{}, incoming: in}, &watch{on: true}
		if row.change(k, w); k.pause(w) != row.want {
			t.Errorf("%s: %v, want %v", name, k.pause(w), row.want)
		}
	}
}

// TestInStep: whenever two loops begin a long pause, they end it at the same moment, and never later than they would alone.
func TestInStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ends []time.Time
		for _, late := range []time.Duration{0, time.Second, 7 * time.Second} {
			time.Sleep(late)
			p := inStep(quietRescan)
			if p <= 0 || p > quietRescan {
				t.Fatalf("a pause of %v", p)
			}
			ends = append(ends, time.Now().Add(p))
		}
		if !ends[0].Equal(ends[1]) || !ends[0].Equal(ends[2]) {
			t.Errorf("they end at %v", ends)
		}
		if p := inStep(2 * time.Second); p != 2*time.Second {
			t.Errorf("a short pause becomes %v", p)
		}
	})
}
