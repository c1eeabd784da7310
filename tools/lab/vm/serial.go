package vm

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A Serial is the plug of a 16550 of the guest: what it sends and takes, and the lines beside. Reading and writing it moves bytes.
type Serial struct {
	*os.File
	slave *os.File
	words []byte // shared with QEMU: seen, driven, cflag; see shim/modemlines.c
}

// The lines that a printer drives.
const (
	CTS = unix.TIOCM_CTS
	DSR = unix.TIOCM_DSR
	CD  = unix.TIOCM_CAR
)

// Serial is port ttySn, n from 1.
func (v *VM) Serial(n int) *Serial { return v.serials[n-1] }

func newSerial(dir string) (*Serial, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	s := &Serial{slave: slave}
	if _, err := term.MakeRaw(int(slave.Fd())); err != nil {
		return nil, err
	}
	// One that can be closed while somebody reads it.
	fd, err := syscall.Dup(int(master.Fd()))
	if err != nil {
		return nil, err
	}
	_ = master.Close()
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	s.File = os.NewFile(uintptr(fd), "serial line")
	number, err := strconv.Atoi(filepath.Base(slave.Name()))
	if err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(dir, fmt.Sprint(number)))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.Truncate(12); err != nil {
		return nil, err
	}
	s.words, err = syscall.Mmap(int(f.Fd()), 0, 12, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	return s, err
}

func (s *Serial) close() {
	_ = s.File.Close()
	_ = s.slave.Close()
}

// Show sets the lines that the guest sees.
func (s *Serial) Show(lines int) { binary.NativeEndian.PutUint32(s.words, uint32(lines)) }

// Baud is the speed that the guest's driver chose.
func (s *Serial) Baud() int {
	switch binary.NativeEndian.Uint32(s.words[8:]) & unix.CBAUD {
	case unix.B2400:
		return 2400
	case unix.B4800:
		return 4800
	case unix.B9600:
		return 9600
	case unix.B19200:
		return 19200
	case unix.B38400:
		return 38400
	case unix.B57600:
		return 57600
	case unix.B115200:
		return 115200
	}
	return 0
}
