package printer

import (
	"time"
)

// lineState is how a link stands.
type lineState uint8

const (
	lineDown lineState = iota
	lineOpening
	lineUp
	lineGiving  // being given back: what was written leaves
	lineClosing // the loop closes it
)

// port is how the link to the printer stands.
type port struct {
	core      *core
	state     lineState
	epoch     int       // how often it was opened
	why       error     // why it is being hung up
	err       error     // why there is none; nil when it was given back
	retryAt   time.Time // when to open it again
	retry     time.Duration
	closedAt  time.Time // when it was given back or given up
	usedAt    time.Time // when it was last of use to someone
	openedAt  time.Time // when the one that is open was opened; zero: none is
	fruitless int       // of those that were opened, how many in a row ended before a word and before a slip
	renewed   bool      // it is replaced because nothing came back over it
	giveBy    time.Time // it is given back: until then what was written may leave
}

// opened notes that it is there.
func (p *port) opened() {
	if p.fruitless == 0 {
		p.retry = 0
	}
	p.state, p.epoch, p.why, p.err, p.retryAt, p.giveBy, p.renewed = lineUp, p.epoch+1, nil, nil, time.Time{}, time.Time{}, false
	p.usedAt, p.openedAt = p.core.now, p.core.now
}

// up says whether there is a link.
func (p *port) up() bool { return p.state == lineUp }

// open opens the link.
func (p *port) open() {
	if p.state == lineDown {
		p.state = lineOpening
		p.core.emit(effect{kind: doOpen})
	}
}

// hangUp ends a link that is no good. What the printer had said before counts: it is told before the link is closed.
func (p *port) hangUp(err error) {
	if p.state != lineUp && p.state != lineGiving {
		return
	}
	if p.why = err; p.state == lineGiving {
		p.why, p.err = nil, nil
	}
	p.state = lineClosing
	p.core.emit(effect{kind: doClose})
}

// giveBack closes a link that nobody needs, once everything has left it.
func (p *port) giveBack() {
	p.state, p.giveBy = lineGiving, p.core.now.Add(graceTime)
}

// countFruitless notes how a link ended, or that there was none. A peer that accepts a connection and ends it is asked again as
// seldom as one that refuses: what counts is that something was answered, or that the link stood.
func (p *port) countFruitless() {
	switch {
	case p.openedAt.IsZero():
		return
	case p.core.now.Sub(p.openedAt) >= standing:
		p.fruitless = 0
	default:
		p.fruitless++
	}
	if p.fruitless == 0 {
		p.retry = 0
	}
	p.openedAt = time.Time{}
}

// wantedBack lets a link that went in the middle of a slip be opened again at once, whatever there was before: the proof may still come, and is
// not waited for long.
func (p *port) wantedBack() {
	if p.state == lineDown && p.core.now.Before(p.retryAt) {
		p.retry, p.retryAt = firstRetry, p.closedAt.Add(firstRetry)
	}
}

// leftAlone says whether the peer is to be left alone for now, also where a slip waits: it has ended more than one connection
// before it said a word.
func (p *port) leftAlone() bool { return p.fruitless > 1 && p.core.now.Before(p.retryAt) }
