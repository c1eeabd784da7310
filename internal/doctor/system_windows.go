package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

func volumeOf(dir string) (volume, error) {
	p, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return volume{}, fmt.Errorf("look at the disk below %s: %w", dir, err)
	}
	var v volume
	if err := windows.GetDiskFreeSpaceEx(p, &v.free, nil, nil); err != nil {
		return volume{}, fmt.Errorf("look at the disk below %s: %w", dir, err)
	}
	if root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`); err == nil && windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		v.network = "SMB"
	}
	return v, nil
}

// lockHeld tells whether a process holds the lock, by taking it for a moment.
func lockHeld(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

// serviceMayWrite is for systems on which the service has a user of its own.
func serviceMayWrite(os.FileInfo) (string, bool) { return "", true }

func serviceUserMayWrite(os.FileInfo) (string, bool) { return "", true }

func administrator() bool { return windows.GetCurrentProcessToken().IsElevated() }

func addressTaken(err error) bool { return errors.Is(err, windows.WSAEADDRINUSE) }

// openToOthers is not told by a mode here: access lists count.
func openToOthers(fs.FileInfo) bool { return false }

// groupOf is for systems with groups.
func groupOf(fs.FileInfo) string { return "" }
