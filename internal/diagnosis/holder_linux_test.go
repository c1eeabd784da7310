package diagnosis

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Whoever has a lock on a node is found without any right; this process by its open file.
func TestWhoHas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ttyS9")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if h, ok := WhoHas(path); !ok || h.PID != os.Getpid() || !h.Self {
		t.Errorf("open: %+v %v", h, ok)
	}
	if h, ok := WhoHas(filepath.Join(filepath.Dir(path), "none")); ok {
		t.Errorf("what is not there is had by %+v", h)
	}
	f.Close()
	if h, ok := WhoHas(path); ok {
		t.Errorf("closed: %+v", h)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	sys := st.Sys().(*syscall.Stat_t)
	proc := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(proc, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(proc, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("locks", fmt.Sprintf("1: POSIX  ADVISORY  READ 5 fe:00:1 128 128\n2: FLOCK  ADVISORY  WRITE 708 %02x:%02x:%d 0 EOF\n", unix.Major(sys.Dev), unix.Minor(sys.Dev), sys.Ino))
	put("708/comm", "receiptd\n")
	if h, ok := procFS(proc).holder(path); !ok || h != (Holder{PID: 708, Program: "receiptd", Self: true}) {
		t.Errorf("by its lock: %+v %v", h, ok)
	}
	put("locks", "")
	put("709/comm", "usb\n")
	if err := os.MkdirAll(filepath.Join(proc, "709", "fd"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, filepath.Join(proc, "709", "fd", "7")); err != nil {
		t.Fatal(err)
	}
	if h, ok := procFS(proc).holder(path); !ok || h.PID != 709 || h.Program != "usb" || h.Self {
		t.Errorf("by its open file: %+v %v", h, ok)
	}
	if _, err := os.Stat("/proc/locks"); err == nil && !strings.HasPrefix(path, "/proc") {
		g, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		if err := unix.Flock(int(g.Fd()), unix.LOCK_EX); err != nil {
			t.Fatal(err)
		}
		if pid := procFS("/proc").locker(sys); pid != os.Getpid() && pid != 0 { // 0: a file system whose numbers differ there
			t.Errorf("the lock is held by %d", pid)
		}
	}
}
