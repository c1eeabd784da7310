package printer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestProbeHearsWho: a probe learns what the device says of itself, never its serial number, and a device that does not say it is as
// well known as before.
func TestProbeHearsWho(t *testing.T) {
	epson := printer.Said{Firmware: "1.00 ESC/POS", Maker: "EPSON", Model: "TM-T88V", HasIDs: true, IDs: printer.IDs{0x20, 3, 3}}
	text := func(s string) string { return "_" + s + "\x00" }
	for name, c := range map[string]struct {
		model string
		say   map[byte]string // instead of its own answers
		cover bool
		tier  byte
		want  func(printer.Said) printer.Said
	}{
		"it says all":              {tier: 'A', want: func(s printer.Said) printer.Said { return s }},
		"it says nothing":          {say: map[byte]string{65: "", 66: "", 67: "", 1: "", 2: "", 3: ""}, tier: 'A', want: func(printer.Said) printer.Said { return printer.Said{} }},
		"it knows two of them":     {say: map[byte]string{65: "", 2: ""}, tier: 'A', want: func(s printer.Said) printer.Said { return printer.Said{Maker: s.Maker, Model: s.Model} }},
		"a text that ends nowhere": {say: map[byte]string{66: "_" + strings.Repeat("a", 10_000)}, tier: 'A', want: func(s printer.Said) printer.Said { s.Maker = ""; return s }},
		"10 kB":                    {say: map[byte]string{66: text(strings.Repeat("a", 10_000))}, tier: 'A', want: func(s printer.Said) printer.Said { s.Maker = ""; return s }},
		"81 bytes":                 {say: map[byte]string{66: text(strings.Repeat("a", 81))}, tier: 'A', want: func(s printer.Said) printer.Said { s.Maker = ""; return s }},
		"80 bytes":                 {say: map[byte]string{66: text(strings.Repeat("a", 80))}, tier: 'A', want: func(s printer.Said) printer.Said { s.Maker = strings.Repeat("a", 80); return s }},
		"commands":                 {say: map[byte]string{67: text("TM\x1b@T88")}, tier: 'A', want: func(s printer.Said) printer.Said { return printer.Said{Firmware: s.Firmware, Maker: s.Maker} }},
		"not ASCII":                {say: map[byte]string{65: text("\xd6\xd0")}, tier: 'A', want: func(s printer.Said) printer.Said { s.Firmware = ""; return s }},
		"each twice":               {say: map[byte]string{65: text("a") + text("a")}, tier: 'A', want: func(printer.Said) printer.Said { return printer.Said{} }},
		"its ids come at once":     {model: "clone-parse-proof", say: map[byte]string{66: ""}, tier: 'A', want: func(s printer.Said) printer.Said { return printer.Said{Firmware: s.Firmware} }},
		"it has no ids":            {model: "clone-no-gsh", tier: 'B', want: func(printer.Said) printer.Said { return printer.Said{} }},
	} {
		bubble(t, name, func(t *testing.T) {
			store, asked := storeMap{"test://front": printer.Known{Tier: 'A', Said: printer.Said{Maker: "BEFORE"}}}, &questioned{say: c.say}
			b := newBench(t, options{model: virtual.Options{Model: c.model, Speed: virtual.Real}, profile: "generic-80", config: func(cfg *printer.Config) {
				cfg.Store = store
				through(cfg, func(conn link.Conn) link.Conn { return &talker{Conn: conn, q: asked} })
			}})
			defer b.stop()
			r, err := b.p.Probe(context.Background(), printer.ProbeOptions{})
			if err != nil || r.Tier != c.tier {
				t.Fatalf("%+v, %v", r, err)
			}
			if got, want := store["test://front"].Said, c.want(epson); got != want || b.p.Status().Said != want {
				t.Errorf("learned %+v\n   want %+v\n  shown %+v", got, want, b.p.Status().Said)
			}
			if asked.times("\x1dI\x44") > 0 {
				t.Error("its serial number was asked for")
			}
			sent := asked.times("\x1dI")
			if o := b.print("next", 5); o.State != printer.Printed && o.State != printer.Processed {
				t.Errorf("the next slip: %+v", o)
			}
			if n := asked.times("\x1dI"); n != sent {
				t.Errorf("asked %d times more for a slip", n-sent)
			}
			if store["test://front"].Said != c.want(epson) {
				t.Errorf("a slip later it is %+v", store["test://front"].Said)
			}
		})
	}
}

// questioned is what a device was sent.
type questioned struct {
	say map[byte]string
	mu  sync.Mutex
	all []byte // guarded by mu
}

// times gives how often what was sent.
func (q *questioned) times(what string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return bytes.Count(q.all, []byte(what))
}

// A talker is a device that answers some of GS I in its own way.
type talker struct {
	link.Conn
	q    *questioned
	said []byte // to be read first; guarded by q.mu
}

func (x *talker) Write(b []byte) (int, error) {
	x.q.mu.Lock()
	x.q.all = append(x.q.all, b...)
	left := b
	if i := bytes.Index(b, []byte("\x1dI")); i >= 0 && i+2 < len(b) {
		if own, is := x.q.say[b[i+2]]; is {
			x.said = append(x.said, own...)
			left = append(bytes.Clone(b[:i]), b[i+3:]...)
		}
	}
	x.q.mu.Unlock()
	if _, err := x.Conn.Write(left); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (x *talker) Read(b []byte) (int, error) {
	if n := x.first(b, nil); n > 0 {
		return n, nil
	}
	n, err := x.Conn.Read(b)
	return x.first(b, b[:n]), err
}

// first puts what it says in its own way before what came.
func (x *talker) first(b, came []byte) int {
	x.q.mu.Lock()
	defer x.q.mu.Unlock()
	all := append(bytes.Clone(x.said), came...)
	n := copy(b, all)
	x.said = all[n:]
	return n
}

// TestSaidFile: what an older receiptd has kept is read on, and what no device may say does not come out of a file either.
func TestSaidFile(t *testing.T) {
	var old printer.Known
	if err := json.Unmarshal([]byte(`{"tier":65,"early":false,"behind":true,"failures":0,"at":"2026-08-11T12:00:00Z"}`), &old); err != nil || old.Tier != 'A' || old.Said != (printer.Said{}) {
		t.Errorf("%+v, %v", old, err)
	}
	bubble(t, "", func(t *testing.T) {
		bad := printer.Said{Firmware: strings.Repeat("a", 500), Maker: "E\x1b@", Model: "TM", HasIDs: true, IDs: printer.IDs{0x10}}
		b := newBench(t, options{config: func(c *printer.Config) { c.Store = storeMap{"test://front": {Tier: 'A', Said: bad}} }})
		defer b.stop()
		if got := b.p.Status().Said; got != (printer.Said{Model: "TM"}) {
			t.Errorf("%+v", got)
		}
	})
}
