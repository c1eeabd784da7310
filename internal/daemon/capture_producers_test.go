//go:build producers

package daemon_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// TestProducersCaptured prints many receipts of each program that others print with through the whole product, 45 of each: what lies on the
// counter is dot by dot what it is without receiptd. `npm ci` in printer/virtual/testdata/producers installs the programs.
func TestProducersCaptured(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "node", "many.mjs", dir, "45")
	cmd.Dir = filepath.Join("..", "..", "printer", "virtual", "testdata", "producers")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("node many.mjs: %v\n%s", err, out)
	}
	made, err := filepath.Glob(filepath.Join(dir, "*.bin"))
	if err != nil || len(made) != 225 {
		t.Fatalf("%d files were made, %v", len(made), err)
	}
	t.Run("close", func(t *testing.T) {
		t.Parallel()
		compareCaptured(t, made, "close", 200)
	})
	t.Run("cut", func(t *testing.T) {
		t.Parallel()
		// The two encoders cut before their last lines have reached the cutter, and feed behind that: here it is a slip that shows nothing, which is not
		// printed, so the next piece has less white in it.
		rest := slices.DeleteFunc(slices.Clone(made), func(file string) bool { return strings.Contains(file, "encoder-") })
		compareCaptured(t, rest, "cut", 120)
	})
}

func compareCaptured(t *testing.T, made []string, end string, least int) {
	s, addr := captured(t, virtual.Options{Speed: virtual.Max}, fmt.Sprintf("end=%q\ndrawer=\"never\"", end))
	came, slips, seen, direct := map[string]bool{}, 0, 0, newDirect(t)
	for _, file := range made {
		sent, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if alone := newDirect(t); came[string(sent)] || len(alone.print(sent)) == 0 && len(inked([]virtual.Piece{alone.printer.Hanging()})) == 0 {
			continue // it would come marked, or shows nothing
		}
		came[string(sent)] = true
		name := filepath.Base(file)
		want := direct.print(sent)
		if err := prints(t, addr, sent); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []virtual.Piece
		s.await(fmt.Sprintf("%s, %d pieces", name, len(want)), func() bool {
			got = inked(s.printers["front"].Pieces())
			return len(got) >= len(want)
		})
		for i := seen; i < len(want); i++ {
			if got[i].SHA256() != want[i].SHA256() {
				t.Errorf("%s, piece %d:\n%s\nwant\n%s", name, i-seen+1, got[i].Text(), want[i].Text())
			}
		}
		seen = len(want)
		slips++
	}
	if got := len(inked(s.printers["front"].Pieces())); got != seen || slips < least {
		t.Errorf("%d pieces, want %d; of %d slips, want %d", got, seen, slips, least)
	}
	if p := s.printers["front"].State().Counters.Drawer; p != 0 {
		t.Errorf("%d pulses for the drawer", p)
	}
}

// A directPrinter is one that programs print to without receiptd. What a program cuts too soon hangs in it, and heads the next piece.
type directPrinter struct {
	t       *testing.T
	printer *virtual.Printer
	host    net.Conn
}

func newDirect(t *testing.T) *directPrinter {
	d := &directPrinter{t: t, printer: virtual.New(virtual.Options{Speed: virtual.Max})}
	host, device := net.Pipe()
	d.host = host
	t.Cleanup(func() { host.Close() })
	go func() { _ = d.printer.Serve(t.Context(), device) }()
	return d
}

// print gives all pieces of paper, once what was sent lies there.
func (d *directPrinter) print(sent []byte) []virtual.Piece {
	d.t.Helper()
	go func() { _, _ = d.host.Write(slices.Concat([]byte("\x1b@"), sent, []byte("\x1d(H\x06\x0000last"))) }() // an id that comes back when all is printed
	var got []byte
	for buf := make([]byte, 256); !bytes.Contains(got, []byte("\x37\x22last\x00")); {
		n, err := d.host.Read(buf)
		if err != nil {
			d.t.Fatalf("no answer to the last question: %v", err)
		}
		got = append(got, buf[:n]...)
	}
	return inked(d.printer.Pieces())
}

// inked leaves out paper on which nothing is: receiptd prints no slip that shows nothing.
func inked(pieces []virtual.Piece) []virtual.Piece {
	return slices.DeleteFunc(slices.Clone(pieces), func(p virtual.Piece) bool {
		return p.Text() == "" && !slices.Contains(p.Image().Pix, 1)
	})
}
