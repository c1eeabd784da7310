package doctor_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/receiptd/receiptd/internal/doctor"
	"github.com/receiptd/receiptd/internal/hint"
)

// TestHubRights: what lets a hub's user read a file opens a folder that is closed, and leaves the group of one that is open.
func TestHubRights(t *testing.T) {
	open, closed := t.TempDir(), t.TempDir()
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	for dir, enters := range map[string]bool{open: false, closed: true} {
		file := filepath.Join(dir, "hub.toml")
		found := make(chan []doctor.Finding, 1)
		go func() {
			runtime.LockOSThread() // the thread ends with its goroutine
			if dir == closed {
				_, _ = unix.SetfsuidRetUid(65534) // nothing is closed to root
			}
			found <- doctor.RunHub(t.Context(), doctor.HubOptions{Path: file, ConfigErr: &fs.PathError{Op: "open", Path: file, Err: fs.ErrPermission}})
		}()
		list := <-found
		if len(list) != 1 {
			t.Fatalf("%+v", list)
		}
		for _, fix := range []string{list[0].Fix.Zh, list[0].Fix.En} {
			if !strings.Contains(fix, hint.HubReads(file)) || strings.Contains(fix, hint.HubEnters(dir)) != enters {
				t.Errorf("for %s: %s", dir, fix)
			}
		}
	}
}
