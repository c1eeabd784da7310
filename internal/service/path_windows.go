package service

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const environmentKey = `SYSTEM\CurrentControlSet\Control\Session Manager\Environment`

// onPath lets every command line that is opened from now on find the program, or no more. Only a folder below Program Files is added:
// another one may be writable for anybody.
func onPath(dir string, wanted bool) error {
	programs := os.Getenv("ProgramFiles")
	if programs == "" || !strings.HasPrefix(strings.ToLower(dir), strings.ToLower(filepath.Clean(programs))+`\`) {
		return nil
	}
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, environmentKey, registry.QUERY_VALUE|registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("read the machine's path: %w", err)
	}
	defer k.Close()
	old, _, err := k.GetStringValue("Path")
	if err != nil && !errors.Is(err, registry.ErrNotExist) {
		return fmt.Errorf("read the machine's path: %w", err)
	}
	list := slices.DeleteFunc(strings.Split(old, ";"), func(p string) bool { return p == "" || strings.EqualFold(p, dir) })
	if wanted {
		list = append(list, dir)
	}
	path := strings.Join(list, ";")
	if path == old {
		return nil
	}
	if err := k.SetExpandStringValue("Path", path); err != nil {
		return fmt.Errorf("write the machine's path: %w", err)
	}
	tellWindows()
	return nil
}

// tellWindows has the desktop read the environment again; a program that does not answer is not waited for long.
func tellWindows() {
	name, err := syscall.UTF16PtrFromString("Environment")
	if err != nil {
		return
	}
	const broadcast, settingChange, abortIfHung, wait = 0xffff, 0x1a, 0x2, 2000
	send := windows.NewLazySystemDLL("user32.dll").NewProc("SendMessageTimeoutW")
	_, _, _ = send.Call(broadcast, settingChange, 0, uintptr(unsafe.Pointer(name)), abortIfHung, wait, 0) // who does not hear it reads it at its next start
}
