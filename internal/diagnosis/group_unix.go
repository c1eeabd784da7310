//go:build unix

package diagnosis

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// nodeGroup is the group whose members may read and write the node; false when there is none but root.
func nodeGroup(path string) (string, bool) {
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm()&0o060 != 0o060 {
		return "", false
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok || sys.Gid == 0 {
		return "", false
	}
	g, err := user.LookupGroupId(strconv.FormatUint(uint64(sys.Gid), 10))
	if err != nil {
		return "", false
	}
	return g.Name, true
}
