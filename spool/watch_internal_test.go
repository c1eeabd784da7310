package spool

import (
	"path/filepath"
	"testing"

	"github.com/fsnotify/fsnotify"
)

// TestOneLookForEachFile: a file that is written under a name of its own and then renamed is looked for once, when it is there.
func TestOneLookForEachFile(t *testing.T) {
	events := make(chan fsnotify.Event, 10)
	w := &watch{path: "incoming", watcher: &fsnotify.Watcher{Events: events}, present: map[string]bool{}}
	drained := func(list ...fsnotify.Event) bool {
		for _, e := range list[1:] {
			e.Name = filepath.Join(w.path, e.Name)
			events <- e
		}
		list[0].Name = filepath.Join(w.path, list[0].Name)
		told, _ := w.drain(list[0])
		return told
	}
	if drained(fsnotify.Event{Name: ".1.tmp", Op: fsnotify.Create}, fsnotify.Event{Name: ".1.tmp", Op: fsnotify.Write}, fsnotify.Event{Name: "2.part", Op: fsnotify.Write}) {
		t.Error("what is still being written is looked for")
	}
	if !drained(fsnotify.Event{Name: ".1.tmp", Op: fsnotify.Rename}, fsnotify.Event{Name: "1.json", Op: fsnotify.Create}) {
		t.Error("what is there is not")
	}
	if drained(fsnotify.Event{Name: "1.json", Op: fsnotify.Rename}) {
		t.Error("a claim of our own is")
	}
	if !drained(fsnotify.Event{Name: "2.json", Op: fsnotify.Create}, fsnotify.Event{Name: "3.json", Op: fsnotify.Write}) || len(events) > 0 {
		t.Error("two files are two looks")
	}
}
