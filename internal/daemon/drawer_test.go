package daemon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

const (
	pulse  = "\x1bp\x00\x19\xfa"
	opened = "\x1b@" + pulse + "RECEIPT\nCoffee 4.00\n%s\n\x1dV\x42\x00"
)

// pulses waits for nothing: it gives how often the drawer was opened.
func (s *testShop) pulses() int64 { return s.printers["front"].State().Counters.Drawer }

// openings gives what the journal has of them.
func (s *testShop) openings() []queue.Opening {
	s.t.Helper()
	q := s.journal()
	defer q.Close()
	list, err := q.Drawers.List(s.t.Context(), 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// opened waits until the drawer was opened so often, and no more. Where it is not to be opened at all, that is told at the end only.
func (s *testShop) opened(n int64) {
	s.t.Helper()
	s.await(fmt.Sprintf("%d pulses", n), func() bool { return s.pulses() >= n })
	if got := s.pulses(); got != n {
		s.t.Errorf("%d pulses, want %d", got, n)
	}
}

// TestDroppedDrawer: a file opens the drawer where the configuration allows it, once, and is told what became of it.
func TestDroppedDrawer(t *testing.T) {
	for _, allow := range []bool{false, true} {
		t.Run(fmt.Sprint(allow), func(t *testing.T) {
			s := newTestShop(t, virtual.Options{}, "front")
			list := ""
			if allow {
				list = "drawer_open"
			}
			s.write("", "front")
			data, err := os.ReadFile(s.config)
			if err != nil {
				t.Fatal(err)
			}
			s.put(strings.Replace(string(data), "[spool]\n", fmt.Sprintf("[spool]\nallow = [%q]\n", list), 1))
			if !allow {
				s.put(string(data))
			}
			s.set("front", virtual.Change{DrawerHas: "spring"})
			s.start()
			order := func(name, id string) {
				t.Helper()
				s.drop(name, fmt.Appendf(nil, `{"job_id":%q,"kind":"command","payload":{"command":"drawer_open","operator_no":"07","reason":"change"}}`, id))
			}
			drop := func(name string) { t.Helper(); order(name, "d1") }
			says := func(name, what string) {
				t.Helper()
				s.await(name+": "+what, func() bool {
					b, _ := os.ReadFile(filepath.Join(s.dir, "spool", "results", name))
					return strings.Contains(string(b), what)
				})
			}
			drop("a.json")
			if !allow {
				says("a.json", `"not_permitted"`)
				s.end()
				if n := s.pulses(); n != 0 {
					t.Errorf("%d pulses", n)
				}
				return
			}
			says("a.json", `"state": "sent"`)
			want := int64(1)
			for name := "a.json"; ; want++ { // a busy machine may look too late: then nothing is said of the drawer
				seen := time.Now().Add(3 * time.Second)
				s.await(name+" to be seen", func() bool {
					b, _ := os.ReadFile(filepath.Join(s.dir, "spool", "results", name))
					return strings.Contains(string(b), `"seen": "open"`) || time.Now().After(seen)
				})
				if time.Now().Before(seen) {
					break
				}
				s.set("front", virtual.Change{Drawer: "closed"})
				name = fmt.Sprintf("a%d.json", want)
				order(name, fmt.Sprintf("again%d", want))
				says(name, `"state": "sent"`)
			}
			drop("b.json")
			says("b.json", `"duplicate"`)
			s.end()
			s.start()
			drop("c.json")
			says("c.json", `"duplicate"`)
			s.end()
			if n := s.pulses(); n != want {
				t.Errorf("%d pulses, want %d", n, want)
			}
		})
	}
}

// TestCapturedDrawer: the drawer is opened for a program as the configuration says, once for each slip, and for none that comes again.
func TestCapturedDrawer(t *testing.T) {
	for _, c := range []struct {
		how  string
		each int64
	}{{"pass", 1}, {"ask", 0}, {"never", 0}} {
		t.Run(c.how, func(t *testing.T) {
			s, addr := captured(t, virtual.Options{}, fmt.Sprintf("drawer=%q", c.how))
			send := func(what string) {
				t.Helper()
				if err := prints(t, addr, []byte(what)); err != nil {
					t.Fatal(err)
				}
			}
			first := fmt.Sprintf(opened, "no 1")
			send(first)
			s.pieces(1) // and the pulse is asked for
			s.opened(c.each)
			send(first)
			send(first)
			second := fmt.Sprintf(opened, "no 2") + pulse // one within, one behind its cut
			send(second)
			s.opened(3 * c.each)
			send(second)
			s.pieces(2)
			s.end()
			if n := s.pulses(); n != 3*c.each {
				t.Errorf("%d pulses", n)
			}
			want := map[string]int{"pass": 3, "ask": 3}[c.how]
			list := s.openings()
			if len(list) != want {
				t.Errorf("%d openings, want %d", len(list), want)
			}
			for _, o := range list { // what is asked ends with receiptd, and opens nothing
				if sent := o.State == vocabulary.OpeningSent; sent != (c.each > 0) {
					t.Errorf("%+v", o)
				}
			}
		})
	}
}
