package printer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

// ErrNotReady is wrapped by Probe when the printer cannot print now; the text ends with the Reason.
var ErrNotReady = errors.New("printer is not ready")

// A ProbeStep is a stage of a probe, told to the person who stands at the printer.
type ProbeStep string

// The stages.
const (
	ProbePrinting   ProbeStep = "printing"    // 20 cm of paper come out
	ProbeOpenCover  ProbeStep = "open_cover"  // now open the cover
	ProbeListening  ProbeStep = "listening"   // leave it open for some seconds
	ProbeCloseCover ProbeStep = "close_cover" // now close it
)

// ProbeOptions say how to probe. All fields may be zero.
type ProbeOptions struct {
	// Begin gives the id of the probe's slip, as for an Attempt; nil takes a random one.
	Begin func(ctx context.Context) (ID, error)
	// Cover asks a person to open and close the cover, to see that a proof stays away meanwhile.
	Cover  bool
	Report func(ProbeStep) // tells of stages; nil tells nobody
}

// ProbeResult is what a probe found out.
type ProbeResult struct {
	Tier   byte          // 'A' to 'D': the best proof the printer gives
	Early  bool          // its ids come before it has printed
	Auto   bool          // it tells of changes by itself
	Took   time.Duration // from the first byte to the id; 0 when none came
	Least  time.Duration // what the mechanism needs at least for this paper length
	Cover  bool          // the cover was opened and closed
	Silent bool          // with the cover open it gave no proof, as it should
}

const (
	probeRows  = 47
	tallRows   = 2   // at the end, as tall as characters get
	tallDots   = 192 // 24 dots eight times, Epson programming guide, GS !
	probeDots  = 30  // default line pitch, Epson programming guide, ESC 2
	coverTime  = time.Minute
	listenTime = 3 * time.Second
)

// Probe prints 20 cm and finds out by the printer's behaviour, not by its name, which proof it gives; the tier is then
// remembered for the device, whatever was remembered before. It waits for slips under way and blocks for some seconds,
// with Cover as long as the person takes, at most two minutes. An error means that nothing was learned.
func (p *Printer) Probe(ctx context.Context, o ProbeOptions) (ProbeResult, error) {
	if o.Report == nil {
		o.Report = func(ProbeStep) {}
	}
	if o.Begin == nil {
		o.Begin = func(context.Context) (ID, error) { return randomID(), nil }
	}
	var r ProbeResult
	err := fmt.Errorf("probe %s: %w", p.cfg.Name, context.Canceled)
	p.hand(ctx, func(ctx context.Context) {
		before := p.known
		p.probing, p.known = true, Known{}
		r, err = p.probe(ctx, o)
		p.probing = false
		if err != nil {
			p.known = before
			p.showTier()
			err = fmt.Errorf("probe %s: %w", p.cfg.Name, err)
			return
		}
		p.doubt = false
		p.learn(Known{Tier: r.Tier, Early: r.Early, Behind: r.Tier == 'A' && !r.Early})
	})
	return r, err
}

// probe is Probe on Run's goroutine.
func (p *Printer) probe(ctx context.Context, o ProbeOptions) (ProbeResult, error) {
	o.Report(ProbePrinting)
	a := &attempt{Attempt: Attempt{Slip: p.probeSlip(), Begin: o.Begin}}
	out := p.attempt(ctx, a)
	r := ProbeResult{Tier: out.Tier, Early: p.known.Early, Least: a.mech, Auto: p.w != nil && p.w.asb}
	switch out.State {
	case NotSent:
		return r, fmt.Errorf("%w: %s %s", ErrNotReady, out.Reason, out.Message)
	case Printed, Processed, Sent:
	default:
		return r, fmt.Errorf("the test slip ended as %s: %s", out.State, out.Reason)
	}
	if !a.f1.IsZero() {
		r.Took = a.f1.Sub(a.t0)
		r.Tier = 'A'
		// The rated speed alone does not tell: most printers are slower than their family's fastest, and a small print
		// buffer holds back the reading. But the last line is tall: even on a slow serial line what stands behind it is
		// read long before it is printed.
		r.Early = r.Early || !a.behind
	}
	if o.Cover && r.Tier == 'A' {
		silent, err := p.probeCover(ctx, o, a.id)
		if err != nil {
			return r, err
		}
		r.Cover, r.Silent = true, silent
		r.Early = r.Early || !silent
	}
	return r, nil
}

// probeCover looks whether a proof stays away while the cover is open, and comes when it is closed.
func (p *Printer) probeCover(ctx context.Context, o ProbeOptions, id ID) (bool, error) {
	o.Report(ProbeOpenCover)
	if !p.until(ctx, coverTime, func() bool { return p.st.CoverOpen }) {
		return false, errors.New("the cover was not opened, or the printer does not tell")
	}
	p.fence = id.Plus(stepHold)
	p.fenced = false
	if !p.idleWriter(ctx) || !p.put(ctx, escpos.AppendFence([]byte("\n"), p.fence)) {
		return false, errors.New("the link went")
	}
	o.Report(ProbeListening)
	early := p.until(ctx, listenTime, func() bool { return p.fenced })
	o.Report(ProbeCloseCover)
	if !p.until(ctx, coverTime, func() bool { return !p.st.CoverOpen && !p.mute() }) {
		return false, errors.New("the cover was not closed")
	}
	if !p.until(ctx, againMargin, func() bool { return p.fenced }) {
		return false, errors.New("no proof came after the cover was closed")
	}
	return !early, nil
}

// until asks the printer every second until done, and reports false when that takes too long.
func (p *Printer) until(ctx context.Context, limit time.Duration, done func() bool) bool {
	for end := time.Now().Add(limit); !done(); {
		if ctx.Err() != nil || !time.Now().Before(end) || !p.open(ctx) {
			return false
		}
		if p.look(ctx); done() {
			return true
		}
		p.step(ctx, sooner(time.Now().Add(pollBusy), end), nil)
	}
	return true
}

// probeSlip is 20 cm of paper in plain characters, which every printer has, the last of them tall.
func (p *Printer) probeSlip() Slip {
	var b strings.Builder
	b.WriteString(escpos.Reset + escpos.ReportAll)
	for i := range probeRows {
		fmt.Fprintf(&b, "%02d receiptd proof test ----\n", i+1)
	}
	if p.tall() == tallDots {
		b.WriteString("\x1d!\x77")
	}
	for range tallRows {
		b.WriteString("OK\n")
	}
	s := Slip{Content: []byte(b.String()), Dots: probeRows*probeDots + tallRows*p.tall()}
	if p.prof.Cutter != "" {
		s.Cut = []byte(escpos.FeedAndCut)
	}
	return s
}

// tall is the paper length of the probe's last rows, in dots.
func (p *Printer) tall() int {
	if p.prof.Magnify < 8 || !p.prof.GSBangCJK { // GS ! is not known to work
		return probeDots
	}
	return tallDots
}

// randomID is an id for a printer that no journal counts for.
func randomID() ID {
	var id ID
	_, _ = rand.Read(id[:]) // never fails
	for i := range id {
		id[i] = 0x20 + id[i]%95
	}
	return id
}
