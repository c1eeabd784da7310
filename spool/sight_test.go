package spool

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestSight: what counts is when this very file was first seen. A clock elsewhere that is wrong counts only at the first look, and a
// name that is used again is another arrival.
func TestSight(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, modified time.Time) candidate {
		t.Helper()
		path := filepath.Join(dir, name)
		fresh := path + ".new"
		if err := os.WriteFile(fresh, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(fresh, modified, modified); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(fresh, path); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		return candidate{name: name, info: info}
	}
	synctest.Test(t, func(t *testing.T) {
		var s sights
		age := func(what string, c candidate, want time.Duration) {
			t.Helper()
			list := []candidate{c}
			s.look(list)
			a := arrival{seen: list[0].seen, modified: c.info.ModTime()}
			if got := a.waited(time.Now()); got != want {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		hour := time.Now().Add(-time.Hour)
		old := put("a.json", hour)
		age("at the first look its own time counts", old, time.Hour)
		time.Sleep(time.Minute)
		age("and it gets older", old, time.Hour+time.Minute)
		time.Sleep(2 * time.Second)
		again := put("a.json", hour)
		age("the name again, with a clock that lags", again, 2*time.Second)
		time.Sleep(90 * time.Second)
		age("seen, and not taken since", again, 92*time.Second)
		s.look(nil)
		time.Sleep(time.Second)
		age("a clock that goes ahead", put("b.json", time.Now().Add(time.Hour)), 0)
		time.Sleep(time.Second)
		s.look(nil)
		time.Sleep(10 * time.Minute)
		age("a folder that could not be read for long", put("c.json", hour), 10*time.Minute)
	})
	if got := (&arrival{modified: time.Now().Add(-time.Hour)}).waited(time.Now()); got < time.Hour {
		t.Errorf("claimed by an earlier run: %v", got)
	}
}
