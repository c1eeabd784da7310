package host

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// machine reads machine-id(5). On small computers, whose whole disk is a card that goes from one to the other, the board counts too.
func machine() (id, board string) {
	for _, name := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		data, err := os.ReadFile(name)
		if id = strings.TrimSpace(string(data)); err == nil && id != "" && id != "uninitialized" {
			break
		}
		id = ""
	}
	data, _ := os.ReadFile("/sys/firmware/devicetree/base/serial-number") // not every board has one
	return id, strings.Trim(string(data), "\x00\n ")
}

// steady are the file systems that give a file one number for good, statfs(2). Others, as overlays, FAT and network shares, may give
// another one after a mount.
var steady = []int64{unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC}

// fileParts are the number of a file and the moment at which it was made: the number alone may be given again.
func fileParts(path string) []string {
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err != nil || !slices.Contains(steady, int64(fs.Type)) { //nolint:unconvert,nolintlint // its type differs
		return nil
	}
	var st unix.Statx_t
	const want = unix.STATX_INO | unix.STATX_BTIME
	if err := unix.Statx(unix.AT_FDCWD, path, 0, want, &st); err != nil || st.Mask&want != want {
		return nil
	}
	return []string{fmt.Sprint(st.Ino), fmt.Sprint(st.Btime.Sec, ".", st.Btime.Nsec)}
}
