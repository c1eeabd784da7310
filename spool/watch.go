package spool

import (
	"errors"
	"log/slog"
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// A watch wakes the take loop when something happens in incoming, and sees names that a second file took over before the first
// was taken. The loop also looks without it: the system may have no watch to give, and events get lost.
type watch struct {
	path    string
	watcher *fsnotify.Watcher
	log     *slog.Logger
	on      bool // incoming is watched
	told    bool // that it cannot be

	present map[string]bool // names that a file came under and has not left
}

// presentMost bounds the names that are remembered.
const presentMost = 1 << 16

func newWatch(path string, log *slog.Logger) *watch {
	w := &watch{path: filepath.Join(path, incomingDir), log: log, present: make(map[string]bool)}
	var err error
	if w.watcher, err = fsnotify.NewWatcher(); err != nil { // the system has no more to give (fs.inotify.max_user_instances)
		w.watcher = &fsnotify.Watcher{}
		w.cannot(err)
	}
	return w
}

func (w *watch) cannot(err error) {
	if !w.told {
		w.told = true
		w.log.Warn("the drop folder cannot be watched; it is only looked through", "err", err)
	}
}

func (w *watch) close() {
	if w.watcher.Events != nil {
		w.watcher.Close()
	}
}

// renew watches the folder that lies under the path now: after one was put back or made anew.
func (w *watch) renew() {
	if w.watcher.Events == nil {
		return
	}
	_ = w.watcher.Remove(w.path) // it may not be watched
	clear(w.present)
	err := w.watcher.Add(w.path)
	if w.on = err == nil; !w.on {
		w.cannot(err)
	}
}

// drain takes the events that one scan serves together. It reports whether one of them tells of something to do (a file that is
// still being written under a name of its own is nothing), and names the files that were replaced by another before they were taken.
func (w *watch) drain(e fsnotify.Event) (told bool, replaced []string) {
	for {
		name := filepath.Base(e.Name)
		if e.Name == w.path { // the folder itself was moved or removed, and with it the watch
			w.on = false
		}
		if w.note(name, e) {
			replaced = append(replaced, name)
		}
		told = told || !ignored(name) && (e.Has(fsnotify.Create) || e.Has(fsnotify.Write)) // our own claims are renames out of the folder
		select {
		case e = <-w.watcher.Events:
		default:
			return told, replaced
		}
	}
}

// note reports whether a file came under a name that another one still had.
func (w *watch) note(name string, e fsnotify.Event) bool {
	switch {
	case ignored(name):
	case e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename):
		delete(w.present, name)
	case e.Has(fsnotify.Create):
		if w.present[name] {
			return true
		}
		if len(w.present) >= presentMost {
			clear(w.present)
		}
		w.present[name] = true
	}
	return false
}

// missed is told of an error of the watch.
func (w *watch) missed(err error) {
	clear(w.present)
	if !errors.Is(err, fsnotify.ErrEventOverflow) {
		w.renew()
	}
}
