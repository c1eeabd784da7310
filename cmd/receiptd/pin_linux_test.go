package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestPinIsNotShown: on a terminal the PIN is asked for twice, and what is typed does not appear.
func TestPinIsNotShown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "supervisor", "set-pin")
	cmd.Env = append(os.Environ(), asProgram+"=1", "RECEIPTD_LANG=en", "RECEIPTD_DATA_DIR="+dir)
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var mu sync.Mutex
	var shown bytes.Buffer
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		part := make([]byte, 256)
		for {
			n, err := terminal.Read(part)
			mu.Lock()
			shown.Write(part[:n])
			mu.Unlock()
			if err != nil { // the other end is closed
				return
			}
		}
	}()
	screen := func() string { mu.Lock(); defer mu.Unlock(); return shown.String() }
	for _, ask := range []string{"new PIN: ", "once more: "} {
		for deadline := time.Now().Add(time.Minute); !strings.Contains(screen(), ask); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("not asked %q: %q", ask, screen())
			}
		}
		if _, err := terminal.WriteString("4711\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %q", err, screen())
	}
	<-ended
	if text := screen(); strings.Contains(text, "4711") || !strings.Contains(text, "PIN is set") {
		t.Errorf("the terminal shows %q", text)
	}
	if st, err := os.Stat(filepath.Join(dir, "supervisor-pin")); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the hash: %v, %v", st, err)
	}
}
