package diagnosis

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// WhoHas finds the process that has a device node open: whoever holds a lock on it, which everybody may read, else whoever has it
// among the open files that this user may see. False when nobody is found.
func WhoHas(path string) (Holder, bool) { return procFS("/proc").holder(path) }

// procFS is where processes are listed.
type procFS string

func (p procFS) holder(path string) (Holder, bool) {
	st, err := os.Stat(path)
	if err != nil {
		return Holder{}, false
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return Holder{}, false
	}
	if pid := p.locker(sys); pid > 0 {
		return p.named(pid), true
	}
	node, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Holder{}, false
	}
	entries, err := os.ReadDir(string(p))
	if err != nil {
		return Holder{}, false
	}
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && p.hasOpen(pid, node) {
			return p.named(pid), true
		}
	}
	return Holder{}, false
}

// locker reads the table of locks, proc_locks(5): "1: FLOCK  ADVISORY  WRITE 708 00:05:91 0 EOF", device numbers in hex, then the
// inode.
func (p procFS) locker(st *syscall.Stat_t) int {
	f, err := os.Open(filepath.Join(string(p), "locks"))
	if err != nil {
		return 0
	}
	defer f.Close()
	want := fmt.Sprintf("%02x:%02x:%d", unix.Major(st.Dev), unix.Minor(st.Dev), st.Ino)
	for s := bufio.NewScanner(f); s.Scan(); {
		fields := strings.Fields(s.Text())
		for i, field := range fields {
			if field != want || i == 0 {
				continue
			}
			if pid, err := strconv.Atoi(fields[i-1]); err == nil {
				return pid
			}
		}
	}
	return 0
}

// hasOpen tells whether a process has a node open. The names of its open files are enough: asking for the files themselves may
// hang, on a share that is gone.
func (p procFS) hasOpen(pid int, node string) bool {
	dir := filepath.Join(string(p), strconv.Itoa(pid), "fd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		if open, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil && open == node {
			return true
		}
	}
	return false
}

// named gives a process its program's name.
func (p procFS) named(pid int) Holder {
	h := Holder{PID: pid, Program: "?"}
	if comm, err := os.ReadFile(filepath.Join(string(p), strconv.Itoa(pid), "comm")); err == nil {
		h.Program = strings.TrimSpace(string(comm))
	}
	h.Self = h.Program == "receiptd" || pid == os.Getpid()
	return h
}
