package link

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// errAborted stands for ERROR_OPERATION_ABORTED, errUnplugged for ERROR_DEVICE_NOT_CONNECTED.
var (
	errAborted   = errors.New("operation aborted")
	errUnplugged = errors.New("device not connected")
)

// FakeWinUSB plays usbprint.sys with one printer: a write blocks until the printer took all of it or is cancelled.
type FakeWinUSB struct {
	Paths []string

	mu      sync.Mutex
	cond    *sync.Cond
	out, in []byte
	aborts  int
	gone    bool
	Empty   int // reads that ended without bytes
}

// NewFakeWinUSB has one printer with a serial number.
func NewFakeWinUSB() *FakeWinUSB {
	f := &FakeWinUSB{Paths: []string{`\\?\usb#vid_04b8&pid_0202#J9K8#{28d78fad-5a12-11d1-ae5b-0000f803a8c2}`}}
	f.cond = sync.NewCond(&f.mu)
	return f
}

// Open opens a device of the fake.
func (f *FakeWinUSB) Open(device string) (Conn, error) {
	d, err := Parse(device)
	if err != nil {
		return nil, err
	}
	return openUSBPrintOn(f, d)
}

func (f *FakeWinUSB) interfaces() ([]string, error) { return f.Paths, nil }

func (f *FakeWinUSB) open(path string) (usbprintPort, error) {
	for _, p := range f.Paths {
		if p == path {
			return f, nil
		}
	}
	return nil, os.ErrNotExist
}

func (f *FakeWinUSB) read(p []byte, timeout time.Duration) (int, error) {
	end := time.Now().Add(min(timeout, time.Millisecond))
	for {
		f.mu.Lock()
		n := copy(p, f.in)
		f.in = f.in[n:]
		gone := f.gone
		if n == 0 {
			f.Empty++
		}
		f.mu.Unlock()
		switch {
		case n > 0:
			return n, nil
		case gone:
			return 0, errUnplugged
		case past(end):
			return 0, nil
		}
		time.Sleep(time.Millisecond)
	}
}

func (f *FakeWinUSB) write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.out = append([]byte(nil), p...)
	before := f.aborts
	f.cond.Broadcast()
	for len(f.out) > 0 && !f.gone && f.aborts == before {
		f.cond.Wait()
	}
	left := len(f.out)
	f.out = nil
	switch {
	case f.gone:
		return len(p) - left, errUnplugged
	case left > 0:
		return len(p) - left, errAborted
	}
	return len(p), nil
}

func (f *FakeWinUSB) cancel() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.aborts++
	f.cond.Broadcast()
	return nil
}

func (f *FakeWinUSB) ioctl(code uint32, out []byte) (int, error) {
	switch code {
	case ioctlGetLPTStatus:
		out[0] = 0x18
		return 1, nil
	case ioctlGet1284ID:
		id := "MFG:X;CMD:ESC/POS;"
		return copy(out, string([]byte{0, byte(len(id) + 3)})+id+"\x00"), nil
	}
	return 0, errAborted
}

func (f *FakeWinUSB) close() error { return nil }

// Read is the printer taking bytes.
func (f *FakeWinUSB) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.out) == 0 && !f.gone {
		f.cond.Wait()
	}
	n := copy(p, f.out)
	f.out = f.out[n:]
	f.cond.Broadcast()
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Write is the printer answering.
func (f *FakeWinUSB) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.in = append(f.in, p...)
	return len(p), nil
}

// HangUp unplugs the printer.
func (f *FakeWinUSB) HangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone = true
	f.cond.Broadcast()
}

// FakeSpooler plays winspool with one queue.
type FakeSpooler struct {
	mu      sync.Mutex
	cond    *sync.Cond
	doc     []byte // begun and not ended
	began   bool
	printed []byte
	gone    bool
	Docs    []string // ended documents
	Aborted int
	Closed  int
}

// NewFakeSpooler has the queue POS-80.
func NewFakeSpooler() *FakeSpooler {
	f := &FakeSpooler{}
	f.cond = sync.NewCond(&f.mu)
	return f
}

// Open opens a queue of the fake.
func (f *FakeSpooler) Open(device string) (Conn, error) {
	d, err := Parse(device)
	if err != nil {
		return nil, err
	}
	return openQueue(f, d)
}

func (f *FakeSpooler) open(queue string) (uintptr, error) {
	if queue != "POS-80" {
		return 0, os.ErrNotExist
	}
	return 7, nil
}

func (f *FakeSpooler) startDoc(uintptr, string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone || f.began {
		return errUnplugged
	}
	f.began = true
	return nil
}

func (f *FakeSpooler) write(_ uintptr, p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone || !f.began {
		return 0, errUnplugged
	}
	n := min(len(p), 1000) // a short write must be carried on
	f.doc = append(f.doc, p[:n]...)
	return n, nil
}

func (f *FakeSpooler) endDoc(uintptr) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.began {
		return errUnplugged
	}
	f.printed = append(f.printed, f.doc...)
	f.Docs = append(f.Docs, string(f.doc))
	f.doc, f.began = nil, false
	f.cond.Broadcast()
	return nil
}

func (f *FakeSpooler) abort(uintptr) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.doc, f.began = nil, false
	f.Aborted++
	return nil
}

func (f *FakeSpooler) close(uintptr) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Closed++
	return nil
}

// Read is what comes out of the printer.
func (f *FakeSpooler) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.printed) == 0 && !f.gone {
		f.cond.Wait()
	}
	n := copy(p, f.printed)
	f.printed = f.printed[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Write has nowhere to go.
func (f *FakeSpooler) Write([]byte) (int, error) { return 0, ErrNoBackChannel }

// HangUp stops the spooler service.
func (f *FakeSpooler) HangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone = true
	f.cond.Broadcast()
}

// Scan lists the fake's printers.
func (f *FakeWinUSB) Scan(ctx context.Context) []Found { return scanInterfaces(ctx, f, f.Paths, nil) }

// Scan lists queues of the fake by these names.
func (f *FakeSpooler) Scan(ctx context.Context, names []string, err error) []Found {
	return scanQueues(ctx, f, names, err)
}
