package link

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// usbprintSys is what Windows' usbprint.sys gives: the seam at which it is tested without Windows.
type usbprintSys interface {
	interfaces() ([]string, error) // device interface paths of the printers that are plugged in
	open(path string) (usbprintPort, error)
}

// usbprintPort is one open printer.
type usbprintPort interface {
	read(p []byte, timeout time.Duration) (int, error) // 0 and nil after the time-out
	write(p []byte) (int, error)                       // blocks until taken or cancelled
	cancel() error                                     // ends calls in progress
	ioctl(code uint32, out []byte) (int, error)
	close() error
}

// IOCTLs of usbprint.h.
const (
	ioctlGetLPTStatus = 0x220030
	ioctlGet1284ID    = 0x220034
)

const (
	// usbprintPiece is one transfer; requests for status go out one per Write, as these drivers want them.
	usbprintPiece    = 1024
	usbprintReadTime = 200 * time.Millisecond
)

// usbprintDev is a USB printer as a blocking device.
type usbprintDev struct{ usbprintPort }

// Read often ends without bytes although an answer is due; the reader asks again.
func (u usbprintDev) Read(p []byte) (int, error)  { return u.read(p, usbprintReadTime) }
func (u usbprintDev) Write(p []byte) (int, error) { return u.write(p) }

// Flush has nothing to do: a write that returned has reached the printer, and FlushFileBuffers is not supported.
func (u usbprintDev) Flush() error { return nil }
func (u usbprintDev) Abort() error { return u.cancel() }
func (u usbprintDev) Close() error { return u.close() }

// usbprintConn adds the class requests.
type usbprintConn struct {
	threadedConn
	port usbprintPort
}

func openUSBPrintOn(sys usbprintSys, d Device) (Conn, error) {
	path, err := findInterface(sys, d)
	if err != nil {
		return nil, err
	}
	port, err := sys.open(path)
	if err != nil {
		return nil, openError(d, err)
	}
	c := &usbprintConn{port: port}
	c.t = newThreaded(usbprintDev{port}, usbprintPiece, true)
	c.name, c.raw, c.hint = d.String(), c.t, usbStuck
	c.caps = Caps{BackChannel: true}
	return c, nil
}

const usbStuck = "the printer takes no data: paper, cover, error or offline"

// findInterface gives the path of the one printer that d names.
func findInterface(sys usbprintSys, d Device) (string, error) {
	if d.Queue != "" {
		return d.Queue, nil
	}
	paths, err := sys.interfaces()
	if err != nil {
		return "", openError(d, fmt.Errorf("list USB printers: %w", err))
	}
	var hits []string
	for _, p := range paths {
		if i, ok := parseInterface(p); ok && i.vid == d.VID && i.pid == d.PID && (d.SerialNo == "" || strings.EqualFold(d.SerialNo, i.serial)) {
			hits = append(hits, p)
		}
	}
	switch len(hits) {
	case 0:
		return "", &OpenError{Device: d, Cause: NotFound, Err: os.ErrNotExist}
	case 1:
		return hits[0], nil
	}
	for i, p := range hits {
		hits[i] = string(USBPrint) + "://" + p
	}
	return "", &OpenError{Device: d, Cause: Ambiguous, Detail: strings.Join(hits, " ")}
}

// usbInterface is what a device interface path tells.
type usbInterface struct {
	vid, pid uint16
	serial   string // empty when Windows made up an instance id, which holds a &
}

// parseInterface reads \\?\usb#vid_04b8&pid_0202&mi_00#SERIAL#{guid}.
func parseInterface(path string) (i usbInterface, ok bool) {
	parts := strings.Split(strings.ToLower(path), "#")
	if len(parts) < 3 {
		return i, false
	}
	for _, f := range strings.Split(parts[1], "&") {
		name, hex, _ := strings.Cut(f, "_")
		n, err := strconv.ParseUint(hex, 16, 16)
		switch {
		case err != nil:
		case name == "vid":
			i.vid, ok = uint16(n), true
		case name == "pid":
			i.pid = uint16(n)
		}
	}
	if sn := strings.Split(path, "#")[2]; !strings.Contains(sn, "&") {
		i.serial = sn
	}
	return i, ok
}

// PortStatus is that of the interface PortStatus.
func (c *usbprintConn) PortStatus() (byte, error) {
	var b [1]byte
	end, err := c.begin(asking, time.Time{})
	if err == nil {
		defer end()
		_, err = c.port.ioctl(ioctlGetLPTStatus, b[:])
	}
	return b[0], c.explain("ask status of", "", err)
}

// DeviceID is that of Named.
func (c *usbprintConn) DeviceID() (string, error) {
	end, err := c.begin(asking, time.Time{})
	if err != nil {
		return "", c.explain("ask id of", "", err)
	}
	defer end()
	buf := make([]byte, 4094) // the most this driver takes
	n, err := c.port.ioctl(ioctlGet1284ID, buf)
	if err != nil {
		return "", c.explain("ask id of", "", err)
	}
	return trimID(buf[:n]), nil
}

// trimID takes off the two length bytes that the driver passes on and a final NUL.
func trimID(b []byte) string {
	if len(b) >= 2 && int(b[0])<<8|int(b[1]) == len(b) {
		b = b[2:]
	}
	return strings.TrimRight(string(b), "\x00")
}

var (
	_ PortStatus = (*usbprintConn)(nil)
	_ Named      = (*usbprintConn)(nil)
)

// scanInterfaces lists the USB printers of Windows, named by vendor and product where that is enough.
func scanInterfaces(ctx context.Context, sys usbprintSys, paths []string, err error) (out []Found) {
	what := Words{ZH: "USB 打印机", EN: "USB printer"}
	if err != nil {
		return []Found{found(Device{Scheme: USBPrint}, what, err)}
	}
	for _, p := range paths {
		if ctx.Err() != nil {
			return out
		}
		d := Device{Scheme: USBPrint, Queue: p}
		if i, ok := parseInterface(p); ok {
			byID := Device{Scheme: USBPrint, VID: i.vid, PID: i.pid, SerialNo: i.serial}
			if _, err := findInterface(sys, byID); err == nil {
				d = byID
			}
		}
		c, err := openUSBPrintOn(sys, d)
		if err == nil {
			err = c.Close()
		}
		out = append(out, found(d, what, err))
	}
	return out
}
