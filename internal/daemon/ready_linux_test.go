package daemon

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/fsnotify/fsnotify"

	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/spool"
)

// dropFolderCheck is what /readyz asks of a drop folder.
func dropFolderCheck(t *testing.T, dir string) func(want string) {
	t.Helper()
	s, err := spool.New(dir, &queue.Queue{}, spool.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	check := (&readiness{spool: s, dir: dir}).checks()["drop_folder"]
	incoming := filepath.Join(dir, "incoming")
	return func(want string) {
		t.Helper()
		switch err := check(context.Background()); {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%v, want %q", err, want)
		}
		if left, _ := os.ReadDir(incoming); len(left) > 0 && left[0].Name() != "filler" {
			t.Errorf("left behind: %v", left)
		}
	}
}

// TestReadyForPrograms: that receiptd itself can write is not enough. One file is written to find out, and no more.
func TestReadyForPrograms(t *testing.T) {
	dir := t.TempDir()
	told := dropFolderCheck(t, dir)
	incoming := filepath.Join(dir, "incoming")
	told("")
	for mode, want := range map[os.FileMode]string{0o770 | os.ModeSetgid: "", 0o750 | os.ModeSetgid: "chmod 2770", 0o700: ""} {
		if err := os.Chmod(incoming, mode); err != nil {
			t.Fatal(err)
		}
		told(want)
	}
	if err := os.Chmod(incoming, 0o770); err != nil {
		t.Fatal(err)
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Add(incoming); err != nil {
		t.Fatal(err)
	}
	told("")
	if err := os.Mkdir(filepath.Join(incoming, "end"), 0o700); err != nil {
		t.Fatal(err)
	}
	made := 0
	for e := range w.Events {
		if filepath.Base(e.Name) == "end" {
			break
		}
		if e.Has(fsnotify.Create) {
			made++
		}
	}
	if err := os.Remove(filepath.Join(incoming, "end")); err != nil {
		t.Fatal(err)
	}
	if made != 1 {
		t.Errorf("%d files were written to find out", made)
	}
	if os.Geteuid() == 0 {
		if err := os.Chmod(incoming, 0o550); err != nil { // root may write all the same
			t.Fatal(err)
		}
		told("chmod 2770")
	}
}

// A disk on which an ordinary program finds no room is told of before receiptd, which may use more of it, finds none either.
func TestReadyTellsOfAFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: a file system of its own")
	}
	dir := t.TempDir()
	incoming := filepath.Join(dir, "incoming")
	if err := os.Mkdir(incoming, 0o770); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", incoming, "tmpfs", 0, "size=3m,mode=0770"); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(incoming, 0); err != nil {
			t.Error(err)
		}
	})
	told := dropFolderCheck(t, dir)
	told("")
	filler, err := os.Create(filepath.Join(incoming, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer filler.Close()
	if _, err := filler.Write(make([]byte, 5<<19)); err != nil {
		t.Fatal(err)
	}
	told("disk is full")
	for err == nil {
		_, err = filler.Write(make([]byte, 4096))
	}
	told("no space left")
}
