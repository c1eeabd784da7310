package recording_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/recording"
	"github.com/receiptd/receiptd/printer/virtual"
)

var update = flag.Bool("update", false, "record the virtual printers in testdata anew")

// conn makes a pipe a link.
type conn struct{ net.Conn }

func (conn) Drain(time.Time) error { return nil }
func (conn) Caps() link.Caps       { return link.Caps{BackChannel: true, Session: true} }

// to opens links to a virtual printer, and stop ends what serves them.
func to(p *virtual.Printer) (open func(context.Context) (link.Conn, error), stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan struct{}, 16)
	n := 0
	return func(context.Context) (link.Conn, error) {
			host, device := net.Pipe()
			n++
			go func() {
				_ = p.Serve(ctx, device)
				served <- struct{}{}
			}()
			return conn{host}, nil
		}, func() {
			cancel()
			for range n {
				<-served
			}
		}
}

// probe lets receiptd find out what a printer can do.
func probe(t *testing.T, open func(context.Context) (link.Conn, error)) (printer.ProbeResult, error) {
	t.Helper()
	prof, err := profile.Load("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	p := printer.New(printer.Config{Name: "front", Device: "tcp://192.0.2.1:9100", Profile: prof, Open: open})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		_ = p.Run(ctx)
		close(done)
	}()
	limit, stop := context.WithTimeout(ctx, 10*time.Minute)
	defer stop()
	r, err := p.Probe(limit, printer.ProbeOptions{})
	cancel()
	<-done
	return r, err
}

// found is what matters of a probe's result.
func found(r printer.ProbeResult, err error) string {
	return fmt.Sprintf("tier %c, early %v, auto %v, %v", r.Tier, r.Early, r.Auto, err)
}

// record probes a model in its own time, and gives the file and what was found.
func record(t *testing.T, model string) (file []byte, result string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		open, stop := to(virtual.New(virtual.Options{Model: model, Speed: virtual.Real}))
		rec := recording.New(recording.Head{Profile: "generic-80", Dots: 576, Cutter: true, Link: "tcp", Version: "test"})
		open = rec.Wrap(open)
		if err := recording.Ask(t.Context(), open); err != nil {
			t.Errorf("ask: %v", err)
		}
		r, err := probe(t, open)
		result = found(r, err)
		stop()
		var b bytes.Buffer
		var told any
		if err == nil {
			told = map[string]any{"tier": string(r.Tier), "early": r.Early, "auto": r.Auto}
		}
		if err := rec.Write(&b, told); err != nil {
			t.Error(err)
		}
		file = b.Bytes()
	})
	return file, result
}

// replayed probes a printer that answers as recorded.
func replayed(t *testing.T, file []byte) (result string) {
	t.Helper()
	base, err := virtual.ModelByName("")
	if err != nil {
		t.Fatal(err)
	}
	device, err := virtual.ReadRecording(bytes.NewReader(file), base)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		open, stop := to(virtual.New(virtual.Options{Replay: device, Speed: virtual.Real}))
		result = found(probe(t, open))
		stop()
	})
	return result
}

// recordedModels are those whose recordings lie in testdata as virtual-*.jsonl.
var recordedModels = []string{"generic-80", "epson-tm-t88", "rongta-80", "gprinter-80", "inner-58", "clone-no-gsh", "clone-status-only", "zj-5890", "nz"}

// A printer that is recorded and replayed is found to be the same.
func TestRoundTrip(t *testing.T) {
	for _, model := range recordedModels {
		t.Run(model, func(t *testing.T) {
			file, want := record(t, model)
			if *update {
				if err := os.WriteFile(filepath.Join("testdata", "virtual-"+model+".jsonl"), file, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got := replayed(t, file); got != want {
				t.Errorf("replayed: %s\nthe device: %s", got, want)
			}
		})
	}
}

// A recording of a device, put into testdata, is a test: receiptd finds out the same of its replay as it found on the counter.
func TestRecordings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) < len(recordedModels) {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(string(file)), "\n")
			var last struct {
				Result *struct {
					Tier        string
					Early, Auto bool
				}
			}
			if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
				t.Fatalf("the last line: %v", err)
			}
			if last.Result == nil { // the probe failed, and so it must here
				if got := replayed(t, file); !strings.Contains(got, printer.ErrNotReady.Error()) {
					t.Errorf("replayed: %s\non the counter it failed", got)
				}
				return
			}
			want := fmt.Sprintf("tier %s, early %v, auto %v, %v", last.Result.Tier, last.Result.Early, last.Result.Auto, error(nil))
			if got := replayed(t, file); got != want {
				t.Errorf("replayed: %s\non the counter: %s", got, want)
			}
		})
	}
}
