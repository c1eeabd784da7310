//go:build unix

package journal

import (
	"io/fs"
	"os"
	"syscall"
)

// chownLike gives a file that root made the owner of another one: the daemon must be able to open it.
func chownLike(path string, like fs.FileInfo) error {
	st, ok := like.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 {
		return nil
	}
	return os.Lchown(path, int(st.Uid), int(st.Gid))
}
