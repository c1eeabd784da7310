package recording_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/recording"
	"github.com/receiptd/receiptd/printer/virtual"
)

// scripted is a printer that says one thing for each write, in parts.
func scripted(t *testing.T, answers ...[]string) func(context.Context) (link.Conn, error) {
	return func(context.Context) (link.Conn, error) {
		host, device := net.Pipe()
		go func() {
			buf := make([]byte, 64)
			for _, parts := range answers {
				if _, err := device.Read(buf); err != nil {
					return
				}
				for _, part := range parts {
					if _, err := device.Write([]byte(part)); err != nil {
						return
					}
				}
			}
		}()
		t.Cleanup(func() { host.Close() })
		return conn{host}, nil
	}
}

// A serial number is in no recording, however it arrives, and nobody can find it by trying.
func TestSerialNumbersAreHidden(t *testing.T) {
	const serial = "X9Z8-1234567"
	for name, c := range map[string]struct {
		send    []string
		answers [][]string
		keeps   string
	}{
		"whole":                     {[]string{"\x1dIC", "\x1dID"}, [][]string{{"_TM-T20\x00"}, {"_" + serial + "\x00"}}, "TM-T20"},
		"in parts":                  {[]string{"\x1dID"}, [][]string{{"_X9Z8", "-123", "4567\x00"}}, ""},
		"XOFF and XON within":       {[]string{"\x1dID"}, [][]string{{"_X9Z8\x13\x11-1234567\x00"}}, ""},
		"a question went by before": {[]string{"\x1dIC", "\x1dID"}, [][]string{nil, {"_" + serial + "\x00"}}, ""},
		"asked in one write":        {[]string{"\x1dIC\x1dID"}, [][]string{{"_TM-T20\x00_" + serial + "\x00"}}, ""},
		"the question in parts":     {[]string{"\x1d", "ID"}, [][]string{nil, {"_" + serial + "\x00"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			rec := recording.New(recording.Head{Link: "tcp"})
			c1, err := rec.Wrap(scripted(t, c.answers...))(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range c.send {
				if _, err := c1.Write([]byte(s)); err != nil {
					t.Fatal(err)
				}
				for range c.answers[i] {
					if _, err := c1.Read(make([]byte, 64)); err != nil {
						t.Fatal(err)
					}
				}
			}
			var first, second bytes.Buffer
			if err := errors.Join(rec.Write(&first, nil), rec.Write(&second, nil)); err != nil {
				t.Fatal(err)
			}
			if first.String() == second.String() {
				t.Error("the hash is the same each time: whoever has the file can try serial numbers")
			}
			all := ""
			for _, line := range strings.Split(first.String(), "\n") {
				if _, in, ok := strings.Cut(line, `"in":"`); ok {
					b, _ := hex.DecodeString(strings.TrimSuffix(in, `"}`))
					all += string(b)
				}
			}
			for _, part := range []string{"X9Z8", "1234567", "-123"} {
				if strings.Contains(all, part) {
					t.Errorf("%q is in the recording: %q", part, all)
				}
			}
			if !strings.Contains(all, c.keeps) {
				t.Errorf("%q is not in the recording: %q", c.keeps, all)
			}
		})
	}
}

const made = `{"receiptd_recording":1,"dots":384,"cutter":false}
{"ms":0,"link":"open"}
{"ms":0,"in":"2b"}
{"ms":10,"out":"100401"}
{"ms":260,"in":"12"}
{"ms":300,"out":"100404"}
{"ms":310,"in":"1e"}
{"ms":400,"out":"1d4943"}
{"ms":405,"in":"5f4d59"}
{"ms":406,"in":"5000"}
{"ms":500,"out":"1d7201"}
{"ms":2000,"out":"1d61ff"}
{"ms":2001,"in":"1000000f"}
{"ms":3000,"link":"closed"}
{"result":null}
`

// A replayed printer says what was recorded, when it was, and changes of it by what happens to it; what was not answered stays so.
func TestReplay(t *testing.T) {
	base, _ := virtual.ModelByName("")
	device, err := virtual.ReadRecording(strings.NewReader(made), base)
	if err != nil {
		t.Fatal(err)
	}
	if m := device.Model(); m.Dots != 384 || !m.NoCutter || !m.NoGSR || m.NoASB || m.NoDLEEOT {
		t.Errorf("model %+v", m)
	}
	synctest.Test(t, func(t *testing.T) {
		p := virtual.New(virtual.Options{Replay: device, Speed: virtual.Real})
		open, stop := to(p)
		c, _ := open(t.Context())
		ask := func(what, send, want string, after time.Duration) {
			t.Helper()
			if send != "" {
				if _, err := c.Write([]byte(send)); err != nil {
					t.Fatal(err)
				}
			}
			began, got := time.Now(), ""
			for buf := make([]byte, 64); len(got) < max(len(want), 1); {
				_ = c.SetReadDeadline(began.Add(5 * time.Second))
				n, err := c.Read(buf)
				if got += string(buf[:n]); err != nil {
					break
				}
			}
			if took := time.Since(began); got != want || want != "" && took != after {
				t.Errorf("%s: % X after %v, want % X after %v", what, got, took, want, after)
			}
		}
		ask("greeting", "", "+", 0)
		ask("status", "\x10\x04\x01", "\x12", 250*time.Millisecond)
		ask("paper, near the end as recorded", "\x10\x04\x04", "\x1e", 10*time.Millisecond)
		ask("identity", "\x1dIC", "_MYP\x00", 5*time.Millisecond)
		ask("never answered", "\x1dr\x01", "", 0)
		ask("automatic status", "\x1da\xff", "\x10\x00\x00\x0f", time.Millisecond)
		if err := p.Set(virtual.Change{Paper: "out"}); err != nil {
			t.Fatal(err)
		}
		ask("it changes", "", "\x18\x00\x0f\x0f", 0)
		ask("status without paper", "\x10\x04\x01", "\x1a", 250*time.Millisecond)
		c.Close()
		stop()
	})
}

func TestBadRecordings(t *testing.T) {
	base, _ := virtual.ModelByName("")
	for _, s := range []string{`{"ms":0,"link":"open"}`, `{"receiptd_recording":2}`, "{\"receiptd_recording\":1}\nx", "{\"receiptd_recording\":1}\n{\"in\":\"0\"}"} {
		if _, err := virtual.ReadRecording(strings.NewReader(s), base); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

// Nothing in the recordings that come with receiptd is a shop's.
func TestRecordingsHoldNoSerial(t *testing.T) {
	for _, model := range recordedModels {
		file, err := os.ReadFile("testdata/virtual-" + model + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(file), hex.EncodeToString([]byte("VIRTUAL001"))) {
			t.Errorf("%s tells its serial number", model)
		}
	}
}
