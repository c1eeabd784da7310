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
	q := &request{probe: true, slip: Slip{}, cover: o.Cover, begin: o.Begin, step: o.Report, done: make(chan struct{}),
		err: fmt.Errorf("probe %s: %w", p.cfg.Name, context.Canceled)}
	p.hand(ctx, q)
	return q.result, q.err
}

// probeSlip is 20 cm of paper in plain characters, which every printer has, the last of them tall.
func (s *settings) probeSlip() Slip {
	var b strings.Builder
	b.WriteString(escpos.Reset + escpos.ReportAll)
	for i := range probeRows {
		fmt.Fprintf(&b, "%02d receiptd proof test ----\n", i+1)
	}
	if s.tall() == tallDots {
		b.WriteString("\x1d!\x77")
	}
	for range tallRows {
		b.WriteString("OK\n")
	}
	slip := Slip{Content: []byte(b.String()), Dots: probeRows*probeDots + tallRows*s.tall()}
	if s.prof.Cutter != "" {
		slip.Cut = []byte(escpos.FeedAndCut)
	}
	return slip
}

// tall is the paper length of the probe's last rows, in dots.
func (s *settings) tall() int {
	if s.prof.Magnify < 8 || !s.prof.GSBangCJK { // GS ! is not known to work
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
