package daemon

import "golang.org/x/sys/windows"

// room gives the bytes that fit on a folder's disk for this user; files are not counted there.
func room(dir string) (bytes, files int64, err error) {
	p, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, 0, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(p, &free, nil, nil); err != nil {
		return 0, 0, err
	}
	return int64(min(free, 1<<62)), -1, nil
}
