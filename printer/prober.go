package printer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
)

// prober finds out by the printer's behaviour which proof it gives.
type prober struct {
	core    *core
	device  *device
	port    *port
	line    *line
	task    *task
	sensors *sensors
	residue *residue
	asker   *asker
	probe   probe
}

// A probe is how far a probe is.
type probe struct {
	before Known // what was known
	cover  bool  // a person opens and closes it
	phase  probePhase
	until  time.Time // until when the phase may last
	r      ProbeResult
	fence  ID // asked for with the cover open
	fenced bool
	early  bool // it came back with the cover open
	slip   ID   // of the probe's slip
	talk   interview
	said   Said // what the device says of itself
}

// probePhase is what the probe waits for.
type probePhase uint8

const (
	probeSlips  probePhase = iota // its slip
	probeWho                      // the device says who it is
	probeOpen                     // the cover is opened
	probeFence                    // the fence leaves
	probeListen                   // no proof comes
	probeClose                    // the cover is closed
	probeProof                    // the proof comes
)

// begin puts what is known aside.
func (p *prober) begin(cover bool) {
	p.probe, p.device.probing = probe{before: p.device.known, cover: cover}, true
	p.device.known = Known{PortBits: p.device.known.PortBits, Drawer: p.device.known.Drawer}
	p.task.slip = p.device.set.probeSlip()
	p.core.emit(effect{kind: doStep, step: ProbePrinting})
}

// slipOver takes in how the probe's slip ended.
func (p *prober) slipOver(o Outcome, a *attempt) {
	p.probe.r = ProbeResult{Tier: o.Tier, Early: p.device.known.Early, Auto: p.port.up() && p.line.book.Auto}
	switch o.State {
	case NotSent:
		p.end(fmt.Errorf("%w: %s %s", ErrNotReady, o.Reason, o.Message))
		return
	case Printed, Processed, Sent:
	default:
		p.end(fmt.Errorf("the test slip ended as %s: %s", o.State, o.Reason))
		return
	}
	p.probe.r.Least = a.facts.Mech
	c := p.device.evidence(a)
	if f1 := c.FirstAt(); !f1.IsZero() {
		p.probe.r.Took = f1.Sub(a.t.Began())
		p.probe.r.Tier = 'A'
		// The rated speed alone does not tell: most printers are slower than their family's fastest, and a small print
		// buffer holds back the reading. But the last line is tall: even on a slow serial line what stands behind it is
		// read long before it is printed.
		p.probe.r.Early = p.probe.r.Early || !c.FoundBehind()
	}
	p.probe.slip = a.id
	if p.probe.r.Tier == 'A' && p.port.up() {
		p.interview(a)
		return
	}
	p.afterWho()
}

// afterWho has the cover opened, where that was wanted and its proofs can be told.
func (p *prober) afterWho() {
	if !p.probe.cover || p.probe.r.Tier != 'A' {
		p.end(nil)
		return
	}
	p.probe.fence = p.probe.slip.Plus(stepHold)
	p.core.to(probing, "a person opens the cover")
	p.goFor(probeOpen, coverTime)
	p.core.emit(effect{kind: doStep, step: ProbeOpenCover})
}

// goFor goes to the probe's next phase.
func (p *prober) goFor(phase probePhase, limit time.Duration) {
	p.probe.phase, p.probe.until = phase, p.core.now.Add(limit)
	p.sensors.pollAt = p.core.now
}

// step looks whether a proof stays away while the cover is open, and comes when it is closed. The printer is asked every
// second.
func (p *prober) step() bool {
	if p.task.cancel || p.port.state == lineDown && p.task.refused {
		p.end(context.Canceled)
		return true
	}
	if p.probe.phase == probeWho {
		return p.whoStep()
	}
	if p.done() {
		return true
	}
	switch {
	case !p.core.now.Before(p.probe.until):
		return p.late()
	case p.port.state == lineDown:
		p.port.open()
	case p.port.up() && p.probe.phase != probeFence && !p.core.now.Before(p.sensors.pollAt):
		p.sensors.pollAt = p.core.now.Add(pollBusy)
		p.asker.start(forCover)
		return true
	}
	p.core.at(sooner(p.sensors.pollAt, p.probe.until))
	return false
}

// done goes on when what the phase waits for has happened.
func (p *prober) done() bool {
	switch p.probe.phase {
	case probeOpen:
		if !p.sensors.st.CoverOpen {
			return false
		}
		p.probe.fenced = false
		p.residue.startPut(escpos.AppendFence([]byte("\n"), p.probe.fence))
		p.goFor(probeFence, coverTime)
	case probeFence:
		switch done, failed := p.residue.putOver(); {
		case failed:
			p.end(errors.New("the link went"))
		case done:
			p.core.emit(effect{kind: doStep, step: ProbeListening})
			p.goFor(probeListen, listenTime)
		default:
			return false
		}
	case probeListen:
		if !p.probe.fenced {
			return false
		}
		return p.late()
	case probeClose:
		if p.sensors.st.CoverOpen || p.sensors.mute() {
			return false
		}
		p.goFor(probeProof, againMargin)
	case probeProof:
		if !p.probe.fenced {
			return false
		}
		p.probe.r.Cover, p.probe.r.Silent = true, !p.probe.early
		p.probe.r.Early = p.probe.r.Early || p.probe.early
		p.end(nil)
	}
	return true
}

// late goes on when the time of a phase is over.
func (p *prober) late() bool {
	switch p.probe.phase {
	case probeListen:
		p.probe.early = p.probe.fenced
		p.core.emit(effect{kind: doStep, step: ProbeCloseCover})
		p.goFor(probeClose, coverTime)
	case probeOpen:
		p.end(errors.New("the cover was not opened, or the printer does not tell"))
	case probeClose:
		p.end(errors.New("the cover was not closed"))
	case probeProof:
		p.end(errors.New("no proof came after the cover was closed"))
	default:
		p.end(errors.New("the link went"))
	}
	return true
}

// end ends the probe: with an error nothing was learned.
func (p *prober) end(err error) {
	was := p.probe
	p.probe, p.device.probing, p.task.on, p.task.cancel = probe{}, false, false, p.task.stopping
	next := idle
	if !p.port.up() {
		next = closed
	}
	p.core.to(next, "probe over")
	if err != nil {
		p.device.known = was.before
		p.device.showTier()
	} else {
		p.device.idsDoubtful = false
		p.device.learn(Known{Tier: was.r.Tier, Early: was.r.Early, Behind: was.r.Tier == 'A' && !was.r.Early, Said: was.said})
	}
	p.core.emit(effect{kind: doProbed, result: was.r, err: err})
}
