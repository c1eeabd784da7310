package printer_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

// A slow printer that drops what it has when its connection is closed keeps the whole slip, although nothing tells when it has
// come out: the link is given back when the paper must have stopped, and so is it when the program ends.
func TestLinkOutlastsThePaper(t *testing.T) {
	slow := custom("clone-truncates", func(m *virtual.Model) { m.Speed, m.LookAhead, m.NoGSH, m.NoGSR = 50, 30, true, true })
	session := link.Caps{BackChannel: true, Session: true}
	for name, row := range map[string]struct {
		proof string
		ends  bool
	}{"D, link given back": {"D", false}, "D, program ends": {"D", true}, "C, link given back": {"C", false}, "C, program ends": {"C", true}} {
		bubble(t, name, func(t *testing.T) {
			b := newBench(t, options{profile: "generic-80", model: virtual.Options{Custom: slow, Speed: virtual.Real}, caps: session,
				config: func(c *printer.Config) { c.Proof, c.IdleClose = row.proof, 2*time.Second }})
			want(t, b.print("one", 30), printer.Sent, "") // 11 cm: more than 2 s of paper
			if row.ends {
				b.stop()
			}
			time.Sleep(20 * time.Second)
			if got := b.v.State().Counters.BytesLost; got > 0 {
				t.Errorf("%d bytes lost when the link was closed", got)
			}
			if got := b.pieces(); len(got) == 0 || !whole(got[0], "one", 30) {
				t.Errorf("on the counter: %q", got)
			}
			if b.p.Status().State != printer.Idle && !row.ends {
				t.Errorf("the link is kept for good: %+v", b.p.Status())
			}
		})
	}
}

// A link that is kept open, and over which nothing has come back for 10 s, is replaced: it may be dead on this side only.
func TestSilentLinkIsReplaced(t *testing.T) {
	for _, idle := range []time.Duration{0, time.Hour} {
		bubble(t, idle.String(), func(t *testing.T) {
			var dead atomic.Bool // of the first link: nothing passes, nobody tells
			opened := 0
			b := newBench(t, options{config: func(c *printer.Config) {
				c.IdleClose, c.Proof = idle, "A"
				through(c, func(conn link.Conn) link.Conn {
					if opened++; opened > 1 {
						return conn
					}
					return swallower{conn, &dead}
				})
			}})
			want(t, b.print("one", 5), printer.Printed, "")
			time.Sleep(3 * time.Second)
			dead.Store(true)
			done := make(chan printer.Outcome, 1)
			go func() {
				for {
					if o := b.print("two", 5); o.State != printer.NotSent {
						done <- o
						return
					}
					time.Sleep(time.Second)
				}
			}()
			select {
			case o := <-done:
				want(t, o, printer.Printed, "")
			case <-time.After(30 * time.Second):
				t.Fatalf("the dead link is kept: %+v", b.p.Status())
			}
		})
	}
}

// swallower is a link that takes everything and passes nothing on once it is dead.
type swallower struct {
	link.Conn
	dead *atomic.Bool
}

func (c swallower) Write(b []byte) (int, error) {
	if c.dead.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// goodbye is a link that ends as soon as it is read.
type goodbye struct{ pipe }

func (goodbye) Read([]byte) (int, error)        { return 0, errors.Join(link.ErrLost, io.EOF) }
func (goodbye) Write(b []byte) (int, error)     { return len(b), nil }
func (goodbye) SetReadDeadline(time.Time) error { return nil }

// A peer that accepts each connection and ends it is asked as seldom as one that refuses, also by the slips that wait.
func TestAcceptAndClose(t *testing.T) {
	bubble(t, "minute", func(t *testing.T) {
		var knocks atomic.Int64
		var well atomic.Bool
		b := newBench(t, options{config: func(c *printer.Config) {
			c.Proof = "A"
			open := c.Open
			c.Open = func(ctx context.Context) (link.Conn, error) {
				knocks.Add(1)
				conn, err := open(ctx)
				if err != nil || well.Load() {
					return conn, err
				}
				return goodbye{conn.(pipe)}, nil
			}
		}})
		for range 60 { // what the queue does: at each change of state, and at least once a second
			want(t, b.print("one", 5), printer.NotSent, printer.LinkDown)
			time.Sleep(time.Second)
		}
		if n := knocks.Load(); n > 20 {
			t.Errorf("%d connections in a minute", n)
		}
		well.Store(true)
		time.Sleep(6 * time.Second)
		want(t, b.print("two", 5), printer.Printed, "")
		if o := b.print("three", 5); o.State != printer.Printed {
			t.Errorf("then %+v", o)
		}
	})
}

// A printer that ends the connection at its cut has not died: what is claimed is what it would be without the cut's own proof.
func TestPrinterEndsTheConnection(t *testing.T) {
	for name, row := range map[string]struct {
		edit  func(*virtual.Model)
		proof string
		want  printer.State
	}{
		"A":                 {func(*virtual.Model) {}, "A", printer.Printed},
		"B":                 {func(m *virtual.Model) { m.NoGSH = true }, "B", printer.Sent},
		"C":                 {func(m *virtual.Model) { m.NoGSH, m.NoGSR = true, true }, "C", printer.Sent},
		"D":                 {func(m *virtual.Model) { m.NoGSH, m.NoGSR, m.NoDLEEOT, m.NoASB = true, true, true, true }, "D", printer.Sent},
		"D, before its end": {func(m *virtual.Model) { m.NoGSH = true }, "D", printer.Sent},
	} {
		bubble(t, name, func(t *testing.T) {
			model := custom("generic-80", func(m *virtual.Model) { m.ClosesAtCut = true; row.edit(m) })
			b := newBench(t, options{profile: "generic-80", model: virtual.Options{Custom: model, Speed: virtual.Real},
				config: func(c *printer.Config) {
					c.Proof = row.proof
					through(c, func(conn link.Conn) link.Conn { return ended{conn} })
				}})
			for _, tag := range []string{"one", "two", "three"} {
				o := b.print(tag, 20)
				want(t, o, row.want, "")
				time.Sleep(5 * time.Second)
			}
			got := b.pieces()
			for i, tag := range []string{"one", "two", "three"} {
				if len(got) <= i || !whole(got[i], tag, 20) {
					t.Errorf("on the counter: %q", got)
				}
			}
		})
	}
}

// The power cut of a printer that has taken all bytes is no end in order.
func TestDeadPrinterIsNotEndedInOrder(t *testing.T) {
	bubble(t, "reset", func(t *testing.T) {
		model := custom("generic-80", func(m *virtual.Model) { m.NoGSH, m.NoGSR = true, true })
		b := newBench(t, options{profile: "generic-80", model: virtual.Options{Custom: model, Speed: virtual.Real}, config: func(c *printer.Config) { c.Proof = "C" }})
		b.v.AtDots(100, virtual.Change{Link: "blip"})
		o := b.print("one", 20)
		if o.State == printer.Sent && b.v.State().Counters.BytesLost > 0 {
			t.Errorf("outcome %+v", o)
		}
		if o.State != printer.Uncertain {
			t.Errorf("a connection that broke off: %+v", o)
		}
	})
}

// ended says of each end what a TCP link says of a FIN.
type ended struct{ link.Conn }

func (c ended) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if errors.Is(err, io.EOF) {
		err = errors.Join(link.ErrLost, link.ErrEnded)
	}
	return n, err
}

// A printer without a cutter feeds far enough that a person tears behind the last row, on every profile; another distance is the
// configuration's.
func TestTornOffWhole(t *testing.T) {
	for _, name := range profile.Names() {
		shared, err := profile.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if shared.Cutter != "" {
			continue
		}
		for _, bar := range []int{120, 200} {
			bubble(t, name, func(t *testing.T) {
				prof := shared
				if bar > 120 {
					prof = shared.WithFeed(bar)
				}
				model := custom("generic-58", func(m *virtual.Model) { m.HeadToCut = bar })
				b := newBench(t, options{profile: name, edit: func(p *profile.Profile) { *p = *prof }, model: virtual.Options{Custom: model, Speed: virtual.Max}})
				slip, words := rendered(t, prof, "sale")
				if prof.TwoByte == "" {
					words = nil // drawn as dots
				}
				for n := range 3 {
					o := b.p.Print(t.Context(), b.attempt(slip))
					if o.State == printer.NotSent || o.State == printer.Uncertain {
						t.Fatalf("outcome %+v", o)
					}
					synctest.Wait() // until the printer has taken what the link passed on
					if err := b.v.Await(t.Context(), func(s virtual.State) bool { return s.Idle }); err != nil {
						t.Fatal(err)
					}
					b.set(virtual.Change{Tear: true})
					pieces := b.v.Pieces()
					if len(pieces) == 0 {
						t.Fatal("nothing to tear off")
					}
					if got := pieces[len(pieces)-1].Text(); len(pieces) != n+1 || !holds(got, words) || got != pieces[0].Text() {
						t.Errorf("bar at %d: slip %d is torn off as %q", bar, n+1, got)
					}
				}
				if left := b.v.State(); left.Counters.Unknown > 0 {
					t.Errorf("%d commands unknown", left.Counters.Unknown)
				}
			})
		}
	}
}

// A sensor that lies holds every slip; a person's word that nothing is to be asked (proof = "D") gets them out.
func TestLyingSensor(t *testing.T) {
	for _, sensor := range []string{"paper", "cover"} {
		bubble(t, sensor, func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, before: func(b *bench) { b.set(virtual.Change{Lies: sensor}) }})
			o := b.print("one", 5)
			if o.State != printer.NotSent || o.Reason != printer.PaperOut && o.Reason != printer.CoverOpen {
				t.Errorf("outcome %+v", o)
			}
		})
		bubble(t, sensor+", asked nothing", func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Speed: virtual.Real}, config: func(c *printer.Config) { c.Proof = "D" },
				before: func(b *bench) { b.set(virtual.Change{Lies: sensor}) }})
			want(t, b.print("one", 5), printer.Sent, "")
			time.Sleep(5 * time.Second)
			if got := b.pieces(); len(got) != 1 || !whole(got[0], "one", 5) {
				t.Errorf("on the counter: %q", got)
			}
		})
	}
}

// holds says whether all words lie on a piece of paper, which may break between them.
func holds(paper string, words []string) bool {
	paper = strings.Join(strings.Fields(paper), "")
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(paper, w) })
}

// A customer display on the line leaves the printer deselected: a slip brings it back where that is known to work, and the display
// gets the line back where the shop says so.
func TestSelect(t *testing.T) {
	for name, row := range map[string]struct {
		profile string
		selects bool
		after   int
		comes   bool
	}{
		"Epson":                {"epson-tm-t88", false, 0, true},
		"Epson with a display": {"epson-tm-t88", false, 2, true},
		"generic":              {"generic-80", false, 0, false},
		"generic, told so":     {"generic-80", true, 3, true},
	} {
		bubble(t, name, func(t *testing.T) {
			b := newBench(t, options{profile: row.profile, model: virtual.Options{Model: "epson-tm-t88", Speed: virtual.Real},
				edit: func(p *profile.Profile) { *p = *p.WithSelect(row.selects, row.after) }})
			slip, words := rendered(t, &b.prof, "sale")
			for range 2 {
				host, device := net.Pipe()
				go func() { _ = b.v.Serve(b.lines, device) }()                        // it returns nil
				if _, err := host.Write([]byte("\x1b=\x02 thank you ")); err != nil { // the display's program
					t.Fatal(err)
				}
				synctest.Wait()
				host.Close()
				o := b.p.Print(t.Context(), b.attempt(slip))
				if came := o.State == printer.Printed || o.State == printer.Processed; came != row.comes {
					t.Errorf("outcome %+v", o)
				}
			}
			synctest.Wait()
			if err := b.v.Await(t.Context(), func(s virtual.State) bool { return s.Idle }); err != nil {
				t.Fatal(err)
			}
			got := b.v.Pieces()
			if row.comes && (len(got) != 2 || !holds(got[0].Text(), words) || !holds(got[1].Text(), words)) || !row.comes && len(got) > 0 {
				t.Errorf("%d pieces", len(got))
			}
			host, device := net.Pipe()
			go func() { _ = b.v.Serve(b.lines, device) }()                 // it returns nil
			if _, err := host.Write([]byte("total 12.00\n")); err != nil { // the display's program, which counts on its line
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if leaked := slices.ContainsFunc(b.pieces(), func(s string) bool { return strings.Contains(s, "12.00") }); leaked != (row.comes && row.after != 2) {
				t.Errorf("what the display is told is on the paper: %v", leaked)
			}
		})
	}
}
