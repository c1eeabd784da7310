//go:build unix

package doctor

import (
	"errors"
	"io/fs"
	"os"
	"os/user"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// serviceUser is who the service runs as.
const serviceUser = "receiptd"

// lockHeld tells whether a process holds the lock, without taking it from one that starts now: the shared lock is given up at
// once, and a daemon that meets it starts again.
func lockHeld(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	held := errors.Is(unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB), unix.EWOULDBLOCK)
	_ = unix.Flock(int(f.Fd()), unix.LOCK_UN) // the close alone leaves it to a child that is just being started
	return held
}

// serviceMayWrite tells, when an administrator asks, whether the service's user may write into a folder.
func serviceMayWrite(st fs.FileInfo) (who string, ok bool) {
	if !administrator() {
		return "", true // canWrite has tried
	}
	return serviceUserMayWrite(st)
}

func administrator() bool { return os.Geteuid() == 0 }

// serviceUserMayWrite tells whether the service's user may write into a folder; "" when there is no such user.
func serviceUserMayWrite(st fs.FileInfo) (who string, ok bool) {
	u, err := user.Lookup(serviceUser)
	if err != nil {
		return "", true // no such user: it runs as the one who asks
	}
	return serviceUser, mayWrite(u, st)
}

// mayWrite applies the permission bits of owner, group and others.
func mayWrite(u *user.User, st fs.FileInfo) bool {
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	mode := st.Mode().Perm()
	if u.Uid == strconv.FormatUint(uint64(sys.Uid), 10) {
		return mode&0o200 != 0
	}
	groups, err := u.GroupIds()
	if err == nil && slices.Contains(groups, strconv.FormatUint(uint64(sys.Gid), 10)) {
		return mode&0o020 != 0
	}
	return mode&0o002 != 0
}

// groupOf is the name of a file's group, or its number where it has no name.
func groupOf(st fs.FileInfo) string {
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	id := strconv.FormatUint(uint64(sys.Gid), 10)
	if g, err := user.LookupGroupId(id); err == nil {
		return g.Name
	}
	return id
}

func addressTaken(err error) bool { return errors.Is(err, unix.EADDRINUSE) }

// openToOthers tells whether more than its owner may write a folder.
func openToOthers(st fs.FileInfo) bool { return st.Mode().Perm()&0o022 != 0 }
