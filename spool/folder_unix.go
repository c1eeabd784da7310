//go:build unix

package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/receiptd/receiptd/internal/filelock"
)

// with does something with the descriptor of a held folder, which is not closed meanwhile.
func (f *folder) with(do func(fd int) error) error {
	c, err := f.dir.SyscallConn()
	if err != nil {
		return err
	}
	var done error
	err = c.Control(func(fd uintptr) {
		for done = do(int(fd)); errors.Is(done, syscall.EINTR); done = do(int(fd)) {
		}
	})
	return errors.Join(err, done)
}

// openNoFollow opens for reading: a link is an error, a pipe or a lease that somebody holds does not block.
func (f *folder) openNoFollow(name string) (*os.File, error) {
	var file *os.File
	err := f.with(func(fd int) error {
		n, err := unix.Openat(fd, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
		if err == nil {
			file = os.NewFile(uintptr(n), name)
		}
		return err
	})
	return file, err
}

// busy tells whether a file cannot be opened only now: another program holds a lease on it, as a file server does for its clients.
func busy(err error) bool { return errors.Is(err, syscall.EAGAIN) }

// move renames a file from one held folder into another. Where the name does not exist any more the error is fs.ErrNotExist.
func (f *folder) move(name string, to *folder, as string) error {
	err := f.with(func(from int) error {
		return to.with(func(into int) error { return unix.Renameat(from, name, into, as) })
	})
	if err != nil {
		return fmt.Errorf("move: %w", err)
	}
	return nil
}

// sync waits until the names in the folder are on disk.
func (f *folder) sync() error { return f.with(unix.Fsync) }

// syncFile waits until a file's content is on disk. A file that is gone, or no file, needs nothing.
func (f *folder) syncFile(name string) error {
	file, _, err := f.openRegular(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errNotRegular):
		return nil
	case err != nil:
		return err
	}
	defer file.Close()
	return bare(file.Sync())
}

// gone tells whether the held folder was removed, rather than moved away.
func (f *folder) gone() bool {
	info, err := f.dir.Stat()
	if err != nil {
		return true
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink == 0
}

// elsewhere tells whether what lies under the folder's name is of another file system: something was mounted there, or unmounted.
func (f *folder) elsewhere(now fs.FileInfo) bool {
	a, ok := f.info.Sys().(*syscall.Stat_t)
	b, ok2 := now.Sys().(*syscall.Stat_t)
	return ok && ok2 && a.Dev != b.Dev
}

// restrict takes rights away from a folder that is this process's own: what is not in mode is closed. It reports whether others
// than its owner could write, and still can.
func (f *folder) restrict(mode fs.FileMode) (open bool, err error) {
	info, err := f.dir.Stat()
	if err != nil {
		return false, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	extra := info.Mode().Perm() &^ mode
	if !ok || extra == 0 {
		return false, nil
	}
	if int(st.Uid) != os.Geteuid() {
		return extra&0o022 != 0, nil
	}
	const bits = fs.ModePerm | fs.ModeSetgid | fs.ModeSticky
	if err := f.dir.Chmod(info.Mode() & bits &^ extra); err != nil {
		return extra&0o022 != 0, err
	}
	return false, nil
}

// lock takes the one lock of a drop folder: on the folder for claimed files itself, which nobody else can open. Where a file
// system locks no folders (NFS) it is on a file in the folder above. The system drops both when the process dies. file is to be
// kept open; nil: there is none. Errors: ErrLocked; with free, a file system without locks.
func (f *folder) lock(top *folder) (file *os.File, free bool, err error) {
	err = filelock.Take(f.dir)
	if err == nil {
		return nil, false, nil
	}
	for try := 0; !errors.Is(err, filelock.ErrHeld); try++ {
		file, err = top.lockFile()
		if err == nil {
			if err = filelock.Take(file); !errors.Is(err, filelock.ErrHeld) {
				return file, err != nil, err
			}
			file.Close()
			break
		}
		if !errors.Is(err, errNotRegular) || try == 3 {
			return nil, false, err
		}
		if err := top.root.Remove(lockName); err != nil && !errors.Is(err, fs.ErrNotExist) { // planted while the folder was open to others
			return nil, false, err
		}
	}
	return nil, false, ErrLocked
}

// lockFile opens the lock. It belongs to the folder's owner, also when the administrator starts receiptd by hand.
func (f *folder) lockFile() (*os.File, error) {
	var file *os.File
	err := f.with(func(fd int) error {
		n, err := unix.Openat(fd, lockName, unix.O_RDWR|unix.O_CREAT|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0o600)
		if err == nil {
			file = os.NewFile(uintptr(n), lockName)
		}
		return err
	})
	if errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ENXIO) {
		return nil, errNotRegular
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || !f.ours(info) {
		file.Close()
		return nil, errors.Join(bare(err), errNotRegular)
	}
	if st, ok := f.info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		_ = file.Chown(int(st.Uid), int(st.Gid)) // a file system without owners
	}
	return file, nil
}

// ours tells whether a file belongs to this process's user, to the folder's owner or to the administrator.
func (f *folder) ours(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	own, ok2 := f.info.Sys().(*syscall.Stat_t)
	return !ok || !ok2 || int(st.Uid) == os.Geteuid() || st.Uid == own.Uid || st.Uid == 0
}

// remove removes a file or an empty folder.
func (f *folder) remove(name string) error { return f.root.Remove(name) }
