//go:build linux

package daemon_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/receiptd/receiptd/printer/virtual"
)

// A pace is how often a till prints, and what has become of the link meanwhile.
type pace struct {
	name  string
	every time.Duration
	shops int  // that take turns: each waits for its turn as long as the pace says, all of them together do not
	cut   bool // the printer's end has closed the link
}

var paces = []pace{
	{"100ms", 100 * time.Millisecond, 1, false}, // a slip takes longer on a line of 115200: there it is as fast as that lets it
	{"3s", 3 * time.Second, 8, false},           // a link is given back after two, and the journal rests
	{"60s", 2 * time.Second, 4, true},
}

// BenchmarkDropToWire measures a file renamed into the drop folder up to the first byte of its slip at the printer, at a till's
// paces, against the floor: one inotify wake-up, one fsync of a small append and one byte sent, measured between the slips. At 60 s the
// link that is kept and the line are as they are at 3 s. Where the disk is much busier than the processor, or the reverse, the ratio
// says little: TMPDIR on a file system in memory shows what is left without a disk.
func BenchmarkDropToWire(b *testing.B) {
	links := []struct {
		name string
		open func(b *testing.B) *benchShop
	}{
		{"tcp", func(b *testing.B) *benchShop { return newBenchShop(b, true, "") }},
		{"kept", func(b *testing.B) *benchShop { return newBenchShop(b, true, "idle_close=\"0s\"\n") }},
		{"pty", newLineShop},
	}
	for _, p := range paces {
		for _, l := range links {
			if p.cut && l.name != "tcp" {
				continue
			}
			b.Run(p.name+"/"+l.name, func(b *testing.B) { dropToWire(b, p, l.open) })
		}
	}
}

func dropToWire(b *testing.B, p pace, open func(*testing.B) *benchShop) {
	const warm = 2 // slips of each shop that are not counted: the printer is not known yet
	shops := make([]*benchShop, p.shops)
	for i := range shops {
		shops[i] = open(b)
	}
	var took, floor []time.Duration
	turn := time.NewTicker(p.every / time.Duration(p.shops))
	defer turn.Stop()
	for i := range max(b.N, 100) + warm*p.shops {
		s := shops[i%p.shops]
		tmp, final := s.prepare(i + 1)
		if p.cut && i >= p.shops { // its last slip was settled long ago, and its next is as far off
			s.cut()
		}
		<-turn.C
		start := time.Now()
		if err := os.Rename(tmp, final); err != nil {
			b.Fatal(err)
		}
		first := (<-s.first).Sub(start)
		if err := s.printer.Await(b.Context(), func(st virtual.State) bool { return st.Counters.Pieces > int64(i/p.shops) }); err != nil {
			b.Fatal(err)
		}
		if i >= warm*p.shops {
			took = append(took, first)
			floor = append(floor, fsyncOnce(b, s.dir)+wakeOnce(b, s.dir)+sendOnce(b))
		}
	}
	b.ReportMetric(float64(median(took).Microseconds()), "us/slip")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "us/slip-p99")
	b.ReportMetric(float64(median(floor).Microseconds()), "us/floor")
	b.ReportMetric(float64(median(took))/float64(median(floor)), "x-floor")
	b.ReportMetric(0, "ns/op")
}

// cut closes the watched link from the printer's end.
func (s *benchShop) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn.Close()
}

// newLineShop is a shop whose printer hangs on a watched pseudo terminal of 115,200 bits per second, with an unthrottled mechanism.
func newLineShop(b *testing.B) *benchShop {
	b.Helper()
	const baud = 115200
	s := &benchShop{b: b, dir: b.TempDir(), first: make(chan time.Time, 10000)}
	s.printer = virtual.New(virtual.Options{Speed: virtual.Max, Baud: baud})
	line, tty, err := openLine()
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.printer.Serve(ctx, &watchedLink{ReadWriteCloser: line, first: s.first}) })
	s.run(ctx, &wg, fmt.Sprintf("profile=\"generic-80\"\nproof=\"A\"\ndevice=\"serial://%s?baud=%d&flow=none\"\n", tty.Name(), baud))
	b.Cleanup(func() { cancel(); wg.Wait(); tty.Close() })
	return s
}

// openLine makes a pseudo terminal without line editing. tty is to be kept open: the line exists also while no daemon has it open.
func openLine() (line, tty *os.File, err error) {
	blocking, tty, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer blocking.Close()
	t, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err == nil {
		t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
		t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
		err = unix.IoctlSetTermios(int(tty.Fd()), unix.TCSETS, t)
	}
	if err != nil {
		return nil, nil, err
	}
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true) // a Close ends a Read
	}
	return os.NewFile(uintptr(fd), "line"), tty, err
}
