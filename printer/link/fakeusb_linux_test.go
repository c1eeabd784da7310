package link

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// SerialNames is for tests.
var SerialNames = serialNames

// FakeUSB plays the usblp driver with one printer: one piece under way, taken whole into the driver at once, thrown
// away at close; one opener; EIO for the call in progress at an unplug and ENODEV after.
type FakeUSB struct {
	Dir string // holds sys and dev

	mu     sync.Mutex
	cond   *sync.Cond
	taken  bool
	gone   bool
	died   bool // the unplug was told once with EIO
	oneWay bool
	piece  []byte // under way to the printer
	in     []byte // on the way back
	Status int
	ID     string
	Failed error // of the next write
	Opens  int
}

// fakeFd is a descriptor that is none.
const fakeFd = 1 << 20

// NewFakeUSB plugs the printer in as lp0 with the given ids.
func NewFakeUSB(t testing.TB, oneWay bool) *FakeUSB {
	f := &FakeUSB{Dir: t.TempDir(), oneWay: oneWay, Status: 0x18}
	f.cond = sync.NewCond(&f.mu)
	id := "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20;CLS:PRINTER;"
	f.ID = string([]byte{0, byte(len(id) + 2)}) + id
	protocol := "02"
	if oneWay {
		protocol = "01"
	}
	PlugIn(t, f.Dir, "1-1.4", "04b8", "0202", "J9", protocol, "lp0")
	return f
}

// PlugIn writes the sysfs entries of one printer; node may be empty.
func PlugIn(t testing.TB, dir, port, vid, pid, serial, protocol, node string) {
	t.Helper()
	device := filepath.Join(dir, "sys/devices/usb1", port)
	intf := filepath.Join(device, port+":1.0")
	files := map[string]string{
		filepath.Join(device, "idVendor"): vid, filepath.Join(device, "idProduct"): pid,
		filepath.Join(device, "manufacturer"): "EPSON", filepath.Join(device, "product"): "TM-T20",
		filepath.Join(intf, "bInterfaceClass"): "07", filepath.Join(intf, "bInterfaceSubClass"): "01",
		filepath.Join(intf, "bInterfaceProtocol"): protocol,
	}
	if serial != "" {
		files[filepath.Join(device, "serial")] = serial
	}
	links := map[string]string{filepath.Join(dir, "sys/bus/usb/devices", port): device,
		filepath.Join(dir, "sys/bus/usb/devices", port+":1.0"): intf}
	if node != "" {
		files[filepath.Join(intf, "usbmisc", node, "dev")] = "180:0"
		files[filepath.Join(dir, "dev/usb", node)] = ""
		links[filepath.Join(intf, "usbmisc", node, "device")] = intf
		links[filepath.Join(dir, "sys/class/usbmisc", node)] = filepath.Join(intf, "usbmisc", node)
	}
	for name, text := range files {
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, []byte(text+"\n"), 0o644))
	}
	for name, to := range links {
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.Symlink(to, name))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// UnplugFiles removes what sysfs shows of a printer.
func UnplugFiles(t testing.TB, dir, port, node string) {
	must(t, os.RemoveAll(filepath.Join(dir, "sys/devices/usb1", port)))
	for _, l := range []string{"bus/usb/devices/" + port, "bus/usb/devices/" + port + ":1.0", "class/usbmisc/" + node} {
		must(t, os.Remove(filepath.Join(dir, "sys", l)))
	}
	must(t, os.Remove(filepath.Join(dir, "dev/usb", node)))
}

// Open opens a device of the fake's tree.
func (f *FakeUSB) Open(device string) (Conn, error) {
	d, err := Parse(device)
	if err != nil {
		return nil, err
	}
	return f.tree().open(d)
}

// Scan scans the fake's tree.
func (f *FakeUSB) Scan(ctx context.Context) []Found { return f.tree().scan(ctx) }

func (f *FakeUSB) tree() usbTree {
	return usbTree{sys: filepath.Join(f.Dir, "sys"), dev: filepath.Join(f.Dir, "dev"), calls: f}
}

// Read is the printer taking bytes.
func (f *FakeUSB) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.piece) == 0 && !f.gone {
		f.cond.Wait()
	}
	n := copy(p, f.piece)
	f.piece = f.piece[n:]
	if n == 0 {
		return 0, unix.ENODEV
	}
	return n, nil
}

// Write is the printer answering.
func (f *FakeUSB) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.in = append(f.in, p...)
	return len(p), nil
}

// HangUp unplugs the printer.
func (f *FakeUSB) HangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone = true
	f.cond.Broadcast()
}

// Replug plugs it in again.
func (f *FakeUSB) Replug() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone, f.died, f.taken, f.piece, f.in = false, false, false, nil, nil
}

// FailNext makes the next write fail as the kernel does after a bus error.
func (f *FakeUSB) FailNext(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Failed = err
}

func (f *FakeUSB) open(path string) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := os.Stat(path); err != nil {
		return -1, unix.ENOENT
	}
	switch {
	case f.gone:
		return -1, unix.ENODEV
	case f.taken:
		return -1, unix.EBUSY
	}
	f.taken = true
	f.Opens++
	return fakeFd, nil
}

func (f *FakeUSB) unplugged() error {
	if !f.died {
		f.died = true
		return unix.EIO
	}
	return unix.ENODEV
}

func (f *FakeUSB) read(fd int, p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case fd != fakeFd:
		return unix.Read(fd, p)
	case f.oneWay:
		return -1, unix.EINVAL
	case f.gone:
		return -1, f.unplugged()
	case len(f.in) == 0:
		return -1, unix.EAGAIN
	}
	n := copy(p, f.in)
	f.in = f.in[n:]
	return n, nil
}

func (f *FakeUSB) write(fd int, p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case fd != fakeFd:
		return unix.Write(fd, p)
	case f.gone:
		return -1, f.unplugged()
	case f.Failed != nil:
		err := f.Failed
		f.Failed = nil
		return -1, err
	case len(f.piece) > 0:
		return -1, unix.EAGAIN
	}
	f.piece = append([]byte(nil), p[:min(len(p), 8192)]...)
	f.cond.Broadcast()
	return len(f.piece), nil
}

func (f *FakeUSB) revents() (r int16) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone {
		return unix.POLLHUP | unix.POLLIN | unix.POLLOUT
	}
	if len(f.in) > 0 {
		r |= unix.POLLIN
	}
	if len(f.piece) == 0 {
		r |= unix.POLLOUT
	}
	return r
}

// poll looks at the fake each millisecond, and waits for real on the descriptor that wakes.
func (f *FakeUSB) poll(fds []unix.PollFd, timeout *unix.Timespec) (int, error) {
	var end time.Time
	if timeout != nil {
		end = time.Now().Add(time.Duration(timeout.Nano()))
	}
	for {
		fds[0].Revents = f.revents() & (fds[0].Events | unix.POLLHUP)
		step := unix.NsecToTimespec(int64(time.Millisecond))
		if fds[0].Revents != 0 {
			step = unix.Timespec{}
		}
		n, err := unix.Ppoll(fds[1:], &step, nil)
		if err != nil || n > 0 || fds[0].Revents != 0 || past(end) {
			return n, err
		}
	}
}

func (f *FakeUSB) getInt(_ int, req uint) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone {
		return 0, unix.ENODEV
	}
	if req != 0x060b {
		return 0, unix.ENOTTY
	}
	return f.Status, nil
}

func (f *FakeUSB) getBytes(_ int, req uint, p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone {
		return 0, unix.ENODEV
	}
	switch req & 0xff {
	case 1:
		copy(p, f.ID)
	case 6:
	default:
		return 0, unix.ENOTTY
	}
	return 0, nil
}

// close throws the piece under way off, as the driver does.
func (f *FakeUSB) close(int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken = false
	f.piece = nil
	return nil
}
