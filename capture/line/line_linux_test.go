package line_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/receiptd/receiptd/capture/line"
)

// listens opens a way in, for a test's time.
func listens(t *testing.T, listen string) *line.Listener {
	t.Helper()
	l, err := line.Listen(listen, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func accepts(t *testing.T, l *line.Listener) net.Conn {
	t.Helper()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func reads(t *testing.T, c net.Conn, n int) string {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(time.Minute)) // only a broken test waits for it
	b := make([]byte, n)
	if _, err := io.ReadFull(c, b); err != nil {
		t.Fatalf("%q: %v", b, err)
	}
	return string(b)
}

// writes opens the path as a program does, writes and closes.
func writes(t *testing.T, path, what string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(what); err != nil {
		t.Fatal(err)
	}
}

// TestPipeBetweenWriters: many programs that open the pipe, write and close one after the other, and several that have it open, lose not one
// byte, whether somebody reads just then or not, and a connection that is over leaves the rest to the next.
func TestPipeBetweenWriters(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "till")
	l := listens(t, line.Pipe+path)
	st, err := os.Lstat(path)
	if err != nil || st.Mode() != os.ModeNamedPipe|0o620 {
		t.Fatalf("%v %v", st.Mode(), err)
	}
	writes(t, path, "before anybody reads;")
	c := accepts(t, l)
	if got := reads(t, c, 21); got != "before anybody reads;" {
		t.Error(got)
	}
	const writers, each = 4, 50
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				writes(t, path, "slip;")
			}
		})
	}
	if got := reads(t, c, 5*writers*each/2); strings.Trim(got, "slip;") != "" {
		t.Error(got)
	}
	c.Close()
	c = accepts(t, l)
	if got := reads(t, c, 5*writers*each/2); strings.Count(got, "slip;") != writers*each/2 {
		t.Error(got)
	}
	all.Wait()
	// A stop: Accept ends, what has come can be read yet.
	writes(t, path, "at the end")
	l.Close()
	_ = c.SetReadDeadline(time.Unix(1, 0))
	b := make([]byte, 100)
	if n, err := c.(*line.Conn).ReadNow(b); err != nil || string(b[:n]) != "at the end" {
		t.Errorf("%q %v", b[:n], err)
	}
	if n, err := c.(*line.Conn).ReadNow(b); err != nil || n != 0 {
		t.Errorf("%q %v", b[:n], err)
	}
	c.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// TestPipeRights: a pipe of receiptd's own has the group and the rights of the configuration at each start, also one that got none at the
// start before, or another group; somebody else's keeps what it has.
func TestPipeRights(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "till")
	if _, err := line.Listen(line.Pipe+path, "no-such-group"); err == nil {
		t.Fatal("a group that does not exist")
	}
	want := func(gid int, mode os.FileMode) {
		t.Helper()
		st, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if sys, ok := st.Sys().(*syscall.Stat_t); !ok || int(sys.Gid) != gid || st.Mode() != os.ModeNamedPipe|mode {
			t.Errorf("%+v, want the group %d and %o", sys, gid, mode)
		}
	}
	start := func(group string) {
		t.Helper()
		l, err := line.Listen(line.Pipe+path, group)
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	}
	start("")
	want(os.Getegid(), 0o620)
	if gid, group := otherGroup(t); group != "" {
		start(group)
		want(gid, 0o620)
		start("")
		want(os.Getegid(), 0o620)
	}
	if os.Geteuid() != 0 {
		return // nobody else makes one
	}
	if err := errors.Join(os.Chown(path, 65534, 65534), os.Chmod(path, 0o600)); err != nil {
		t.Fatal(err)
	}
	start("")
	want(65534, 0o600)
}

// otherGroup is one that files may be given to; "" for none.
func otherGroup(t *testing.T) (gid int, name string) {
	t.Helper()
	ids, err := os.Getgroups()
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		ids = append(ids, 1, 2, 3, 4, 5, 6, 7)
	}
	for _, id := range ids {
		if g, err := user.LookupGroupId(strconv.Itoa(id)); err == nil && id != os.Getegid() {
			return id, g.Name
		}
	}
	return 0, ""
}

// TestPipeReplaced: a pipe that is removed is made again; a file in its place is never read, and the pipe is there again when it is gone.
func TestPipeReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "till")
	l := listens(t, line.Pipe+path)
	over := func(c net.Conn) {
		t.Helper()
		_ = c.SetReadDeadline(time.Time{})
		var op *net.OpError
		if n, err := c.Read(make([]byte, 10)); n != 0 || !errors.As(err, &op) || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d %v", n, err)
		}
		c.Close()
	}
	c := accepts(t, l)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	over(c)
	c = accepts(t, l)
	writes(t, path, "a new pipe")
	if got := reads(t, c, 10); got != "a new pipe" {
		t.Error(got)
	}
	writes(t, path, "what is in it;")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(secret, []byte("never read"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, path); err != nil {
		t.Fatal(err)
	}
	if got := reads(t, c, 14); got != "what is in it;" {
		t.Error(got)
	}
	over(c)
	if c, err := l.Accept(); err == nil {
		t.Fatalf("a link is taken: %v", c)
	}
	if err := os.Rename(secret, path); err != nil { // a file in the place of the link
		t.Fatal(err)
	}
	if c, err := l.Accept(); err == nil {
		t.Fatalf("a file is taken: %v", c)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "never read" {
		t.Errorf("%q %v", b, err)
	}
	if _, err := line.Listen(line.Pipe+path, ""); err == nil {
		t.Error("a file is taken at the start")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	c = accepts(t, l)
	writes(t, path, "again")
	if got := reads(t, c, 5); got != "again" {
		t.Error(got)
	}
	c.Close()
}

// TestTerminal: programs one after the other print to a pseudo-terminal and hear answers; every byte passes as it is.
func TestTerminal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "till")
	if err := os.Symlink("/nowhere", path); err != nil { // left by a crash
		t.Fatal(err)
	}
	l := listens(t, line.Terminal+path)
	c := accepts(t, l)
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for range 3 {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(every); err != nil {
			t.Fatal(err)
		}
		if got := reads(t, c, 256); got != string(every) {
			t.Errorf("% x", got)
		}
		if _, err := c.Write(every); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 256)
		if _, err := io.ReadFull(f, got); err != nil || !bytes.Equal(got, every) {
			t.Errorf("% x %v", got, err)
		}
		f.Close()
	}
	for range 100 { // nobody reads: it does not wait
		_, _ = c.Write(every)
	}
	c.Close()
	l.Close()
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the link is left: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := line.Listen(line.Terminal+path, ""); err == nil {
		t.Error("a file is taken")
	}
}

// TestSerial: a program at the other end of a cable; a port that goes away and comes back.
func TestSerial(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "tty")
	plug := func() *os.File {
		master, slave, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { master.Close(); slave.Close() })
		_ = os.Remove(name)
		if err := os.Symlink(slave.Name(), name); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { slave.Close() })
		return master
	}
	l := listens(t, line.Serial+name+"?baud=115200") // not there yet
	till := plug()
	c := accepts(t, l)
	if _, err := till.WriteString("\x1b@a slip\n\r\x03\x11\x13\xff"); err != nil {
		t.Fatal(err)
	}
	if got := reads(t, c, 14); got != "\x1b@a slip\n\r\x03\x11\x13\xff"[:14] {
		t.Errorf("%q", got)
	}
	if _, err := c.Write([]byte{0x16, '\n', '\r', 0xff}); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 4)
	if _, err := io.ReadFull(till, got); err != nil || string(got) != "\x16\n\r\xff" {
		t.Errorf("% x %v", got, err)
	}
	_ = c.SetReadDeadline(time.Unix(1, 0))
	if _, err := c.Read(got); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	till.Close() // pulled
	_ = c.SetReadDeadline(time.Time{})
	var op *net.OpError
	if _, err := c.Read(got); !errors.As(err, &op) || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	c.Close()
	till = plug()
	c = accepts(t, l)
	if _, err := till.WriteString("back"); err != nil {
		t.Fatal(err)
	}
	if got := reads(t, c, 4); got != "back" {
		t.Error(got)
	}
	c.Close()
	for _, wrong := range []string{"serial:///dev/ttyS1?baud=1", "serial://", "serial:///dev/ttyS1?color=red"} {
		if _, err := line.Listen(wrong, ""); err == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
}

// TestTaken: a pipe and a pseudo-terminal have one reader, by whatever name; the next one may have it when that is over.
func TestTaken(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{line.Pipe, line.Terminal} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			linked := filepath.Join(t.TempDir(), "linked")
			if err := os.Symlink(folder, linked); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, "till")
			l := listens(t, scheme+path)
			for _, name := range []string{path, filepath.Join(linked, "till")} {
				if other, err := line.Listen(scheme+name, ""); !errors.Is(err, line.ErrTaken) {
					t.Errorf("%v: %v", other, err)
				}
			}
			c := accepts(t, l)
			writes(t, path, "all of it")
			if got := reads(t, c, 9); got != "all of it" {
				t.Error(got)
			}
			l.Close()
			c.Close()
			listens(t, scheme+filepath.Join(linked, "till"))
		})
	}
}

// TestForeign: a lock file, or a pipe, that another user has made for itself alone is told of with its name; what is only locked to be written
// is no hindrance.
func TestForeign(t *testing.T) {
	folder := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(folder), 0o711), os.Chmod(folder, 0o777)); err != nil { //nolint:gosec // another user is to come in
		t.Fatal(err)
	}
	lock, pipe := filepath.Join(folder, ".till.lock"), filepath.Join(folder, "pipe")
	if err := errors.Join(os.WriteFile(lock, nil, 0o600), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	foreign := func(listen, path string) {
		t.Helper()
		if os.Getuid() == 0 { // this thread is nobody's, as far as files go
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			before, err := unix.SetfsuidRetUid(65534)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _, _ = unix.SetfsuidRetUid(before) }()
		} else if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		var told *line.ForeignError
		if l, err := line.Listen(listen, ""); !errors.As(err, &told) || told.Path != path {
			t.Errorf("%s: %v %v", listen, l, err)
		}
	}
	foreign(line.Terminal+filepath.Join(folder, "till"), lock)
	foreign(line.Pipe+pipe, pipe)
	if err := os.Chmod(lock, 0o444); err != nil { //nolint:gosec // as others may leave it
		t.Fatal(err)
	}
	listens(t, line.Terminal+filepath.Join(folder, "till"))
}

// TestForeignLink: what another user's receiptd leaves in a folder like /tmp when it is killed is a lock file that everybody may read, and its
// link, which nobody else may replace. That is told as such too.
func TestForeignLink(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs another user")
	}
	folder := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(folder), 0o711), os.Chmod(folder, 0o777|os.ModeSticky)); err != nil { //nolint:gosec // another user is to come in
		t.Fatal(err)
	}
	till := filepath.Join(folder, "till")
	if err := errors.Join(os.WriteFile(filepath.Join(folder, ".till.lock"), nil, 0o644), os.Symlink("/dev/pts/999", till)); err != nil { //nolint:gosec // as receiptd makes it
		t.Fatal(err)
	}
	runtime.LockOSThread() // this thread is nobody's, as far as files go
	defer runtime.UnlockOSThread()
	before, err := unix.SetfsuidRetUid(65534)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = unix.SetfsuidRetUid(before) }()
	var told *line.ForeignError
	l, err := line.Listen(line.Terminal+till, "")
	if l != nil {
		l.Close()
	}
	if !errors.As(err, &told) || told.Path != till {
		t.Errorf("%v", err)
	}
	if _, err := os.Lstat(filepath.Join(folder, ".till.new")); err == nil {
		t.Error("its own link is left")
	}
}
