// Package recording keeps what is said on the link to a printer while receiptd finds out what that printer can do: bytes, times and
// answers, in a file that a person can read, send in and replay with `receiptd virtual-printer --replay`.
//
// A recording holds no slip: only the bytes of a probe are recorded, and those are receiptd's own. It holds no address and no name,
// and a serial number that the printer tells is replaced by a hash with a secret that is thrown away.
//
// The file is JSON Lines: a Head, then one Event per line, and the probe's result at the end. Nothing is kept across a crash: the
// file is written whole at the end.
package recording

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/receiptd/receiptd/printer/link"
)

// Format is the number of the file's form.
const Format = 1

// A Head is the first line of a recording.
type Head struct {
	Format  int    `json:"receiptd_recording"`
	Made    string `json:"made"`    // the day
	Version string `json:"version"` // of receiptd
	Profile string `json:"profile"` // of receiptd's configuration
	Dots    int    `json:"dots"`    // width of the print head, by the profile
	Cutter  bool   `json:"cutter"`  // by the profile
	Link    string `json:"link"`    // tcp, serial, usb, usbprint, windows
	Note    string `json:"note"`
}

// note is what a person reads who opens the file.
const note = "No slip data: these are the bytes of a probe. Serial numbers are hashed."

// An Event is something that happened on the link. Exactly one of Link, Out and In is set.
type Event struct {
	MS   float64 `json:"ms"`             // since the recording began, milliseconds
	Link string  `json:"link,omitempty"` // open, failed, closed
	Out  string  `json:"out,omitempty"`  // bytes that the link took, in hexadecimal
	In   string  `json:"in,omitempty"`   // bytes that came back
}

// mostBytes bounds a recording; a probe takes some kilobytes.
const mostBytes = 1 << 20

// A Recorder collects one recording. Its methods may be called from any goroutine.
type Recorder struct {
	head Head

	mu     sync.Mutex // guards what follows
	began  time.Time
	events []event
	size   int
}

// event is an Event before it is written.
type event struct {
	at   time.Time
	link string
	out  bool
	data []byte
}

// New begins a recording. Format, Made and Note of h are filled in.
func New(h Head) *Recorder {
	now := time.Now()
	h.Format, h.Made, h.Note = Format, now.Format(time.DateOnly), note
	return &Recorder{head: h, began: now}
}

// Wrap gives an open function whose links are recorded.
func (r *Recorder) Wrap(open func(context.Context) (link.Conn, error)) func(context.Context) (link.Conn, error) {
	return func(ctx context.Context) (link.Conn, error) {
		c, err := open(ctx)
		if err != nil {
			r.add(event{link: "failed"})
			return nil, err
		}
		r.add(event{link: "open"})
		t := &tap{Conn: c, r: r}
		if s, ok := c.(flowing); ok {
			return &flowTap{tap: t, flowing: s}, nil
		}
		return t, nil
	}
}

// add keeps an event with a copy of its bytes, and gives its place; -1: the recording is full.
func (r *Recorder) add(e event) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.size += len(e.data); r.size > mostBytes {
		return -1
	}
	e.at, e.data = time.Now(), append([]byte(nil), e.data...)
	r.events = append(r.events, e)
	return len(r.events) - 1
}

// write records a write before it is done, since its answer may come before it returns, and then how much the link took.
func (r *Recorder) write(p []byte, write func([]byte) (int, error)) (int, error) {
	at := r.add(event{out: true, data: p})
	n, err := write(p)
	if at >= 0 {
		r.mu.Lock()
		r.events[at].data = r.events[at].data[:n]
		r.mu.Unlock()
	}
	return n, err
}

// A tap is a link whose bytes are recorded.
type tap struct {
	link.Conn
	r *Recorder
}

// Read records what came.
func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	if n > 0 {
		t.r.add(event{data: p[:n]})
	}
	return n, err
}

// Write records what the link took.
func (t *tap) Write(p []byte) (int, error) { return t.r.write(p, t.Conn.Write) }

// Close records that the link was closed.
func (t *tap) Close() error {
	t.r.add(event{link: "closed"})
	return t.Conn.Close()
}

// flowing is a link with flow control of its own; each of them offers all three.
type flowing interface {
	link.Urgent
	link.Handshake
	link.Resumer
}

// A flowTap is a tap of such a link.
type flowTap struct {
	*tap
	flowing
}

// WriteUrgent records what the link took.
func (t *flowTap) WriteUrgent(p []byte) (int, error) { return t.r.write(p, t.flowing.WriteUrgent) }

// Write writes the recording, with the probe's result as its last line; nil: the probe failed.
func (r *Recorder) Write(w io.Writer, result any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r.head); err != nil {
		return err
	}
	for _, e := range hideSerials(r.events) {
		line := Event{MS: float64(e.at.Sub(r.began).Microseconds()) / 1000, Link: e.link}
		switch {
		case e.link == "" && len(e.data) == 0:
			continue // the link took nothing of it
		case e.out:
			line.Out = hex.EncodeToString(e.data)
		default:
			line.In = hex.EncodeToString(e.data)
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return enc.Encode(map[string]any{"result": result})
}
