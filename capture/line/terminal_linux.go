package line

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/receiptd/receiptd/internal/filelock"
)

// A terminal is the printer's end of a pseudo-terminal. Programs reach the other end by a link under its name, and hear answers. Receiptd
// holds that end open, too, so that it is not over when a program closes it.
type terminal struct {
	*os.File
	theirs *os.File
	path   string
	turn   *os.File // locked: no other receiptd takes the link
}

// mayTalk are the rights of a pseudo-terminal: the group writes, and reads answers.
const mayTalk = 0o660

// openTerminal makes a pseudo-terminal and a link to it under path, in place of such a link that is there. Errors: ErrTaken, a *ForeignError.
func openTerminal(path, group string) (stream, error) {
	st, err := os.Lstat(path)
	if err == nil && st.Mode().Type() != fs.ModeSymlink {
		return nil, fmt.Errorf("%s is no link, nothing is read from it: move it away, receiptd makes the link", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look at the link: %w", err)
	}
	turn, err := takeTurn(path)
	if err != nil {
		return nil, err
	}
	ours, theirs, err := newTerminal()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a pseudo-terminal: %w", err), filelock.Release(turn))
	}
	t := &terminal{File: ours, theirs: theirs, path: path, turn: turn}
	if err = raw(theirs); err == nil {
		err = give(theirs, group, mayTalk)
	}
	if err == nil {
		err = t.name()
	}
	if err != nil {
		return nil, errors.Join(err, ours.Close(), theirs.Close(), filelock.Release(turn))
	}
	return t, nil
}

// takeTurn locks a file beside the link. It stays when receiptd is over: of one that is removed two could each have their own. It is only
// opened to be read, so that the next one may be another user's: the administrator's by hand, then the service. One that is there is not
// opened to be made: in a folder like /tmp the system refuses that for another user's. Errors: ErrTaken, a *ForeignError.
func takeTurn(path string) (*os.File, error) {
	name := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock")
	const how = os.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK
	f, err := os.OpenFile(name, how, 0)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = os.OpenFile(name, how|os.O_CREATE, 0o644)
	} else if errors.Is(err, fs.ErrPermission) {
		return nil, &ForeignError{Path: name, Err: err}
	}
	if err != nil {
		return nil, err
	}
	_ = f.Chmod(0o644) // whatever the umask of who made it was; of another user's it cannot be changed, and need not be
	if err := lock(f, path); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// newTerminal gives both ends of a new one. Nothing waits at ours: the libraries that make one leave it so that a write can.
func newTerminal() (ours, theirs *os.File, err error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	ours = os.NewFile(uintptr(fd), "/dev/ptmx")
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		theirs, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		ours.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}

// name puts the link in its place, at once. Error: a *ForeignError, for a link that another user's receiptd has left in a folder like /tmp.
func (t *terminal) name() error {
	begun := filepath.Join(filepath.Dir(t.path), "."+filepath.Base(t.path)+".new")
	if err := os.Remove(begun); errors.Is(err, fs.ErrPermission) {
		return &ForeignError{Path: begun, Err: err}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(t.theirs.Name(), begun); err != nil {
		return err
	}
	err := os.Rename(begun, t.path)
	if errors.Is(err, fs.ErrPermission) {
		err = errors.Join(&ForeignError{Path: t.path, Err: err}, os.Remove(begun))
	}
	return err
}

// raw lets every byte pass as it is, both ways.
func raw(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	failed := c.Control(func(fd uintptr) {
		var s *unix.Termios
		if s, err = unix.IoctlGetTermios(int(fd), unix.TCGETS); err != nil {
			return
		}
		s.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
		s.Oflag &^= unix.OPOST
		s.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
		s.Cflag = s.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
		s.Cc[unix.VMIN], s.Cc[unix.VTIME] = 1, 0
		err = unix.IoctlSetTermios(int(fd), unix.TCSETS, s)
	})
	return errors.Join(err, failed)
}

// Write sends an answer. It is dropped where nobody has read thousands before it.
func (t *terminal) Write(b []byte) (n int, err error) {
	c, err := t.SyscallConn()
	if err != nil {
		return 0, err
	}
	failed := c.Control(func(fd uintptr) { n, err = unix.Write(int(fd), b) })
	return max(n, 0), errors.Join(err, failed)
}

func (t *terminal) now(b []byte) (int, error) { return readNow(t.File, b) }

func (t *terminal) moved() error {
	to, err := os.Readlink(t.path)
	if err == nil && to != t.theirs.Name() {
		err = fmt.Errorf("%s leads to %s now", t.path, to)
	}
	return err
}

// Close takes the link away where it is still its own.
func (t *terminal) Close() error {
	if t.moved() == nil {
		os.Remove(t.path)
	}
	return errors.Join(t.File.Close(), t.theirs.Close(), filelock.Release(t.turn))
}
