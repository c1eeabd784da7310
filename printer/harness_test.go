package printer_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/internal/parallel"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

func TestMain(m *testing.M) {
	parallel.AtLeast(16) // those in real time mostly wait
	os.Exit(m.Run())
}

// lineDots is the paper length of one row of testSlip.
const lineDots = 30

// testSlip is a slip of so many rows, each with its tag and number, so that a piece of paper tells what is on it.
func testSlip(tag string, rows int) printer.Slip {
	var b strings.Builder
	b.WriteString("\x1b@\x1c&\x1da\xff")
	for i := range rows {
		b.WriteString(rowText(tag, i, rows) + "\n")
	}
	return printer.Slip{Content: []byte(b.String()), Cut: []byte("\x1dVB\x00"), Dots: rows * lineDots}
}

func rowText(tag string, i, rows int) string {
	return fmt.Sprintf("%s row %02d of %02d", tag, i+1, rows)
}

// whole says whether text holds all rows of a slip.
func whole(text, tag string, rows int) bool {
	for i := range rows {
		if !strings.Contains(text, rowText(tag, i, rows)) {
			return false
		}
	}
	return true
}

// errNoRoute is what opening a link gives while the printer's is cut.
var errNoRoute = errors.New("no route to the printer")

// pipe is a link over net.Pipe.
type pipe struct {
	net.Conn
	caps link.Caps
}

func (c pipe) Drain(time.Time) error { return nil }
func (c pipe) Caps() link.Caps       { return c.caps }

// A bench is a virtual printer with a Printer before it.
type bench struct {
	t    *testing.T
	v    *virtual.Printer
	p    *printer.Printer
	prof profile.Profile
	caps link.Caps
	stop func()
	// lines is what the virtual printer's links live in: it outlives Run.
	lines context.Context

	mu   sync.Mutex
	ids  int
	late []printer.ID
	held []string
}

// options of a bench.
type options struct {
	model   virtual.Options
	profile string
	edit    func(*profile.Profile)
	config  func(*printer.Config)
	caps    link.Caps
	before  func(b *bench) // runs before Run
}

// newBench builds a bench inside a synctest bubble and runs it until the test ends.
func newBench(t *testing.T, o options) *bench {
	t.Helper()
	if o.profile == "" {
		o.profile = "epson-tm-t88"
	}
	prof, err := profile.Load(o.profile)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, prof: *prof, caps: link.Caps{BackChannel: true}}
	if o.caps != (link.Caps{}) {
		b.caps = o.caps
	}
	if o.edit != nil {
		o.edit(&b.prof)
	}
	if o.model.Model == "" && o.model.Custom == nil {
		o.model.Model = "epson-tm-t88"
	}
	b.v = virtual.New(o.model)
	ctx, cancel := context.WithCancel(context.Background())
	lines, cut := context.WithCancel(context.Background())
	b.lines = lines
	cfg := printer.Config{
		Name: "front", Device: "test://front", Profile: &b.prof, Open: b.open(lines),
		OnProof: func(id printer.ID, _ time.Time) {
			b.mu.Lock()
			b.late = append(b.late, id)
			b.mu.Unlock()
		},
	}
	if o.config != nil {
		o.config(&cfg)
	}
	if o.before != nil {
		o.before(b)
	}
	b.p = printer.New(cfg)
	done := make(chan error, 1)
	go func() { done <- b.p.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		cut()
	})
	t.Cleanup(b.stop)
	return b
}

// open gives a link to the virtual printer as a network: refused while it is cut.
func (b *bench) open(ctx context.Context) func(context.Context) (link.Conn, error) {
	return func(context.Context) (link.Conn, error) {
		if b.v.State().Link == "drop" {
			return nil, errNoRoute
		}
		host, device := net.Pipe()
		go b.v.Serve(ctx, device)
		return pipe{host, b.caps}, nil
	}
}

// nextID gives ids as the journal does: blocks of four.
func (b *bench) nextID() printer.ID {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ids += 4
	return printer.ID{'A', ' ', ' ', ' '}.Plus(b.ids)
}

// attempt makes an attempt to print slip.
func (b *bench) attempt(s printer.Slip) printer.Attempt {
	return printer.Attempt{
		Slip:  s,
		Begin: func(context.Context) (printer.ID, error) { return b.nextID(), nil },
		Report: func(s printer.State, r printer.Reason) {
			b.mu.Lock()
			b.held = append(b.held, strings.TrimSpace(string(s)+" "+string(r)))
			b.mu.Unlock()
		},
	}
}

func (b *bench) print(tag string, rows int) printer.Outcome {
	b.t.Helper()
	return b.p.Print(context.Background(), b.attempt(testSlip(tag, rows)))
}

// through puts something between a printer and its link.
func through(c *printer.Config, wrap func(link.Conn) link.Conn) {
	open := c.Open
	c.Open = func(ctx context.Context) (link.Conn, error) {
		conn, err := open(ctx)
		if err != nil {
			return nil, err
		}
		return wrap(conn), nil
	}
}

// reports gives what was reported on the way so far.
func (b *bench) reports() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.held)
}

// proofs gives the ids that came late so far.
func (b *bench) proofs() []printer.ID {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.late)
}

// set makes something happen to the virtual printer.
func (b *bench) set(c virtual.Change) {
	b.t.Helper()
	if err := b.v.Set(c); err != nil {
		b.t.Fatal(err)
	}
}

// pieces gives the texts of what lies on the counter, scraps without text aside, with what still hangs out of the printer torn off.
func (b *bench) pieces() []string {
	b.tearOff()
	synctest.Wait() // until what the button made it say has been heard
	var out []string
	for _, p := range b.v.Pieces() {
		if text := p.Text(); strings.TrimSpace(text) != "" {
			out = append(out, text)
		}
	}
	return out
}

// tearOff does that as well, and waits until the printer has told that it was offline meanwhile: a slip that begins before is held by it.
func (b *bench) tearOff() {
	b.t.Helper()
	tearOff(b.t, b.v)
	synctest.Wait()
}

// tearOff feeds what is printed out of the printer and tears it off.
func tearOff(t *testing.T, v *virtual.Printer) {
	t.Helper()
	for range 10 {
		if err := v.Set(virtual.Change{Button: "feed"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Set(virtual.Change{Tear: true}); err != nil {
		t.Fatal(err)
	}
}

// want checks state and reason of an outcome.
func want(t *testing.T, o printer.Outcome, s printer.State, r printer.Reason) {
	t.Helper()
	if o.State != s || o.Reason != r {
		t.Errorf("outcome %q %q (%+v), want %q %q", o.State, o.Reason, o, s, r)
	}
}

// bubble runs f in its own time.
func bubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}
