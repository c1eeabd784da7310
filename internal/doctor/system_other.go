//go:build unix && !linux

package doctor

import (
	"fmt"

	"golang.org/x/sys/unix"
)

func volumeOf(dir string) (volume, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return volume{}, fmt.Errorf("look at the disk below %s: %w", dir, err)
	}
	return volume{free: uint64(st.Bavail) * uint64(st.Bsize)}, nil //nolint:gosec,unconvert,nolintlint // the fields differ between systems
}
