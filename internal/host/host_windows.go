package host

import (
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// machine reads MachineGuid, which an installation of Windows gets once.
func machine() (id, board string) {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, `SOFTWARE\Microsoft\Cryptography`, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return "", ""
	}
	defer k.Close()
	id, _, err = k.GetStringValue("MachineGuid")
	if err != nil {
		return "", ""
	}
	return id, ""
}

// fileParts are the number of a file and the moment at which it was made, on file systems that keep both for good.
func fileParts(path string) []string {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil
	}
	const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	f, err := windows.CreateFile(name, 0, share, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		return nil
	}
	defer windows.CloseHandle(f)
	var kind [64]uint16
	if err := windows.GetVolumeInformationByHandle(f, nil, 0, nil, nil, nil, &kind[0], uint32(len(kind))); err != nil {
		return nil
	}
	if k := windows.UTF16ToString(kind[:]); k != "NTFS" && k != "ReFS" {
		return nil
	}
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(f, &info); err != nil {
		return nil
	}
	return []string{fmt.Sprint(info.FileIndexHigh, ".", info.FileIndexLow), fmt.Sprint(info.CreationTime.Nanoseconds())}
}
