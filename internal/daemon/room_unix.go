//go:build unix

package daemon

import "golang.org/x/sys/unix"

// room gives the bytes and the files that fit on a folder's disk for an ordinary program; -1 files where nobody counts them.
func room(dir string) (bytes, files int64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, err
	}
	files = -1
	if st.Files > 0 {
		files = int64(st.Ffree)
	}
	return int64(st.Bavail) * int64(st.Bsize), files, nil //nolint:unconvert // the type of Bsize depends on the machine
}
