package printer_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

var (
	each     = flag.Bool("each", false, "TestStrayEverywhere and TestCutAtEveryByte leave no place out, nor TestLongPaperOut a printer; so does the gate")
	seeds    = flag.Int("torture.seeds", 80, "how many random fault schedules TestTorture plays; the gate plays 300")
	oneSeed  = flag.Uint64("torture.seed", 0, "play only this schedule and print its story")
	tortured = []string{"epson-tm-t88", "epson-tm-t88", "epson-lan", "epson-cover-switch", "gprinter-80", "clone-no-gsh",
		"clone-parse-proof", "clone-lagging", "clone-lan-drops", "clone-truncates", "nz", "hprt-tp80k"}
)

// TestTorture prints a dozen slips while everything goes wrong that can, with a small journal beside it, and then looks
// at the paper.
//
//   - P2, P4: what was sent lies there at most once, and a copy is sent again only with another print number.
//   - P3: what is called printed or processed lies there in full, also when that was learned late.
//   - Nothing is held for ever: when all faults are mended every slip gets an end. Some slips are of 5 to 20 KB, which
//     does not fit the printer's buffer.
func TestTorture(t *testing.T) {
	from, to := uint64(1), uint64(*seeds)
	switch {
	case *oneSeed != 0:
		from, to = *oneSeed, *oneSeed
	case testing.Short():
		to = min(to, 40)
	}
	const groups = 4 // that run beside each other
	for first := from; first < from+groups; first++ {
		t.Run(fmt.Sprintf("from seed %d", first), func(t *testing.T) {
			t.Parallel()
			for seed := first; seed <= to && !t.Failed(); seed += groups {
				synctest.Test(t, func(t *testing.T) { newTorture(t, seed).run() })
			}
		})
	}
}

// A copyNo is one attempt in the journal.
type copyNo struct {
	tag     string
	rows    int
	base    printer.ID
	outcome printer.Outcome
	late    bool
}

// torture is one schedule with its journal.
type torture struct {
	t     *testing.T
	seed  uint64
	r     *rand.Rand
	v     *virtual.Printer
	prof  profile.Profile
	model string
	wired bool   // a serial line: it stays when the power goes
	flow  string // its handshake, "" for none
	baud  int    // behind a device server, which stays as well; 0: there is none
	lines context.Context
	store storeMap

	mu    sync.Mutex
	p     *printer.Printer
	story strings.Builder
	begun time.Time
	log   []*copyNo
	ids   int
}

func newTorture(t *testing.T, seed uint64) *torture {
	k := &torture{t: t, seed: seed, r: rand.New(rand.NewPCG(seed, 7)), begun: time.Now(), store: storeMap{}}
	k.model = tortured[k.r.IntN(len(tortured))]
	k.wired = k.r.IntN(3) == 0
	name := "generic-80"
	if strings.HasPrefix(k.model, "epson") {
		name = "epson-tm-t88"
	}
	prof, err := profile.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	k.prof = *prof
	k.prof.BufferBytes = 4096
	k.prof.SpeedMMS = 250
	k.prof.ClearDC4 = k.r.IntN(2) == 0
	k.prof.PaperOut = []string{"restart", "resume"}[k.r.IntN(2)]
	o := virtual.Options{Model: k.model, Speed: virtual.Real, MMPerSecond: 250}
	switch {
	case k.wired:
		o.Baud = 19200
		k.flow = []string{"", "xonxoff", "dtr"}[k.r.IntN(3)]
		o.Flow = map[string]virtual.Flow{"xonxoff": virtual.XONXOFF, "dtr": virtual.None}[k.flow]
	case k.r.IntN(3) == 0:
		k.baud = []int{9600, 19200, 115200}[k.r.IntN(3)]
		o.Baud, o.DeviceServer = k.baud, true
	}
	k.v = virtual.New(o)
	k.say("seed %d: %s, policy %s, clear %v, wired %v %s, device server %d", seed, k.model, k.prof.PaperOut, k.prof.ClearDC4, k.wired, k.flow, k.baud)
	return k
}

func (k *torture) say(format string, args ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	fmt.Fprintf(&k.story, "%8.3f  ", time.Since(k.begun).Seconds())
	fmt.Fprintf(&k.story, format+"\n", args...)
}

func (k *torture) fail(format string, args ...any) {
	k.t.Errorf("go test -run TestTorture -torture.seed=%d\n%s\n%s\npaper:\n%s",
		k.seed, fmt.Sprintf(format, args...), k.story.String(), k.paper())
}

// paper tells what lies on the counter.
func (k *torture) paper() string {
	var b strings.Builder
	for _, p := range k.v.Pieces() {
		fmt.Fprintf(&b, "--- piece %d torn=%v garbage=%v interrupted=%v\n%s\n", p.N, p.Torn, p.Garbage, p.Interrupted, p.Text())
	}
	return b.String()
}

func (k *torture) run() {
	lines, cut := context.WithCancel(context.Background())
	defer cut()
	k.lines = lines
	faults, stopFaults := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { k.trouble(faults) })
	stop := k.start(printer.ID{})
	restarts := k.r.IntN(3) == 0
	for job := range 12 {
		if restarts && job == 6 {
			stop = k.restart(stop)
		}
		k.job(job)
		if k.r.IntN(3) == 0 {
			time.Sleep(time.Duration(k.r.IntN(4000)) * time.Millisecond)
		}
		if k.t.Failed() {
			break
		}
	}
	stopFaults()
	wg.Wait()
	time.Sleep(30 * time.Second) // late proofs
	stop()
	cut()
	time.Sleep(2 * time.Second)
	tearOff(k.t, k.v)
	k.check()
	if *oneSeed != 0 {
		k.t.Logf("%s\npaper:\n%s", k.story.String(), k.paper())
	}
}

// start runs a Printer; the function it returns stops it.
func (k *torture) start(unsettled printer.ID) func() {
	caps := link.Caps{BackChannel: true}
	cfg := printer.Config{
		Name: "front", Device: "test://front", Profile: &k.prof, Unsettled: func() printer.ID { return unsettled },
		Open: func(context.Context) (link.Conn, error) {
			if k.v.State().Link == "drop" {
				return nil, errNoRoute
			}
			host, device := net.Pipe()
			go k.v.Serve(k.lines, device)
			conn := link.Conn(newLossy(host, caps))
			if k.flow != "" {
				conn = &handshaked{Conn: conn, v: k.v, flow: k.flow}
			}
			return conn, nil
		},
		Store: k.store, OnProof: k.lateProof,
		OnChange: func(s printer.Status) {
			k.say("status %s %s %s", s.State, s.Reason, s.Alarm)
		},
	}
	if k.wired {
		caps.BitsPerSec, caps.BitsPerByte = 19200, 10
	} else {
		cfg.IdleClose = 2 * time.Second
	}
	p := printer.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := p.Run(ctx); err != nil {
			k.t.Error(err)
		}
	}()
	k.mu.Lock()
	k.p = p
	k.mu.Unlock()
	return func() { cancel(); <-done }
}

// restart ends the process between two slips and begins another.
func (k *torture) restart(stop func()) func() {
	stop()
	k.say("receiptd starts again")
	var open printer.ID
	if n := len(k.log); n > 0 && (k.log[n-1].outcome.State == printer.Uncertain || k.log[n-1].outcome.State == printer.Cancelled) {
		open = k.log[n-1].base
	}
	return k.start(open)
}

// lateProof settles an attempt as the journal does.
func (k *torture) lateProof(id printer.ID, _ time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range k.log {
		if c.base == id {
			c.late = true
		}
	}
}

// job prints one slip until it has an end. A person answers what is not known after a look at the paper.
func (k *torture) job(job int) {
	rows := 4 + k.r.IntN(40)
	bands := max(k.r.IntN(3)-1, 0)
	if k.r.IntN(8) == 0 { // longer than the printer's buffer: 5 to 20 KB
		rows, bands = 100+k.r.IntN(300), 3+k.r.IntN(8)
	}
	limit := time.Now().Add(6 * time.Hour)
	pause := 500 * time.Millisecond
	for no := 1; ; {
		if time.Now().After(limit) {
			k.fail("job %d has no end", job)
			return
		}
		c := &copyNo{tag: fmt.Sprintf("job%02d print%d", job, no), rows: rows}
		slip := testSlip(c.tag, rows)
		for range bands {
			band := append([]byte("\x1dv0\x00\x10\x00\x40\x00"), bytes.Repeat([]byte{0xaa}, 1024)...)
			slip.Content = append(slip.Content, band...)
			slip.Dots += 64
		}
		o := k.p.Print(context.Background(), printer.Attempt{Slip: slip,
			Begin: func(context.Context) (printer.ID, error) {
				k.mu.Lock()
				defer k.mu.Unlock()
				k.ids += 4
				c.base = printer.ID{'T', ' ', ' ', ' '}.Plus(k.ids)
				k.log = append(k.log, c)
				return c.base, nil
			},
			Report: func(s printer.State, r printer.Reason) { k.say("%s: %s %s", c.tag, s, r) },
		})
		k.mu.Lock()
		c.outcome = o
		k.mu.Unlock()
		k.say("%s: %s %s tier %c cut %v bytes %d %s", c.tag, o.State, o.Reason, max(o.Tier, ' '), o.Cut, o.Bytes, o.Message)
		switch o.State {
		case printer.Printed, printer.Processed, printer.Sent:
			return
		case printer.NotSent:
			time.Sleep(pause)
			pause = min(pause*5/4, 30*time.Second)
			if c.base != (printer.ID{}) {
				no++
			}
		case printer.Cancelled:
			no++
		case printer.Uncertain:
			if k.r.IntN(2) == 0 {
				return // stays open
			}
			no++
		default:
			k.fail("outcome %+v", o)
			return
		}
	}
}

// trouble makes faults, each mended after a while, until ctx ends; then everything is well.
func (k *torture) trouble(ctx context.Context) {
	r := rand.New(rand.NewPCG(k.seed, 11))
	yes, no := true, false
	for ctx.Err() == nil {
		nap(ctx, time.Duration(r.IntN(6000))*time.Millisecond)
		if ctx.Err() != nil {
			break
		}
		f := []struct{ name, on, off any }{
			{"paper", virtual.Change{Paper: "out"}, virtual.Change{Paper: "ok"}},
			{"cover", virtual.Change{Cover: "open"}, virtual.Change{Cover: "closed"}},
			{"head", virtual.Change{Head: "hot"}, virtual.Change{Head: "ok"}},
			{"cutter", virtual.Change{Cutter: "jam"}, virtual.Change{Cutter: "ok"}},
			{"power", k.power("off"), nil},
			{"link", virtual.Change{Link: "drop"}, virtual.Change{Link: "up"}},
			{"blip", virtual.Change{Link: "blip"}, virtual.Change{}},
			{"mute", virtual.Change{Mute: &yes}, virtual.Change{Mute: &no}},
			{"broken", virtual.Change{Error: "unrecoverable"}, nil},
		}[r.IntN(9)]
		switch r.IntN(3) {
		case 0:
			k.v.AfterBytes(r.IntN(1500), f.on.(virtual.Change))
		case 1:
			k.v.AtDots(r.IntN(1500), f.on.(virtual.Change))
		default:
			k.v.Set(f.on.(virtual.Change))
		}
		k.say("fault %s", f.name)
		outage := time.Duration(r.IntN(20000)) * time.Millisecond
		if r.IntN(25) == 0 { // a lunch break, or an evening
			outage *= time.Duration(1 + r.IntN(500))
		}
		nap(ctx, outage)
		k.v.ClearHooks()
		if f.off == nil {
			k.v.Set(k.power("off"))
			time.Sleep(1200 * time.Millisecond) // no printer starts faster
			k.v.Set(virtual.Change{Error: "none"})
			k.v.Set(k.power("on"))
		} else {
			k.v.Set(f.off.(virtual.Change))
		}
		k.mu.Lock()
		p := k.p
		k.mu.Unlock()
		p.JamCleared(context.Background())
		k.say("mended %s", f.name)
	}
	k.v.ClearHooks()
}

// power is a Change of the power switch: on a network the link goes with it.
func (k *torture) power(to string) virtual.Change {
	c := virtual.Change{Power: to}
	if !k.wired && k.baud == 0 {
		c.Link = map[string]string{"on": "up", "off": "drop"}[to]
	}
	return c
}

// nap sleeps unless ctx ends.
func nap(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// check compares journal and paper.
func (k *torture) check() {
	var all strings.Builder
	garbage := map[string]bool{}
	for _, p := range k.v.Pieces() {
		text := p.Text()
		all.WriteString(text + "\n")
		for _, c := range k.log {
			if p.Garbage && strings.Contains(text, c.tag+" row") {
				garbage[c.tag] = true
			}
		}
	}
	// A line may be lost when a cover opens in it and repeated when a cutter goes on.
	const missing = 2
	seen := map[string]bool{}
	for _, c := range k.log {
		rows, twice := 0, 0
		mine := linesWith(all.String(), c.tag+" row")
		for i := range c.rows {
			switch n := strings.Count(mine, rowText(c.tag, i, c.rows)); {
			case n > 1:
				twice++
			case n == 1:
				rows++
			}
		}
		whole := rows+twice >= c.rows-missing
		if twice > 2 {
			k.fail("%s lies there twice: %d rows", c.tag, twice)
		}
		if seen[c.tag] {
			k.fail("%s was begun twice", c.tag)
		}
		seen[c.tag] = true
		claimed := c.outcome.State == printer.Printed || c.outcome.State == printer.Processed || c.late
		if claimed && !whole {
			k.fail("%s is %s (late %v), but %d of %d rows lie there", c.tag, c.outcome.State, c.late, rows, c.rows)
		}
		if claimed && garbage[c.tag] {
			k.fail("%s is %s, and there is garbage on its piece", c.tag, c.outcome.State)
		}
		if c.outcome.State == printer.NotSent && rows > 0 {
			k.fail("%s was not sent, but %d rows lie there", c.tag, rows)
		}
		if k.t.Failed() {
			return
		}
	}
}

// linesWith gives the lines that hold s.
func linesWith(text, s string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, s) {
			b.WriteString(line)
		}
	}
	return b.String()
}
