package virtual

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// ErrNoPTY says that this system has no pseudo terminals that ServePTY could use.
var ErrNoPTY = errors.New("a pty is available on Linux only")

// ServePTY offers the printer as a serial line: a pseudo terminal in raw mode, with a symlink to it at path. It has no modem
// lines; BUSY is told by XOFF and XON unless Options.Flow says otherwise, and what comes in spite of a full buffer is lost.
// It blocks until ctx is done, then removes the link. A link drop hangs the line up until the next "up".
func (p *Printer) ServePTY(ctx context.Context, path string) error {
	for ctx.Err() == nil {
		if err := p.servePTYOnce(ctx, path); err != nil {
			return err
		}
		err := p.Await(ctx, func(s State) bool { return s.Link != "drop" })
		if err != nil {
			return nil
		}
	}
	return nil
}

func (p *Printer) servePTYOnce(ctx context.Context, path string) error {
	blocking, slave, err := pty.Open()
	if err != nil {
		return fmt.Errorf("open a pty for the virtual printer: %w", err)
	}
	master, err := pollable(blocking)
	if err != nil {
		_ = slave.Close()
		return fmt.Errorf("open a pty for the virtual printer: %w", err)
	}
	defer slave.Close() // kept open: the line exists also while no host has it open
	if err := makeRaw(int(slave.Fd())); err != nil {
		_ = master.Close()
		return fmt.Errorf("set up pty %s: %w", slave.Name(), err)
	}
	if err := place(slave.Name(), path); err != nil {
		_ = master.Close()
		return err
	}
	defer os.Remove(path)
	flow := p.opt.Flow
	if flow == "" {
		flow = XONXOFF
	}
	p.serve(ctx, p.opt.newLink(master, flow))
	return nil
}

// pollable replaces f, whose descriptor was handed out and blocks since, by a file whose Close ends a Read.
func pollable(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// place puts the symlink, over an old one but never over anything else.
func place(tty, path string) error {
	if info, err := os.Lstat(path); err == nil {
		if info.Mode()&os.ModeSymlink == 0 {
			return fmt.Errorf("place pty at %s: something else is there", path)
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("place pty at %s: %w", path, err)
		}
	}
	if err := os.Symlink(tty, path); err != nil {
		return fmt.Errorf("place pty at %s: %w", path, err)
	}
	return nil
}

// makeRaw switches off echo, line editing and translation.
func makeRaw(fd int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8 | unix.CREAD
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}
