package spool

import "golang.org/x/sys/unix"

// local are file systems that only this machine changes, so that a watch sees every change (statfs(2)). overlay is a container's own.
var local = map[int64]bool{
	unix.EXT4_SUPER_MAGIC: true, unix.XFS_SUPER_MAGIC: true, unix.BTRFS_SUPER_MAGIC: true, unix.TMPFS_MAGIC: true, unix.F2FS_SUPER_MAGIC: true,
	unix.OVERLAYFS_SUPER_MAGIC: true, 0x2fc12fc1: true, // ZFS
}

// tellsAll reports whether a watch over the folder sees every change in it.
func (f *folder) tellsAll() bool {
	var st unix.Statfs_t
	err := f.with(func(fd int) error { return unix.Fstatfs(fd, &st) })
	return err == nil && local[int64(st.Type)] //nolint:unconvert // its width differs between machines
}
