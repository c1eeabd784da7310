package stream_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/capture/stream"
	"github.com/receiptd/receiptd/printer/profile"
)

// whole reads a stream as one slip, whatever is cut in it.
func whole(sent []byte, o stream.Options) (stream.Slip, []stream.Event) {
	r := stream.NewReader(o)
	var events []stream.Event
	for len(sent) > 0 {
		n, e := r.Next(sent)
		sent = sent[n:]
		if e.What != stream.Nothing {
			events = append(events, e)
		}
	}
	return r.Take(true), events
}

// same compares what a slip prints with what its program sent.
func same(t *testing.T, model string, sent []byte) stream.Slip {
	t.Helper()
	prof, err := profile.Load(map[string]string{"": "generic-80"}[model] + model)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := whole(sent, stream.Options{Profile: prof})
	ours := append([]byte("\x1b@"), s.Stream...)
	if s.Open {
		ours, sent = append(ours, '\n'), append(slices.Clip(sent), '\n')
	}
	want, got := printed(t, model, sent), printed(t, model, ours)
	if !slices.Equal(got.dots, want.dots) {
		t.Errorf("not the same dots\nsent %q\nkept %q\nsent: %s\nkept: %s", sent, ours, strings.Join(want.texts, "\n=\n"), strings.Join(got.texts, "\n=\n"))
	}
	if got.pulses != 0 {
		t.Errorf("%d pulses for the drawer in %q", got.pulses, ours)
	}
	if int64(s.Dots) > want.dotsHigh {
		t.Errorf("said to be at least %d dots long, and is %d: %q", s.Dots, want.dotsHigh, sent)
	}
	return s
}

// TestRecorded compares what programs of others send.
func TestRecorded(t *testing.T) {
	files, err := filepath.Glob("../../printer/virtual/testdata/producers/*.bin")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".bin"), func(t *testing.T) {
			sent, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			model := ""
			if strings.Contains(file, "tm-t88v") {
				model = "epson-tm-t88"
			}
			s := same(t, model, sent)
			t.Logf("%d of %d bytes, %d dots, dropped %q\n%s", len(s.Stream), len(sent), s.Dots, s.Dropped, s.Text())
		})
	}
}
