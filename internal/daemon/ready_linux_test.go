package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
)

// TestReadyForPrograms: that receiptd itself can write is not enough.
func TestReadyForPrograms(t *testing.T) {
	cfg := &config.Config{}
	cfg.Spool.Dir = t.TempDir()
	incoming := filepath.Join(cfg.Spool.Dir, "incoming")
	d := &Daemon{}
	d.setup.Store(&setup{cfg: cfg})
	told := func(want string) {
		t.Helper()
		switch err := d.dropFolder(t.Context()); {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%v, want %q", err, want)
		}
		if left, _ := os.ReadDir(incoming); len(left) > 0 && left[0].Name() != "filler" {
			t.Errorf("left behind: %v", left)
		}
	}
	told("no such file")
	if err := os.Mkdir(incoming, 0o770); err != nil {
		t.Fatal(err)
	}
	told("")
	for mode, want := range map[os.FileMode]string{0o770 | os.ModeSetgid: "", 0o750 | os.ModeSetgid: "chmod 2770", 0o700: ""} {
		if err := os.Chmod(incoming, mode); err != nil {
			t.Fatal(err)
		}
		told(want)
	}
	if os.Geteuid() != 0 {
		t.Skip("the rest needs root: a file system of its own")
	}
	if err := os.Chmod(incoming, 0o550); err != nil { // root may write all the same
		t.Fatal(err)
	}
	told("chmod 2770")
	if err := syscall.Mount("tmpfs", incoming, "tmpfs", 0, "size=3m,mode=0770"); err != nil {
		t.Skip(err)
	}
	defer func() {
		if err := syscall.Unmount(incoming, 0); err != nil {
			t.Error(err)
		}
	}()
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
