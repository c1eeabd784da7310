package link

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/windows"
)

// usbprintGUID is GUID_DEVINTERFACE_USBPRINT of usbprint.h.
var usbprintGUID = windows.GUID{Data1: 0x28d78fad, Data2: 0x5a12, Data3: 0x11d1,
	Data4: [8]byte{0xae, 0x5b, 0x00, 0x00, 0xf8, 0x03, 0xa8, 0xc2}}

func openUSBPrint(d Device) (Conn, error) { return openUSBPrintOn(winUSB{}, d) }

// openUSB serves usb://VID:PID here too, so that one config fits both systems. There are no nodes.
func openUSB(d Device) (Conn, error) {
	if d.Path != "" || d.Port != "" {
		return nil, openError(d, errors.ErrUnsupported)
	}
	return openUSBPrintOn(winUSB{}, d)
}

type winUSB struct{}

func (winUSB) interfaces() ([]string, error) {
	paths, err := windows.CM_Get_Device_Interface_List("", &usbprintGUID, windows.CM_GET_DEVICE_INTERFACE_LIST_PRESENT)
	var code windows.CONFIGRET
	if errors.As(err, &code) && mapError.Find() != nil { // wine lacks what the error is worded with, and asking it would end the program
		return nil, fmt.Errorf("list usbprint interfaces: configuration manager error %#x", uint32(code))
	}
	if err != nil {
		return nil, fmt.Errorf("list usbprint interfaces: %w", err)
	}
	return paths, nil
}

var mapError = windows.NewLazySystemDLL("cfgmgr32.dll").NewProc("CM_MapCrToWin32Err")

func (winUSB) open(path string) (usbprintPort, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_OVERLAPPED, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	p := &winPort{h: h}
	for i := range p.ops {
		if p.ops[i].ov.HEvent, err = windows.CreateEvent(nil, 1, 0, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), p.close())
		}
	}
	return p, nil
}

// winPort is an open printer. What the system writes to while a call is pending lives here, on the heap, and stays put.
type winPort struct {
	h   windows.Handle
	ops [3]winOp // by side
}

type winOp struct {
	ov   windows.Overlapped
	done uint32
}

func (w *winPort) read(p []byte, timeout time.Duration) (int, error) {
	op := &w.ops[reading]
	err := windows.ReadFile(w.h, p, &op.done, &op.ov)
	n, err := w.finish(op, err, uint32(timeout.Milliseconds()))
	if errors.Is(err, windows.ERROR_OPERATION_ABORTED) { // our time-out
		err = nil
	}
	return n, err
}

func (w *winPort) write(p []byte) (int, error) {
	op := &w.ops[writing]
	err := windows.WriteFile(w.h, p, &op.done, &op.ov)
	return w.finish(op, err, windows.INFINITE)
}

// ioctlTime bounds a class request.
const ioctlTime = 2000

func (w *winPort) ioctl(code uint32, out []byte) (int, error) {
	op := &w.ops[asking]
	err := windows.DeviceIoControl(w.h, code, nil, 0, &out[0], uint32(len(out)), &op.done, &op.ov)
	return w.finish(op, err, ioctlTime)
}

// finish waits for a pending operation, and takes it back after ms milliseconds; what was moved by then counts.
func (w *winPort) finish(op *winOp, err error, ms uint32) (int, error) {
	if err != nil && !errors.Is(err, windows.ERROR_IO_PENDING) {
		return 0, err
	}
	if err != nil {
		if ev, err := windows.WaitForSingleObject(op.ov.HEvent, ms); err != nil || ev == uint32(windows.WAIT_TIMEOUT) {
			_ = windows.CancelIoEx(w.h, &op.ov)
		}
	}
	err = windows.GetOverlappedResult(w.h, &op.ov, &op.done, true)
	return int(op.done), err
}

// cancel ends every operation on the handle.
func (w *winPort) cancel() error {
	err := windows.CancelIoEx(w.h, nil)
	if errors.Is(err, windows.ERROR_NOT_FOUND) {
		return nil
	}
	return err
}

func (w *winPort) close() error {
	for i := range w.ops {
		if w.ops[i].ov.HEvent != 0 {
			_ = windows.CloseHandle(w.ops[i].ov.HEvent)
		}
	}
	return windows.CloseHandle(w.h)
}
