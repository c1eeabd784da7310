package link

import (
	"errors"
	"fmt"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fdRaw is a character device opened non-blocking, outside Go's runtime poller: the poller would report a write as
// done when only the driver has it, and lose it at close. Each side has an eventfd that ends its poll.
type fdRaw struct {
	sys   calls
	fd    int
	wakes [2]int

	mu   sync.Mutex // guards shut, so that Wake never touches a closed descriptor
	shut bool
}

// calls are the system calls on a device node: the seam at which links without hardware are tested.
type calls interface {
	open(path string) (fd int, err error)
	read(fd int, p []byte) (int, error)
	write(fd int, p []byte) (int, error)
	poll(fds []unix.PollFd, timeout *unix.Timespec) (int, error)
	getInt(fd int, req uint) (int, error)             // ioctl that fills an int
	getBytes(fd int, req uint, p []byte) (int, error) // ioctl that fills p
	close(fd int) error
}

// kernel is the real thing. It opens a node without waiting for carrier and without making it the controlling terminal.
type kernel struct{}

func (kernel) open(path string) (int, error) {
	return unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
}
func (kernel) read(fd int, p []byte) (int, error)  { return unix.Read(fd, p) }
func (kernel) write(fd int, p []byte) (int, error) { return unix.Write(fd, p) }
func (kernel) poll(fds []unix.PollFd, timeout *unix.Timespec) (int, error) {
	return unix.Ppoll(fds, timeout, nil)
}
func (kernel) getInt(fd int, req uint) (int, error) { return unix.IoctlGetInt(fd, req) }
func (kernel) getBytes(fd int, req uint, p []byte) (int, error) {
	n, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(req), uintptr(unsafe.Pointer(&p[0])))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
func (kernel) close(fd int) error { return unix.Close(fd) }

// openFd opens a device node.
func openFd(sys calls, path string) (*fdRaw, error) {
	fd, err := sys.open(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	f := &fdRaw{sys: sys, fd: fd, wakes: [2]int{-1, -1}}
	for i := range f.wakes {
		f.wakes[i], err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
		if err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("open %s: eventfd: %w", path, err)
		}
	}
	return f, nil
}

func (f *fdRaw) Read(p []byte) (int, error) {
	for {
		n, err := f.sys.read(f.fd, p)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return 0, errAgain
		case err != nil:
			return 0, err
		case n == 0: // a hung-up terminal
			return 0, ErrLost
		}
		return n, nil
	}
}

func (f *fdRaw) Write(p []byte) (int, error) {
	for {
		n, err := f.sys.write(f.fd, p)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return 0, errAgain
		case err != nil:
			return 0, err
		}
		return n, nil
	}
}

func (f *fdRaw) Wait(s side, want ready, timeout time.Duration) (ready, error) {
	fds := []unix.PollFd{{Fd: int32(f.fd)}, {Fd: int32(f.wakes[s]), Events: unix.POLLIN}}
	if want&canRead != 0 {
		fds[0].Events |= unix.POLLIN
	}
	if want&canWrite != 0 {
		fds[0].Events |= unix.POLLOUT
	}
	var ts *unix.Timespec
	if timeout >= 0 {
		t := unix.NsecToTimespec(int64(timeout))
		ts = &t
	}
	if _, err := f.sys.poll(fds, ts); err != nil && !errors.Is(err, unix.EINTR) {
		return 0, fmt.Errorf("poll: %w", err)
	}
	if fds[1].Revents != 0 {
		var b [8]byte
		_, _ = unix.Read(f.wakes[s], b[:])
	}
	var got ready
	if fds[0].Revents&unix.POLLIN != 0 {
		got |= canRead
	}
	if fds[0].Revents&unix.POLLOUT != 0 {
		got |= canWrite
	}
	if fds[0].Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0 {
		got |= gone
	}
	return got & (want | gone), nil
}

func (f *fdRaw) Wake(s side) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.shut {
		_, _ = unix.Write(f.wakes[s], []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

func (f *fdRaw) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shut = true
	for _, w := range f.wakes {
		if w >= 0 {
			_ = unix.Close(w)
		}
	}
	return f.sys.close(f.fd)
}
