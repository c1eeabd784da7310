package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/receiptd/receiptd/internal/filelock"
	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/internal/plain"
)

// The folders of the contract, and the one for claimed files.
const (
	incomingDir = "incoming"
	resultsDir  = "results"
	rejectedDir = "rejected"
	takenDir    = ".taken"
)

// lockName is the file that a drop folder is locked by where a folder cannot be.
const lockName = ".lock"

// ErrLocked is what New gives when another receiptd takes files from this drop folder.
var ErrLocked = errors.New("another receiptd uses this drop folder")

// rights are what others may have at most on a folder that is receiptd's own: programs drop into incoming and remove what they
// have read from results; nobody else writes anywhere. Bits of the type (setgid) stay.
var rights = map[string]fs.FileMode{
	".": 0o755, incomingDir: 0o777, resultsDir: 0o777, rejectedDir: 0o755, takenDir: 0o700,
}

// fresh are the rights of a folder that is made.
var fresh = map[string]fs.FileMode{incomingDir: 0o770, resultsDir: 0o770, rejectedDir: 0o750, takenDir: 0o700}

// A tree holds the folders of one drop folder open. Who looks at them calls look first: it finds folders that were swapped or
// removed, and takes up again what was mended.
type tree struct {
	path string
	log  *slog.Logger

	mu    sync.Mutex // guards held and lock; a file system call may hang under it
	held  map[string]*folder
	lock  *os.File              // nil: the lock is on the folder for claimed files itself
	free  bool                  // the file system has no locks
	over  bool                  // it was closed: a loop that was left behind finds nothing
	wrong atomic.Pointer[error] // why the folders cannot be used now; nil when they can
}

// newTree makes what is missing and holds it. What cannot be held yet, because something else lies in its place, is told by look.
// Errors: ErrLocked; a folder that cannot be made.
func newTree(path string, log *slog.Logger) (*tree, error) {
	t := &tree{path: path, log: log, held: make(map[string]*folder)}
	if err := os.MkdirAll(path, 0o750); err != nil {
		return nil, fmt.Errorf("make drop folder: %w", err)
	}
	if err := t.lookAll(); err != nil && !errors.Is(err, errNoFolder) {
		t.close()
		return nil, err
	}
	_ = t.look() // what is wrong is told there and by trouble, and looked at again
	return t, nil
}

func (t *tree) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	for _, f := range t.held {
		f.close()
	}
	clear(t.held)
	if t.lock != nil {
		_ = filelock.Release(t.lock) // nothing is in it
		t.lock = nil
	}
}

// trouble says why the folders cannot be used now, nil when they can. It does not block.
func (t *tree) trouble() error {
	if p := t.wrong.Load(); p != nil {
		return *p
	}
	return nil
}

// in gives a folder that is held. Used after the folder was dropped, it errs.
func (t *tree) in(name string) (*folder, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.held[name]; f != nil {
		return f, nil
	}
	return nil, errNoFolder
}

// look compares what lies under the folders' names with what is held. The error says what is wrong, and nothing may be taken or
// written while there is one.
func (t *tree) look() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := t.lookAll()
	was := t.trouble()
	if err == nil {
		t.wrong.Store(nil)
		if was != nil {
			t.log.Warn("the drop folder is as it should be again", "was", was)
		}
		return nil
	}
	t.wrong.Store(&err)
	if was == nil || was.Error() != err.Error() {
		t.log.Error("the drop folder cannot be used; jobs wait, answers wait", "err", err, "fix", "put the folder back, or restart receiptd")
	}
	return err
}

func (t *tree) lookAll() error {
	if t.over {
		return fs.ErrClosed
	}
	if err := t.lookTop(); err != nil {
		return err
	}
	for _, name := range []string{takenDir, incomingDir, resultsDir, rejectedDir} {
		if err := t.lookIn(name); err != nil {
			return fmt.Errorf("folder %s: %w", filepath.Join(t.path, name), err)
		}
	}
	return nil
}

func (t *tree) lookTop() error {
	now, err := os.Stat(t.path)
	if err != nil {
		return fmt.Errorf("folder %s: %w", t.path, bare(err))
	}
	seen := func(name string) (fs.FileInfo, error) { return os.Lstat(filepath.Join(t.path, name)) }
	if keep, err := verdict(t.held["."], now, seen); keep || err != nil {
		if err != nil {
			return fmt.Errorf("folder %s: %w", t.path, err)
		}
		return nil
	}
	top, err := openFolder(t.path)
	if err != nil {
		return fmt.Errorf("open drop folder: %w", err)
	}
	for name := range t.held { // all of them were below the old one
		t.drop(name)
	}
	if t.lock != nil {
		_ = filelock.Release(t.lock) // nothing is in it
		t.lock = nil
	}
	t.take(".", top)
	return nil
}

func (t *tree) lookIn(name string) error {
	top, held := t.held["."], t.held[name]
	now, err := top.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if held != nil && !held.gone() {
			return errSwapped
		}
		switch err := top.root.Mkdir(name, fresh[name]); {
		case errors.Is(err, fs.ErrExist): // a program that drops files has made it in this moment
			return t.lookIn(name)
		case err != nil:
			return fmt.Errorf("make drop folder: %w", bare(err))
		}
	case err != nil:
		return bare(err)
	default:
		seen := func(file string) (fs.FileInfo, error) { return top.root.Lstat(filepath.Join(name, file)) }
		if keep, err := verdict(held, now, seen); keep || err != nil {
			return err
		}
	}
	f, err := top.openIn(name)
	if err != nil {
		return bare(err)
	}
	if name == takenDir {
		if err := t.lockIn(f); err != nil {
			f.close()
			return err
		}
	}
	t.drop(name)
	t.take(name, f)
	return nil
}

var errSwapped = plain.New("它的位置上是另一个文件夹、链接或文件，原来的还在别处", "another folder, a link or a file lies in its place; the one that was there still exists elsewhere")

// verdict tells whether a held folder is still the one under its name. Another one is taken up only where the old one does not
// exist any more, or something was mounted: else somebody swapped it. Some network file systems number a folder anew now and then:
// what is made in the held folder is then seen under its name all the same.
func verdict(held *folder, now fs.FileInfo, seen func(name string) (fs.FileInfo, error)) (keep bool, err error) {
	switch {
	case !now.IsDir():
		return false, errNoFolder
	case held == nil:
		return false, nil
	case os.SameFile(held.info, now):
		return true, nil
	case held.elsewhere(now) || held.gone():
		return false, nil
	case held.shows(seen):
		held.info = now
		return true, nil
	}
	return false, errSwapped
}

// drop closes a held folder.
func (t *tree) drop(name string) {
	t.held[name].close()
	delete(t.held, name)
}

// take holds a folder from now on, and closes it to others as far as they have no business there.
func (t *tree) take(name string, f *folder) {
	open, err := f.restrict(rights[name])
	if err != nil {
		t.log.Warn("the rights of a folder cannot be set", "folder", name, "err", bare(err))
	}
	if open {
		t.log.Warn("others than receiptd may write where only receiptd should, and could swap or plant files there", "folder", filepath.Join(t.path, name),
			"fix", hint.Close(filepath.Join(t.path, name)))
	}
	t.held[name] = f
}

// lockIn takes the lock for a folder for claimed files, and gives up the one for an earlier folder.
func (t *tree) lockIn(f *folder) error {
	if _, err := f.restrict(rights[takenDir]); err != nil {
		return bare(err)
	}
	if t.lock != nil { // on a file above, which is still the same
		return nil
	}
	lock, free, err := f.lock(t.held["."])
	if errors.Is(err, ErrLocked) {
		return fmt.Errorf("%w: %s", ErrLocked, t.path)
	}
	if err != nil && !free {
		return fmt.Errorf("lock drop folder: %w", bare(err))
	}
	if free && !t.free {
		t.log.Warn("this file system has no locks: a second receiptd on this drop folder would not be noticed", "err", bare(err))
	}
	t.free, t.lock = free, lock
	return nil
}
