package daemon

import (
	"context"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/templates"
	"github.com/receiptd/receiptd/vocabulary"
)

// twoStations is the printing with the printers front, whose slips may go to back, and back, both running and ready.
func twoStations(t *testing.T, proof string) (p *printing, front *station, paper *virtual.Printer) {
	t.Helper()
	set, err := templates.Load(templates.Options{Dir: t.TempDir(), Locale: "en"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() { cancel(); running.Wait() })
	var stations []*station
	var papers []*virtual.Printer
	for _, name := range []string{"front", "back"} {
		v := virtual.New(virtual.Options{})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() { _ = v.ServeTCP(ctx, l) })
		c := config.Printer{Name: name, Device: "tcp://" + l.Addr().String(), Profile: "generic-80", Proof: proof, Failover: "back"}
		s, err := newStation(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		ready := make(chan struct{})
		once := sync.OnceFunc(func() { close(ready) })
		s.printer = printer.New(printer.Config{Name: name, Device: c.Device, Profile: s.profile, Proof: proof,
			Open: func(ctx context.Context) (link.Conn, error) { return link.Open(ctx, c.Device, link.Options{}) },
			OnChange: func(st printer.Status) {
				if st.State == printer.Ready {
					once()
				}
			}})
		running.Go(func() { _ = s.printer.Run(ctx) })
		<-ready
		stations, papers = append(stations, s), append(papers, v)
	}
	cfg := config.Default()
	for _, s := range stations {
		cfg.Printers = append(cfg.Printers, s.cfg)
	}
	p = &printing{now: &inForce{}, log: slog.New(slog.DiscardHandler)}
	p.now.Store(&setup{cfg: cfg, stations: stations, templates: set})
	return p, stations[0], papers[0]
}

// delivery is a copy for front.
func delivery(t *testing.T, begin error) queue.Delivery {
	t.Helper()
	data, err := os.ReadFile("../../examples/jobs/01-sale-chip.json")
	if err != nil {
		t.Fatal(err)
	}
	return queue.Delivery{CopyID: "x", Job: job.Parse(data).Job, Copy: "merchant", Printer: "front",
		Begin:  func(context.Context) (queue.ProofID, error) { return queue.ProofID{'A', 'B', 'C', 'D'}, begin },
		Report: func(queue.State, vocabulary.Reason) {}}
}

// TestFailoverOnlyUnwell: slips leave a printer only because that printer is unwell, and never one that stands in for
// another.
func TestFailoverOnlyUnwell(t *testing.T) {
	t.Parallel()
	p, s, paper := twoStations(t, "A")
	wait := func() {
		for time.Since(s.printer.Status().Since) < failoverAfter {
			time.Sleep(50 * time.Millisecond)
		}
	}
	wait()
	if r := p.deliver(t.Context(), s, delivery(t, queue.ErrSkip)); r.MoveTo != "" {
		t.Errorf("a copy that is no longer wanted moves to %q", r.MoveTo)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if r := p.deliver(stopped, s, delivery(t, nil)); r.MoveTo != "" {
		t.Errorf("when the daemon stops a copy moves to %q", r.MoveTo)
	}
	if err := paper.Set(virtual.Change{Paper: "out"}); err != nil {
		t.Fatal(err)
	}
	for s.printer.Status().State != printer.OnHold {
		time.Sleep(10 * time.Millisecond)
	}
	wait()
	auto := delivery(t, nil)
	auto.Auto = true
	if r := p.deliver(t.Context(), s, auto); r.MoveTo != "" {
		t.Errorf("a copy that stands in for another moves to %q", r.MoveTo)
	}
	for { // on a busy machine a late answer makes it unwell in another way, which begins anew
		r := p.deliver(t.Context(), s, delivery(t, nil))
		if r.MoveTo == "back" {
			break
		} else if r.MoveTo != "" || r.State != queue.Queued {
			t.Fatalf("without paper a copy moves to %q: %+v", r.MoveTo, r)
		}
		wait()
	}
}

// TestAutoNeedsProof: an order comes out again by itself only at a printer that answers fences.
func TestAutoNeedsProof(t *testing.T) {
	for _, proof := range []string{"A", "C"} {
		p, s, _ := twoStations(t, proof)
		auto := delivery(t, nil)
		auto.Auto = true
		if r := p.deliver(t.Context(), s, auto); r.Unproven != (proof == "C") {
			t.Errorf("tier %s: %+v", proof, r)
		}
	}
}
