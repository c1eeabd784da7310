package daemon_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/vocabulary"
)

// lined starts a shop in which a program can print to the file that is given.
func lined(t *testing.T, scheme, extra string) (*testShop, string) {
	t.Helper()
	s := newTestShop(t, virtual.Options{}, "front")
	path := filepath.Join(s.dir, "till")
	s.write(fmt.Sprintf("[shop]\nlocale=\"en\"\n[[capture]]\nname=\"till\"\nlisten=\"%s://%s\"\nprinter=\"front\"\n%s\n", scheme, path, extra), "front")
	s.start()
	return s, path
}

// puts opens a file as a program does that prints to a device, writes and closes.
func puts(t *testing.T, path, what string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	if _, err := f.WriteString(what); err != nil {
		t.Error(err)
	}
}

// TestCapturedPipe: each slip of programs that write to a named pipe comes out, however soon one follows another; what has come when
// receiptd stops is read first, and its half is asked about.
func TestCapturedPipe(t *testing.T) {
	s, path := lined(t, "fifo", "")
	var all sync.WaitGroup
	const programs, each = 3, 3
	for i := range programs { // each slip is one write: a pipe keeps such together
		all.Go(func() {
			for n := range each {
				puts(t, path, fmt.Sprintf(slip, fmt.Sprintf("no %d.%d", i, n)))
			}
		})
	}
	all.Wait()
	var texts []string
	for _, p := range s.pieces(programs * each) {
		texts = append(texts, p.Text())
	}
	for i := range programs {
		for n := range each {
			if !slices.ContainsFunc(texts, func(x string) bool { return strings.Contains(x, fmt.Sprintf("no %d.%d", i, n)) }) {
				t.Errorf("slip %d.%d is lost:\n%s", i, n, strings.Join(texts, "\n"))
			}
		}
	}
	// A line at a time, the pipe opened for each, as a script does.
	for _, l := range strings.SplitAfter(fmt.Sprintf(slip, "by a script"), "\n") {
		puts(t, path, l)
	}
	if p := s.pieces(programs*each + 1)[programs*each]; !p.Contains("by a script") || !p.Contains("RECEIPT") {
		t.Errorf("\n%s", p.Text())
	}
	puts(t, path, fmt.Sprintf(slip, "the last")+"\x1b@half a sl")
	s.end()
	s.start()
	if p := s.pieces(programs*each + 2)[programs*each+1]; !p.Contains("the last") {
		t.Errorf("\n%s", p.Text())
	}
	s.end()
	q := s.journal()
	defer q.Close()
	list, err := q.Waiting.Outstanding(t.Context())
	if err != nil || len(list) != 1 || list[0].Count != 1 || list[0].Reason != vocabulary.ReasonHalf {
		t.Errorf("the half: %+v %v", list, err)
	}
}

// TestCapturedTerminal: a program at a pseudo-terminal prints, and hears how the printer is.
func TestCapturedTerminal(t *testing.T) {
	s, path := lined(t, "pty", "")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, slip+"\x1d(H\x06\x0000abcd", "over a terminal"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 7)
	if _, err := io.ReadFull(f, got); err != nil || string(got) != "\x37\x22abcd\x00" {
		t.Errorf("% x %v", got, err)
	}
	if p := s.pieces(1)[0]; !p.Contains("over a terminal") {
		t.Errorf("\n%s", p.Text())
	}
}
