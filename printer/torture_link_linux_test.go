package printer_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

var realSeeds = flag.Int("torture.real", 1, "how many fault schedules TestTortureLinks plays on each kind of link, in real time")

// TestTortureLinks is TestTorture in real time over what the system has: a socket of a printer with a small window that
// serves one connection at a time, and a pseudo terminal with XON/XOFF on which overrun bytes are lost.
func TestTortureLinks(t *testing.T) {
	for seed := range uint64(*realSeeds) {
		for _, kind := range []string{"tcp", "xonxoff", "none"} {
			t.Run(fmt.Sprintf("%s %d", kind, seed+1), func(t *testing.T) {
				t.Parallel() // it mostly waits
				newLinkTorture(t, kind, seed+1).onLink(kind)
			})
		}
	}
}

// newLinkTorture is a schedule on a printer whose paper is fast, so that a slip takes a tenth of a second.
func newLinkTorture(t *testing.T, kind string, seed uint64) *torture {
	prof, err := profile.Load("epson-tm-t88")
	if err != nil {
		t.Fatal(err)
	}
	k := &torture{t: t, seed: seed, r: rand.New(rand.NewPCG(seed, uint64(len(kind)))), prof: *prof, begun: time.Now(), store: storeMap{}}
	k.prof.ClearDC4 = k.r.IntN(2) == 0
	k.prof.PaperOut = []string{"restart", "resume"}[k.r.IntN(2)]
	m := custom("epson-tm-t88", func(m *virtual.Model) { m.CutMillis = 20 })
	o := virtual.Options{Custom: m, Speed: virtual.Real, MMPerSecond: 500, Window: 2048}
	if kind != "tcp" {
		k.wired, o.Baud = true, 115200
		if kind == "none" {
			o.Flow = virtual.None
		}
	}
	k.v = virtual.New(o)
	k.say("seed %d on %s, policy %s, clear %v", seed, kind, k.prof.PaperOut, k.prof.ClearDC4)
	return k
}

// serve puts the virtual printer on its link and gives the device URL.
func (k *torture) serve(ctx context.Context, kind string, wg *sync.WaitGroup) string {
	if kind == "tcp" {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			k.t.Fatal(err)
		}
		wg.Go(func() {
			if err := k.v.ServeTCP(ctx, ln); err != nil {
				k.t.Error(err)
			}
		})
		return "tcp://" + ln.Addr().String()
	}
	path := filepath.Join(k.t.TempDir(), "tty")
	wg.Go(func() {
		if err := k.v.ServePTY(ctx, path); err != nil {
			k.t.Error(err)
		}
	})
	awaitPTY(k.t, path)
	return "serial://" + path + "?baud=115200&flow=" + kind
}

// onLink runs the schedule and compares journal and paper.
func (k *torture) onLink(kind string) {
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	device := k.serve(ctx, kind, &wg)
	cfg := printer.Config{
		Name: "front", Device: device, Profile: &k.prof, Store: k.store, OnProof: k.lateProof, IdleClose: 200 * time.Millisecond,
		Open:     func(ctx context.Context) (link.Conn, error) { return link.Open(ctx, device, link.Options{}) },
		OnChange: func(s printer.Status) { k.say("status %s %s %s", s.State, s.Reason, s.Alarm) },
	}
	k.p = printer.New(cfg)
	run, stop := context.WithCancel(context.Background())
	wg.Go(func() {
		if err := k.p.Run(run); err != nil {
			k.t.Error(err)
		}
	})
	faults, stopFaults := context.WithCancel(context.Background())
	var trouble sync.WaitGroup
	trouble.Go(func() { k.shortTrouble(faults) })
	for job := range 3 {
		k.job(job)
	}
	stopFaults()
	trouble.Wait()
	proven := func() bool {
		k.mu.Lock()
		defer k.mu.Unlock()
		o := k.log[len(k.log)-1].outcome
		return o.State == printer.Printed || o.State == printer.Processed
	}
	k.job(3) // all is well: late proofs have come before this one's
	for more := 4; more < 10 && !proven(); more++ {
		k.job(more) // a machine that stood still just then lost bytes on the wire, or the proof
	}
	stop()
	still, done := context.WithTimeout(ctx, time.Minute)
	_ = k.v.Await(still, func(s virtual.State) bool { return s.Idle })
	done()
	cancel()
	wg.Wait()
	tearOff(k.t, k.v)
	if !proven() {
		k.fail("all is well, and the last slip is %s", k.log[len(k.log)-1].outcome.State)
	}
	k.check()
	if testing.Verbose() {
		k.t.Log(strings.TrimSpace(k.story.String()))
	}
}

// shortTrouble makes faults of a fraction of a second at exact bytes and lines, until ctx ends; then everything is well.
func (k *torture) shortTrouble(ctx context.Context) {
	r := rand.New(rand.NewPCG(k.seed, 13))
	yes, no := true, false
	kinds := 7
	if k.wired { // a wire that loses bytes for a moment: no answer of a printer tells that any are missing
		kinds = 6
	}
	for ctx.Err() == nil {
		f := []struct {
			name    string
			on, off virtual.Change
		}{
			{"paper", virtual.Change{Paper: "out"}, virtual.Change{Paper: "ok"}},
			{"cover", virtual.Change{Cover: "open"}, virtual.Change{Cover: "closed"}},
			{"head", virtual.Change{Head: "hot"}, virtual.Change{Head: "ok"}},
			{"link", virtual.Change{Link: "drop"}, virtual.Change{Link: "up"}},
			{"blip", virtual.Change{Link: "blip"}, virtual.Change{}},
			{"mute", virtual.Change{Mute: &yes}, virtual.Change{Mute: &no}},
			{"half open", virtual.Change{Link: "half_open"}, virtual.Change{Link: "up"}},
		}[r.IntN(kinds)]
		if r.IntN(2) == 0 {
			k.v.AfterBytes(r.IntN(1500), f.on)
		} else {
			k.v.AtDots(r.IntN(1000), f.on)
		}
		k.say("fault %s", f.name)
		nap(ctx, time.Duration(300+r.IntN(900))*time.Millisecond)
		k.v.ClearHooks()
		if err := k.v.Set(f.off); err != nil {
			k.t.Error(err)
		}
		k.say("mended %s", f.name)
		nap(ctx, time.Duration(r.IntN(400))*time.Millisecond)
	}
}
