package line

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/receiptd/receiptd/internal/filelock"
)

// mayWrite are the rights of a pipe: the group writes, and only receiptd reads.
const mayWrite = 0o620

// A pipe is a named pipe that is held open for writing, too: so it has no end when a program closes it, and what the next one writes is
// not lost between two openings.
type pipe struct {
	*os.File
	path string
	id   fs.FileInfo
}

// openPipe makes a named pipe where nothing is, and opens it. What is no pipe is not opened. A pipe of its own gets its group and rights each
// time: the one before may have had another group, or have got none. One that somebody else made keeps what it has. Errors:
// ErrTaken, a *ForeignError.
func openPipe(path, group string) (stream, error) {
	st, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = unix.Mkfifo(path, 0o600); err != nil { // nobody's yet
			return nil, fmt.Errorf("make the pipe %s: %w", path, err)
		}
		st, err = os.Lstat(path)
	}
	if err != nil {
		return nil, fmt.Errorf("look at the pipe: %w", err)
	}
	if st.Mode().Type() != fs.ModeNamedPipe {
		return nil, notPipe(path)
	}
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrPermission) {
		return nil, &ForeignError{Path: path, Err: err}
	} else if err != nil {
		return nil, fmt.Errorf("open the pipe: %w", err)
	}
	p := &pipe{File: f, path: path}
	if p.id, err = f.Stat(); err == nil && p.id.Mode().Type() != fs.ModeNamedPipe { // it was changed meanwhile
		err = notPipe(path)
	}
	if err == nil {
		err = lock(f, path)
	}
	if err == nil && ours(p.id) {
		err = give(f, group, mayWrite)
	}
	if err != nil {
		return nil, errors.Join(err, filelock.Release(f))
	}
	return p, nil
}

func notPipe(path string) error {
	return fmt.Errorf("%s is no pipe, nothing is read from it: move it away, receiptd makes the pipe", path)
}

func ours(st fs.FileInfo) bool {
	sys, ok := st.Sys().(*syscall.Stat_t)
	return ok && int(sys.Uid) == os.Geteuid()
}

// give lets a group use a file of receiptd's own; "" is receiptd's own group.
func give(f *os.File, group string, mode fs.FileMode) error {
	gid := os.Getegid()
	if group != "" {
		g, err := user.LookupGroup(group)
		if err != nil {
			return fmt.Errorf("the group of %s: %w", f.Name(), err)
		}
		if gid, err = strconv.Atoi(g.Gid); err != nil {
			return fmt.Errorf("the group of %s: %w", f.Name(), err)
		}
	}
	if err := f.Chown(-1, gid); err != nil {
		return fmt.Errorf("%w; receiptd's user must be in the group %s", err, group)
	}
	return f.Chmod(mode)
}

// Close leaves the pipe to others.
func (p *pipe) Close() error { return filelock.Release(p.File) }

// Write drops answers: the pipe leads one way, and what is written to it would be read as a slip.
func (p *pipe) Write(b []byte) (int, error) { return len(b), nil }

func (p *pipe) now(b []byte) (int, error) { return readNow(p.File, b) }

func (p *pipe) moved() error {
	st, err := os.Lstat(p.path)
	if err == nil && !os.SameFile(st, p.id) {
		err = fmt.Errorf("%s is another file now", p.path)
	}
	return err
}

// readNow reads what has come. A deadline that is over does not keep it.
func readNow(f *os.File, b []byte) (n int, err error) {
	c, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	failed := c.Control(func(fd uintptr) {
		for {
			n, err = unix.Read(int(fd), b)
			if !errors.Is(err, unix.EINTR) {
				break
			}
		}
	})
	if errors.Is(err, unix.EAGAIN) {
		return 0, nil
	}
	return max(n, 0), errors.Join(err, failed)
}
