package doctor

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// networkKinds are the file systems that other machines serve (statfs(2), linux/magic.h).
var networkKinds = map[int64]string{0x6969: "NFS", 0x517B: "SMB", 0xFF534D42: "CIFS", 0xFE534D42: "SMB2", 0x01021997: "9P",
	0x5346414F: "AFS", 0x65735546: "FUSE", 0x00C36400: "Ceph"}

func volumeOf(dir string) (volume, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return volume{}, fmt.Errorf("look at the disk below %s: %w", dir, err)
	}
	kind := int64(uint32(st.Type)) //nolint:gosec,unconvert,nolintlint // the field's size depends on the machine
	return volume{free: st.Bavail * uint64(st.Bsize), inodes: st.Ffree, known: st.Files > 0, network: networkKinds[kind]}, nil
}
