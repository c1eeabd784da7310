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

// A probe is how far a probe is.
type probe struct {
	on     bool
	before Known // what was known
	cover  bool  // a person opens and closes it
	phase  probePhase
	until  time.Time // until when the phase may last
	r      ProbeResult
	fence  ID // asked for with the cover open
	fenced bool
	early  bool // it came back with the cover open
}

// probePhase is what the probe waits for.
type probePhase uint8

const (
	probeSlips  probePhase = iota // its slip
	probeOpen                     // the cover is opened
	probeFence                    // the fence leaves
	probeListen                   // no proof comes
	probeClose                    // the cover is closed
	probeProof                    // the proof comes
)

// beginProbe puts what is known aside.
func (m *machine) beginProbe(cover bool) {
	m.probe = probe{on: true, before: m.known, cover: cover}
	m.known = Known{}
	m.task.slip = m.set.probeSlip()
	m.emit(effect{kind: doStep, step: ProbePrinting})
}

// probed takes in how the probe's slip ended.
func (m *machine) probed(o Outcome, a *attempt) {
	p := &m.probe
	p.r = ProbeResult{Tier: o.Tier, Early: m.known.Early, Auto: m.up() && m.line.book.Auto}
	switch o.State {
	case NotSent:
		m.endProbe(fmt.Errorf("%w: %s %s", ErrNotReady, o.Reason, o.Message))
		return
	case Printed, Processed, Sent:
	default:
		m.endProbe(fmt.Errorf("the test slip ended as %s: %s", o.State, o.Reason))
		return
	}
	p.r.Least = a.facts.Mech
	c := m.evidenceOf(a)
	if f1 := c.FirstAt(); !f1.IsZero() {
		p.r.Took = f1.Sub(a.t.Began())
		p.r.Tier = 'A'
		// The rated speed alone does not tell: most printers are slower than their family's fastest, and a small print
		// buffer holds back the reading. But the last line is tall: even on a slow serial line what stands behind it is
		// read long before it is printed.
		p.r.Early = p.r.Early || !c.FoundBehind()
	}
	if !p.cover || p.r.Tier != 'A' {
		m.endProbe(nil)
		return
	}
	p.fence = a.id.Plus(stepHold)
	m.to(probing, "a person opens the cover")
	m.probeFor(probeOpen, coverTime)
	m.emit(effect{kind: doStep, step: ProbeOpenCover})
}

// probeFor goes to the probe's next phase.
func (m *machine) probeFor(phase probePhase, limit time.Duration) {
	m.probe.phase, m.probe.until = phase, m.now.Add(limit)
	m.pollAt = m.now
}

// stepProbing looks whether a proof stays away while the cover is open, and comes when it is closed. The printer is asked every
// second.
func (m *machine) stepProbing() bool {
	p := &m.probe
	if m.task.cancel || m.line.state == lineDown && m.task.refused {
		m.endProbe(context.Canceled)
		return true
	}
	if m.probeDone() {
		return true
	}
	switch {
	case !m.now.Before(p.until):
		return m.probeLate()
	case m.line.state == lineDown:
		m.open()
	case m.up() && p.phase != probeFence && !m.now.Before(m.pollAt):
		m.pollAt = m.now.Add(pollBusy)
		m.startLook(forCover)
		return true
	}
	m.at(sooner(m.pollAt, p.until))
	return false
}

// probeDone goes on when what the phase waits for has happened.
func (m *machine) probeDone() bool {
	p := &m.probe
	switch p.phase {
	case probeOpen:
		if !m.st.CoverOpen {
			return false
		}
		p.fenced = false
		m.startPut(escpos.AppendFence([]byte("\n"), p.fence))
		m.probeFor(probeFence, coverTime)
	case probeFence:
		switch done, failed := m.putOver(); {
		case failed:
			m.endProbe(errors.New("the link went"))
		case done:
			m.emit(effect{kind: doStep, step: ProbeListening})
			m.probeFor(probeListen, listenTime)
		default:
			return false
		}
	case probeListen:
		if !p.fenced {
			return false
		}
		return m.probeLate()
	case probeClose:
		if m.st.CoverOpen || m.mute() {
			return false
		}
		m.probeFor(probeProof, againMargin)
	case probeProof:
		if !p.fenced {
			return false
		}
		p.r.Cover, p.r.Silent = true, !p.early
		p.r.Early = p.r.Early || p.early
		m.endProbe(nil)
	}
	return true
}

// probeLate goes on when the time of a phase is over.
func (m *machine) probeLate() bool {
	p := &m.probe
	switch p.phase {
	case probeListen:
		p.early = p.fenced
		m.emit(effect{kind: doStep, step: ProbeCloseCover})
		m.probeFor(probeClose, coverTime)
	case probeOpen:
		m.endProbe(errors.New("the cover was not opened, or the printer does not tell"))
	case probeClose:
		m.endProbe(errors.New("the cover was not closed"))
	case probeProof:
		m.endProbe(errors.New("no proof came after the cover was closed"))
	default:
		m.endProbe(errors.New("the link went"))
	}
	return true
}

// endProbe ends the probe: with an error nothing was learned.
func (m *machine) endProbe(err error) {
	p := m.probe
	m.probe, m.task.on, m.task.cancel = probe{}, false, m.task.stopping
	next := idle
	if !m.up() {
		next = closed
	}
	m.to(next, "probe over")
	if err != nil {
		m.known = p.before
		m.showTier()
	} else {
		m.doubt = false
		m.learn(Known{Tier: p.r.Tier, Early: p.r.Early, Behind: p.r.Tier == 'A' && !p.r.Early})
	}
	m.emit(effect{kind: doProbed, result: p.r, err: err})
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
